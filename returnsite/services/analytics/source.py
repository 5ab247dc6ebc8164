"""Where figures are read from: the cubes, or for one product the facts themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
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
from ...models.analytics import MEASURES

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
    fault: str | None = None
    resolution: str | None = None
    method: str | None = None
    carrier: str | None = None

    @property
    def of_returns(self) -> bool:
        """Whether anything limits that only returns have, and sales have not."""
        return any(getattr(self, name) is not None for name in _OF_RETURNS)

    @property
    def of_lines(self) -> bool:
        """Whether anything limits that lines of one return can differ in."""
        lines = (self.category, self.product, self.reason, self.fault, self.resolution)
        return any(each is not None for each in lines)

    @property
    def cell(self) -> dict[str, str]:
        """The limits a cell can be checked for."""
        names = ("country", "category", *_OF_RETURNS)
        return {name: value for name in names if (value := getattr(self, name)) is not None}


_OF_RETURNS = ("reason", "fault", "resolution", "method", "carrier")


@dataclass(frozen=True, slots=True)
class Scope:
    """A shop's figures of a period, limited."""

    shop_id: int
    period: Period
    filters: Filters

    def during(self, period: Period) -> Scope:
        """The same of another period."""
        return replace(self, period=period)


@dataclass(slots=True)
class Flow:
    """Units sold and how many of them came back."""

    sold: int = 0
    back: int = 0


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
    """Rows of a table of figures, of a shop and period: a condition for each stretch of it."""

    table: type[Base]
    grain: Any
    bucket: Any
    stretches: Sequence[ColumnElement[bool]]

    def sums(self, names: Sequence[str]) -> list[Any]:
        """Sums of these measures, under their names."""
        return [_sum(getattr(self.table, name)).label(name) for name in names]


def return_lines(scope: Scope, basis: str, parts: Cut) -> Source:
    """Return lines: from the cube, or for a product from the facts."""
    product = scope.filters.product
    if product is None:
        stretches = _within(ReturnCube, scope, parts, ReturnCube.basis == basis)
        return Source(ReturnCube, ReturnCube.grain, ReturnCube.bucket, stretches)
    day = ReturnFact.requested_day if basis == ASKED else ReturnFact.ordered_day
    where = and_(
        ReturnFact.shop_id == scope.shop_id,
        ReturnFact.product_id == product,
        _days(unindexed(day) if basis == ASKED else day, scope),
    )
    return Source(ReturnFact, _DAY, day, [where])


def sales(scope: Scope, parts: Cut) -> Source:
    """Units sold, and come back where nothing limits the returns."""
    filters = scope.filters
    if filters.product is None:
        stretches = _within(SaleCube, scope, parts, place_limits(SaleCube, filters))
        return Source(SaleCube, SaleCube.grain, SaleCube.bucket, stretches)
    where = and_(
        SaleFact.shop_id == scope.shop_id,
        SaleFact.product_id == filters.product,
        # Day by day, as the key goes: a span of days would be read with all other products.
        SaleFact.day.in_(_numbers(scope)),
        place_limits(SaleFact, filters),
    )
    return Source(SaleFact, _DAY, SaleFact.day, [where])


def product_sales(scope: Scope) -> Source:
    """Units sold and come back by product."""
    limits = place_limits(ProductCube, scope.filters)
    stretches = _within(ProductCube, scope, whole(scope.period), limits)
    return Source(ProductCube, ProductCube.grain, ProductCube.bucket, stretches)


def unindexed(column: Any) -> Any:
    """The column, not to be looked for by index: SQLite would read all products rather than one."""
    return column + literal_column("0", Integer)


def cell_of(source: Source) -> Any:
    """The cell to group by; not by index, which leads past the product."""
    table: Any = source.table
    return unindexed(table.cell_id).label("cell_id")


def place_limits(table: Any, filters: Filters) -> ColumnElement[bool]:
    """What limits sales as well as returns."""
    limits = [
        getattr(table, name) == value
        for name in ("country", "category")
        if (value := getattr(filters, name)) is not None
    ]
    return and_(sql_true(), *limits)


def cell_limits(filters: Filters) -> ColumnElement[bool]:
    """The filters, on cells."""
    limits = [getattr(ReturnCell, name) == value for name, value in filters.cell.items()]
    return and_(sql_true(), *limits)


def measures(source: Source) -> list[Any]:
    """Sums of all that is measured."""
    return source.sums(MEASURES)


def grouped(
    source: Source, by: Sequence[Any], sums: Sequence[Any], *, cells: Filters | None = None
) -> Any:
    """Sums by groups; `cells` joins the cells and keeps those the filters let through.

    A group comes once for each stretch. With the stretches as alternatives of one query SQLite
    would read all the shop has, as it seeks by one range of days only.
    """
    parts = [
        (select(*by, *sums) if cells is None else _with_cells(select(*by, *sums), source, cells))
        .where(where)
        .group_by(*by)
        for where in source.stretches
    ]
    return parts[0] if len(parts) == 1 else union_all(*parts)


def once(query: Any, names: Sequence[str]) -> Any:
    """Each group of `grouped` by its one column once, the stretches added up."""
    rows = query.subquery()
    key = next(iter(rows.c))
    sums = [_sum(rows.c[name]).label(name) for name in names]
    return select(key, *sums).group_by(key).subquery()


def _sum(column: Any) -> Any:
    """PostgreSQL adds up large integers to decimals, which are slow to read and to add on."""
    return cast(func.sum(column), BigInteger)


def _with_cells(query: Select[Any], source: Source, filters: Filters) -> Select[Any]:
    table: Any = source.table
    return (
        query.select_from(table)
        .join(ReturnCell, ReturnCell.id == table.cell_id)
        .where(cell_limits(filters))
    )


def _within(
    table: Any, scope: Scope, parts: Cut, *limits: ColumnElement[bool]
) -> list[ColumnElement[bool]]:
    return [
        and_(
            table.shop_id == scope.shop_id,
            table.grain == each.grain.value,
            table.bucket.between(each.first, each.last),
            *limits,
        )
        for each in parts.stretches
    ]


def _days(column: Any, scope: Scope) -> ColumnElement[bool]:
    days = _numbers(scope)
    between: ColumnElement[bool] = column.between(days[0], days[-1])
    return between


def _numbers(scope: Scope) -> range:
    return range(day_number(scope.period.first), day_number(scope.period.last) + 1)
