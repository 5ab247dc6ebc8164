"""The list of return lines behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for

from ....domain.periods import Period
from ....services.analytics.lines import PAGE, Line
from ...i18n import gettext as _
from ...rendering import day_short, money, number
from . import wording
from .query import Query
from .tables import heading_of

NARROWER = ("fault", "carrier", "variant", "kept")


def lines_context(
    query: Query, args: Mapping[str, str], lines: list[Line], counted: tuple[int, int]
) -> dict[str, Any]:
    """What the list shows; `lines` holds one more than a page where there is another page."""
    url = url_for("merchant.analytics_lines")
    kept: dict[str, str | None] = {
        name: args[name][:200] for name in ("by", *NARROWER) if args.get(name)
    }
    shown = lines[:PAGE]
    more = len(lines) > PAGE
    return {
        "shop": g.shop,
        "back_url": query.address(url_for("merchant.analytics")),
        "heading": _heading(query.period, args),
        "limits": _limits(query, args),
        "counted": _(
            "%(lines)s lines, %(items)s",
            lines=number(counted[0]),
            items=wording.units_text(counted[1]),
        ),
        "rows": [_row(line) for line in shown],
        "first_url": query.address(url, **kept) if args.get("below") else None,
        "next_url": query.address(url, **kept, below=str(shown[-1].id)) if more else None,
    }


def _heading(period: Period, args: Mapping[str, str]) -> str:
    days = wording.period_text(period)
    if args.get("by") == "ordered":
        return _("Ordered %(period)s and came back", period=days)
    return _("Returns asked for %(period)s", period=days)


def _limits(query: Query, args: Mapping[str, str]) -> list[str]:
    found = [
        f"{heading_of(name)}: {wording.label_of(name, value)}"
        for name, value in query.limits.items()
        if name != "product"
    ]
    for name in ("fault", "carrier", "variant"):
        if value := args.get(name):
            found.append(f"{heading_of(name)}: {wording.label_of(name, value[:200])}")
    if args.get("kept") == "1":
        found.append(_("Exchange or store credit"))
    return found


def _row(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "order_number": line.order_number,
        "asked": day_short(line.asked_at),
        "ordered": day_short(line.ordered_at),
        "title": line.title,
        "variant": line.variant,
        "units": number(line.units),
        "reason": wording.reason_name(line.reason),
        "resolution": wording.label_of("resolution", line.resolution),
        "value": money(line.value, line.currency),
        "url": url_for("merchant.return_page", number=line.number),
    }
