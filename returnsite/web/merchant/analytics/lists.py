"""The list of return lines behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for

from ....domain.periods import Period
from ....services.analytics.choices import find_product
from ....services.analytics.lines import PAGE, Counted, Limits, Line
from ...i18n import gettext as _
from ...i18n import ngettext
from ...rendering import day_short, money, number
from ..words import reason_name
from . import wording
from .drill import inbox_url
from .headings import heading_of
from .query import NONE, Query, plain

KINDS = ("kept", "fee", "bonus")
NARROWER = ("variant", *KINDS)
"""What only lists are limited to."""


def read_limits(args: Mapping[str, str]) -> Limits:
    """What a list is limited to besides the filters of figures."""
    variant = args.get("variant")
    kinds = {name: args.get(name) == "1" for name in KINDS}
    return Limits(variant=plain(variant[:200]) if variant else None, **kinds)


def lines_context(
    query: Query, args: Mapping[str, str], lines: list[Line], counted: Counted
) -> dict[str, Any]:
    """What the list shows; `lines` holds one more than a page where there is another page."""
    url = url_for("merchant.analytics_lines")
    narrower = {name: args[name][:200] for name in NARROWER if args.get(name)}
    kept: dict[str, str | None] = {**narrower}
    if args.get("by"):
        kept["by"] = args["by"][:20]
    shown = lines[:PAGE]
    more = len(lines) > PAGE
    return {
        "shop": g.shop,
        "back_url": query.address(url_for("merchant.analytics")),
        "heading": _heading(query.period, args),
        "limits": [*limit_texts(query), *_narrower_texts(narrower)],
        "counted": _counted(counted, narrower),
        "inbox_url": inbox_url(query, narrower),
        "is_ordered": args.get("by") == "ordered",
        "amounts": [name for name in ("fee", "bonus") if narrower.get(name) == "1"],
        "rows": [_row(line) for line in shown],
        "first_url": query.address(url, **kept) if args.get("below") else None,
        "next_url": query.address(url, **kept, below=str(shown[-1].id)) if more else None,
    }


def _heading(period: Period, args: Mapping[str, str]) -> str:
    days = wording.period_text(period)
    if args.get("by") == "ordered":
        return _("Ordered %(period)s and came back", period=days)
    return _("Returns asked for %(period)s", period=days)


def limit_texts(query: Query) -> list[str]:
    """The filters of the question in words."""
    return [f"{heading_of(name)}: {_limit(name, value)}" for name, value in query.limits.items()]


def _limit(name: str, value: str) -> str:
    if name != "product":
        return wording.label_of(name, value)
    return find_product(shop_id=g.shop.id, product_id=int(value)) or value


def _narrower_texts(narrower: Mapping[str, str]) -> list[str]:
    found = []
    if variant := narrower.get("variant"):
        name = _("No variant") if variant == NONE else wording.label_of("variant", variant)
        found.append(f"{heading_of('variant')}: {name}")
    kinds = {
        "kept": _("Exchange or store credit"),
        "fee": _("With a return fee"),
        "bonus": _("With a bonus"),
    }
    return found + [text for name, text in kinds.items() if narrower.get(name) == "1"]


def _counted(counted: Counted, narrower: Mapping[str, str]) -> str:
    """What the list adds up to: the figure that led here is among it."""
    parts = []
    if counted.returns is not None:
        parts.append(ngettext("%(num)s return", "%(num)s returns", counted.returns))
    if counted.lines is not None:
        parts.append(ngettext("%(num)s line", "%(num)s lines", counted.lines))
    if counted.units is not None:
        parts.append(wording.units_text(counted.units))
    if counted.value is not None:
        parts.append(_("value %(amount)s", amount=wording.amount(counted.value)))
    if narrower.get("fee") == "1":
        parts.append(_("fees %(amount)s", amount=wording.amount(counted.fee)))
    if narrower.get("bonus") == "1":
        parts.append(_("bonus %(amount)s", amount=wording.amount(counted.bonus)))
    return ", ".join(parts)


def _row(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "order_number": line.order_number,
        "asked": day_short(line.asked_at),
        "ordered": day_short(line.ordered_at),
        "title": line.title,
        "variant": line.variant,
        "units": number(line.units),
        "reason": reason_name(line.reason),
        "resolution": wording.label_of("resolution", line.resolution),
        "value": money(line.value, line.currency),
        "fee": money(line.fee, line.currency),
        "bonus": money(line.bonus, line.currency),
        "url": url_for("merchant.return_page", number=line.number),
    }
