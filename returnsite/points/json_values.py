"""Values out of JSON that may be anything, taken without trust."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from .base import Reason, RowProblem
from .json_stream import BrokenJsonError, iter_records


def iter_objects(file: TextIO, key: str) -> Iterator[tuple[int, dict[str, object]] | RowProblem]:
    """(1-based number, object) for the array `key`; a problem for what is no object or broken."""
    row = 0
    try:
        for row, record in enumerate(iter_records(file, key), start=1):
            if isinstance(record, dict):
                yield row, record
            else:
                yield RowProblem(row, key, Reason.UNREADABLE, str(record)[:80])
    except BrokenJsonError:
        yield RowProblem(row + 1, key, Reason.BROKEN_FILE)


def pick(record: object, *path: str) -> object:
    """The value at the end of nested keys, None where the way ends."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def text_of(record: object, *path: str) -> str:
    """Text or number at the end of nested keys as text, "" for anything else."""
    value = pick(record, *path)
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if known else ""


def objects_of(record: object, *path: str) -> list[dict[str, object]]:
    """The objects of the list at the end of nested keys."""
    value = pick(record, *path)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(record: object, *path: str) -> list[str]:
    """The texts of the list, or the one text, at the end of nested keys."""
    value = pick(record, *path)
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]
