"""The return lines behind a figure: the same rows the figure adds up, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from ...database import run
from ...domain.periods import day_number
from ...extensions import db
from ...models import Order, OrderLine, Return, ReturnCell, ReturnFact, ReturnLine
from .source import ASKED, Scope, cell_limits

PAGE = 50
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What only lists can be limited to, besides the filters of figures."""

    fault: str | None = None
    carrier: str | None = None
    variant: str | None = None
    kept: bool = False
    """Only what became exchange or credit."""
    fee: bool = False
    """Only what a return fee was charged for."""
    bonus: bool = False
    """Only what earned a bonus."""

    @property
    def of_lines(self) -> bool:
        """Whether these may let only some lines of a return through."""
        named = self.fault is not None or self.variant is not None
        return named or self.kept or self.fee or self.bonus


@dataclass(frozen=True, slots=True)
class Line:
    """A return line with its return. Nothing in it names the customer."""

    id: int
    return_id: int
    number: str
    order_number: str
    status: str
    asked_at: datetime
    ordered_at: datetime
    country: str
    title: str
    variant: str
    sku: str
    category: str
    units: int
    reason: str
    fault: str
    resolution: str
    method: str
    carrier: str
    value: int
    refund: int
    bonus: int
    fee: int
    currency: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What the lines add up to, as the figures do: amounts in the shop's currency alone."""

    lines: int
    units: int
    value: int
    fee: int
    bonus: int
    returns: int | None
    """None where the limits let only some lines of a return through."""


def count_lines(scope: Scope, limits: Limits, basis: str) -> Counted:
    """What all lines add up to. One query."""
    names = ("lines", "units", "value", "fee", "bonus", "leads")
    sums: Any = select(*(func.sum(getattr(ReturnFact, name)) for name in names))
    row = run(_narrowed(sums, scope, limits, basis)).one()
    lines, units, value, fee, bonus, leads = (int(each or 0) for each in row)
    split = scope.filters.of_lines or limits.of_lines
    return Counted(lines, units, value, fee, bonus, None if split else leads)


def list_lines(
    scope: Scope, limits: Limits, basis: str, *, below: int | None = None, count: int = PAGE
) -> list[Line]:
    """Lines with an id below `below`, the newest first."""
    query = _narrowed(select(ReturnFact.line_id), scope, limits, basis)
    if below is not None:
        query = query.where(ReturnFact.line_id < below)
    ids = [row.line_id for row in run(query.order_by(ReturnFact.line_id.desc()).limit(count))]
    return _load(ids)


def every_line(scope: Scope, limits: Limits, basis: str) -> Iterator[list[Line]]:
    """All lines, in batches."""
    below = None
    while lines := list_lines(scope, limits, basis, below=below, count=BATCH):
        yield lines
        below = lines[-1].id
        db.session.rollback()


def _narrowed(query: Select[Any], scope: Scope, limits: Limits, basis: str) -> Select[Any]:
    day = ReturnFact.requested_day if basis == ASKED else ReturnFact.ordered_day
    period = scope.period
    query = (
        query.select_from(ReturnFact)
        .join(ReturnCell, ReturnCell.id == ReturnFact.cell_id)
        .where(
            ReturnFact.shop_id == scope.shop_id,
            day.between(day_number(period.first), day_number(period.last)),
            cell_limits(scope.filters),
            *_list_limits(limits),
        )
    )
    if scope.filters.product is not None:
        query = query.where(ReturnFact.product_id == scope.filters.product)
    return query


def _list_limits(limits: Limits) -> list[Any]:
    found: list[Any] = [
        getattr(ReturnCell, name) == value
        for name in ("fault", "carrier")
        if (value := getattr(limits, name)) is not None
    ]
    if limits.variant is not None:
        found.append(ReturnFact.variant == limits.variant)
    if limits.kept:
        found.append(ReturnCell.resolution != "money")
    if limits.fee:
        found.append(ReturnFact.fee != 0)
    if limits.bonus:
        found.append(ReturnFact.bonus != 0)
    return found


_COLUMNS: dict[str, Any] = {
    "id": ReturnLine.id,
    "return_id": Return.id,
    "number": Return.number,
    "order_number": Order.number,
    "status": Return.status,
    "asked_at": Return.created_at,
    "ordered_at": Order.placed_at,
    "country": Return.country,
    "title": OrderLine.title,
    "variant": OrderLine.variant,
    "sku": OrderLine.sku,
    "category": OrderLine.category,
    "units": ReturnFact.units,
    "reason": ReturnLine.reason_code,
    "fault": ReturnLine.fault,
    "resolution": ReturnLine.resolution,
    "method": Return.method,
    "carrier": func.coalesce(Return.carrier, ""),
    "value": ReturnLine.share,
    "refund": ReturnLine.refund_amount,
    "bonus": ReturnLine.bonus,
    "fee": ReturnFact.fee,
    "currency": Return.currency,
}


def _load(ids: list[int]) -> list[Line]:
    query: Any = (
        select(*(column.label(name) for name, column in _COLUMNS.items()))
        .select_from(ReturnFact)
        .join(ReturnLine, ReturnLine.id == ReturnFact.line_id)
        .join(Return, Return.id == ReturnLine.return_id)
        .join(Order, Order.id == Return.order_id)
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .where(ReturnFact.line_id.in_(ids))
        .order_by(ReturnLine.id.desc())
    )
    return [Line(**row._mapping) for row in run(query)] if ids else []
