"""Read a file of orders or variants from end to end without writing any: what would come of it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

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

    def note_problem(self, problem: RowProblem) -> None:
        """Count an order that would be set aside."""
        self.set_aside += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem_row(problem))


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
