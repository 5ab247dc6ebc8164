"""CSV files of every kind: encodings, separators, and rows that stream."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _

from .base import UnusableFile

HEAD = 65536
"""Bytes of a file that are looked at to tell its format."""

_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: `skip` lines stand before the header."""

    encoding: str
    separator: str
    header: tuple[str, ...]
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column; `number` counts as a spreadsheet does, `fault` says why it is unusable."""

    number: int
    cells: dict[str, str]
    fault: str = ""

    def get(self, column: str) -> str:
        """The cell's text without spaces around it; empty when the column is not there."""
        return self.cells.get(column, "")


def column_name(text: str) -> str:
    """A heading for comparing: "Order number" and "order-number" are order_number."""
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    return "_".join(words)


def sniff(head: bytes) -> Dialect | None:
    """How the table in `head` (the file's first bytes) is written; None when it is no table."""
    encoding = _head_encoding(head)
    text = head.decode(encoding, errors="replace").lstrip("\ufeff")
    skip = 0
    separator = ""
    if text[:4].lower() == "sep=" and text[4:5]:
        separator, skip = text[4], 1
        text = text.partition("\n")[2]
    if "\0" in _first_line(text):
        return None
    separator = separator or max(_SEPARATORS, key=_first_line(text).count)
    try:
        header = next(csv.reader(text.splitlines(keepends=True), delimiter=separator), [])
    except csv.Error:
        return None
    names = tuple(column_name(name) for name in header)
    return Dialect(encoding, separator, names, skip) if len(header) > 1 else None


def _head_encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head[1:200:2].count(0) > 20:
        return "utf-16-le"
    if head[0:200:2].count(0) > 20:
        return "utf-16-be"
    return "utf-8"


def _first_line(text: str) -> str:
    """The header line with quoted parts left out."""
    unquoted = "".join(text[: 4 * 4096].split('"')[::2])
    return unquoted.partition("\n")[0]


def open_dialect(path: Path) -> Dialect:
    """The file's dialect, its encoding checked on the whole file. Raises UnusableFile."""
    with path.open("rb") as file:
        dialect = sniff(file.read(HEAD))
    if dialect is None:
        raise UnusableFile(_("This is not a table with a header row."))
    if dialect.encoding != "utf-8" or _is_utf8(path):
        return dialect
    # Windows-1252 reads almost any bytes: the choice for files that are not UTF-8.
    with path.open("rb") as file:
        text = file.read(HEAD).decode("cp1252", errors="replace")
    again = sniff(text.encode()) or dialect
    return replace(again, encoding="cp1252")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


@contextmanager
def _opened(path: Path, dialect: Dialect) -> Iterator[TextIO]:
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        for _line in range(dialect.skip):
            file.readline()
        yield file


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """The rows below the header, one at a time; empty rows are left out but counted."""
    names = dialect.header
    with _opened(path, dialect) as file:
        reader = csv.reader(file, delimiter=dialect.separator)
        number = 0
        while True:
            number += 1
            try:
                values = next(reader, None)
            except csv.Error:
                yield Row(number, {}, _("The row cannot be read: is a quotation mark missing?"))
                continue
            if values is None:
                return
            if number > 1 and any(values):
                yield _row(number, names, values, dialect.separator)


def _row(number: int, names: tuple[str, ...], values: list[str], separator: str) -> Row:
    cells = {name: value.strip() for name, value in zip(names, values, strict=False)}
    fault = ""
    if len(values) > len(names) and any(values[len(names) :]):
        fault = _("The row has more cells than the header: a text with a separator needs quotes.")
    elif any("\n" in value and value.count(separator) >= len(names) - 1 for value in values):
        fault = _("A quotation mark is not closed: the rows below ended up in one cell.")
    return Row(number, cells, fault)
