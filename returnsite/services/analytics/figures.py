"""Figures of a period, read back: a handful of queries whatever the number of returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select

from ...database import run
from ...domain.periods import Step, day_number, slices
from ...models import FactProduct, ReturnCell, ReturnFact, SaleFact
from ...models.analytics import MEASURES
from .source import (
    ASKED,
    ORDERED,
    Cut,
    Scope,
    cell_limits,
    cell_of,
    cut,
    grouped,
    measures,
    place_limits,
    product_sales,
    return_lines,
    sales,
    unindexed,
    whole,
)

DIMENSIONS = ("country", "category", "reason", "fault", "resolution", "method", "carrier")


@dataclass(slots=True)
class Sums:
    """What return lines add up to. Amounts are minor units of the shop's currency."""

    lines: int = 0
    leads: int = 0
    units: int = 0
    value: int = 0
    fee: int = 0
    bonus: int = 0
    foreign_lines: int = 0

    def add(self, row: Any) -> None:
        """Count a row in that has the same columns."""
        for name in MEASURES:
            setattr(self, name, getattr(self, name) + int(getattr(row, name) or 0))


@dataclass(slots=True)
class Flow:
    """Units sold and how many of them came back."""

    sold: int = 0
    back: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Return lines that have one thing in common, such as a reason: lines, units and value."""

    key: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Asked:
    """Return lines of the period they were asked for in: in all, and by each dimension."""

    total: Sums
    by: dict[str, list[Group]]


def read_asked(scope: Scope) -> Asked:
    """All breakdowns of what was asked for, from one pass over the cells."""
    source = return_lines(scope, ASKED, whole(scope.period))
    cells = _once(grouped(source, [cell_of(source)], measures(source)), MEASURES)
    query = (
        select(*(getattr(ReturnCell, name) for name in DIMENSIONS), *cells.c)
        .join(cells, cells.c.cell_id == ReturnCell.id)
        .where(cell_limits(scope.filters))
    )
    total = Sums()
    by: dict[str, dict[str, Sums]] = {name: defaultdict(Sums) for name in DIMENSIONS}
    for row in run(query):
        total.add(row)
        # Thousands of rows by seven dimensions: only what is shown of groups is added up.
        lines, units, value = int(row.lines), int(row.units), int(row.value)
        for place, name in enumerate(DIMENSIONS):
            sums = by[name][row[place]]
            sums.lines += lines
            sums.units += units
            sums.value += value
    return Asked(total, {name: _ranked(groups) for name, groups in by.items()})


def _once(query: Any, names: Sequence[str]) -> Any:
    """Each group of `grouped` by its one column once, the stretches added up."""
    rows = query.subquery()
    key = next(iter(rows.c))
    sums = [func.sum(rows.c[name]).label(name) for name in names]
    return select(key, *sums).group_by(key).subquery()


def _ranked(groups: dict[str, Sums]) -> list[Group]:
    found = [Group(key, sums) for key, sums in groups.items()]
    return sorted(found, key=lambda group: (-group.sums.units, group.key))


def read_total(scope: Scope) -> tuple[Sums, int]:
    """What was asked for in all, and the value of it that stayed as exchange or credit."""
    source = return_lines(scope, ASKED, whole(scope.period))
    query = grouped(source, [ReturnCell.resolution], measures(source), cells=scope.filters)
    total, kept = Sums(), 0
    for row in run(query):
        total.add(row)
        kept += int(row.value) if row.resolution != "money" else 0
    return total, kept


def read_reasons(scope: Scope, step: Step) -> dict[str, list[int]]:
    """Units asked for by reason, slice by slice."""
    parts = cut(scope.period, step)
    source = return_lines(scope, ASKED, parts)
    number = parts.number(source.bucket).label("number")
    grain = source.grain.label("grain")
    columns = (grain, number, ReturnCell.reason)
    query = grouped(source, columns, source.sums(["units"]), cells=scope.filters)
    count = len(slices(scope.period, step))
    found: dict[str, list[int]] = defaultdict(lambda: [0] * count)
    for row in run(query):
        found[row.reason][parts.slice_of(row.grain, row.number)] += int(row.units)
    return dict(found)


def read_flows(scope: Scope, step: Step) -> list[Flow]:
    """Units sold and come back, slice by slice of the days they were ordered."""
    parts = cut(scope.period, step)
    flows = [Flow() for _ in slices(scope.period, step)]
    for row in run(_flow_query(scope, parts, by_slice=True)):
        flow = flows[parts.slice_of(row.grain, row.number)]
        flow.sold += int(row.sold or 0)
        flow.back += int(row.back or 0)
    if _back_is_separate(scope):
        for row in run(_back_query(scope, parts, by_slice=True)):
            flows[parts.slice_of(row.grain, row.number)].back += int(row.units)
    return flows


def read_places(scope: Scope) -> dict[str, dict[str, Flow]]:
    """Units sold and come back by country and by category."""
    found: dict[str, dict[str, Flow]] = {name: defaultdict(Flow) for name in _PLACES}
    for row in run(_flow_query(scope, whole(scope.period), by_slice=False)):
        for name in _PLACES:
            flow = found[name][getattr(row, name)]
            flow.sold += int(row.sold or 0)
            flow.back += int(row.back or 0)
    if _back_is_separate(scope):
        for row in run(_back_query(scope, whole(scope.period), by_slice=False)):
            for name in _PLACES:
                found[name][getattr(row, name)].back += int(row.units)
    return found


_PLACES = ("country", "category")


def _back_is_separate(scope: Scope) -> bool:
    """Sums beside the sales know nothing of reasons, and those of one product are not kept."""
    return scope.filters.of_returns or scope.filters.product is not None


def _flow_query(scope: Scope, parts: Cut, *, by_slice: bool) -> Any:
    source = sales(scope, parts)
    table: Any = source.table
    back = func.sum(0 if _back_is_separate(scope) else table.back).label("back")
    if by_slice:
        by = (source.grain.label("grain"), parts.number(source.bucket).label("number"))
    else:
        by = (table.country, table.category)
    return grouped(source, by, [*source.sums(["sold"]), back])


def _back_query(scope: Scope, parts: Cut, *, by_slice: bool) -> Any:
    source = return_lines(scope, ORDERED, parts)
    if by_slice:
        by = (source.grain.label("grain"), parts.number(source.bucket).label("number"))
    else:
        by = (ReturnCell.country, ReturnCell.category)
    return grouped(source, by, source.sums(["units"]), cells=scope.filters)


@dataclass(frozen=True, slots=True)
class Product:
    """A product with what was sold of it and came back."""

    id: int
    title: str
    image_url: str
    sold: int
    back: int


def read_products(scope: Scope, *, back: int) -> list[Product]:
    """Every product that was sold or came back in the period, in no order.

    `back`: how many units came back of all that the scope lets through, as `read_flows` says.
    """
    source = product_sales(scope)
    table: Any = source.table
    names = ("sold", "back")
    sums = _once(grouped(source, [table.product_id], source.sums(names)), names)
    rows = {row.product_id: (int(row.sold), int(row.back)) for row in run(select(sums))}
    if scope.filters.of_returns:
        let_through = _let_through(scope, {key: each for key, (_, each) in rows.items()}, back)
        rows = {
            key: (rows.get(key, (0, 0))[0], let_through.get(key, 0))
            for key in rows.keys() | let_through
        }
    about = select(FactProduct.id, FactProduct.title, FactProduct.image_url).where(
        FactProduct.shop_id == scope.shop_id
    )
    if scope.filters.product is not None:
        about = about.where(FactProduct.id == scope.filters.product)
    return [
        Product(row.id, row.title, row.image_url, *rows[row.id])
        for row in run(about)
        if row.id in rows
    ]


def _let_through(scope: Scope, everything: dict[int, int], back: int) -> dict[int, int]:
    """Units that came back by product, of returns that the filters let through.

    The smaller side is counted, line by line: those returns, or the others to be taken off.
    """
    if 2 * back <= sum(everything.values()) or scope.filters.product is not None:
        return _back_by_product(scope, cell_limits(scope.filters))
    places = place_limits(ReturnCell, scope.filters)
    others = _back_by_product(scope, and_(places, not_(cell_limits(scope.filters))))
    return {key: units - others.get(key, 0) for key, units in everything.items()}


def _ordered_within(scope: Scope) -> Any:
    first, last = day_number(scope.period.first), day_number(scope.period.last)
    return and_(ReturnFact.shop_id == scope.shop_id, ReturnFact.ordered_day.between(first, last))


def _back_by_product(scope: Scope, limits: ColumnElement[bool]) -> dict[int, int]:
    cells = select(ReturnCell.id).where(ReturnCell.shop_id == scope.shop_id, limits)
    own = scope.filters.product
    # Without a product SQLite is to go by the cells, which are few, and not by all products.
    by = ReturnFact.product_id if own is not None else unindexed(ReturnFact.product_id)
    query = (
        select(by.label("product_id"), func.sum(ReturnFact.units).label("units"))
        .where(_ordered_within(scope), ReturnFact.cell_id.in_(cells))
        .group_by(by)
    )
    if own is not None:
        query = query.where(ReturnFact.product_id == own)
    return {row.product_id: int(row.units) for row in run(query)}


def read_top_reasons(scope: Scope, product_ids: list[int]) -> dict[int, tuple[str, int]]:
    """The reason named for most units of each of these products, and for how many."""
    if not product_ids:
        return {}
    query = (
        select(ReturnFact.product_id, ReturnCell.reason, func.sum(ReturnFact.units).label("units"))
        .join(ReturnCell, ReturnCell.id == ReturnFact.cell_id)
        .where(
            _ordered_within(scope),
            ReturnFact.product_id.in_(product_ids),
            cell_limits(scope.filters),
        )
        .group_by(ReturnFact.product_id, ReturnCell.reason)
    )
    top: dict[int, tuple[str, int]] = {}
    for row in sorted(run(query), key=lambda row: (-int(row.units), row.reason)):
        top.setdefault(row.product_id, (row.reason, int(row.units)))
    return top


def read_variants(scope: Scope) -> dict[str, Flow]:
    """Units sold and come back of each variant of the product the scope is limited to."""
    flows: dict[str, Flow] = defaultdict(Flow)
    source = sales(scope, whole(scope.period))
    sold = grouped(source, [SaleFact.variant], source.sums(["sold"]))
    for row in run(sold):
        flows[row.variant].sold += int(row.sold)
    source = return_lines(scope, ORDERED, whole(scope.period))
    back = grouped(source, [ReturnFact.variant], source.sums(["units"]), cells=scope.filters)
    for row in run(back):
        flows[row.variant].back += int(row.units)
    return dict(flows)
