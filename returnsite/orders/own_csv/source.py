"""Reads the own CSV as orders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flask_babel import gettext as _

from ..base import BadValue, ReadContext, RowProblem, SourceAddress, SourceOrder, UnusableFile
from ..cells import Habits
from ..grouping import groups, survey
from ..tables import Dialect, Row, open_dialect, sniff
from ..text import identity, locale_tag, plain, several
from . import columns
from .lines import OrderAmounts, read_lines
from .parcels import read_parcels
from .reading import Cells, Reading, once

_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class OwnCsv:
    """One row per line and parcel; rows of an order have the same `order_number`."""

    name: str = "csv"
    label: str = "Returnsite CSV"

    def detects(self, head: bytes) -> int:
        """Sure by the columns; half sure of a table that has an order number."""
        dialect = sniff(head)
        header = columns.canonical(dialect.header) if dialect else ()
        if "order_number" not in header:
            return 0
        return 90 if not columns.missing(header) else 20 + columns.known(header)

    def read(self, path: Path, context: ReadContext) -> Iterator[SourceOrder | RowProblem]:
        """All orders of the file. Raises UnusableFile when needed columns are missing."""
        dialect = open_dialect(path)
        dialect = replace(dialect, header=columns.canonical(dialect.header))
        missing = columns.missing(dialect.header)
        if missing:
            raise UnusableFile(_("Columns are missing: %(names)s.", names=", ".join(missing)))
        return _orders(path, dialect, context)


def _orders(
    path: Path, dialect: Dialect, context: ReadContext
) -> Iterator[SourceOrder | RowProblem]:
    found = survey(path, dialect, "order_number", amounts=columns.AMOUNTS, dates=columns.DATES)
    reading = Reading(
        context=context,
        habits=_habits(found.habits, context),
        currency=context.currency,
        ships_all=not set(columns.SHIPPING_SIGNS) & set(dialect.header),
        order_columns=tuple(name for name in columns.ORDER if name in dialect.header),
    )
    for group in groups(path, dialect, "order_number", found.scattered):
        try:
            yield _order(group, reading)
        except BadValue as problem:
            row = problem.row or group[0].number
            number = plain(group[0].get("order_number"))
            yield RowProblem(row, problem.column, problem.message, number)


def _habits(habits: Habits, context: ReadContext) -> Habits:
    """Where the file leaves it open, only the United States write the month first."""
    if habits.day_first is None and context.country == "US":
        return replace(habits, day_first=False)
    return habits


def _order(group: Sequence[Row], reading: Reading) -> SourceOrder:
    _refuse_broken(group)
    said = Row(group[0].number, {column: once(group, column) for column in reading.order_columns})
    reading = replace(reading, currency=_currency(said, reading.context.currency))
    whole = Cells(said, reading)
    rows = [Cells(row, reading) for row in group]
    lines, shipping = read_lines(rows, _amounts(whole))
    placed_at = whole.moment("placed_at")
    if placed_at is None:
        raise BadValue(_("The order date is missing."), column="placed_at")
    number = identity(group[0].get("order_number"), "order_number")
    return SourceOrder(
        row=group[0].number,
        source="csv",
        external_id=identity(said.get("order_id") or number, "order_id"),
        number=number,
        currency=reading.currency,
        placed_at=placed_at,
        lines=lines,
        parcels=read_parcels(rows),
        shipping_paid=shipping,
        email=plain(said.get("email"), 254),
        customer_name=plain(said.get("customer_name") or said.get("delivery_name")),
        customer_tags=several(said.get("customer_tags")),
        locale=locale_tag(said.get("locale")),
        delivery=_address(said, "delivery", reading.context.country),
        billing=_address(said, "billing", ""),
        cancelled_at=whole.moment("cancelled_at"),
    )


def _refuse_broken(group: Sequence[Row]) -> None:
    """An order with a row that cannot be read, or that may not be its own, is not whole."""
    for row in group:
        if row.fault:
            raise BadValue(row.fault, row=row.number)
        if not row.get("order_number"):
            raise BadValue(_("The order number is missing."), column="order_number", row=row.number)


def _amounts(whole: Cells) -> OrderAmounts:
    return OrderAmounts(
        paid=whole.amount("order_paid"),
        shipping=whole.amount("shipping_paid"),
        discount=whole.discount("order_discount"),
        include_tax=whole.flag("prices_include_tax", default=True),
    )


def _currency(said: Row, default: str) -> str:
    code = said.get("currency").upper() or default
    if not _CURRENCY.fullmatch(code):
        raise BadValue(
            _("“%(code)s” is not a currency code such as EUR.", code=plain(code, 20)),
            column="currency",
        )
    return code


def _address(said: Row, kind: str, default_country: str) -> SourceAddress:
    country = said.get(f"{kind}_country").upper() or default_country
    if country and not _COUNTRY.fullmatch(country):
        raise BadValue(
            _("“%(code)s” is not a country code such as NL.", code=plain(country, 20)),
            column=f"{kind}_country",
        )
    return SourceAddress(
        name=plain(said.get(f"{kind}_name")),
        street=plain(said.get(f"{kind}_street")),
        house_number=plain(said.get(f"{kind}_house_number"), 64),
        postcode=plain(said.get(f"{kind}_postcode").lstrip("'"), 16),
        city=plain(said.get(f"{kind}_city")),
        country=country,
    )
