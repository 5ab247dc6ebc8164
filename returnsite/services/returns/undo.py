"""Taking a press of a button back, while nothing of it has left the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from ...domain.errors import DomainError
from ...domain.lifecycle import Event, Status
from ...extensions import db
from ...models import Outbox, Payout, ReturnEvent, ReturnShipment
from ..audit import Actor
from ..shops import ShopSettings
from .case import UNDO_FOR, Case, Done, changing, is_remark
from .claims import claim_again
from .money import set_clock
from .new_handoff import resume_handoff


def is_undoable(event: Row[Any]) -> bool:
    """Whether this kind of event can be taken back at all, time aside.

    A count is corrected by counting again; a credit code may be known to somebody; what a customer
    was written was written; what was waived has left the ledger.
    """
    gone = {"note": "to_customer", Event.CLOSE: "reason"}.get(event.event, "")
    return event.event in _REVERSE and event.actor.startswith("user:") and not event.data.get(gone)


def undo(*, shop: ShopSettings, return_id: int, actor: Actor, event_id: int) -> Done:
    """Take back what `event_id` did. Commits.

    Mails and labels of such events wait `UNDO_FOR`; they are deleted unsent. Raises DomainError
    (undo_too_late) when the time is over, one of them has gone out, or something happened since,
    and AlreadyClaimed when the units went back in another return meanwhile.
    """
    with changing(shop=shop, return_id=return_id, actor=actor, event="undo") as case:
        event = _event(case, event_id)
        _take_back_outbox(case, event)
        values = _REVERSE[event.event](case, event)
        data = {"undone": event.event, "undone_id": event.id}
        undone = case.write("undo", event.from_status, data=data, **values)
        set_clock(case, **values)
        return case.done(undone)


def _event(case: Case, event_id: int) -> Row[Any]:
    """The event, if it can still be undone: the last one, but for its own automatic closing."""
    rows = db.session.execute(
        select(ReturnEvent.__table__)
        .where(ReturnEvent.return_id == case.id, ReturnEvent.id >= event_id)
        .order_by(ReturnEvent.id)
    ).all()
    since = [row for row in rows[1:] if not _is_aside(row)]
    if not rows or rows[0].id != event_id or not is_undoable(rows[0]) or since:
        raise DomainError("undo_too_late")
    if case.now - rows[0].at > UNDO_FOR:
        raise DomainError("undo_too_late")
    return rows[0]


def _is_aside(row: Row[Any]) -> bool:
    closed_itself = row.event == Event.CLOSE and bool(row.data.get("auto"))
    return is_remark(row.event, row.data) or closed_itself


def _take_back_outbox(case: Case, event: Row[Any]) -> None:
    """Delete the side effects; all of them, or the event cannot be undone."""
    names = [f"return.{what}:{case.id}:{event.id}" for what in _MAILS[event.event]]
    if event.event == Event.APPROVE:
        names.append(f"return.approved:{case.id}")
    own = Outbox.event.in_(names)
    waiting = len(db.session.scalars(select(Outbox.id).where(own)).all())
    untouched = Outbox.state == "pending", Outbox.attempts == 0, Outbox.leased_until.is_(None)
    taken = db.session.execute(delete(Outbox).where(own, *untouched))
    if taken.rowcount != waiting:  # type: ignore[attr-defined]
        raise DomainError("undo_too_late")


_MAILS: dict[str, tuple[str, ...]] = {
    Event.APPROVE: (),
    Event.DECLINE: ("declined",),
    Event.CANCEL: ("cancelled",),
    Event.LOSE: ("lost",),
    Event.CLOSE: (),
    "note": (),
    "payout": ("refunded",),
    "exchange_sent": ("exchange_sent",),
}


def _undo_approve(case: Case, event: Row[Any]) -> dict[str, Any]:
    db.session.execute(
        update(ReturnShipment)
        .where(ReturnShipment.return_id == case.id, ReturnShipment.state == "void")
        .values(state="pending")
    )
    before = event.data.get("hand_in_by")
    return {
        "approved_at": None,
        "goods_expected": True,
        "hand_in_by": datetime.fromisoformat(before) if before else None,
    }


def _undo_release(case: Case, event: Row[Any]) -> dict[str, Any]:
    claim_again(case.id)
    if event.from_status == Status.APPROVED and case.row.goods_expected:
        resume_handoff(case, event.id)
    return {"ended_at": None}


def _undo_lose(case: Case, event: Row[Any]) -> dict[str, Any]:
    return {"ended_at": None}


def _undo_close(case: Case, event: Row[Any]) -> dict[str, Any]:
    return {"closed_at": None}


def _undo_note(case: Case, event: Row[Any]) -> dict[str, Any]:
    return {}


def _undo_payout(case: Case, event: Row[Any]) -> dict[str, Any]:
    """Its key is free again: the same form may pay once more, and is not told it has."""
    payout_id = event.data["payout"]
    db.session.execute(
        update(Payout)
        .where(Payout.id == payout_id)
        .values(state="failed", idempotency_key=f"undone:{payout_id}")
    )
    return _reopened(case)


def _undo_exchange(case: Case, event: Row[Any]) -> dict[str, Any]:
    return {**_reopened(case), "exchange_sent_at": None, "exchange_reference": ""}


def _reopened(case: Case) -> dict[str, Any]:
    return {"closed_at": None} if case.status == Status.CLOSED else {}


_REVERSE: dict[str, Callable[[Case, Row[Any]], dict[str, Any]]] = {
    Event.APPROVE: _undo_approve,
    Event.DECLINE: _undo_release,
    Event.CANCEL: _undo_release,
    Event.LOSE: _undo_lose,
    Event.CLOSE: _undo_close,
    "note": _undo_note,
    "payout": _undo_payout,
    "exchange_sent": _undo_exchange,
}
