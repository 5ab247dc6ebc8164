"""Cells of a CSV file that a spreadsheet will open: none of them may begin a formula."""

from __future__ import annotations

from collections.abc import Iterable

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """The value as text; a text that would be a formula gets an apostrophe in front. Numbers of
    ours stay as they are."""
    if isinstance(value, int):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS) else text


def csv_line(values: Iterable[object]) -> str:
    """One row, every cell quoted."""
    cells = (safe_cell(value).replace('"', '""') for value in values)
    return ",".join(f'"{cell}"' for cell in cells) + "\r\n"
