"""What the inbox shows of each return, and what the tabs count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, GenerativeSelect, Select, bindparam, func, select

from ...database import run
from ...domain.inbox import TAB_STATUSES, Tab
from ...domain.lifecycle import RELEASED
from ...extensions import db
from ...models import Order, OrderLine, Return, ReturnLine, ReturnShipment
from .listing import MANY, Selection, failed_handoffs, open_returns, shop_of_few


@dataclass(frozen=True, slots=True)
class RowItem:
    """An article that comes back. `received` counts units once they were counted."""

    title: str
    category: str
    image_url: str
    quantity: int
    received: int
    released: int
    reason_code: str
    reason_text: str
    resolution: str
    exchange_title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A return in the list; amounts in minor units."""

    id: int
    number: str
    order_number: str
    customer_name: str
    email: str
    country: str
    status: str
    method: str
    carrier: str | None
    currency: str
    refund_total: int
    to_pay: int
    settle_by: datetime | None
    hand_in_by: datetime | None
    created_at: datetime
    handed_over_at: datetime | None
    received_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    handoff_failed: bool
    items: tuple[RowItem, ...]

    @property
    def gets(self) -> int:
        """What the customer gets now: of a return that is off nothing."""
        return 0 if self.status in RELEASED else self.refund_total

    @property
    def units(self) -> int:
        """How many pieces were announced."""
        return sum(item.quantity for item in self.items)

    @property
    def missing(self) -> int:
        """How many of them are waited for, once anything was counted."""
        return sum(max(0, item.quantity - item.released - item.received) for item in self.items)


def load_rows(shop_id: int, ids: Sequence[int]) -> list[Row]:
    """The rows of these returns of the shop, in this order. Two queries."""
    if not ids:
        return []
    found = run(_ROWS.where(shop_of_few() == shop_id, Return.id.in_(ids))).all()
    items: dict[int, list[RowItem]] = defaultdict(list)
    for row in run(_ITEMS.where(ReturnLine.return_id.in_(ids))):
        columns = dict(row._mapping)
        items[columns.pop("return_id")].append(RowItem(**columns))
    rows = {row.id: Row(**row._mapping, items=tuple(items[row.id])) for row in found}
    return [rows[each] for each in ids if each in rows]


_ROWS = select(
    Return.id,
    Return.number,
    Order.number.label("order_number"),
    Order.customer_name,
    Return.email,
    Return.country,
    Return.status,
    Return.method,
    Return.carrier,
    Return.currency,
    Return.refund_total,
    Return.to_pay,
    Return.settle_by,
    Return.hand_in_by,
    Return.created_at,
    Return.handed_over_at,
    Return.received_at,
    Return.closed_at,
    Return.ended_at,
    select(1)
    .where(ReturnShipment.return_id == Return.id, ReturnShipment.state == "failed")
    .correlate(Return)
    .exists()
    .label("handoff_failed"),
).join(Order, Order.id == Return.order_id)

_ITEMS = (
    select(
        ReturnLine.return_id,
        OrderLine.title,
        OrderLine.category,
        OrderLine.image_url,
        ReturnLine.quantity,
        ReturnLine.received,
        ReturnLine.released,
        ReturnLine.reason_code,
        ReturnLine.reason_text,
        ReturnLine.resolution,
        ReturnLine.exchange_title,
    )
    .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
    # Not by the bare id: that would tempt SQLite to read the table in its own order.
    .order_by(ReturnLine.id + 0)
)


def count_tabs(shop_id: int) -> Mapping[Tab, int]:
    """How many returns lie on each pile, each counted up to MANY. One query.

    Counted afresh each time: no pile can be read further than MANY, whatever the shop's size.
    """
    query = _tabs_query(db.engine.dialect.name)
    return dict(zip(Tab, run(query, {"shop_id": shop_id}).one(), strict=True))


def count_requests(shop_id: int) -> int:
    """How many returns wait for a decision, counted up to MANY. One query."""
    return int(run(_REQUESTS, {"shop_id": shop_id}).scalar_one())


@cache
def _tabs_query(_dialect: str) -> Select[Any]:
    """Made once for a database, as no page of the inbox is without it."""
    return select(*(_counted(_pile(tab)) for tab in Tab))


def _counted(pile: GenerativeSelect) -> Any:
    return select(func.count()).select_from(pile.limit(MANY).subquery()).scalar_subquery()


def _pile(tab: Tab) -> GenerativeSelect:
    shop_id = bindparam("shop_id", type_=BigInteger)
    on_tab = Return.status.in_(TAB_STATUSES[tab])
    if tab is Tab.TO_PAY:
        return open_returns(shop_id, Return.settle_by.is_not(None), on_tab)
    if tab is Tab.FAILED:
        return Selection(failed_handoffs(shop_id), (on_tab,)).each()
    mine = select(Return.id).where(Return.shop_id == shop_id)
    return mine if tab is Tab.ALL else mine.where(on_tab)


_REQUESTS = select(_counted(_pile(Tab.TO_APPROVE)))
