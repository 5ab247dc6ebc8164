"""Refunds that WooCommerce has already made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from ..amounts import minor
from ..base import SourceLine
from ..nodes import Node


class Refunds:
    """Units and money refunded so far, by line id; `loose` is money that names no line.

    The order gives its refunds with their totals only. Exports that add the refunds' own lines
    name units too.
    """

    def __init__(self, order: Node, *, status: str, currency: str) -> None:
        self.units: dict[str, int] = {}
        self.amounts: dict[str, Decimal] = {}
        self.whole = status == "refunded"
        self.currency = currency
        self.loose = Decimal(0)
        for refund in order.items("refunds"):
            self._add(refund)

    def _add(self, refund: Node) -> None:
        named = _with_tax(refund, "shipping_lines") + _with_tax(refund, "fee_lines")
        for line in refund.items("line_items"):
            name = _refunded_line(line)
            amount = abs(line.amount("total")) + abs(line.amount("total_tax"))
            self.units[name] = self.units.get(name, 0) + int(abs(line.amount("quantity")))
            self.amounts[name] = self.amounts.get(name, Decimal(0)) + amount
            named += amount
        total = abs(refund.amount("total") or refund.amount("amount"))
        self.loose += max(Decimal(0), total - named)

    def applied(self, lines: Sequence[SourceLine]) -> Iterator[SourceLine]:
        """The lines with what came back, and what was paid back for them."""
        for line in lines:
            if self.whole:
                yield replace(line, qty_elsewhere=line.quantity, amount_elsewhere=line.line_paid)
                continue
            amount = minor(self.amounts.get(line.external_id, 0), self.currency)
            yield replace(
                line,
                qty_elsewhere=min(line.quantity, self.units.get(line.external_id, 0)),
                amount_elsewhere=min(line.line_paid, amount),
            )


def _with_tax(refund: Node, part: str) -> Decimal:
    amounts = (abs(n.amount("total")) + abs(n.amount("total_tax")) for n in refund.items(part))
    return sum(amounts, Decimal(0))


def _refunded_line(line: Node) -> str:
    """The order line a refund's line is about; a meta names it."""
    for meta in line.items("meta_data"):
        if meta.text("key") == "_refunded_item_id":
            return meta.text("value")
    return line.text("id")
