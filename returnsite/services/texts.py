"""Texts in the language at hand: of the request, or the one a worker has forced."""

from __future__ import annotations

import flask_babel


def gettext(text: str, /, **values: object) -> str:
    """The text in this language, with `%(name)s` filled in where values are given."""
    return str(flask_babel.gettext(text, **values))


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """The form for `num`, which is also filled in as `%(num)s`."""
    return str(flask_babel.ngettext(singular, plural, num, **values))
