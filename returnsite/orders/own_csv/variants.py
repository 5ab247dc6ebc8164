"""The variant catalogue: a CSV of what an exchange can offer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask_babel import gettext as _

from ...domain.money import exponent
from ..amounts import minor
from ..base import BadValue, ReadContext, RowProblem, SourceVariant, UnusableFile
from ..cells import HabitFinder, Habits, read_decimal, read_quantity
from ..tables import Dialect, Row, open_dialect, rows
from ..text import identity, plain

_NEEDED = ("product_key", "sku", "price")
_OPTION = "option_"


def read_variants(path: Path, context: ReadContext) -> Iterator[SourceVariant | RowProblem]:
    """The variants of the file, each whole or set aside. Raises UnusableFile."""
    dialect = open_dialect(path)
    missing = [name for name in _NEEDED if name not in dialect.header]
    if missing:
        raise UnusableFile(_("Columns are missing: %(names)s.", names=", ".join(missing)))
    return _variants(path, dialect, context)


def _variants(
    path: Path, dialect: Dialect, context: ReadContext
) -> Iterator[SourceVariant | RowProblem]:
    finder = HabitFinder()
    for row in rows(path, dialect):
        finder.see_amount(row.get("price"))
    habits = finder.habits()
    for row in rows(path, dialect):
        try:
            yield _variant(row, context, habits)
        except BadValue as problem:
            yield RowProblem(row.number, problem.column, problem.message, row.get("sku")[:200])


def _variant(row: Row, context: ReadContext, habits: Habits) -> SourceVariant:
    if row.fault:
        raise BadValue(row.fault)
    product_key = identity(row.get("product_key"), "product_key")
    sku = identity(row.get("sku"), "sku")
    stock = row.get("stock")
    return SourceVariant(
        row=row.number,
        product_key=product_key,
        sku=sku,
        title=plain(row.get("title")) or sku,
        options={
            column.removeprefix(_OPTION).replace("_", " "): plain(text)
            for column, text in row.cells.items()
            if column.startswith(_OPTION) and text
        },
        price=_price(row, context.currency, habits),
        stock=_stock(stock) if stock else None,
    )


def _price(row: Row, currency: str, habits: Habits) -> int:
    try:
        price = read_decimal(row.get("price"), habits.decimal_mark, exponent(currency))
    except BadValue as problem:
        raise BadValue(problem.message, column="price") from None
    if price < 0:
        raise BadValue(_("An amount is below zero."), column="price")
    return minor(price, currency, "price")


def _stock(text: str) -> int:
    """Units in stock; some shops write less than none for what is on back order."""
    if text.startswith("-"):
        return 0
    try:
        return read_quantity(text, zero=True)
    except BadValue as problem:
        raise BadValue(problem.message, column="stock") from None
