"""A return is done with."""

from __future__ import annotations

from ...domain.errors import DomainError, WrongState
from ...domain.ledger import waivers
from ...domain.lifecycle import Event, Status
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing
from .money import Ledger, add_entries, is_settled, load_ledger, set_clock
from .texts import optional


def close_return(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    seen_status: str | None = None,
    seen_event: int | None = None,
    waive_reason: str = "",
) -> Done:
    """Complete a return. Commits.

    Raises DomainError: units_missing (write them off first), still_open (amount; money, credit or
    exchange is owed: give it, or say in `waive_reason` why not: the customer reads it).
    """
    reason = optional(waive_reason)
    with changing(
        shop=shop,
        return_id=return_id,
        actor=actor,
        event=Event.CLOSE,
        seen_status=seen_status,
        seen_event=seen_event,
    ) as case:
        case.allowed(Event.CLOSE)
        ledger = load_ledger(case.id)
        _check(case, ledger, reason)
        add_entries(case, waivers(ledger.entries, ledger.balance.paid), note=reason)
        given_up = {"reason": reason, "amount": ledger.balance.open_total} if reason else {}
        event_id = case.move(Event.CLOSE, data=given_up, closed_at=case.now)
        set_clock(case)
        if reason:
            case.tell("waived", event_id)
        return case.done(event_id, undoable=not reason)


def _check(case: Case, ledger: Ledger, reason: str) -> None:
    if case.status == Status.APPROVED and case.row.goods_expected:
        raise WrongState(status=case.status, event=Event.CLOSE.value)
    if case.status == Status.RECEIVED and not ledger.is_complete:
        raise DomainError("units_missing")
    if not reason and not is_settled(case, ledger):
        raise DomainError("still_open", amount=ledger.balance.open_total)
