"""The items a trial judges: those of the last orders, as plain values, read in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from ... import clock
from ...database import run
from ...domain.facts import Choice, LineFacts, OrderFacts
from ...domain.lifecycle import RELEASED
from ...domain.methods import available_methods
from ...domain.policy import Policy
from ...domain.rule_trial import Case
from ...models import Order, OrderLine, Parcel, ParcelLine, Return, ReturnLine

BATCH = 500
AS_IF_AFTER = timedelta(days=7)
"""When an item that never came back is taken to come back, counted from delivery."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an order, in its return or as if it came back. `title` names it on a page."""

    case: Case
    title: str
    order: str
    placed_at: datetime
    return_id: int | None = None
    number: str = ""
    """The return's, empty where there was none."""


def last_orders(shop_id: int, limit: int) -> list[int]:
    """Ids of the orders that came in last, newest first, cancelled ones left out."""
    return list(run(_LAST, {"shop_id": shop_id, "limit": limit}).scalars())


def order_ids_by_number(shop_id: int, number: str) -> list[int]:
    """Ids of the orders with this number, as `domain.lookup` normalises it."""
    return list(run(_BY_NUMBER, {"shop_id": shop_id, "number": number}).scalars())


def items_of(policy: Policy, order_ids: Sequence[int]) -> Iterator[Item]:
    """The goods in these orders that were sent, order by order. Two queries."""
    ids = list(order_ids)
    returned: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in run(_RETURNED, {"ids": ids}):
        returned[row.parcel_line_id].append(row)
    reader = _Reader(policy)
    for row in run(_LINES, {"ids": ids}):
        yield from reader.items(row, returned.get(row.line_id, ()))


class _Reader:
    """Makes items of rows; what many rows share is made once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._now = clock.now()
        self._methods: dict[str, str | None] = {}
        self._order: tuple[int, OrderFacts] | None = None

    def items(self, row: Row[Any], returned: Sequence[Row[Any]]) -> Iterator[Item]:
        order, line = self._facts(row), _line(row)
        title = f"{row.title}, {row.variant}" if row.variant else row.title
        for back in returned:
            choice = Choice(row.line_id, back.quantity, back.reason_code, back.resolution)
            case = Case(order, line, choice, back.created_at, back.method)
            yield Item(case, title, row.number, row.placed_at, back.return_id, back.return_number)
        if not returned:
            choice = Choice(row.line_id, row.qty_shipped)
            case = Case(order, line, choice, self._as_if(row), self._method(row.country))
            yield Item(case, title, row.number, row.placed_at)

    def _facts(self, row: Row[Any]) -> OrderFacts:
        if self._order is None or self._order[0] != row.order_id:
            self._order = (row.order_id, _order(row))
        return self._order[1]

    def _as_if(self, row: Row[Any]) -> datetime:
        if row.delivered_at is not None:
            return row.delivered_at + AS_IF_AFTER  # type: ignore[no-any-return]
        if row.shipped_at is None:
            return self._now
        on_the_way = timedelta(days=self._policy.unknown_delivery_days)
        return row.shipped_at + on_the_way + AS_IF_AFTER  # type: ignore[no-any-return]

    def _method(self, country: str) -> str | None:
        """The first way back the shop offers there."""
        if country not in self._methods:
            options = available_methods(self._policy, country)
            self._methods[country] = options[0].method if options else None
        return self._methods[country]


def _order(row: Row[Any]) -> OrderFacts:
    return OrderFacts(
        country=row.country,
        currency=row.currency,
        value=row.paid_total - row.shipping_paid,
        placed_at=row.placed_at,
        shipping_paid=row.shipping_paid,
        customer_tags=frozenset(row.customer_tags),
    )


def _line(row: Row[Any]) -> LineFacts:
    """The line with nothing of it returned yet."""
    return LineFacts(
        line_id=row.line_id,
        order_line_id=row.order_line_id,
        sku=row.sku,
        title=row.title,
        quantity=row.quantity,
        line_paid=row.line_paid,
        qty_shipped=row.qty_shipped,
        list_price=row.list_price,
        category=row.category,
        tags=frozenset(row.tags),
        final_sale=row.final_sale,
        delivered_at=row.delivered_at,
        shipped_at=row.shipped_at,
    )


_shop_id: Any = bindparam("shop_id")
_ids: Any = bindparam("ids", expanding=True)
_mine = (Order.shop_id == _shop_id, Order.cancelled_at.is_(None))
_LAST = select(Order.id).where(*_mine).order_by(Order.id.desc()).limit(bindparam("limit"))
_BY_NUMBER = (
    select(Order.id)
    .where(*_mine, Order.number_norm == bindparam("number"))
    .order_by(Order.id.desc())
    .limit(10)
)
_LINES = (
    select(
        ParcelLine.id.label("line_id"),
        ParcelLine.qty_shipped,
        Parcel.shipped_at,
        Parcel.delivered_at,
        OrderLine.id.label("order_line_id"),
        OrderLine.sku,
        OrderLine.title,
        OrderLine.variant,
        OrderLine.category,
        OrderLine.tags,
        OrderLine.quantity,
        OrderLine.line_paid,
        OrderLine.list_price,
        OrderLine.final_sale,
        Order.id.label("order_id"),
        Order.number,
        Order.country,
        Order.currency,
        Order.paid_total,
        Order.shipping_paid,
        Order.placed_at,
        Order.customer_tags,
    )
    .select_from(Order)
    .join(OrderLine, OrderLine.order_id == Order.id)
    .join(ParcelLine, ParcelLine.order_line_id == OrderLine.id)
    .join(Parcel, Parcel.id == ParcelLine.parcel_id)
    .where(Order.id.in_(_ids), OrderLine.is_goods, ParcelLine.qty_shipped > 0)
    .order_by(Order.id.desc(), ParcelLine.id)
)
_RETURNED = (
    select(
        ReturnLine.parcel_line_id,
        ReturnLine.quantity,
        ReturnLine.reason_code,
        ReturnLine.resolution,
        Return.id.label("return_id"),
        Return.number.label("return_number"),
        Return.method,
        Return.created_at,
    )
    .join(Return, Return.id == ReturnLine.return_id)
    .where(Return.order_id.in_(_ids), Return.status.not_in(RELEASED))
    .order_by(Return.id)
)
