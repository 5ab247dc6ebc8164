"""What the address of an analytics page asks for: period, comparison, filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from .... import clock
from ....domain.periods import (
    LONGEST_DAYS,
    Comparison,
    Period,
    Preset,
    compared,
    local_day,
    preset_period,
)
from ....services.analytics.source import Filters, Scope
from ....services.shops import ShopSettings
from ...i18n import gettext as _

FILTERS = (
    *("country", "category", "product", "reason"),
    *("fault", "resolution", "method", "carrier"),
)
NONE = "~none"
"""In addresses: what has nothing there, such as no category; an empty value limits nothing."""
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Query:
    """A valid question. `typed_first` and `typed_last` are shown again where they were wrong."""

    preset: Preset
    period: Period
    comparison: Comparison
    limits: Mapping[str, str]
    today: date
    typed_first: str = ""
    typed_last: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def before(self) -> Period | None:
        """What the period is compared with."""
        return compared(self.period, self.comparison)

    def scope(self, shop_id: int) -> Scope:
        """The figures asked for."""
        values: dict[str, Any] = {name: plain(value) for name, value in self.limits.items()}
        if "product" in values:
            values["product"] = int(values["product"])
        return Scope(shop_id, self.period, Filters(**values))

    def params(self, **changes: str | None) -> dict[str, str]:
        """The question as parameters of an address, with some changed; None takes one out."""
        params = {"period": self.preset.value}
        if self.preset is Preset.CUSTOM:
            params |= {
                "from": self.period.first.isoformat(),
                "to": self.period.last.isoformat(),
            }
        if self.comparison is not Comparison.BEFORE:
            params["compare"] = self.comparison.value
        params |= self.limits
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        return params

    def address(self, url: str, **changes: str | None) -> str:
        """An address with the question in it."""
        return f"{url}?{urlencode(self.params(**changes))}"


def plain(value: str) -> str:
    """A value of an address as the figures have it."""
    return "" if value == NONE else value


def read_query(args: Mapping[str, str], shop: ShopSettings) -> Query:
    """The question of an address; what it does not say is 90 days against the 90 before."""
    today = local_day(clock.now(), ZoneInfo(shop.time_zone))
    limits = {name: args[name][:200] for name in FILTERS if args.get(name)}
    if "product" in limits and not re.fullmatch(r"[0-9]{1,15}", limits["product"]):
        del limits["product"]
    first, last = args.get("from", "")[:20], args.get("to", "")[:20]
    preset = _choice(Preset, args.get("period"), Preset.CUSTOM if first or last else Preset.DAYS_90)
    comparison = _choice(Comparison, args.get("compare"), Comparison.BEFORE)
    query = Query(
        preset, preset_period(Preset.DAYS_90, today), comparison, limits, today, first, last
    )
    if preset is not Preset.CUSTOM:
        return replace(query, period=preset_period(preset, today), typed_first="", typed_last="")
    return _with_own_days(query)


def _choice(kind: Any, value: str | None, default: Any) -> Any:
    return kind(value) if value in set(kind) else default


def _with_own_days(query: Query) -> Query:
    first, last = _day(query.typed_first), _day(query.typed_last)
    errors = {}
    if first is None:
        errors["from"] = _("Enter the first day, like 2026-08-25.")
    if last is None:
        errors["to"] = _("Enter the last day, like 2026-11-23.")
    if first and last:
        if last < first:
            errors["to"] = _("The last day is before the first.")
        elif Period(first, last).days > LONGEST_DAYS:
            errors["to"] = _("Choose at most five years.")
        else:
            return replace(query, period=Period(first, last))
    return replace(query, preset=Preset.DAYS_90, errors=errors)


def _day(text: str) -> date | None:
    """A real day of this century, as browsers send it."""
    if not _ISO.fullmatch(text.strip()):
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if _EARLIEST <= day <= date(2100, 1, 1) else None
