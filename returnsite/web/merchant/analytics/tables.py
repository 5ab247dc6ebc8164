"""Every figure of the page as a table: what "show as table" shows and what a CSV file holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from flask import g

from ....domain.money import to_decimal
from ....domain.statistics import SUPPRESS_BELOW, Share, share_of
from ....services.analytics.figures import Group
from ....services.analytics.report import Rate, Report, Side
from ....services.analytics.timing import Stage
from ...i18n import gettext as _
from ...rendering import number
from ..words import reason_name
from . import wording
from .drill import days, inbox_url, lines_url, times_url
from .headings import heading_of, title_of
from .query import Query


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text for people and as number for files; `href` leads to what is behind it.

    `is_sale`: it says nothing of returns, so that it may leave the shop whatever the group's size.
    """

    text: str
    raw: str | int | Decimal | None
    href: str | None = None
    is_sale: bool = False

    @property
    def raw_if_small(self) -> str | int | Decimal | None:
        """What a file says of it where the group is too small."""
        return self.raw if self.is_sale or self.raw is None else f"<{SUPPRESS_BELOW}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. `size` is how many units came back in it: small groups stay here.
    `inbox` leads to its returns in the inbox, where that can show the same."""

    cells: tuple[Cell, ...]
    size: int
    inbox: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The first column names the row; the others hold numbers."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)

    def for_files(self) -> list[list[str | int | Decimal | None]]:
        """Heading and rows; numbers of returns in groups that are too small read "<5"."""
        hidden = _hidden([row.size for row in self.rows])
        lines: list[list[str | int | Decimal | None]] = [list(self.columns)]
        for place, row in enumerate(self.rows):
            first, *rest = row.cells
            lines.append([first.raw, *(c.raw_if_small if place in hidden else c.raw for c in rest)])
        return lines


def _hidden(sizes: list[int]) -> set[int]:
    """Rows to hide: the small ones, and where that is one alone the next, else the total tells."""
    small = {place for place, size in enumerate(sizes) if 0 < size < SUPPRESS_BELOW}
    if len(small) == 1:
        others = [(size, place) for place, size in enumerate(sizes) if size >= SUPPRESS_BELOW]
        small |= {min(others)[1]} if others else set()
    return small


def _text(value: str) -> Cell:
    return Cell(value, value)


def _count(value: int, href: str | None = None) -> Cell:
    return Cell(number(value), value, href if value else None)


def _percent(value: float | None, href: str | None = None) -> Cell:
    raw = None if value is None else Decimal(f"{value * 100:.1f}")
    return Cell(wording.percent(value), raw, href if value else None)


def _money(value: int, href: str | None = None) -> Cell:
    raw = to_decimal(value, g.shop.currency)
    return Cell(wording.amount(value), raw, href if value else None)


def _share(share: Share) -> tuple[Cell, Cell, Cell]:
    """The share and both ends of its margin; a dash where there is nothing."""
    if not share.whole:
        return _percent(None), _percent(None), _percent(None)
    return _percent(share.share), _percent(share.low), _percent(share.high)


def group_table(report: Report, query: Query, dimension: str) -> Table:
    """Units, lines and value by reason, fault, resolution, method or carrier."""
    total = report.asked.total.units
    columns = (
        heading_of(dimension),
        *(_("Items"), _("Share"), _("At least"), _("At most"), _("Value")),
    )
    rows = [_group_row(query, dimension, group, total) for group in report.asked.by[dimension]]
    return Table(dimension, title_of(dimension), columns, rows)


def _group_row(query: Query, dimension: str, group: Group, total: int) -> Row:
    units, key = group.sums.units, group.key
    name = _text(wording.label_of(dimension, key))
    href = lines_url(query, **{dimension: key})
    cells = (
        name,
        _count(units, href),
        *_share(share_of(units, total)),
        _money(group.sums.value, href),
    )
    return Row(cells, units, inbox_url(query, {dimension: key}) if key else None)


def rate_table(query: Query, name: str, rates: list[Rate]) -> Table:
    """Units sold and come back, and the rate with its margin."""
    columns = (
        heading_of(name),
        *(_("Sold"), _("Came back"), _("Return rate"), _("At least"), _("At most")),
    )
    rows = [
        Row(
            (
                _text(rate_label(name, rate)),
                replace(_count(rate.share.whole), is_sale=True),
                _count(rate.share.part, lines_url(query, by="ordered", **{name: rate.key})),
                *_share(rate.share),
            ),
            rate.share.part,
        )
        for rate in rates
    ]
    return Table(name, title_of(name), columns, rows)


def rate_label(name: str, rate: Rate) -> str:
    """What a country, category, product or variant is called."""
    if name == "product":
        return rate.label
    if name == "variant":
        return rate.label or _("No variant")
    return wording.label_of(name, rate.key)


def time_table(report: Report, query: Query) -> Table:
    """The return rate slice by slice."""
    columns = (
        _("From"),
        *(_("Sold"), _("Came back"), _("Return rate"), _("At least"), _("At most"), _("Before")),
    )
    rows = [
        Row(
            (
                Cell(wording.slice_name(each.period, report.step), each.period.first.isoformat()),
                _count(each.share.whole),
                _count(each.share.part, lines_url(query, by="ordered", **days(each.period))),
                *_share(each.share),
                _percent(each.before.share if each.before else None),
            ),
            each.share.part,
        )
        for each in report.slices
    ]
    return Table("time", title_of("time"), columns, rows)


def reason_time_table(report: Report, query: Query) -> Table:
    """Units by reason, slice by slice."""
    order = [group.key for group in report.asked.by["reason"]]
    columns = (_("From"), *(reason_name(code) for code in order))
    rows = []
    for place, each in enumerate(report.slices):
        start = Cell(wording.slice_name(each.period, report.step), each.period.first.isoformat())
        units = [report.reasons_by_slice.get(code, [])[place] for code in order]
        counts = [
            _count(count, lines_url(query, **{"reason": code, **days(each.period)}))
            for code, count in zip(order, units, strict=True)
        ]
        rows.append(Row((start, *counts), sum(units)))
    return Table("reason-time", title_of("reason-time"), columns, rows)


def stage_table(report: Report, query: Query) -> Table:
    """How long each stage took, in days."""
    columns: tuple[str, ...] = (_("Stage"), _("Half within"), _("Nine of ten within"), _("Returns"))
    before = report.before.timings if report.before else None
    if before:
        columns = (*columns, _("Half within, before"))
    rows = []
    for stage in report.now.timings.stages:
        cells = [_text(wording.stage_name(stage.name)), *_stage_cells(stage, query)]
        if before and query.before:
            earlier = times_url(query, stage.name, **days(query.before))
            cells.append(_days(before.stage(stage.name), earlier))
        rows.append(Row(tuple(cells), stage.median.count if stage.median else 0))
    return Table("stages", title_of("stages"), columns, rows)


def _stage_cells(stage: Stage, query: Query) -> list[Cell]:
    """Half of the returns and their number lead to all of them, nine of ten to the tenth."""
    href = times_url(query, stage.name)
    slow = stage.slow.value if stage.slow else None
    beyond = None if slow is None else times_url(query, stage.name, longer=str(int(slow)))
    return [
        _days(stage, href),
        Cell(wording.days(slow), _raw_days(slow), beyond),
        _count(stage.median.count if stage.median else 0, href),
    ]


def _days(stage: Stage, href: str) -> Cell:
    median = stage.median.value if stage.median else None
    return Cell(wording.days(median), _raw_days(median), None if median is None else href)


def _raw_days(minutes: float | None) -> Decimal | None:
    return None if minutes is None else Decimal(f"{minutes / wording.MINUTES_A_DAY:.2f}")


def total_table(report: Report, query: Query) -> Table:
    """What the period adds up to, and the one before."""
    sides = [report.now, *([report.before] if report.before else [])]
    columns = (_("Figure"), *(wording.period_text(side.period) for side in sides))
    cells = [_total_cells(side, query) for side in sides]
    if report.scope.filters.of_lines:
        for each in cells:
            del each[_("Returns")]
    smallest = min(side.total.units for side in sides)
    rows = [Row((_text(name), *(each[name] for each in cells)), smallest) for name in cells[0]]
    return Table("totals", title_of("totals"), columns, rows)


def _total_cells(side: Side, query: Query) -> dict[str, Cell]:
    """The figures of one period by their names."""
    now, of_period = side.total, days(side.period)
    asked = lines_url(query, **of_period)
    ordered = lines_url(query, by="ordered", **of_period)
    return {
        _("Returns"): _count(now.leads, asked),
        _("Items asked to come back"): _count(now.units, asked),
        _("Value of these items"): _money(now.value, asked),
        _("Of that kept as exchange or credit"): _money(
            side.kept, lines_url(query, kept="1", **of_period)
        ),
        _("Return fees charged"): _money(now.fee, lines_url(query, fee="1", **of_period)),
        _("Bonus given with store credit"): _money(
            now.bonus, lines_url(query, bonus="1", **of_period)
        ),
        _("Items sold"): _count(side.flow.sold),
        _("Of these came back"): _count(side.flow.back, ordered),
        _("Return rate in per cent"): _percent(side.rate.share, ordered),
    }


_Maker = Callable[[Report, Query], Table]


def _of_groups(name: str) -> _Maker:
    return lambda report, query: group_table(report, query, name)


TABLES: Mapping[str, _Maker] = {
    "totals": total_table,
    **{name: _of_groups(name) for name in ("reason", "fault", "resolution", "method", "carrier")},
    "reason-time": reason_time_table,
    "time": time_table,
    "country": lambda report, query: rate_table(query, "country", report.countries),
    "category": lambda report, query: rate_table(query, "category", report.categories),
    "product": lambda report, query: rate_table(query, "product", report.products),
    "variant": lambda report, query: rate_table(query, "variant", report.variants),
    "stages": stage_table,
}
"""By the name in the address of the file."""
