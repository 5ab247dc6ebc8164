"""Staff gives more time: a return that expired opens again, one that runs gets a later day."""

from __future__ import annotations

from ...domain.errors import DomainError, SeveralErrors
from ...domain.lifecycle import Event, Status
from ...domain.window import deadline
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing
from .claims import claim_again
from .money import set_clock
from .new_handoff import renew_handoff
from .texts import noting, required

MOST_DAYS = 365

EXTEND = "extend"


def override_window(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    reason: str,
    days: int | None = None,
    seen_status: str | None = None,
    seen_event: int | None = None,
) -> Done:
    """Let the customer hand in until `days` from now, whatever the rules say. Commits.

    Who did it and why is kept. Raises DomainError (reason_required, days_invalid) and
    AlreadyClaimed when the units of an expired return went back in another one.
    """
    days = shop.policy.hand_in_days if days is None else days
    wrong = [] if 1 <= days <= MOST_DAYS else [DomainError("days_invalid", max=MOST_DAYS)]
    reason = noting(wrong, required, reason) or ""
    if wrong:
        raise SeveralErrors(wrong)
    with changing(shop=shop, return_id=return_id, actor=actor, event=Event.REOPEN) as case:
        extended = case.last is not None and case.last.event == EXTEND
        case.expect(EXTEND if extended else Event.REOPEN, seen_status, seen_event)
        by = deadline(delivered_at=case.now, days=days, time_zone=shop.time_zone)
        data = {"reason": reason, "days": days}
        if case.status == Status.APPROVED:
            event_id = case.note(EXTEND, data, hand_in_by=by)
        else:
            event_id = case.move(Event.REOPEN, data=data, hand_in_by=by, ended_at=None)
            claim_again(case.id)
        renew_handoff(case, event_id)
        set_clock(case, ended_at=None)
        case.tell("reopened", event_id)
        return case.done(event_id)
