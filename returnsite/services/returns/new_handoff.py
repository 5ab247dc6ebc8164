"""A label or code asked for again, as the last one is of no use any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from ...database import insert_rows
from ...extensions import db
from ...models import ReturnShipment
from .case import Case


def renew_handoff(case: Case, event_id: int) -> None:
    """Ask for another where the last one has run out or was withdrawn, or could not be made."""
    last = _last(case)
    if last is None:
        return
    over = last.expires_at is not None and last.expires_at <= case.now
    if over or last.state not in {"pending", "ready", "handed_over"}:
        _copy(case, last)
        _ask(case, "reopened", event_id)


def resume_handoff(case: Case, event_id: int) -> None:
    """Ask again after a cancel that did not last: the worker may have seen it and let go."""
    last = _last(case)
    if last is None or last.state not in {"pending", "void"}:
        return
    if last.state == "void":
        _copy(case, last)
    _ask(case, "resumed", event_id)


def _last(case: Case) -> Row[Any] | None:
    return db.session.execute(
        select(ReturnShipment.__table__)
        .where(ReturnShipment.return_id == case.id)
        .order_by(ReturnShipment.id.desc())
        .limit(1)
    ).one_or_none()


def _copy(case: Case, last: Row[Any]) -> None:
    copied = ("kind", "method", "carrier", "contract_id", "code_kind", "store_address")
    row = {name: last._mapping[name] for name in copied}
    fresh = {"state": "pending", "tracking_no": "", "tracking_norm": "", "code": "", "error": ""}
    insert_rows(ReturnShipment, [{**row, **fresh, "return_id": case.id, "created_at": case.now}])


def _ask(case: Case, what: str, event_id: int) -> None:
    name = f"return.{what}:{case.id}:{event_id}"
    case.enqueue(name, "shipment", "prepare_handoff", event_id)
