"""Figures as people read them: per cents, days, amounts, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import g

from .... import clock
from ....domain.periods import Period, Step, local_day
from ....domain.policy import Fault, Method, Resolution
from ....domain.statistics import Share, surely_differ
from ....services.analytics.timing import Stage
from ...i18n import gettext as _
from ...i18n import locale_code
from ...rendering import money, number
from ..words import (
    carrier_title,
    country_name,
    fault_name,
    method_name,
    reason_name,
    resolution_name,
)
from .query import NONE

MINUTES_A_DAY = 24 * 60


def percent(share: float | None, digits: int = 1) -> str:
    """`11.8%`; a dash where there is nothing to take a share of."""
    if share is None:
        return "–"
    return _("%(number)s%%", number=_fixed(round(share * 100, digits), digits, locale_code()))


@lru_cache(maxsize=4096)
def _fixed(value: float, digits: int, locale: str) -> str:
    return format_decimal(value, format=f"0.{'0' * digits}" if digits else "0", locale=locale)


def margin(share: Share) -> str:
    """`9.8–14.1%`, or that there is too little to say."""
    if not share.whole:
        return "–"
    low, high = (percent(each) for each in (share.low, min(share.high, 1.0)))
    return _("%(low)s to %(high)s", low=low, high=high)


def too_few(share: Share) -> str:
    """The words beside a share of too few cases."""
    return "" if share.is_enough else _("too few to say")


def days(minutes: float | None) -> str:
    """`5.2 days`, or hours below two days."""
    if minutes is None:
        return "–"
    if minutes < 2 * MINUTES_A_DAY:
        return _("%(number)s hours", number=_one_digit(minutes / 60))
    return _("%(number)s days", number=_one_digit(minutes / MINUTES_A_DAY))


def _one_digit(value: float) -> str:
    return format_decimal(round(value, 1), format="#,##0.#", locale=locale_code())


def amount(minor: int) -> str:
    """An amount in the shop's currency."""
    return money(minor, g.shop.currency)


def label_of(dimension: str, key: str) -> str:
    """What a group is called."""
    if key in ("", NONE):
        return _("Without category") if dimension == "category" else _("None")
    makers: Mapping[str, Any] = {
        "country": country_name,
        "reason": reason_name,
        "fault": lambda code: fault_name(code) if code in set(Fault) else code,
        "resolution": lambda code: resolution_name(code) if code in set(Resolution) else code,
        "method": lambda code: method_name(code) if code in set(Method) else code,
        "carrier": carrier_title,
    }
    made: str = makers[dimension](key) if dimension in makers else key
    return made


def short_day(day: date) -> str:
    """`25 Aug`."""
    return format_date(day, "d MMM", locale=locale_code())


def period_text(period: Period) -> str:
    """`25 Aug – 23 Nov`, with years where they are not the same."""
    same = (
        period.first.year
        == period.last.year
        == local_day(clock.now(), ZoneInfo(g.shop.time_zone)).year
    )
    pattern = "d MMM" if same else "d MMM y"
    ends = [format_date(day, pattern, locale=locale_code()) for day in (period.first, period.last)]
    return ends[0] if period.first == period.last else " – ".join(ends)


def slice_name(period: Period, step: Step) -> str:
    """A point of a chart: `25 Aug`, or `August 2026` for a month."""
    if step is Step.MONTH:
        return format_date(period.first, "MMM y", locale=locale_code())
    return short_day(period.first)


def rate_trend(now: Share, before: Share | None, *, is_open: bool) -> dict[str, str]:
    """How a rate moved; good or bad only where chance does not explain it."""
    if before is None:
        return {}
    if now.share is None or before.share is None:
        return {"text": _("nothing to compare with")}
    points = round((now.share - before.share) * 100, 1)
    if points == 0:
        return {"text": _("unchanged")}
    size = format_decimal(abs(points), format="0.0", locale=locale_code())
    up = points > 0
    text = _("%(n)s points higher", n=size) if up else _("%(n)s points lower", n=size)
    if is_open:
        return {"text": _("%(change)s so far", change=text)}
    if not surely_differ(now, before):
        return {"text": _("%(change)s, may be chance", change=text)}
    return {
        "text": text,
        "kind": "bad" if up else "good",
        "icon": "arrow-up" if up else "arrow-down",
    }


def count_trend(now: int, before: int | None) -> dict[str, str]:
    """How a number moved, neither good nor bad."""
    if before is None:
        return {}
    if not before:
        return {"text": _("none before")}
    change = now - before
    if not change:
        return {"text": _("unchanged")}
    size = percent(abs(change) / before, 0)
    text = _("%(n)s more", n=size) if change > 0 else _("%(n)s fewer", n=size)
    return {"text": text, "icon": "arrow-up" if change > 0 else "arrow-down"}


def time_trend(now: Stage, before: Stage | None) -> dict[str, str]:
    """How a median moved; good or bad only where the ranges of both medians part."""
    if before is None or now.median is None or before.median is None:
        return {}
    change = now.median.value - before.median.value
    if abs(change) < 60:
        return {"text": _("unchanged")}
    slower = change > 0
    text = (
        _("%(time)s slower", time=days(abs(change)))
        if slower
        else _("%(time)s faster", time=days(abs(change)))
    )
    parted = now.median.low > before.median.high or now.median.high < before.median.low
    if not parted:
        return {"text": _("%(change)s, may be chance", change=text)}
    return {
        "text": text,
        "kind": "bad" if slower else "good",
        "icon": "arrow-up" if slower else "arrow-down",
    }


def stage_name(name: str) -> str:
    """A stage of a return."""
    return {
        "approve": _("Until approved"),
        "hand_in": _("Until handed in"),
        "receive": _("On the way"),
        "close": _("From received to paid or closed"),
        "whole": _("From request to paid or closed"),
    }[name]


def units_text(units: int) -> str:
    """`631 items`."""
    return _("%(n)s items", n=number(units)) if units != 1 else _("1 item")
