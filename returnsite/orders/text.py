"""Texts from files made fit to store: no control characters, no more than fits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_babel import gettext as _

from .base import BadValue

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SEVERAL = re.compile(r"[|,;\n]")
_WEB = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})?")


def plain(text: str, limit: int = 200) -> str:
    """`text` on one line, without control characters, cut to `limit` characters."""
    if text.isprintable() and len(text) <= limit:
        return text.strip()
    return _UNPRINTABLE.sub(" ", text).strip()[:limit].rstrip()


def identity(text: str, column: str) -> str:
    """A text something is recognised by: not empty, and not cut. Raises BadValue."""
    clean = plain(text, 1000)
    if not clean:
        raise BadValue(_("What tells it apart is missing."), column=column)
    if len(clean) > 200:
        raise BadValue(_("Longer than 200 characters."), column=column)
    return clean


def several(text: str, limit: int = 200) -> tuple[str, ...]:
    """The parts of a cell with several values, separated by `|`, comma, semicolon or line end."""
    return distinct(plain(part, limit) for part in _SEVERAL.split(text))


def distinct(parts: Iterable[str]) -> tuple[str, ...]:
    """The non-empty parts, each once, in order."""
    return tuple(dict.fromkeys(part for part in parts if part))


def web_address(text: str) -> str:
    """An http(s) address, or nothing."""
    clean = plain(text, 2000)
    return clean if _WEB.fullmatch(clean) else ""


def locale_tag(text: str) -> str:
    """A language tag such as `nl` or `nl-BE`, or nothing."""
    clean = plain(text, 8)
    return clean.replace("_", "-") if _LANGUAGE.fullmatch(clean) else ""
