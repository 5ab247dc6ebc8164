"""Approved returns that nobody handed in: reminded in time, and expired long after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, exists, func, literal, select

from ... import clock
from ...database import writing
from ...domain.lifecycle import Event
from ...extensions import db
from ...models import Outbox, Payout, Return, Shop
from ..audit import Actor
from ..outbox import enqueue, outbox_row
from ..shops import load_settings
from .case import Case, ReturnChanged, changing
from .claims import release_all

GRACE = timedelta(days=14)
"""How long after the last day a return still waits: the parcel may have been handed in unseen."""

REMIND_BEFORE = timedelta(days=3)

_BATCH = 200

_SYSTEM = Actor(None, "")

_DAY = {
    "postgresql": func.to_char(func.timezone("UTC", Return.hand_in_by), "YYYY-MM-DD"),
    "sqlite": func.substr(cast(Return.hand_in_by, String), 1, 10),
}
"""The last day in UTC by the name of the dialect: PostgreSQL would take its session's zone."""

_WAITING = (
    Return.status == "approved",
    Return.goods_expected,
    Return.handed_over_at.is_(None),
    ~exists().where(Payout.return_id == Return.id, Payout.state != "failed"),
)


def expire_returns() -> int:
    """Expire a batch of those whose time and grace are over; returns how many. Commits each."""
    over = Return.hand_in_by <= clock.now() - GRACE
    query = (
        select(Return.id, Return.shop_id, Shop.settings_version)
        .join(Shop, Shop.id == Return.shop_id)
        .where(*_WAITING, over)
        .order_by(Return.hand_in_by)
        .limit(_BATCH)
    )
    found = db.session.execute(query).all()
    db.session.rollback()
    return sum(_expire(row) for row in found)


def _expire(row: Any) -> bool:
    shop = load_settings(row.shop_id, row.settings_version)
    try:
        with changing(
            shop=shop,
            return_id=row.id,
            actor=_SYSTEM,
            event=Event.EXPIRE,
            seen_status="approved",
        ) as case:
            return _expire_case(case)
    except ReturnChanged:
        return False


def _expire_case(case: Case) -> bool:
    """Once more under the lock: it may have been extended or handed over meanwhile."""
    query = select(Return.id).where(*_WAITING, Return.id == case.id)
    if case.row.hand_in_by > case.now - GRACE or db.session.execute(query).first() is None:
        return False
    event_id = case.move(Event.EXPIRE, ended_at=case.now, settle_by=None)
    release_all(case.id)
    case.tell("expired", event_id)
    return True


def remind_customers() -> int:
    """Put a reminder in the outbox for a batch of returns whose last day is near. Commits.

    One for each last day: a return that got more time is reminded again.
    """
    now = clock.now()
    day = _DAY[db.engine.dialect.name]
    name = literal("return.reminder:") + cast(Return.id, String) + literal(":") + day
    query = (
        select(Return.id, Return.shop_id, Return.email, name.label("event"))
        .where(
            *_WAITING,
            Return.hand_in_by > now,
            Return.hand_in_by <= now + REMIND_BEFORE,
            # Who confirmed a moment ago needs no reminder.
            Return.approved_at <= now - REMIND_BEFORE,
            Return.email != "",
            ~exists().where(Outbox.event == name, Outbox.channel == "mail"),
        )
        .order_by(Return.hand_in_by)
        .limit(_BATCH)
    )
    rows = [_reminder(row) for row in db.session.execute(query)]
    db.session.rollback()
    if rows:
        with writing():
            enqueue(rows)
    return len(rows)


def _reminder(row: Any) -> dict[str, Any]:
    return outbox_row(
        shop_id=row.shop_id,
        event=row.event,
        channel="mail",
        kind="customer_reminder",
        recipient=row.email,
        return_id=row.id,
        now=clock.now(),
    )
