"""Every figure of the page as a table: what "show as table" shows and what a CSV file holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask import g

from ....domain.money import to_decimal
from ....domain.statistics import SUPPRESS_BELOW, Share, share_of
from ....services.analytics.figures import Group
from ....services.analytics.report import Rate, Report
from ....services.analytics.timing import Stage
from ...i18n import gettext as _
from ...rendering import number
from . import wording


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text for people and as number for files; `href` leads to what is behind it."""

    text: str
    raw: str | int | Decimal | None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. `size` is how many units came back in it: small groups stay here."""

    cells: tuple[Cell, ...]
    size: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The first column names the row; the others hold numbers."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)

    def for_files(self) -> list[list[str | int | Decimal | None]]:
        """Heading and rows; numbers of groups that are too small read "<5"."""
        hidden = _hidden([row.size for row in self.rows])
        lines: list[list[str | int | Decimal | None]] = [list(self.columns)]
        for place, row in enumerate(self.rows):
            first, *rest = (cell.raw for cell in row.cells)
            small = [f"<{SUPPRESS_BELOW}" if each is not None else None for each in rest]
            lines.append([first, *(small if place in hidden else rest)])
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


def _count(value: int) -> Cell:
    return Cell(number(value), value)


def _percent(value: float | None) -> Cell:
    raw = None if value is None else Decimal(f"{value * 100:.1f}")
    return Cell(wording.percent(value), raw)


def _money(value: int) -> Cell:
    return Cell(wording.amount(value), to_decimal(value, g.shop.currency))


def _share(share: Share) -> tuple[Cell, Cell, Cell]:
    """The share and both ends of its margin; a dash where there is nothing."""
    if not share.whole:
        return _percent(None), _percent(None), _percent(None)
    return _percent(share.share), _percent(share.low), _percent(share.high)


def group_table(report: Report, dimension: str) -> Table:
    """Units, lines and value by reason, fault, resolution, method or carrier."""
    total = report.asked.total.units
    columns = (
        heading_of(dimension),
        *(_("Items"), _("Share"), _("At least"), _("At most"), _("Value")),
    )
    rows = [_group_row(dimension, group, total) for group in report.asked.by[dimension]]
    return Table(dimension, title_of(dimension), columns, rows)


def _group_row(dimension: str, group: Group, total: int) -> Row:
    share = share_of(group.sums.units, total)
    name = _text(wording.label_of(dimension, group.key))
    cells = (name, _count(group.sums.units), *_share(share), _money(group.sums.value))
    return Row(cells, group.sums.units, group.key)


def rate_table(name: str, rates: list[Rate]) -> Table:
    """Units sold and come back, and the rate with its margin."""
    columns = (
        heading_of(name),
        *(_("Sold"), _("Came back"), _("Return rate"), _("At least"), _("At most")),
    )
    rows = [
        Row(
            (
                _text(rate_label(name, rate)),
                _count(rate.share.whole),
                _count(rate.share.part),
                *_share(rate.share),
            ),
            rate.share.part,
            rate.key,
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


def time_table(report: Report) -> Table:
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
                _count(each.share.part),
                *_share(each.share),
                _percent(each.before.share if each.before else None),
            ),
            each.share.part,
        )
        for each in report.slices
    ]
    return Table("time", title_of("time"), columns, rows)


def reason_time_table(report: Report) -> Table:
    """Units by reason, slice by slice."""
    order = [group.key for group in report.asked.by["reason"]]
    columns = (_("From"), *(wording.reason_name(code) for code in order))
    rows = [
        Row(
            (
                Cell(wording.slice_name(each.period, report.step), each.period.first.isoformat()),
                *(_count(report.reasons_by_slice.get(code, [])[place]) for code in order),
            ),
            sum(report.reasons_by_slice.get(code, [])[place] for code in order),
        )
        for place, each in enumerate(report.slices)
    ]
    return Table("reason-time", title_of("reason-time"), columns, rows)


def stage_table(report: Report) -> Table:
    """How long each stage took, in days."""
    columns: tuple[str, ...] = (_("Stage"), _("Half within"), _("Nine of ten within"), _("Returns"))
    before = report.before.timings if report.before else None
    if before:
        columns = (*columns, _("Half within, before"))
    rows = []
    for stage in report.now.timings.stages:
        cells = [_text(wording.stage_name(stage.name)), *_stage_cells(stage)]
        if before:
            cells.append(_days(before.stage(stage.name)))
        rows.append(Row(tuple(cells), stage.median.count if stage.median else 0, stage.name))
    return Table("stages", title_of("stages"), columns, rows)


def _stage_cells(stage: Stage) -> list[Cell]:
    slow = stage.slow.value if stage.slow else None
    return [
        _days(stage),
        Cell(wording.days(slow), _raw_days(slow)),
        _count(stage.median.count if stage.median else 0),
    ]


def _days(stage: Stage) -> Cell:
    median = stage.median.value if stage.median else None
    return Cell(wording.days(median), _raw_days(median))


def _raw_days(minutes: float | None) -> Decimal | None:
    return None if minutes is None else Decimal(f"{minutes / wording.MINUTES_A_DAY:.2f}")


def total_table(report: Report) -> Table:
    """What the period adds up to, and the one before."""
    sides = [report.now, *([report.before] if report.before else [])]
    columns = (_("Figure"), *(wording.period_text(side.period) for side in sides))
    lines: list[tuple[str, list[Cell]]] = [
        (_("Items asked to come back"), [_count(side.total.units) for side in sides]),
        (_("Value of these items"), [_money(side.total.value) for side in sides]),
        (_("Of that kept as exchange or credit"), [_money(side.kept) for side in sides]),
        (_("Return fees charged"), [_money(side.total.fee) for side in sides]),
        (_("Bonus given with store credit"), [_money(side.total.bonus) for side in sides]),
        (_("Items sold"), [_count(side.flow.sold) for side in sides]),
        (_("Of these came back"), [_count(side.flow.back) for side in sides]),
        (_("Return rate in per cent"), [_percent(side.rate.share) for side in sides]),
    ]
    if not report.scope.filters.of_lines:
        lines.insert(0, (_("Returns"), [_count(side.total.leads) for side in sides]))
    rows = [
        Row((_text(label), *cells), min(s.total.units for s in sides)) for label, cells in lines
    ]
    return Table("totals", title_of("totals"), columns, rows)


def heading_of(name: str) -> str:
    """The heading of the column that names the rows."""
    return {
        "country": _("Country"),
        "category": _("Category"),
        "product": _("Product"),
        "variant": _("Variant"),
        "reason": _("Reason"),
        "fault": _("Whose side"),
        "resolution": _("Refund"),
        "method": _("Method"),
        "carrier": _("Carrier"),
    }[name]


def title_of(name: str) -> str:
    """The heading of a table, its card and its file."""
    return {
        "totals": _("In all"),
        "reason": _("Why it comes back"),
        "reason-time": _("Reasons over time"),
        "time": _("Return rate over time"),
        "fault": _("On whose side the reason lies"),
        "resolution": _("What customers got"),
        "method": _("How it comes back"),
        "carrier": _("Who carries it"),
        "country": _("Return rate by country"),
        "category": _("Return rate by category"),
        "product": _("Products that come back most"),
        "variant": _("Return rate by variant"),
        "stages": _("How long it takes"),
    }[name]


def _of_groups(name: str) -> Callable[[Report], Table]:
    return lambda report: group_table(report, name)


TABLES: Mapping[str, Callable[[Report], Table]] = {
    "totals": total_table,
    **{name: _of_groups(name) for name in ("reason", "fault", "resolution", "method", "carrier")},
    "reason-time": reason_time_table,
    "time": time_table,
    "country": lambda report: rate_table("country", report.countries),
    "category": lambda report: rate_table("category", report.categories),
    "product": lambda report: rate_table("product", report.products),
    "variant": lambda report: rate_table("variant", report.variants),
    "stages": stage_table,
}
"""By the name in the address of the file."""
