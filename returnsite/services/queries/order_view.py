"""One order as the merchant sees it: lines with what may still come back, parcels, returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from ... import clock
from ...database import run
from ...domain.eligibility import LineAssessment, assess_line
from ...domain.lookup import normalise_number
from ...models import Order, Parcel, ParcelTracking, Return
from ..drafts import order_facts
from ..shops import ShopSettings
from .order_lines import WizardLine, load_lines


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in one parcel, and whether it may come back now."""

    line: WizardLine
    assessment: LineAssessment


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel; `more_numbers` are its other tracking numbers, as they are compared."""

    id: int
    tracking_no: str
    more_numbers: tuple[str, ...]
    carrier: str
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnOfOrder:
    """A return of the order."""

    id: int
    number: str
    status: str
    created_at: datetime
    currency: str
    refund_total: int


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything of one order. Addresses and names are in full: pages decide what they show."""

    order: Any
    lines: tuple[LineView, ...]
    parcels: tuple[ParcelView, ...]
    returns: tuple[ReturnOfOrder, ...]

    @property
    def can_return(self) -> bool:
        """Something may come back now, if only for some reasons."""
        return any(line.assessment.status != "closed" for line in self.lines)

    @property
    def is_late(self) -> bool:
        """Something would only come back if staff lifted the window."""
        late = {"window_over", "window_unknown_closed"}
        return any(line.assessment.why in late for line in self.lines)


def load_order(*, shop: ShopSettings, order_id: int) -> OrderDetail | None:
    """This shop's order with this id, or None. Five queries, four where nothing came back."""
    order = run(
        select(Order.__table__).where(Order.shop_id == shop.id, Order.id == order_id)
    ).one_or_none()
    if order is None:
        return None
    facts, now = order_facts(order), clock.now()
    lines = [
        LineView(line, assess_line(shop.policy, facts, line.facts, None, now=now))
        for line in load_lines(order_id)
    ]
    return OrderDetail(order, tuple(lines), _parcels(order_id), _returns(order_id))


def _parcels(order_id: int) -> tuple[ParcelView, ...]:
    rows = run(
        select(*_PARCEL, ParcelTracking.tracking_norm)
        .outerjoin(ParcelTracking, ParcelTracking.parcel_id == Parcel.id)
        .where(Parcel.order_id == order_id)
        .order_by(Parcel.id, ParcelTracking.id)
    ).all()
    numbers: dict[int, list[str]] = {}
    for row in rows:
        numbers.setdefault(row.id, []).append(row.tracking_norm or "")
    firsts = {row.id: row for row in reversed(rows)}
    return tuple(_parcel(firsts[parcel_id], found) for parcel_id, found in numbers.items())


_PARCEL = (
    Parcel.id,
    Parcel.tracking_no,
    Parcel.carrier,
    Parcel.shipped_at,
    Parcel.delivered_at,
)


def _parcel(row: Row[Any], numbers: list[str]) -> ParcelView:
    shown = normalise_number(row.tracking_no)
    return ParcelView(
        id=row.id,
        tracking_no=row.tracking_no,
        more_numbers=tuple(number for number in numbers if number and number != shown),
        carrier=row.carrier,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
    )


def _returns(order_id: int) -> tuple[ReturnOfOrder, ...]:
    query = select(
        Return.id,
        Return.number,
        Return.status,
        Return.created_at,
        Return.currency,
        Return.refund_total,
    ).where(Return.order_id == order_id)
    return tuple(ReturnOfOrder(**row._mapping) for row in run(query.order_by(Return.id.desc())))
