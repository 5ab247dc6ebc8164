"""Where figures are read from: the cubes, or for one product the facts themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal_column, or_, select
from sqlalchemy import true as sql_true

from ...domain.periods import (
    Grain,
    Period,
    Step,
    Stretch,
    cover,
    day_number,
    month_number,
    month_of_day,
)
from ...extensions import Base
from ...models import ProductCube, ReturnCell, ReturnCube, ReturnFact, SaleCube, SaleFact
from .cubes import MEASURES

_DAY: Any = literal_column("CAST('d' AS VARCHAR(1))")
# Literals, not parameters: PostgreSQL compares what is selected with what is grouped by as text.
# And no bare ones: it takes a constant to group by for a mistake.

ASKED, ORDERED = "r", "o"
"""Which day of a return line counts: the day it was asked for, or the day its order was placed."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What figures are limited to; None does not limit."""

    country: str | None = None
    category: str | None = None
    product: int | None = None
    reason: str | None = None
    resolution: str | None = None
    method: str | None = None

    @property
    def of_returns(self) -> bool:
        """Whether anything limits that only returns have, and sales have not."""
        return any(each is not None for each in (self.reason, self.resolution, self.method))

    @property
    def of_lines(self) -> bool:
        """Whether anything limits that lines of one return can differ in."""
        lines = (self.category, self.product, self.reason, self.resolution)
        return any(each is not None for each in lines)

    @property
    def cell(self) -> dict[str, str]:
        """The limits a cell can be checked for."""
        names = ("country", "category", "reason", "resolution", "method")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Scope:
    """A shop's figures of a period, limited."""

    shop_id: int
    period: Period
    filters: Filters

    def during(self, period: Period) -> Scope:
        """The same of another period."""
        return replace(self, period=period)


@dataclass(frozen=True, slots=True)
class Cut:
    """A period cut into slices, as the database numbers them."""

    stretches: Sequence[Stretch]
    step: Step
    period: Period

    def slice_of(self, grain: str, number: int) -> int:
        """The place of what the database calls `number`."""
        if self.step is not Step.MONTH:
            return number
        month = number if grain == Grain.MONTH else month_of_day(number)
        return month - month_number(self.period.first)

    def number(self, bucket: Any) -> Any:
        """The SQL that numbers the buckets; whole weeks are one number."""
        if self.step is Step.MONTH:
            return bucket
        since = bucket - literal_column(str(day_number(self.period.first)), Integer)
        return since // literal_column("7", Integer) if self.step is Step.WEEK else since


def cut(period: Period, step: Step) -> Cut:
    """Months come from pre-added months where they are whole; days and weeks from days."""
    days = Stretch(Grain.DAY, day_number(period.first), day_number(period.last))
    return Cut(cover(period) if step is Step.MONTH else [days], step, period)


def whole(period: Period) -> Cut:
    """The period in as few buckets as there are."""
    return Cut(cover(period), Step.MONTH, period)


@dataclass(frozen=True, slots=True)
class Source:
    """A table of figures, narrowed to shop and period: columns to group and to add up."""

    table: type[Base]
    grain: Any
    bucket: Any
    where: ColumnElement[bool]

    def sums(self, names: Sequence[str]) -> list[Any]:
        """Sums of these measures, under their names."""
        return [func.sum(getattr(self.table, name)).label(name) for name in names]


def return_lines(scope: Scope, basis: str, parts: Cut) -> Source:
    """Return lines: from the cube, or for a product from the facts."""
    product = scope.filters.product
    if product is None:
        where = and_(ReturnCube.basis == basis, _within(ReturnCube, scope, parts))
        return Source(ReturnCube, ReturnCube.grain, ReturnCube.bucket, where)
    day = ReturnFact.requested_day if basis == ASKED else ReturnFact.ordered_day
    where = and_(
        ReturnFact.shop_id == scope.shop_id, ReturnFact.product_id == product, _days(day, scope)
    )
    return Source(ReturnFact, _DAY, day, where)


def sales(scope: Scope, parts: Cut) -> Source:
    """Units sold, and come back where nothing limits the returns."""
    filters = scope.filters
    table: Any = SaleCube if filters.product is None else SaleFact
    if filters.product is None:
        where = _within(SaleCube, scope, parts)
        grain, bucket = SaleCube.grain, SaleCube.bucket
    else:
        where = and_(
            SaleFact.shop_id == scope.shop_id,
            SaleFact.product_id == filters.product,
            _days(SaleFact.day, scope),
        )
        grain, bucket = _DAY, SaleFact.day
    return Source(table, grain, bucket, and_(where, place_limits(table, filters)))


def product_sales(scope: Scope) -> Source:
    """Units sold and come back by product."""
    where = and_(
        _within(ProductCube, scope, whole(scope.period)), place_limits(ProductCube, scope.filters)
    )
    return Source(ProductCube, ProductCube.grain, ProductCube.bucket, where)


def place_limits(table: Any, filters: Filters) -> ColumnElement[bool]:
    """What limits sales as well as returns."""
    limits = [
        getattr(table, name) == value
        for name in ("country", "category")
        if (value := getattr(filters, name)) is not None
    ]
    return and_(sql_true(), *limits)


def with_cells(query: Select[Any], source: Source, filters: Filters) -> Select[Any]:
    """Join the cells and keep those the filters let through."""
    table: Any = source.table
    return query.join(ReturnCell, ReturnCell.id == table.cell_id).where(cell_limits(filters))


def cell_limits(filters: Filters) -> ColumnElement[bool]:
    """The filters, on cells."""
    limits = [getattr(ReturnCell, name) == value for name, value in filters.cell.items()]
    return and_(sql_true(), *limits)


def measures(source: Source) -> list[Any]:
    """Sums of all that is measured."""
    return source.sums(MEASURES)


def select_from(source: Source, *columns: Any) -> Select[Any]:
    """A selection of the source's rows."""
    return select(*columns).select_from(source.table).where(source.where)


def _within(table: Any, scope: Scope, parts: Cut) -> ColumnElement[bool]:
    ranges = [
        and_(table.grain == each.grain.value, table.bucket.between(each.first, each.last))
        for each in parts.stretches
    ]
    return and_(table.shop_id == scope.shop_id, or_(*ranges))


def _days(column: Any, scope: Scope) -> ColumnElement[bool]:
    period = scope.period
    between: ColumnElement[bool] = column.between(day_number(period.first), day_number(period.last))
    return between
