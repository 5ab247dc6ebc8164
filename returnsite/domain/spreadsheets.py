"""Text for spreadsheets: nothing a shop or customer typed may run as a formula there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"
"""Excel reads a file as UTF-8 only where it begins with this."""

_DECIMAL_COMMA = frozenset({"nl", "de", "fr", "es", "it", "pl", "pt", "da", "sv", "nb", "fi"})

Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """What a double click opens in columns: the spreadsheet's own marks of a language."""

    separator: str
    decimal_mark: str


def style_for(locale: str) -> CsvStyle:
    """Semicolons and decimal commas where the language writes them, else commas and points."""
    comma = locale[:2] in _DECIMAL_COMMA
    return CsvStyle(";", ",") if comma else CsvStyle(",", ".")


def safe_text(text: str) -> str:
    """The text, with a ' before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_line(cells: Iterable[Cell], style: CsvStyle) -> str:
    """One line, each text in quotes; numbers stay numbers, also negative ones."""
    return style.separator.join(_cell(cell, style) for cell in cells) + "\r\n"


def csv_lines(rows: Iterable[Iterable[Cell]], style: CsvStyle) -> Iterator[str]:
    """A whole file, piece by piece."""
    yield BOM
    for row in rows:
        yield csv_line(row, style)


def _cell(cell: Cell, style: CsvStyle) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        quoted = safe_text(cell).replace('"', '""')
        return f'"{quoted}"'
    return str(cell).replace(".", style.decimal_mark)
