"""The order behind a deep link, as little of it as a page needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...extensions import db
from ...models import Order
from ..shops import ShopSettings


@dataclass(frozen=True, slots=True)
class LinkedOrder:
    """An order somebody was sent a link to."""

    id: int
    number: str
    placed_at: datetime
    postcode: str


def linked_order(*, shop: ShopSettings, order_id: int | None) -> LinkedOrder | None:
    """This shop's order with this id; None for None and for another shop's."""
    if order_id is None:
        return None
    row = db.session.execute(
        select(Order.id, Order.number, Order.placed_at, Order.delivery_address).where(
            Order.shop_id == shop.id, Order.id == order_id
        )
    ).one_or_none()
    if row is None:
        return None
    return LinkedOrder(row.id, row.number, row.placed_at, row.delivery_address.get("postcode", ""))
