"""Orders by what people call them: the number, or the part of it that is not the same for all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from ...domain.lookup import normalise_number
from ...domain.search import fold
from ...models import Order, OrderTerm


def numbered_orders(shop_id: int, text: str) -> tuple[Select[Any], ...]:
    """Queries for the ids of orders with this number, whole or from one of its parts on.

    Two looks into an index; to be put into one `UNION`.
    """
    number = normalise_number(text)
    whole = select(Order.id).where(Order.shop_id == shop_id, Order.number_norm == number)
    from_a_part = (
        select(Order.id)
        .join(OrderTerm, OrderTerm.order_id == Order.id)
        # An article can have this for its number as well: that is another matter.
        .where(Order.number_norm.endswith(number, autoescape=True))
        .where(OrderTerm.shop_id == shop_id, OrderTerm.term == fold(text))
    )
    return whole, from_a_part
