"""What templates need: locale, formats, versioned static files, and the macros of `ui.html`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import get_locale
from jinja2 import Environment

from ..domain.money import to_decimal
from ..extensions import babel


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
    """Set up Babel, the `ui` global and the filters."""
    babel.init_app(app, locale_selector=select_locale)
    env = app.jinja_env
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.globals["ui"] = UiMacros(env)
    env.filters["day"] = day
    env.filters["day_short"] = day_short
    app.url_defaults(add_file_version)


def add_file_version(endpoint: str, values: dict[str, Any]) -> None:
    """Static files carry a hash of their content, so that browsers can keep them for ever."""
    if endpoint == "static" and "v" not in values:
        values["v"] = _file_version(str(current_app.static_folder), values["filename"])


@lru_cache(maxsize=512)
def _file_version(folder: str, name: str) -> str:
    path = Path(folder) / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def select_locale() -> str:
    """The language: from `?lang=`, the draft or return, the browser, or the shop."""
    if not has_request_context():
        return current_app.config["BABEL_DEFAULT_LOCALE"]
    offered = offered_locales()
    explicit = request.args.get("lang", "")
    if explicit in offered:
        return explicit
    if g.get("locale") in offered:
        return str(g.locale)
    shop = g.get("shop")
    default = shop.default_locale if shop else offered[-1]
    return request.accept_languages.best_match(offered, default) or offered[0]


def offered_locales() -> Sequence[str]:
    """The languages of the shop at hand that we have texts for."""
    ours: Sequence[str] = current_app.config["LANGUAGES"]
    shop = g.get("shop")
    return [code for code in shop.locales if code in ours] or ours if shop else ours


def locale_code() -> str:
    """The language of this request, e.g. `nl`."""
    return str(get_locale() or current_app.config["BABEL_DEFAULT_LOCALE"])


def money(amount: int, currency: str) -> str:
    """Minor units as people of this locale write them."""
    return _money(amount, currency, locale_code())


def day(value: date | datetime) -> str:
    """`Thursday 3 December`, in the shop's zone."""
    return _day(_local(value), locale_code(), "EEEE d MMMM")


def day_short(value: date | datetime) -> str:
    """`3 December`, in the shop's zone."""
    return _day(_local(value), locale_code(), "d MMMM")


def clock_time(value: datetime) -> str:
    """`10:14` in the shop's zone."""
    return format_time(value.astimezone(_zone()), "HH:mm", locale=locale_code())


def _local(value: date | datetime) -> date:
    return value.astimezone(_zone()).date() if isinstance(value, datetime) else value


def _zone() -> ZoneInfo:
    shop = g.get("shop")
    return ZoneInfo(shop.time_zone if shop else "UTC")


@lru_cache(maxsize=4096)
def _money(amount: int, currency: str, locale: str) -> str:
    return format_currency(to_decimal(amount, currency), currency, locale=locale)


@lru_cache(maxsize=4096)
def _day(value: date, locale: str, pattern: str) -> str:
    return format_date(value, pattern, locale=locale)
