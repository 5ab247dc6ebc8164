"""The list of orders, page by page; made for a million of them.

A page is read by key, not by offset: it starts behind the last row of the one before. Each way to
filter has an index that ends in the order of the list, and a search reads a range of terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from ...database import run
from ...domain.search import PERSONAL, Query, after_all
from ...models import Order, OrderLine, OrderTerm, Return

PAGE = 25
STAGES = ("open", "on_the_way", "delivered", "cancelled")
MOST_FOUND = 2000
"""Orders a search finds; whoever finds more has to type more."""

MOST_LOOKED_AT = 20_000
"""Orders that fit the longest word and are tried for the others."""


@dataclass(frozen=True, slots=True)
class Key:
    """Where an order stands in the list."""

    placed_at: datetime
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the list shows. `since` and `until` (exclusive) are instants."""

    query: Query | None = None
    personal: bool = True
    """Whether names and mail addresses may be looked for."""
    country: str = ""
    stage: str = ""
    with_returns: bool = False
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of the list."""

    id: int
    number: str
    placed_at: datetime
    customer_name: str
    email: str
    country: str
    currency: str
    paid_total: int
    stage: str
    titles: tuple[str, ...] = ()
    units: int = 0
    returns: int = 0

    @property
    def key(self) -> Key:
        return Key(self.placed_at, self.id)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page and where its neighbours begin; None where there is none."""

    rows: tuple[OrderRow, ...]
    before: Key | None = None
    after: Key | None = None
    is_capped: bool = False
    """The search found more than it looked at."""


def list_orders(
    *, shop_id: int, wanted: OrderFilter, after: Key | None = None, before: Key | None = None
) -> OrderPage:
    """One page: the first, the one behind `after` or the one in front of `before`.

    Three queries, four with a search.
    """
    found = _search(shop_id, wanted.query, personal=wanted.personal) if wanted.query else None
    backwards = before is not None and after is None
    rows = run(_page(shop_id, wanted, found, after or before, backwards=backwards)).all()
    is_more = len(rows) > PAGE
    shown = rows[:PAGE][::-1] if backwards else rows[:PAGE]
    orders = _complete(shown)
    if not orders:
        return OrderPage(())
    has_before = is_more if backwards else after is not None
    has_after = True if backwards else is_more
    return OrderPage(
        rows=orders,
        before=orders[0].key if has_before else None,
        after=orders[-1].key if has_after else None,
        is_capped=found is not None and len(found) >= MOST_FOUND,
    )


def has_orders(shop_id: int) -> bool:
    """Whether the shop has any order at all."""
    return run(select(Order.id).where(Order.shop_id == shop_id).limit(1)).first() is not None


def list_countries(shop_id: int) -> list[str]:
    """The countries of the shop's orders, by one look into the index for each of them."""
    first = select(func.min(Order.country).label("code")).where(Order.shop_id == shop_id)
    found = first.cte("country", recursive=True)
    following = (
        select(func.min(Order.country))
        .where(Order.shop_id == shop_id, Order.country > found.c.code)
        .scalar_subquery()
    )
    found = found.union_all(select(following).where(found.c.code.is_not(None)))
    codes = run(select(found.c.code).where(found.c.code.is_not(None))).scalars()
    return [code for code in codes if code]


def _page(
    shop_id: int,
    wanted: OrderFilter,
    found: Sequence[int] | None,
    key: Key | None,
    *,
    backwards: bool,
) -> Executable:
    place = (Order.placed_at, Order.id)
    rising = wanted.oldest_first != backwards
    query = select(*_COLUMNS).where(Order.shop_id == shop_id, *_conditions(wanted))
    if found is not None:
        query = query.where(Order.id.in_(found))
    if key is not None:
        here = tuple_(key.placed_at, key.order_id)
        query = query.where(tuple_(*place) > here if rising else tuple_(*place) < here)
    order = place if rising else tuple(column.desc() for column in place)
    return query.order_by(*order).limit(PAGE + 1)


_COLUMNS = (
    Order.id,
    Order.number,
    Order.placed_at,
    Order.customer_name,
    Order.email,
    Order.country,
    Order.currency,
    Order.paid_total,
    Order.stage,
)


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.country:
        conditions.append(Order.country == wanted.country)
    if wanted.stage:
        conditions.append(Order.stage == wanted.stage)
    if wanted.since:
        conditions.append(Order.placed_at >= wanted.since)
    if wanted.until:
        conditions.append(Order.placed_at < wanted.until)
    if wanted.with_returns:
        conditions.append(select(Return.id).where(Return.order_id == Order.id).exists())
    return conditions


def _search(shop_id: int, query: Query, *, personal: bool) -> list[int]:
    """The orders that fit the words, at most `MOST_FOUND`, of the same term the newest."""
    marks = ("", PERSONAL) if personal else ("",)
    parts = [
        _beginning(shop_id, words, mark, marks) for words in query.alternatives for mark in marks
    ]
    found = run(union_all(*(select(part.subquery().c.order_id) for part in parts))).scalars()
    return list(dict.fromkeys(found))[:MOST_FOUND]


def _beginning(
    shop_id: int, words: tuple[str, ...], mark: str, marks: tuple[str, ...]
) -> Select[Any]:
    """Orders with a term that begins with the first word, and one for each of the others."""
    first, *others = words
    looked_at = MOST_LOOKED_AT if others else MOST_FOUND
    query = (
        select(OrderTerm.order_id)
        .where(OrderTerm.shop_id == shop_id, _begins(OrderTerm.term, mark + first))
        .order_by(OrderTerm.term, OrderTerm.order_id.desc())
        .limit(looked_at)
    )
    if not others:
        return query
    tried = query.subquery()
    narrowed = select(tried.c.order_id)
    for word in others:
        other = aliased(OrderTerm)
        begins = or_(*(_begins(other.term, each + word) for each in marks))
        narrowed = narrowed.where(
            select(other.order_id).where(other.order_id == tried.c.order_id, begins).exists()
        )
    return narrowed.limit(MOST_FOUND)


def _begins(term: Any, prefix: str) -> ColumnElement[bool]:
    return and_(term >= prefix, term < after_all(prefix))


def _complete(rows: Sequence[Row[Any]]) -> tuple[OrderRow, ...]:
    """The rows with their articles and the number of their returns."""
    ids = [row.id for row in rows]
    if not ids:
        return ()
    goods: dict[int, list[Any]] = {}
    lines = select(OrderLine.order_id, OrderLine.title, OrderLine.quantity).where(
        OrderLine.order_id.in_(ids), OrderLine.is_goods
    )
    for line in run(lines.order_by(OrderLine.id)):
        goods.setdefault(line.order_id, []).append(line)
    counted = select(Return.order_id, func.count().label("number")).where(Return.order_id.in_(ids))
    rows_of = run(counted.group_by(Return.order_id))
    returns = {row.order_id: row.number for row in rows_of}
    return tuple(
        replace(
            OrderRow(**row._mapping),
            titles=tuple(line.title for line in goods.get(row.id, ())),
            units=sum(line.quantity for line in goods.get(row.id, ())),
            returns=returns.get(row.id, 0),
        )
        for row in rows
    )
