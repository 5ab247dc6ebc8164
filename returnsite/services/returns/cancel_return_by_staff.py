"""Staff takes a return back, before anything was handed over or paid."""

from __future__ import annotations

from ...domain.errors import DomainError, WrongState
from ...domain.lifecycle import Event, customer_can_cancel
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing, has_payouts
from .claims import release_all
from .texts import optional


def cancel_return_by_staff(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    seen_status: str | None = None,
    reason: str = "",
) -> Done:
    """Cancel a return, release its units and withdraw its label. Commits.

    Raises WrongState once the carrier has it, DomainError: already_paid once something
    was given, text_too_long.
    """
    reason = optional(reason)
    with changing(
        shop=shop, return_id=return_id, actor=actor, event=Event.CANCEL, seen_status=seen_status
    ) as case:
        _check(case)
        event_id = case.move(
            Event.CANCEL, data={"reason": reason}, ended_at=case.now, settle_by=None
        )
        release_all(case.id)
        name = f"return.cancelled:{case.id}:{event_id}"
        case.enqueue(name, "shipment", "void_handoff", event_id, undoable=True)
        case.tell("cancelled", event_id, undoable=True)
        return case.done(event_id, undoable=True)


def _check(case: Case) -> None:
    if not customer_can_cancel(case.status, case.row.handed_over_at is not None):
        raise WrongState(status=case.status, event=Event.CANCEL.value)
    if has_payouts(case.id):
        raise DomainError("already_paid")
