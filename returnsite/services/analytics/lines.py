"""The return lines behind a figure: the same rows the figure adds up, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, func, literal, select, tuple_, union_all

from ...database import run
from ...domain.ledger import earned
from ...domain.periods import day_number
from ...extensions import db
from ...models import Order, OrderLine, Return, ReturnCell, ReturnFact, ReturnLine
from ...models.types import BigInt
from .facts import COUNTS, line_units
from .source import ASKED, Scope, cell_limits, return_lines, unindexed, whole

PAGE = 50
BATCH = 2_000
FEW = 5_000
"""Lines that are sorted rather than met on the way back through the days."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What only lists can be limited to, besides the filters of figures."""

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
        return self.variant is not None or self.kept or self.fee or self.bonus


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
    """What the lines add up to, as the figures do: amounts in the shop's currency alone.

    None is what the sums do not tell: returns where only some lines of a return are let through,
    lines where only those with a fee or a bonus are.
    """

    lines: int | None
    units: int | None
    value: int | None
    fee: int
    bonus: int
    returns: int | None


def count_lines(scope: Scope, limits: Limits, basis: str) -> Counted:
    """What all lines add up to: from the sums the figures are made of. One query."""
    names = ("lines", "units", "value", "fee", "bonus", "leads")
    totals = [0] * len(names)
    for row in run(_sums(scope, limits, basis, names)):
        totals = [total + int(each or 0) for total, each in zip(totals, row, strict=True)]
    lines, units, value, fee, bonus, leads = totals
    split = scope.filters.of_lines or limits.of_lines
    if limits.fee or limits.bonus:
        return Counted(None, None, None, fee, bonus, None)
    return Counted(lines, units, value, fee, bonus, None if split else leads)


def _sums(scope: Scope, limits: Limits, basis: str, names: Sequence[str]) -> Any:
    if limits.variant is not None:
        sums: Any = select(*(func.sum(getattr(ReturnFact, name)) for name in names))
        return _narrowed(sums, scope, limits, _day(basis))
    source = return_lines(scope, basis, whole(scope.period))
    table: Any = source.table
    parts = [
        select(*source.sums(names))
        .select_from(table)
        .join(ReturnCell, ReturnCell.id == table.cell_id)
        .where(where, cell_limits(scope.filters), *_cell_limits(limits))
        for where in source.stretches
    ]
    return parts[0] if len(parts) == 1 else union_all(*parts)


def list_lines(
    scope: Scope,
    limits: Limits,
    basis: str,
    *,
    below: int | None = None,
    count: int = PAGE,
    counted: Counted | None = None,
) -> list[Line]:
    """Lines after the one with the id `below`, the newest first. `counted` tells where they are
    few: those are found by what they are limited to, many by going back day by day."""
    if counted is not None and (
        (limits.fee and not counted.fee) or (limits.bonus and not counted.bonus)
    ):
        return []
    few = counted is not None and counted.lines is not None and counted.lines <= FEW
    day = _day(basis)
    if few or scope.filters.product is not None:
        by = unindexed(day)
        query = _of_few(scope, limits, by)
    else:
        by, query = day, _narrowed(select(ReturnFact.line_id), scope, limits, day)
    if below is not None:
        query = query.where(tuple_(day, ReturnFact.line_id) < _place(scope.shop_id, day, below))
    found = run(query.order_by(by.desc(), ReturnFact.line_id.desc()).limit(count))
    return _load([row.line_id for row in found], day)


def _day(basis: str) -> Any:
    return ReturnFact.requested_day if basis == ASKED else ReturnFact.ordered_day


def _place(shop_id: int, day: Any, line_id: int) -> Any:
    """Day and id of a line; before everything where the shop has no such line."""
    query = select(day).where(ReturnFact.line_id == line_id, ReturnFact.shop_id == shop_id)
    return tuple_(literal(run(query).scalar() or 0, Integer), literal(line_id, BigInt))


def every_line(scope: Scope, limits: Limits, basis: str) -> Iterator[list[Line]]:
    """All lines, in batches."""
    below = None
    while lines := list_lines(scope, limits, basis, below=below, count=BATCH):
        yield lines
        below = lines[-1].id
        db.session.rollback()


def _narrowed(query: Select[Any], scope: Scope, limits: Limits, day: Any) -> Select[Any]:
    return _within(
        query.select_from(ReturnFact).join(ReturnCell, ReturnCell.id == ReturnFact.cell_id),
        scope,
        limits,
        day,
    ).where(cell_limits(scope.filters), *_cell_limits(limits))


def _within(query: Select[Any], scope: Scope, limits: Limits, day: Any) -> Select[Any]:
    """Lines of the shop and period, and what they alone tell."""
    period = scope.period
    query = query.where(
        ReturnFact.shop_id == scope.shop_id,
        day.between(day_number(period.first), day_number(period.last)),
        *_line_limits(limits),
    )
    if scope.filters.product is not None:
        query = query.where(ReturnFact.product_id == scope.filters.product)
    return query


def _of_few(scope: Scope, limits: Limits, day: Any) -> Select[Any]:
    """The same from the cells on: SQLite would else read all the shop has."""
    cells = select(ReturnCell.id).where(
        ReturnCell.shop_id == scope.shop_id, cell_limits(scope.filters), *_cell_limits(limits)
    )
    return _within(select(ReturnFact.line_id), scope, limits, day).where(
        ReturnFact.cell_id.in_(cells)
    )


def _cell_limits(limits: Limits) -> list[Any]:
    return [ReturnCell.resolution != "money"] if limits.kept else []


def _line_limits(limits: Limits) -> list[Any]:
    found: list[Any] = []
    if limits.variant is not None:
        found.append(ReturnFact.variant == limits.variant)
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


def _load(ids: list[int], day: Any) -> list[Line]:
    query: Any = (
        select(
            *(column.label(name) for name, column in _COLUMNS.items()),
            *(getattr(ReturnLine, name) for name in COUNTS),
        )
        .select_from(ReturnFact)
        .join(ReturnLine, ReturnLine.id == ReturnFact.line_id)
        .join(Return, Return.id == ReturnLine.return_id)
        .join(Order, Order.id == Return.order_id)
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .where(ReturnFact.line_id.in_(ids))
        .order_by(day.desc(), ReturnLine.id.desc())
    )
    return [_line(row) for row in run(query)] if ids else []


def _line(row: Row[Any]) -> Line:
    """Amounts of the units that count, as the facts have them."""
    columns, units = dict(row._mapping), line_units(row)
    for name in COUNTS:
        del columns[name]
    for name in ("refund", "bonus"):
        columns[name] = earned(columns[name], units)
    return Line(**columns)
