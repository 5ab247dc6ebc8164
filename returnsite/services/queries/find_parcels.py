"""What somebody at the dock holds in their hands: found by any number that is on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, union

from ...domain.lookup import normalise_number
from ...extensions import db
from ...models import Order, Parcel, ParcelTracking, Return, ReturnShipment
from ..shops import ShopSettings
from .order_numbers import numbered_orders

COUNTABLE = ("approved", "in_transit", "received", "lost")
"""Statuses of returns that can be counted now."""

_MOST = 20


@dataclass(frozen=True, slots=True)
class FoundReturn:
    """A return the number may mean."""

    number: str
    status: str
    order_number: str
    customer: str
    created_at: datetime
    received_at: datetime | None

    @property
    def is_countable(self) -> bool:
        """Whether it can be counted now."""
        return self.status in COUNTABLE


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order the number may mean: its parcel may have come unannounced."""

    id: int
    number: str
    customer: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Everything the number may mean, newest first."""

    returns: tuple[FoundReturn, ...]
    orders: tuple[FoundOrder, ...]

    @property
    def only(self) -> FoundReturn | None:
        """The one return that can be counted, when there is no doubt."""
        countable = [one for one in self.returns if one.is_countable]
        return countable[0] if len(countable) == 1 else None


def find_parcels(*, shop: ShopSettings, text: str) -> Found:
    """By return number, tracking number of the way back or out, or order number or a part of it.

    An exact return number or its own tracking number leaves nothing to choose.
    """
    number = normalise_number(text)
    if not number:
        return Found((), ())
    shipments = select(ReturnShipment.return_id).where(ReturnShipment.tracking_norm == number)
    exact = _returns(shop, or_(Return.number_norm == number, Return.id.in_(shipments)))
    if exact:
        return Found(exact, ())
    parcels = (
        select(Parcel.order_id)
        .join(ParcelTracking, ParcelTracking.parcel_id == Parcel.id)
        .where(ParcelTracking.shop_id == shop.id, ParcelTracking.tracking_norm == number)
    )
    orders = _orders(shop, Order.id.in_(union(*numbered_orders(shop.id, text), parcels)))
    returns = _returns(shop, Return.order_id.in_([one.id for one in orders]))
    return Found(returns, orders)


def latest_received(*, shop: ShopSettings) -> tuple[FoundReturn, ...]:
    """The returns that came last, of those that are not settled yet. One query."""
    return _returns(shop, Return.status == "received", order=Return.received_at, most=5)


def _returns(
    shop: ShopSettings,
    condition: ColumnElement[bool],
    *,
    order: Any = Return.id,
    most: int = _MOST,
) -> tuple[FoundReturn, ...]:
    rows = db.session.execute(
        select(
            Return.number,
            Return.status,
            Order.number.label("order_number"),
            Order.customer_name.label("customer"),
            Return.created_at,
            Return.received_at,
        )
        .join(Order, Order.id == Return.order_id)
        .where(Return.shop_id == shop.id, condition)
        .order_by(order.desc(), Return.id.desc())
        .limit(most)
    )
    return tuple(FoundReturn(**row._mapping) for row in rows)


def _orders(shop: ShopSettings, condition: ColumnElement[bool]) -> tuple[FoundOrder, ...]:
    rows = db.session.execute(
        select(Order.id, Order.number, Order.customer_name.label("customer"), Order.placed_at)
        .where(Order.shop_id == shop.id, condition)
        .order_by(Order.id.desc())
        .limit(_MOST)
    )
    return tuple(FoundOrder(**row._mapping) for row in rows)
