"""Rows of a CSV file by column name, whatever separates them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import TextIO

_SEPARATORS = ",;\t|"


def header(head: str) -> list[str]:
    """Column names of the first line, lower case; [] for an empty file."""
    line = head.split("\n", 1)[0]
    return [name.strip().lower() for name in next(csv.reader([line], delimiter=_separator(line)))]


def iter_rows(file: TextIO) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, values by lower-case column name); missing values are "".

    A line the csv module cannot read comes as an empty mapping.
    """
    first = file.readline()
    separator = _separator(first)
    names = header(first) if first.strip() else []
    reader = csv.reader(file, delimiter=separator)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num + 1, {}
            continue
        if values:
            padded = values + [""] * (len(names) - len(values))
            yield reader.line_num + 1, dict(zip(names, padded, strict=False))


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)
