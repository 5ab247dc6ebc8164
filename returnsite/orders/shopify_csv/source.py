"""Reads Shopify's order export CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask_babel import gettext as _

from ..base import (
    UNTRACKED,
    BadValue,
    ReadContext,
    RowProblem,
    SourceAddress,
    SourceOrder,
    SourceParcel,
    UnusableFile,
)
from ..cells import read_moment
from ..grouping import groups, survey
from ..tables import Dialect, Row, open_dialect, sniff
from ..text import identity, plain, several
from .lines import OrderItems, read_items

_NEEDED = ("name", "created_at", "lineitem_name", "lineitem_quantity", "lineitem_price")
_SIGNS = (*_NEEDED, "financial_status", "fulfillment_status", "lineitem_sku", "shipping_zip")


@dataclass(frozen=True, slots=True)
class ShopifyCsv:
    """The file under Orders → Export. It has no tracking numbers."""

    name: str = "shopify-csv"
    label: str = "Shopify CSV"

    def detects(self, head: bytes) -> int:
        """By the column names that only this export has."""
        dialect = sniff(head)
        found = set(dialect.header) & set(_SIGNS) if dialect else set()
        return 95 if set(_NEEDED) <= found else 10 * len(found - {"name"})

    def read(self, path: Path, context: ReadContext) -> Iterator[SourceOrder | RowProblem]:
        """All orders of the file. Raises UnusableFile when columns are missing."""
        dialect = open_dialect(path)
        missing = [name for name in _NEEDED if name not in dialect.header]
        if missing:
            raise UnusableFile(_("Columns are missing: %(names)s.", names=", ".join(missing)))
        return _orders(path, dialect, context)


def _orders(
    path: Path, dialect: Dialect, context: ReadContext
) -> Iterator[SourceOrder | RowProblem]:
    found = survey(path, dialect, "name")
    for group in groups(path, dialect, "name", found.scattered):
        try:
            yield _order(group, context)
        except BadValue as problem:
            row = problem.row or group[0].number
            number = plain(group[0].get("name"))
            yield RowProblem(row, problem.column, problem.message, number)


def _order(group: Sequence[Row], context: ReadContext) -> SourceOrder:
    _refuse_broken(group)
    first = group[0]
    number = identity(first.get("name"), "name")
    items = read_items(group, first.get("currency") or context.currency)
    placed_at = _moment(first, "created_at", context)
    if placed_at is None:
        raise BadValue(_("The order date is missing."), column="created_at", row=first.number)
    delivery, billing = _address(first, "shipping"), _address(first, "billing")
    return SourceOrder(
        row=first.number,
        source="shopify",
        external_id=identity(first.get("id") or number, "id"),
        number=number,
        currency=items.currency,
        placed_at=placed_at,
        lines=items.lines,
        parcels=_parcels(first, items, context),
        shipping_paid=items.shipping,
        refunded_loose=items.refunded_loose,
        email=plain(first.get("email"), 254),
        customer_name=delivery.name or billing.name,
        customer_tags=several(first.get("tags")),
        delivery=delivery if delivery.postcode else billing,
        billing=billing,
        cancelled_at=_moment(first, "cancelled_at", context),
    )


def _refuse_broken(group: Sequence[Row]) -> None:
    for row in group:
        if row.fault:
            raise BadValue(row.fault, row=row.number)
        if not row.get("name"):
            raise BadValue(_("The order number is missing."), column="name", row=row.number)


def _parcels(first: Row, items: OrderItems, context: ReadContext) -> tuple[SourceParcel, ...]:
    """What was fulfilled, in one parcel without a number: the export knows no more."""
    if not items.shipped:
        return ()
    shipped_at = _moment(first, "fulfilled_at", context)
    return (SourceParcel(UNTRACKED, items.shipped, shipped_at=shipped_at),)


def _moment(row: Row, column: str, context: ReadContext) -> datetime | None:
    text = row.get(column)
    if not text:
        return None
    try:
        return read_moment(text, context.time_zone)
    except BadValue as problem:
        raise BadValue(problem.message, column=column, row=row.number) from None


def _address(row: Row, kind: str) -> SourceAddress:
    country = row.get(f"{kind}_country").upper()
    lines = (row.get(f"{kind}_address1"), row.get(f"{kind}_address2"))
    street = " ".join(line for line in lines if line) or row.get(f"{kind}_street")
    return SourceAddress(
        name=plain(row.get(f"{kind}_name")),
        street=plain(street),
        # The export writes '01067, so that spreadsheets keep the zero.
        postcode=plain(row.get(f"{kind}_zip").lstrip("'"), 16),
        city=plain(row.get(f"{kind}_city")),
        country=country if len(country) == 2 and country.isalpha() else "",
    )
