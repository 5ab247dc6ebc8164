"""What templates need: locale, formats, versioned static files, and the macros of `ui.html`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, request
from jinja2 import Environment

from .. import clock
from ..domain.money import to_decimal
from . import i18n
from .i18n import locale_code


class UiMacros:
    """`ui.<macro>`: resolves on access, so that a block rendered alone has the macros too.

    Macros are imported without the page's context; everything they show is passed to them.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._module: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._module is None or self._env.auto_reload:
            self._module = self._env.get_template("ui.html").module
        return getattr(self._module, name)


def init_app(app: Flask) -> None:
    """Set up texts, the `ui` and `asset` globals and the filters."""
    i18n.init_app(app)
    env = app.jinja_env
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.globals["ui"] = UiMacros(env)
    env.globals["asset"] = _assets(str(app.static_folder))
    env.filters["day"] = day
    env.filters["day_short"] = day_short


def _assets(folder: str) -> Callable[[str], str]:
    """`asset(name)`: the address of a static file, with a hash of its content.

    Browsers keep it for ever. Pages name many icons, so this is a look-up and not `url_for`.
    """

    @cache
    def versioned(name: str) -> str:
        content = (Path(folder) / name).read_bytes()
        return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"

    return lambda name: request.script_root + versioned(name)


def money(amount: int, currency: str) -> str:
    """Minor units as people of this locale write them."""
    return _money(amount, currency, locale_code())


def number(value: int) -> str:
    """`10,000` or `10.000`, as people of this locale write it."""
    return _number(value, locale_code())


def day(value: date | datetime) -> str:
    """`Thursday 3 December`, in the shop's zone; with the year when it is another one."""
    shown = _local(value)
    return _day(shown, locale_code(), "EEEE d MMMM" if _this_year(shown) else "EEEE d MMMM y")


def day_short(value: date | datetime) -> str:
    """`3 December`, in the shop's zone; `3 Dec 2025` when that is another year."""
    shown = _local(value)
    return _day(shown, locale_code(), "d MMMM" if _this_year(shown) else "d MMM y")


def day_of_year(value: date | datetime) -> str:
    """`3 December 2028`, for days that are far."""
    return _day(_local(value), locale_code(), "d MMMM y")


def day_and_time(value: datetime) -> str:
    """`3 December, 10:14`, in the shop's zone."""
    return f"{day_short(value)}, {clock_time(value)}"


def day_year(value: date | datetime) -> str:
    """`3 Dec 2026`, in the shop's zone."""
    return _day(_local(value), locale_code(), "d MMM y")


def either(names: Iterable[str]) -> str:
    """`PostNL, DHL or GLS`, as this language joins what one can choose from."""
    return format_list(list(names), style="or", locale=locale_code())


def clock_time(value: datetime) -> str:
    """`10:14` in the shop's zone."""
    return format_time(value.astimezone(_zone()), "HH:mm", locale=locale_code())


def local_day(value: datetime) -> date:
    """The day it is in the shop's zone."""
    return _local(value)


def _this_year(value: date) -> bool:
    return value.year == _local(clock.now()).year


def _local(value: date | datetime) -> date:
    return value.astimezone(_zone()).date() if isinstance(value, datetime) else value


def _zone() -> ZoneInfo:
    shop = g.get("shop")
    return ZoneInfo(shop.time_zone if shop else "UTC")


@lru_cache(maxsize=4096)
def _number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=4096)
def _money(amount: int, currency: str, locale: str) -> str:
    return format_currency(to_decimal(amount, currency), currency, locale=locale)


@lru_cache(maxsize=4096)
def _day(value: date, locale: str, pattern: str) -> str:
    return format_date(value, pattern, locale=locale)
