"""Refunds that Shopify has already made, line by line and without lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from ..amounts import minor
from ..base import SourceLine, SourceParcel
from ..nodes import Node
from .lines import total


class Refunds:
    """Units and money refunded so far, by line id; `loose` is money that names no line."""

    def __init__(self, order: Node, *, net: bool, currency: str) -> None:
        self.units: dict[str, int] = {}
        self.called_off: dict[str, int] = {}
        self.amounts: dict[str, Decimal] = {}
        self.whole = order.text("financial_status") == "refunded"
        self.currency = currency
        self.loose = Decimal(0)
        for refund in order.items("refunds"):
            self._add(refund, net=net)

    def _add(self, refund: Node, *, net: bool) -> None:
        named = Decimal(0)
        for line in refund.items("refund_line_items"):
            name = line.text("line_item_id")
            units = line.units("quantity")
            amount = line.amount("subtotal") + (line.amount("total_tax") if net else 0)
            self.units[name] = self.units.get(name, 0) + units
            self.amounts[name] = self.amounts.get(name, Decimal(0)) + amount
            named += amount
            if line.text("restock_type") == "cancel":
                self.called_off[name] = self.called_off.get(name, 0) + units
        paid_back = sum(
            (
                found.amount("amount")
                for found in refund.items("transactions")
                if found.text("kind") == "refund" and found.text("status") in ("success", "")
            ),
            Decimal(0),
        )
        shipping = -total(refund, "order_adjustments", "amount") - total(
            refund, "order_adjustments", "tax_amount"
        )
        self.loose += max(Decimal(0), paid_back - named - max(Decimal(0), shipping))


def apply_refunds(
    lines: Sequence[SourceLine],
    items: Sequence[Node],
    parcels: Sequence[SourceParcel],
    refunds: Refunds,
) -> Iterator[SourceLine]:
    """The lines with what came back, and what was paid back for them, outside this portal."""
    for line, item in zip(lines, items, strict=True):
        if refunds.whole:
            yield replace(line, qty_elsewhere=line.quantity, amount_elsewhere=line.line_paid)
            continue
        amount = minor(refunds.amounts.get(line.external_id, 0), refunds.currency)
        yield replace(
            line,
            qty_elsewhere=_returned(line, item, parcels, refunds),
            amount_elsewhere=min(line.line_paid, amount),
        )


def _returned(
    line: SourceLine, item: Node, parcels: Sequence[SourceParcel], refunds: Refunds
) -> int:
    """Refunded units that had been shipped: those taken off before shipping never left."""
    name = line.external_id
    shipped = min(line.quantity, sum(parcel.contents.get(name, 0) for parcel in parcels))
    refunded = refunds.units.get(name, 0)
    if "current_quantity" in item:
        refunded = max(refunded, line.quantity - item.units("current_quantity"))
    never_left = refunds.called_off.get(name, 0)
    if "fulfillable_quantity" in item:
        never_left = line.quantity - shipped - item.units("fulfillable_quantity")
    return max(0, min(shipped, refunded - max(0, never_left)))
