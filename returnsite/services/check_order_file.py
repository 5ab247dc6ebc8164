"""Read a file of orders or variants from end to end without writing any: what would come of it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from .. import clock
from ..orders.base import (
    ReadContext,
    RowProblem,
    SourceLine,
    SourceOrder,
    SourceParcel,
    SourceVariant,
    UnusableFile,
)
from ..orders.registry import detect, read_variants
from .address_rules import rules_of
from .import_order_file import UnusableOrderFile, read_context, watched, why_unusable
from .shops import ShopSettings

SHOWN_ORDERS = 3
SHOWN_VARIANTS = 10
SHOWN_LINES = 10
SHOWN_PROBLEMS = 100


@dataclass(slots=True)
class FileCheck:
    """What a file holds. `kind` is `orders` or `variants`; samples and problems are the first."""

    kind: str
    format: str
    label: str
    count: int = 0
    lines: int = 0
    delivered: int = 0
    set_aside: int = 0
    first: str = ""
    last: str = ""
    """The earliest and the latest order, ISO moments in UTC."""
    currencies: dict[str, int] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    doubted: int = 0
    doubts: list[dict[str, Any]] = field(default_factory=list)
    """What is imported all the same, and is hardly meant that way."""

    def note_problem(self, problem: RowProblem) -> None:
        """Count an order that would be set aside."""
        self.set_aside += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem_row(problem))

    def note_doubts(self, order: SourceOrder) -> None:
        """Count an order that no customer finds, or that was placed in the future."""
        for column, message in _doubts(order):
            self.doubted += 1
            if len(self.doubts) < SHOWN_PROBLEMS:
                problem = RowProblem(order.row, column, message, order.number)
                self.doubts.append(problem_row(problem))


def check_order_file(
    *, shop: ShopSettings, path: Path, on_progress: Callable[[int], None] | None = None
) -> FileCheck:
    """Recognise the file and read all of it. Raises UnusableOrderFile."""
    context = read_context(shop)
    try:
        check, items = _recognise(path, context)
        for item in watched(items, on_progress):
            if isinstance(item, RowProblem):
                check.note_problem(item)
            elif isinstance(item, SourceOrder):
                _note_order(check, item)
            else:
                _note_variant(check, item, context.currency)
    except (UnusableFile, OSError) as error:
        raise UnusableOrderFile(why_unusable(error)) from error
    return check


_Items = Iterator[SourceOrder | SourceVariant | RowProblem]


def _recognise(path: Path, context: ReadContext) -> tuple[FileCheck, _Items]:
    """Orders in one of the formats; else variants, whose columns no order file has."""
    try:
        source = detect(path)
    except UnusableFile as unknown:
        try:
            found = read_variants(path, context)
            first = next(found, None)
        except UnusableFile:
            raise unknown from None
        items = chain([first] if first else [], found)
        return FileCheck("variants", "variants", _("Variants for exchanges")), items
    return FileCheck("orders", source.name, source.label), chain(source.read(path, context))


def _doubts(order: SourceOrder) -> Iterator[tuple[str, str]]:
    """Column and words of what cannot well be true, or keeps customers from their order."""
    places = [order.delivery, order.billing]
    known = [place.postcode for place in places] + [one.pickup_postcode for one in order.parcels]
    country = next((place.country for place in places if place.country), "")
    if not any(known) and rules_of(country).needs_postcode:
        message = _("There is no postcode, so the customer can’t find the order.")
        yield "delivery_postcode", message
    if order.placed_at > clock.now() + timedelta(days=1):
        yield "placed_at", _("This day is still to come: are day and month swapped?")


def problem_row(problem: RowProblem) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "row": problem.row,
        "column": problem.column,
        "order": problem.order_number,
        "message": problem.message,
    }


def _note_order(check: FileCheck, order: SourceOrder) -> None:
    check.count += 1
    check.note_doubts(order)
    check.lines += len(order.lines)
    delivered = [parcel.delivered_at for parcel in order.parcels]
    check.delivered += bool(delivered) and all(delivered)
    moment = order.placed_at.isoformat()
    check.first = min(check.first or moment, moment)
    check.last = max(check.last, moment)
    check.currencies[order.currency] = check.currencies.get(order.currency, 0) + 1
    if len(check.samples) < SHOWN_ORDERS:
        check.samples.append(_order_sample(order))


def _order_sample(order: SourceOrder) -> dict[str, Any]:
    return {
        "row": order.row,
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "customer": order.customer_name or order.delivery.name or order.billing.name,
        "email": order.email,
        "postcode": order.delivery.postcode or order.billing.postcode,
        "country": order.delivery.country or order.billing.country,
        "currency": order.currency,
        "shipping": order.shipping_paid or 0,
        "total": sum(line.line_paid for line in order.lines) + (order.shipping_paid or 0),
        "cancelled": order.cancelled_at is not None,
        "more_lines": max(0, len(order.lines) - SHOWN_LINES),
        "lines": [_line_sample(line) for line in order.lines[:SHOWN_LINES]],
        "parcels": [_parcel_sample(parcel) for parcel in order.parcels[:SHOWN_LINES]],
    }


def _line_sample(line: SourceLine) -> dict[str, Any]:
    return {
        "title": line.title,
        "variant": line.variant,
        "sku": line.sku,
        "quantity": line.quantity,
        "paid": line.line_paid,
    }


def _parcel_sample(parcel: SourceParcel) -> dict[str, Any]:
    return {
        "numbers": list(parcel.trackings[:3]),
        "carrier": parcel.carrier,
        "delivered_at": parcel.delivered_at and parcel.delivered_at.isoformat(),
        "shipped_at": parcel.shipped_at and parcel.shipped_at.isoformat(),
    }


def _note_variant(check: FileCheck, variant: SourceVariant, currency: str) -> None:
    check.count += 1
    check.currencies = {currency: check.count}
    if len(check.samples) < SHOWN_VARIANTS:
        check.samples.append(
            {
                "product": variant.product_key,
                "sku": variant.sku,
                "title": variant.title,
                "options": variant.options,
                "price": variant.price,
                "stock": variant.stock,
            }
        )
