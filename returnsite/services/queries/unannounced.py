"""The order a parcel without a return belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, select

from ...extensions import db
from ...models import Order
from ..shops import ShopSettings


def load_order(*, shop: ShopSettings, order_id: int) -> Row[int, str, str, datetime] | None:
    """Number, customer and day of this shop's order; None for another's."""
    query = select(Order.id, Order.number, Order.customer_name, Order.placed_at).where(
        Order.id == order_id, Order.shop_id == shop.id
    )
    return db.session.execute(query).one_or_none()
