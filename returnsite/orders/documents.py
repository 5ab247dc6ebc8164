"""JSON files with orders: one, a list, an envelope, or one a line; lists and lines stream."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _

from .base import UnusableFile

_CHUNK = 1 << 20
_EDGE = 4096
_LIST_START = re.compile(r'\s*(?:\{\s*"orders"\s*:\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_LINE = re.compile(r"\n\s*")


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at `place` (1 is the first) of the file; `value` None when it cannot be read."""

    place: int
    value: object


def _no_constant(name: str) -> object:
    raise ValueError(name)


_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def looks_like_json(head: bytes) -> bool:
    """Whether the file's first bytes can be the start of JSON."""
    text = head.decode(_encoding(head), errors="replace").lstrip("\ufeff \t\r\n")
    return text.startswith(("{", "["))


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def documents(path: Path) -> Iterator[Document]:
    """The orders of the file as decoded JSON, one at a time. Raises UnusableFile."""
    with path.open("rb") as file:
        encoding = _encoding(file.read(4))
    try:
        with path.open(encoding=encoding) as file:
            place = 0
            for value in _Stream(file).values():
                for inner in _unpacked(value):
                    place += 1
                    yield Document(place, inner)
    except UnicodeDecodeError:
        raise UnusableFile(_("The file is not UTF-8 text.")) from None
    except RecursionError:
        raise UnusableFile(_("The file is nested too deeply.")) from None


def _unpacked(value: object) -> Iterator[object]:
    """The orders in a value: those of an envelope or an inner list, or the value itself."""
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and isinstance(value.get("orders"), list):
        yield from value["orders"]
    elif isinstance(value, dict) and isinstance(value.get("order"), dict):
        yield value["order"]
    else:
        yield value


class _Stream:
    """Decodes value after value from a buffer that is filled as needed."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._ended = False

    def _fill(self) -> None:
        """Read as much again as is waiting, so that a long value is tried only a few times."""
        rest = self._text[self._at :]
        more = self._file.read(max(_CHUNK, len(rest)))
        self._ended = not more
        self._text, self._at = rest + more, 0

    def values(self) -> Iterator[object]:
        """The members of the file's one list, or all values that follow each other."""
        self._fill()
        start = _LIST_START.match(self._text)
        if start:
            self._at = start.end()
            yield from self._members()
        else:
            yield from self._lines()

    def _members(self) -> Iterator[object]:
        while True:
            if self._skip():
                return
            if self._text[self._at] == "]":
                return
            value = self._next()
            yield value
            if value is None:
                return  # Where a broken member ends, and the next begins, cannot be told.

    def _lines(self) -> Iterator[object]:
        while not self._skip():
            value = self._next()
            yield value
            if value is None and not self._to_next_line():
                return

    def _skip(self) -> bool:
        """Go to the next character that says something; True at the end of the file."""
        while True:
            between = _BETWEEN.match(self._text, self._at)
            self._at = between.end() if between else self._at
            if self._at < len(self._text):
                return False
            if self._ended:
                return True
            self._fill()

    def _next(self) -> object:
        """The next value; None when it is broken."""
        while True:
            try:
                value, self._at = _decoder.raw_decode(self._text, self._at)
            except ValueError as error:
                if self._ended or not self._may_go_on(error):
                    return None
                self._fill()
            else:
                return value

    def _may_go_on(self, error: ValueError) -> bool:
        """Whether more text may cure the error: it is at the end of what was read so far."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.pos > len(self._text) - _EDGE or error.msg.startswith("Unterminated string")

    def _to_next_line(self) -> bool:
        while True:
            found = _NEXT_LINE.search(self._text, self._at)
            if found:
                self._at = found.end()
                return True
            if self._ended:
                return False
            self._at = max(self._at, len(self._text) - 1)
            self._fill()
