"""The inbox's address: what it asks for, and the addresses of the same list with one thing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for
from werkzeug.datastructures import MultiDict

from ...domain.errors import AmountInvalid
from ...domain.inbox import Filters, Sort, Tab
from ...domain.lifecycle import Status
from ...domain.money import exponent, from_decimal, parse_amount, to_decimal
from ...domain.policy import Method, Resolution
from ...domain.roles import Permission
from ..i18n import gettext as _
from ..i18n import locale_code
from ..rendering import day_short, money
from .guard import may
from .inbox_words import resolution_short
from .words import carrier_title, country_name, method_name, reason_name, status_name

LISTS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "status": ("statuses", lambda code: code in set(Status)),
    "country": ("countries", lambda code: bool(re.fullmatch(r"[A-Z]{2}", code))),
    "reason": ("reasons", lambda code: bool(re.fullmatch(r"[^,\x00-\x1f]{1,64}", code))),
    "resolution": ("resolutions", lambda code: code in set(Resolution)),
    "method": ("methods", lambda code: code in set(Method)),
    "carrier": ("carriers", lambda code: bool(re.fullmatch(r"[a-z0-9_-]{1,64}", code))),
}
"""Filters of several values: name in the address → field, and what a value may look like."""

_VALUES = 30
_TEXT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; `typed` are dates and amounts as they came, `errors` what is
    wrong with them. A filter that is wrong filters nothing."""

    filters: Filters
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_filters(args: MultiDict[str, str]) -> Asked:
    """The filters of an address; what it does not understand is left out."""
    errors: dict[str, str] = {}
    typed = {name: args.get(name, "").strip()[:40] for name in ("from", "to", "min", "max")}
    lists = {
        field_: tuple(
            dict.fromkeys(each for each in args.getlist(name)[:_VALUES] if is_valid(each))
        )
        for name, (field_, is_valid) in LISTS.items()
    }
    filters = Filters(
        tab=_choice(Tab, args.get("tab", ""), Tab.ALL),
        query=" ".join(args.get("q", "").replace("\x00", " ").split())[:_TEXT],
        **lists,
        since=_day(typed, "from", errors),
        until=_day(typed, "to", errors),
        least=_amount(typed, "min", errors),
        most=_amount(typed, "max", errors),
        overdue=args.get("overdue") == "1",
        sort=_choice(Sort, args.get("sort", ""), Sort.NEWEST),
        personal=may(Permission.SEE_CUSTOMERS),
    )
    return Asked(filters, typed, errors)


def pairs_of(filters: Filters) -> list[tuple[str, str]]:
    """The address's query in its one canonical order; what is usual is left out."""
    lists = [(n, value) for n, (field_, _v) in LISTS.items() for value in getattr(filters, field_)]
    single = [
        ("from", filters.since.isoformat() if filters.since else ""),
        ("to", filters.until.isoformat() if filters.until else ""),
        ("min", amount_text(filters.least)),
        ("max", amount_text(filters.most)),
        ("overdue", "1" if filters.overdue else ""),
        ("sort", filters.sort if filters.sort is not Sort.NEWEST else ""),
    ]
    first = [("tab", filters.tab if filters.tab is not Tab.ALL else ""), ("q", filters.query)]
    return [(name, str(value)) for name, value in [*first, *lists, *single] if value]


def amount_text(amount: int | None) -> str:
    """An amount as every language understands it in an address: `12.50`."""
    return "" if amount is None else f"{to_decimal(amount, g.shop.currency):f}"


def address(filters: Filters, **more: str) -> str:
    """Where these filters are shown."""
    query = urlencode([*pairs_of(filters), *more.items()])
    return url_for("merchant.returns") + (f"?{query}" if query else "")


def live_address(filters: Filters, **more: str) -> str:
    """The same for htmx: the list alone."""
    query = urlencode([*pairs_of(filters), *more.items()])
    return url_for("merchant.returns_list") + (f"?{query}" if query else "")


def link(filters: Filters, **more: str) -> dict[str, str]:
    """Both addresses of a link into the list."""
    return {"url": address(filters, **more), "live": live_address(filters, **more)}


def chips(filters: Filters) -> list[dict[str, Any]]:
    """The filters that are on, and the list without each."""
    return [
        {"text": text, **link(replace(filters, **without))} for text, without in _chips(filters)
    ]


def _chips(filters: Filters) -> Iterable[tuple[str, dict[str, Any]]]:
    kinds: dict[str, tuple[str, Callable[[str], str]]] = {
        "statuses": (_("Status"), status_name),
        "countries": (_("Country"), country_name),
        "reasons": (_("Reason"), reason_name),
        "resolutions": (_("Customer gets"), resolution_short),
        "methods": (_("Method"), method_name),
        "carriers": (_("Carrier"), carrier_title),
    }
    for name, (label, text_of) in kinds.items():
        values = getattr(filters, name)
        for value in values:
            yield f"{label}: {text_of(value)}", {name: tuple(v for v in values if v != value)}
    if filters.since:
        yield _("From %(day)s", day=day_short(filters.since)), {"since": None}
    if filters.until:
        yield _("Until %(day)s", day=day_short(filters.until)), {"until": None}
    if filters.least is not None:
        yield _("From %(amount)s", amount=_money(filters.least)), {"least": None}
    if filters.most is not None:
        yield _("Up to %(amount)s", amount=_money(filters.most)), {"most": None}
    if filters.overdue:
        yield _("Overdue"), {"overdue": False}


def _money(amount: int) -> str:
    return money(amount, g.shop.currency)


def _choice(kind: Any, text: str, usual: Any) -> Any:
    return kind(text) if text in set(kind) else usual


def _day(typed: dict[str, str], name: str, errors: dict[str, str]) -> date | None:
    text = typed[name]
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2100:
        errors[name] = _("Enter a day, like 2026-11-30.")
        return None
    return found


def _amount(typed: dict[str, str], name: str, errors: dict[str, str]) -> int | None:
    text, currency = typed[name], g.shop.currency
    if not text:
        return None
    digits = exponent(currency)
    plain = rf"[0-9]{{1,12}}(\.[0-9]{{{digits}}})?" if digits else r"[0-9]{1,12}"
    try:
        if re.fullmatch(plain, text, re.ASCII):
            return from_decimal(Decimal(text), currency)
        return parse_amount(text, currency, locale_code())
    except AmountInvalid:
        errors[name] = _("Enter an amount, like 12.50.")
        return None
