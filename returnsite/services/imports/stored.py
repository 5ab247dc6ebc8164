"""Orders that are already there, loaded whole and locked for merging."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from ...domain.lifecycle import RELEASED
from ...domain.lookup import normalise_number
from ...extensions import db
from ...models import (
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    ParcelTracking,
    Return,
    ReturnLine,
)
from ...orders.base import SourceOrder


@dataclass(slots=True)
class StoredOrder:
    """An order with everything an import may change. `shares` is the money that live returns
    of this portal stand for, by order line id."""

    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    trackings: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    contents: list[ParcelLine] = field(default_factory=list)
    shares: dict[int, int] = field(default_factory=dict)
    own_shipping: int = 0
    """Outbound shipping that live returns refund."""

    @property
    def frozen(self) -> bool:
        """Whether its money stands still: something of it has come back, here or elsewhere."""
        elsewhere = any(line.amount_elsewhere for line in self.lines)
        return bool(self.shares) or elsewhere or any(c.qty_claimed for c in self.contents)

    def contents_of(self, line: OrderLine) -> list[ParcelLine]:
        """The line's units over all parcels."""
        return [content for content in self.contents if content.order_line_id == line.id]


def assign(row: Order | OrderLine | Parcel, values: dict[str, Any]) -> bool:
    """Set the columns that differ; True when any did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def load_stored(shop_id: int, orders: Sequence[SourceOrder]) -> dict[tuple[str, str], StoredOrder]:
    """Those of the orders that are there, by source and external id.

    Orders and parcel lines are locked, so that no return is made at prices and within limits that
    are being changed. A draft may still be started: it only needs the order to be there.
    """
    rows = db.session.scalars(
        select(Order)
        .where(
            Order.shop_id == shop_id,
            Order.source.in_({order.source for order in orders}),
            Order.external_id.in_([order.external_id for order in orders]),
        )
        .order_by(Order.id)
        .with_for_update(key_share=True)
    )
    found = {row.id: StoredOrder(row) for row in rows}
    if found:
        _load_contents(found)
        _load_returns(found)
    return {(s.order.source, s.order.external_id): s for s in found.values()}


def _load_contents(found: dict[int, StoredOrder]) -> None:
    for line in db.session.scalars(
        select(OrderLine).where(OrderLine.order_id.in_(found)).order_by(OrderLine.id)
    ):
        found[line.order_id].lines.append(line)
    order_of = {}
    for parcel in db.session.scalars(
        select(Parcel).where(Parcel.order_id.in_(found)).order_by(Parcel.id)
    ):
        found[parcel.order_id].parcels.append(parcel)
        order_of[parcel.id] = found[parcel.order_id]
    for parcel_id, norm in db.session.execute(
        select(ParcelTracking.parcel_id, ParcelTracking.tracking_norm).where(
            ParcelTracking.parcel_id.in_(order_of)
        )
    ):
        order_of[parcel_id].trackings[parcel_id].add(norm)
    for content in db.session.scalars(
        select(ParcelLine)
        .where(ParcelLine.parcel_id.in_(order_of))
        .order_by(ParcelLine.id)
        .with_for_update()
    ):
        order_of[content.parcel_id].contents.append(content)


def _load_returns(found: dict[int, StoredOrder]) -> None:
    """What live returns of this portal stand for."""
    live = (Return.order_id.in_(found), Return.status.not_in(RELEASED))
    for order_id, line_id, share in db.session.execute(
        select(Return.order_id, ReturnLine.order_line_id, func.sum(ReturnLine.share))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(*live)
        .group_by(Return.order_id, ReturnLine.order_line_id)
    ):
        found[order_id].shares[line_id] = int(share)
    for order_id, shipping in db.session.execute(
        select(Return.order_id, func.sum(Return.outbound_shipping))
        .where(*live)
        .group_by(Return.order_id)
    ):
        found[order_id].own_shipping = int(shipping)


def numbers_taken(shop_id: int, orders: Sequence[SourceOrder]) -> dict[tuple[str, str], str]:
    """Sources of stored orders with these numbers, by number and delivery postcode."""
    numbers = [normalise_number(order.number) for order in orders]
    rows = db.session.execute(
        select(Order.number_norm, Order.delivery_postcode_norm, Order.source).where(
            Order.shop_id == shop_id, Order.number_norm.in_(numbers)
        )
    )
    return {(row.number_norm, row.delivery_postcode_norm): row.source for row in rows}
