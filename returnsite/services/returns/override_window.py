"""Staff gives more time: a return that expired opens again, one that runs gets a later day."""

from __future__ import annotations

from sqlalchemy import select

from ...database import insert_rows
from ...domain.errors import DomainError
from ...domain.lifecycle import Event, Status
from ...domain.window import deadline
from ...extensions import db
from ...models import ReturnShipment
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing
from .claims import claim_again
from .money import set_clock
from .texts import required

MOST_DAYS = 365


def override_window(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    reason: str,
    days: int | None = None,
    seen_status: str | None = None,
) -> Done:
    """Let the customer hand in until `days` from now, whatever the rules say. Commits.

    Who did it and why is kept. Raises DomainError (reason_required, days_invalid) and
    AlreadyClaimed when the units of an expired return went back in another one.
    """
    reason = required(reason)
    days = shop.policy.hand_in_days if days is None else days
    if not 1 <= days <= MOST_DAYS:
        raise DomainError("days_invalid", max=MOST_DAYS)
    with changing(
        shop=shop, return_id=return_id, actor=actor, event=Event.REOPEN, seen_status=seen_status
    ) as case:
        by = deadline(delivered_at=case.now, days=days, time_zone=shop.time_zone)
        data = {"reason": reason, "days": days}
        if case.status == Status.APPROVED:
            event_id = case.note("extend", data, hand_in_by=by)
        else:
            event_id = case.move(Event.REOPEN, data=data, hand_in_by=by, ended_at=None)
            claim_again(case.id)
        _renew_handoff(case, event_id)
        set_clock(case, ended_at=None)
        case.tell("reopened", event_id)
        return case.done(event_id)


def _renew_handoff(case: Case, event_id: int) -> None:
    """Ask for another label where the last one has run out or was withdrawn."""
    last = db.session.execute(
        select(ReturnShipment.__table__)
        .where(ReturnShipment.return_id == case.id)
        .order_by(ReturnShipment.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return
    over = last.expires_at is not None and last.expires_at <= case.now
    if last.state in {"pending", "ready", "handed_over"} and not over:
        return
    copied = ("kind", "method", "carrier", "contract_id", "code_kind", "store_address")
    row = {name: last._mapping[name] for name in copied}
    fresh = {"state": "pending", "tracking_no": "", "tracking_norm": "", "code": "", "error": ""}
    insert_rows(ReturnShipment, [{**row, **fresh, "return_id": case.id, "created_at": case.now}])
    name = f"return.reopened:{case.id}:{event_id}"
    case.enqueue(name, "shipment", "prepare_handoff", event_id)
