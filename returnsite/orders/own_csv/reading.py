"""Cells of the own CSV as values; what cannot be used names its row and column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from flask_babel import gettext as _

from ...domain.money import exponent
from ..base import BadValue, ReadContext
from ..cells import Habits, read_decimal, read_flag, read_moment, read_quantity
from ..tables import Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one order are to be read."""

    context: ReadContext
    habits: Habits
    currency: str
    ships_all: bool
    """The file says nothing about shipping: everything was shipped."""
    order_columns: tuple[str, ...]
    """Columns of the file that say something about the order as a whole."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row's cells as values; an empty cell is None, False or nothing. Raises BadValue."""

    row: Row
    reading: Reading

    def _read(self, column: str, read: Callable[[str], T]) -> T | None:
        text = self.row.get(column)
        if not text:
            return None
        try:
            return read(text)
        except BadValue as problem:
            raise BadValue(problem.message, column=column, row=self.row.number) from None

    def amount(self, column: str) -> Decimal | None:
        """An amount of 0 or more."""
        amount = self.signed(column)
        if amount is not None and amount < 0:
            raise BadValue(_("An amount is below zero."), column=column, row=self.row.number)
        return amount

    def signed(self, column: str) -> Decimal | None:
        """An amount or percentage with its sign."""
        mark, digits = self.reading.habits.decimal_mark, exponent(self.reading.currency)
        return self._read(column, lambda text: read_decimal(text, mark, digits))

    def discount(self, column: str) -> Decimal:
        """A discount, which some write with a minus sign and some without."""
        return abs(self.signed(column) or Decimal(0))

    def percentage(self, column: str) -> Decimal | None:
        """A tax rate of 0 to 100 per cent."""
        rate = self._read(column, lambda text: read_decimal(text.rstrip("% "), None, 3))
        if rate is not None and not 0 <= rate <= 100:
            raise BadValue(_("A rate is between 0 and 100."), column=column, row=self.row.number)
        return rate

    def units(self, column: str, *, zero: bool = False) -> int | None:
        """Units, 1 or more; with `zero` also 0."""
        return self._read(column, lambda text: read_quantity(text, zero=zero))

    def flag(self, column: str, *, default: bool) -> bool:
        """Yes or no."""
        found = self._read(column, lambda text: read_flag(text, default=default))
        return default if found is None else found

    def moment(self, column: str) -> datetime | None:
        """An instant, local time of the shop unless the cell says otherwise."""
        zone, day_first = self.reading.context.time_zone, self.reading.habits.day_first
        return self._read(column, lambda text: read_moment(text, zone, day_first))


def once(group: Sequence[Row], column: str) -> str:
    """What the rows of an order say in a column that belongs to the order as a whole.

    It may be on the first row only or on all; two different values raise BadValue.
    """
    found = ""
    for row in group:
        text = row.get(column)
        if text and found and text != found:
            raise BadValue(
                _("The rows of one order say different things here."), column=column, row=row.number
            )
        found = found or text
    return found
