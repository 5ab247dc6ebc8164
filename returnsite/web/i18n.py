"""The language of a request and its texts. A page asks for dozens of texts: each is one look-up."""

from __future__ import annotations

from collections.abc import Sequence
from gettext import NullTranslations
from typing import Any

import flask_babel
from flask import Flask, current_app, g, has_request_context, request

from ..extensions import babel


def init_app(app: Flask) -> None:
    """Set up Babel and let templates use the look-ups of this module."""
    babel.init_app(app, locale_selector=locale_code)
    app.jinja_env.install_gettext_callables(_plain, _plural, newstyle=True)  # type: ignore[attr-defined]


def N_(text: str) -> str:
    """Mark a text that is looked up where it is used, so that a table of texts costs nothing."""
    return text


def gettext(text: str, **values: Any) -> str:
    """The text in the language of this request, with `%(name)s` filled in."""
    found = _plain(text)
    return found % values if values else found


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The form for `num`, which is also filled in as `%(num)s`."""
    return _plural(singular, plural, num) % {"num": num, **values}


def locale_code() -> str:
    """The language of this request, e.g. `nl`, settled when it is first asked for."""
    if not has_request_context():
        return str(current_app.config["BABEL_DEFAULT_LOCALE"])
    code: str | None = g.get("locale_code")
    if code is None:
        code = g.locale_code = select_locale()
    return code


def select_locale() -> str:
    """`?lang=` if the shop speaks it, else the draft's or return's, the browser's, the shop's."""
    offered = offered_locales()
    explicit = request.args.get("lang", "")
    if explicit in offered:
        return explicit
    if g.get("locale") in offered:
        return str(g.locale)
    if (member := g.get("member")) is not None and member.locale in offered:
        return str(member.locale)
    shop = g.get("shop")
    default = shop.default_locale if shop else offered[-1]
    return request.accept_languages.best_match(offered, default) or offered[0]


def offered_locales() -> Sequence[str]:
    """The languages of the shop at hand that we have texts for; all of them for its own people."""
    ours: Sequence[str] = current_app.config["LANGUAGES"]
    shop = g.get("shop") if g.get("member") is None else None
    return [code for code in shop.locales if code in ours] or ours if shop else ours


def _plain(text: str) -> str:
    return _translations().gettext(text)


def _plural(singular: str, plural: str, num: int) -> str:
    return _translations().ngettext(singular, plural, num)


def _translations() -> NullTranslations:
    found: NullTranslations | None = g.get("translations") if g else None
    if found is None:
        found = flask_babel.get_translations()
        # Without a request it is a worker's mail: its language is forced on Babel itself.
        if has_request_context():
            g.translations = found
    return found
