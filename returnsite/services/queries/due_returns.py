"""Returns the shop owes something for: overdue ones first. An index holds exactly these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from ...extensions import db
from ...models import Order, Return


@dataclass(frozen=True, slots=True)
class DueReturn:
    """A return and by when it has to be settled; `settle_by` is the first instant too late."""

    id: int
    number: str
    customer: str
    currency: str
    settle_by: datetime


@dataclass(frozen=True, slots=True)
class DueCounts:
    """How many are too late, and how many become so with today."""

    overdue: int
    today: int


def end_of_today(now: datetime, time_zone: str) -> datetime:
    """The first instant of tomorrow where the shop is."""
    zone = ZoneInfo(time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def list_due(*, shop_id: int, until: datetime, limit: int = 50) -> list[DueReturn]:
    """Those due before or at `until`, the longest overdue first."""
    rows = db.session.execute(
        select(
            Return.id,
            Return.number,
            Order.customer_name.label("customer"),
            Return.currency,
            Return.settle_by,
        )
        .join(Order, Order.id == Return.order_id)
        .where(Return.shop_id == shop_id, Return.settle_by <= until)
        .order_by(Return.settle_by, Return.id)
        .limit(limit)
    )
    return [DueReturn(**row._mapping) for row in rows]


def count_due(*, shop_id: int, now: datetime, time_zone: str) -> DueCounts:
    """Overdue, and due today."""
    late = select(func.count()).where(Return.shop_id == shop_id, Return.settle_by <= now)
    until = end_of_today(now, time_zone)
    today = select(func.count()).where(
        Return.shop_id == shop_id, Return.settle_by > now, Return.settle_by <= until
    )
    return DueCounts(db.session.scalar(late) or 0, db.session.scalar(today) or 0)
