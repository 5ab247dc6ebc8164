"""The lines of an order, parcel by parcel, with what is already in a return."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select

from ...database import run
from ...domain.facts import LineFacts
from ...domain.lifecycle import RELEASED
from ...domain.policy import Resolution
from ...extensions import db
from ...models import OrderLine, Parcel, ParcelLine, Return, ReturnLine


@dataclass(frozen=True, slots=True)
class PriorReturn:
    """A live return that holds units of a line."""

    number: str
    status: str
    status_token: str
    created_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class WizardLine:
    """One order line in one parcel, with what a page shows of it."""

    facts: LineFacts
    variant: str
    image_url: str
    product_key: str
    parcel_id: int | None
    """None for a line that was not sent yet."""
    prior: tuple[PriorReturn, ...]
    refunded_units: int = 0
    """Of the claimed units, those that went back for money or credit."""
    shipping_refunded: bool = False
    """Some live return of the order has refunded the outbound shipping."""


def load_lines(order_id: int) -> tuple[WizardLine, ...]:
    """All lines of the order, parcel by parcel, then those that were not sent yet.

    A line that was not sent has no parcel: its `line_id` is minus its order line's id, which no
    form can post. One query, two when some units are in a return.
    """
    rows = run(_LINES, {"order_id": order_id}).all()
    prior = _prior_returns(order_id) if any(row.qty_claimed for row in rows) else []
    claimed: dict[int, int] = defaultdict(int)
    for row in rows:
        claimed[row.order_line_id] += row.qty_claimed
    return tuple(_line(row, claimed[row.order_line_id], prior) for row in rows)


_order_id = db.bindparam("order_id")

_LINES = (
    select(
        func.coalesce(ParcelLine.id, -OrderLine.id).label("line_id"),
        OrderLine.id.label("order_line_id"),
        func.coalesce(ParcelLine.qty_shipped, 0).label("qty_shipped"),
        func.coalesce(ParcelLine.qty_claimed, 0).label("qty_claimed"),
        func.coalesce(ParcelLine.qty_elsewhere, 0).label("qty_elsewhere"),
        Parcel.id.label("parcel_id"),
        Parcel.shipped_at,
        Parcel.delivered_at,
        OrderLine.sku,
        OrderLine.title,
        OrderLine.variant,
        OrderLine.product_key,
        OrderLine.image_url,
        OrderLine.category,
        OrderLine.tags,
        OrderLine.quantity,
        OrderLine.line_paid,
        OrderLine.list_price,
        OrderLine.final_sale,
        OrderLine.is_goods,
        OrderLine.amount_elsewhere,
    )
    .select_from(OrderLine)
    .outerjoin(ParcelLine, ParcelLine.order_line_id == OrderLine.id)
    .outerjoin(Parcel, Parcel.id == ParcelLine.parcel_id)
    .where(OrderLine.order_id == _order_id, or_(OrderLine.is_goods, ParcelLine.id.is_not(None)))
    .order_by(Parcel.id.is_(None), Parcel.id, ParcelLine.id, OrderLine.id)
)

_PRIOR = (
    select(
        ReturnLine.parcel_line_id,
        ReturnLine.order_line_id,
        (ReturnLine.quantity - ReturnLine.released).label("quantity"),
        ReturnLine.share,
        Return.number,
        Return.status,
        Return.status_token,
        Return.created_at,
        Return.outbound_shipping,
        ReturnLine.resolution,
    )
    .join(Return, Return.id == ReturnLine.return_id)
    .where(
        Return.order_id == _order_id,
        Return.status.not_in(RELEASED),
        ReturnLine.quantity > ReturnLine.released,
    )
    .order_by(Return.id)
)


def _prior_returns(order_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return run(_PRIOR, {"order_id": order_id}).all()


def _line(
    row: Row[*tuple[Any, ...]], claimed: int, prior: Sequence[Row[*tuple[Any, ...]]]
) -> WizardLine:
    shares = sum(p.share for p in prior if p.order_line_id == row.order_line_id)
    own = [p for p in prior if p.parcel_line_id == row.line_id]
    return WizardLine(
        facts=_facts(row, claimed, row.amount_elsewhere + shares),
        variant=row.variant,
        image_url=row.image_url,
        product_key=row.product_key,
        parcel_id=row.parcel_id,
        prior=tuple(
            PriorReturn(p.number, p.status, p.status_token, p.created_at, p.quantity) for p in own
        ),
        refunded_units=row.qty_elsewhere
        + sum(p.quantity for p in own if p.resolution != Resolution.EXCHANGE),
        shipping_refunded=any(p.outbound_shipping for p in prior),
    )


def _facts(row: Row[*tuple[Any, ...]], returned_before: int, amount_before: int) -> LineFacts:
    return LineFacts(
        line_id=row.line_id,
        order_line_id=row.order_line_id,
        sku=row.sku,
        title=row.title,
        quantity=row.quantity,
        line_paid=row.line_paid,
        qty_shipped=row.qty_shipped,
        qty_claimed=row.qty_claimed,
        returned_before=returned_before,
        amount_before=amount_before,
        list_price=row.list_price,
        category=row.category,
        tags=frozenset(row.tags),
        final_sale=row.final_sale,
        is_goods=row.is_goods,
        delivered_at=row.delivered_at,
        shipped_at=row.shipped_at,
    )
