"""The rows of an order brought together, one order in memory at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from .cells import HabitFinder, Habits
from .tables import Dialect, Row, rows


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first pass over a file finds out."""

    habits: Habits
    scattered: frozenset[str]
    """Orders whose rows do not all stand together."""


def survey(
    path: Path,
    dialect: Dialect,
    key: str,
    *,
    amounts: Collection[str] = (),
    dates: Collection[str] = (),
) -> Survey:
    """Learn the file's habits, and which orders (by column `key`) are scattered over it."""
    amounts = [column for column in amounts if column in dialect.header]
    dates = [column for column in dates if column in dialect.header]
    finder = HabitFinder()
    seen: set[str] = set()
    scattered: set[str] = set()
    current = ""
    for row in rows(path, dialect):
        number = row.get(key)
        if number and number != current:
            (scattered if number in seen else seen).add(number)
            current = number
        for column in amounts:
            finder.see_amount(row.get(column))
        for column in dates:
            finder.see_date(row.get(column))
    return Survey(finder.habits(), frozenset(scattered))


def groups(
    path: Path, dialect: Dialect, key: str, scattered: frozenset[str]
) -> Iterator[list[Row]]:
    """The rows of each order. Scattered orders come last, because their rows must be collected.

    A row without a number joins the order above it, which then has to refuse it: nobody can
    tell whether that order is whole without it.
    """
    collected: dict[str, list[Row]] = {number: [] for number in scattered}
    group: list[Row] = []
    current = ""
    for row in rows(path, dialect):
        number = row.get(key)
        if number and number != current:
            if group:
                yield group
            current = number
            group = []
        if current in collected:
            collected[current].append(row)
        else:
            group.append(row)
    if group:
        yield group
    yield from (found for found in collected.values() if found)
