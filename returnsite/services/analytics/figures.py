"""Figures of a period, read back: a handful of queries whatever the number of returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select

from ...database import run
from ...domain.periods import Step, slices
from ...models import ReturnCell
from ...models.analytics import MEASURES
from .source import (
    ASKED,
    ORDERED,
    Cut,
    Flow,
    Scope,
    Source,
    cell_limits,
    cell_of,
    cut,
    grouped,
    measures,
    once,
    return_lines,
    sales,
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
    cells = once(grouped(source, [cell_of(source)], measures(source)), MEASURES)
    query = (
        select(
            *(getattr(ReturnCell, name) for name in DIMENSIONS),
            *(cells.c[name] for name in MEASURES),
        )
        .join(cells, cells.c.cell_id == ReturnCell.id)
        .where(cell_limits(scope.filters))
    )
    total = [0] * len(MEASURES)
    by: dict[str, dict[str, Sums]] = {name: defaultdict(Sums) for name in DIMENSIONS}
    # Thousands of rows: plain numbers, and of groups only what is shown of them.
    for row in run(query).all():
        total = [before + more for before, more in zip(total, row[len(DIMENSIONS) :], strict=True)]
        for key, groups in zip(row, by.values(), strict=False):
            sums = groups[key]
            sums.lines += row.lines
            sums.units += row.units
            sums.value += row.value
    return Asked(Sums(*total), {name: _ranked(groups) for name, groups in by.items()})


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
    columns = [*_slice_of(source, parts), ReturnCell.reason]
    query = grouped(source, columns, source.sums(["units"]), cells=scope.filters)
    count = len(slices(scope.period, step))
    found: dict[str, list[int]] = defaultdict(lambda: [0] * count)
    for row in run(query):
        found[row.reason][parts.slice_of(row.grain, row.number)] += int(row.units)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Units sold in the period and come back: slice by slice, by country and by category."""

    flows: list[Flow]
    places: dict[str, dict[str, Flow]]

    @property
    def total(self) -> Flow:
        """All of the period."""
        return Flow(sum(flow.sold for flow in self.flows), sum(flow.back for flow in self.flows))


def read_ordered(scope: Scope, step: Step) -> Ordered:
    """What was ordered in the period and came back since, from one pass over each cube."""
    parts = cut(scope.period, step)
    flows = [Flow() for _ in slices(scope.period, step)]
    places: dict[str, dict[str, Flow]] = {name: defaultdict(Flow) for name in _PLACES}
    for row in _flow_rows(scope, parts):
        sold, back = int(row.sold or 0), int(row.back or 0)
        groups = (places[name][getattr(row, name)] for name in _PLACES)
        for flow in (flows[parts.slice_of(row.grain, row.number)], *groups):
            flow.sold += sold
            flow.back += back
    return Ordered(flows, places)


_PLACES = ("country", "category")


def _flow_rows(scope: Scope, parts: Cut) -> Iterator[Any]:
    """Sums beside the sales know nothing of reasons, and those of one product are not kept."""
    separate = scope.filters.of_returns or scope.filters.product is not None
    source = sales(scope, parts)
    table: Any = source.table
    back = func.sum(0 if separate else table.back).label("back")
    by = [*_slice_of(source, parts), table.country, table.category]
    yield from run(grouped(source, by, [*source.sums(["sold"]), back]))
    if separate:
        source = return_lines(scope, ORDERED, parts)
        by = [*_slice_of(source, parts), ReturnCell.country, ReturnCell.category]
        units = source.sums(["units"])[0].label("back")
        yield from run(grouped(source, by, [literal(0).label("sold"), units], cells=scope.filters))


def _slice_of(source: Source, parts: Cut) -> list[Any]:
    return [source.grain.label("grain"), parts.number(source.bucket).label("number")]
