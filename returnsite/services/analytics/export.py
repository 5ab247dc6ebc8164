"""Every return line of a period as a file for spreadsheets, made by the worker.

It names returns, orders and goods, and no customer: no name, address or e-mail, and none of what
customers wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from ...database import run
from ...domain.money import to_decimal
from ...domain.periods import Period
from ...domain.spreadsheets import Cell, csv_line, csv_lines, style_for
from ...models import Shop
from ..tasks import ShowsProgress, TaskView, task_folder
from .lines import Limits, Line, count_lines, every_line
from .source import ASKED, Filters, Scope

KIND = "returns_export"
FILE = "returns.csv"


def export_params(scope: Scope) -> dict[str, Any]:
    """A question as the parameters of a task."""
    period = scope.period
    return {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "filters": asdict(scope.filters),
    }


def count_to_export(scope: Scope) -> int:
    """How many lines the file will have."""
    return count_lines(scope, Limits(), ASKED).lines or 0


def export_returns(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
    """Write the file; run again, it is written anew."""
    params = task.params
    period = Period(*(date.fromisoformat(params[name]) for name in ("first", "last")))
    scope = Scope(task.shop_id, period, Filters(**params["filters"]))
    total = count_to_export(scope)
    zone = run(select(Shop.time_zone).where(Shop.id == task.shop_id)).scalar() or "UTC"
    folder = task_folder(task.id)
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    style = style_for(task.locale)
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines([_headings()], style))
        for lines in every_line(scope, Limits(), ASKED):
            file.writelines(csv_line(row, style) for row in _rows(lines, ZoneInfo(zone)))
            done += len(lines)
            progress(done, max(total, done))
    return {"lines": done}


def export_file(task_id: int) -> Path:
    """Where the file of a task lies."""
    return task_folder(task_id) / FILE


def _headings() -> list[Cell]:
    return [
        *(_("Return"), _("Order"), _("Status"), _("Asked for"), _("Ordered"), _("Country")),
        *(_("Item"), _("Variant"), _("SKU"), _("Category"), _("Units"), _("Reason")),
        *(_("Fault"), _("Refund"), _("Method"), _("Carrier"), _("Value"), _("Refunded")),
        *(_("Bonus"), _("Fee share"), _("Currency")),
    ]


def _rows(lines: Iterable[Line], zone: ZoneInfo) -> Iterable[list[Cell]]:
    for line in lines:
        amounts = (line.value, line.refund, line.bonus, line.fee)
        yield [
            *(line.number, line.order_number, line.status),
            *(_local(line.asked_at, zone), _local(line.ordered_at, zone), line.country),
            *(line.title, line.variant, line.sku, line.category, line.units, line.reason),
            *(line.fault, line.resolution, line.method, line.carrier),
            *(to_decimal(amount, line.currency) for amount in amounts),
            line.currency,
        ]


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
