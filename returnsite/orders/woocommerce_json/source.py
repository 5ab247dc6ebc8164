"""Reads WooCommerce's order JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from flask_babel import gettext as _

from ..amounts import minor, settle
from ..base import BadValue, ReadContext, RowProblem, SourceAddress, SourceOrder
from ..json_source import json_score, read_orders
from ..nodes import Node
from ..text import identity, locale_tag, plain
from .lines import article, gross_amount
from .refunds import Refunds
from .trackings import read_parcels

_SIGNS = frozenset(
    ["order_key", "date_created_gmt", "prices_include_tax", "shipping_lines", "billing", "cart_tax"]
)
_NEEDED = frozenset(["id", "line_items", "billing"])
_CALLED_OFF = frozenset(["cancelled", "failed", "trash"])


@dataclass(frozen=True, slots=True)
class WooCommerceJson:
    """One order, a list, or one order a line; tracking numbers from the known plugins."""

    name: str = "woocommerce-json"
    label: str = "WooCommerce JSON"

    def detects(self, head: bytes) -> int:
        """By the names of members that only WooCommerce uses."""
        return json_score(head, _SIGNS)

    def read(self, path: Path, context: ReadContext) -> Iterator[SourceOrder | RowProblem]:
        """All orders of the file. Raises UnusableFile."""
        return read_orders(path, context, needed=_NEEDED, read_order=_order)


def moment(node: Node, name: str, context: ReadContext) -> datetime | None:
    """A date of the order: WooCommerce gives it in UTC and in the shop's local time."""
    return node.moment(f"{name}_gmt", "UTC") or node.moment(name, context.time_zone)


def _order(node: Node, place: int, context: ReadContext) -> SourceOrder:
    placed_at = moment(node, "date_created", context)
    if placed_at is None:
        raise BadValue(_("The order date is missing."), column="date_created")
    delivery, billing = _address(node.child("shipping")), _address(node.child("billing"))
    status = node.text("status").removeprefix("wc-")
    order = SourceOrder(
        row=place,
        source="woocommerce",
        external_id=identity(node.text("id", 1000), "id"),
        number=identity(node.text("number", 1000) or node.text("id", 1000), "number"),
        currency=node.text("currency", 3) or context.currency,
        placed_at=placed_at,
        lines=(),
        email=node.child("billing").text("email", 254),
        customer_name=delivery.name or billing.name,
        locale=_locale(node),
        delivery=delivery if delivery.postcode else billing,
        billing=billing,
        cancelled_at=_cancelled_at(node, status, context),
    )
    return _with_lines(order, node, status, context)


def _with_lines(order: SourceOrder, node: Node, status: str, context: ReadContext) -> SourceOrder:
    """The order with what was bought, paid, shipped and refunded."""
    items = [item for item in node.items("line_items") if item.units("quantity")]
    fees = [fee.amount("total") + fee.amount("total_tax") for fee in node.items("fee_lines")]
    settled = settle(
        _after_discounts([gross_amount(item) for item in items], fees),
        currency=order.currency,
        shipping=_beside(node, fees),
        paid=node.amount("total") if "total" in node else None,
    )
    lines = [
        article(item, paid, order.currency) for item, paid in zip(items, settled.lines, strict=True)
    ]
    refunds = Refunds(node, status=status, currency=order.currency)
    return replace(
        order,
        lines=tuple(refunds.applied(lines)),
        parcels=read_parcels(node, items, status, moment(node, "date_completed", context)),
        shipping_paid=settled.shipping,
        refunded_loose=0 if refunds.whole else minor(refunds.loose, order.currency),
    )


def _after_discounts(amounts: list[Decimal], fees: list[Decimal]) -> list[Decimal]:
    """Line amounts less negative fees, which is how plugins write discounts on the order."""
    discount = -sum((fee for fee in fees if fee < 0), Decimal(0))
    before = sum(amounts, Decimal(0))
    if not discount or not before:
        return amounts
    kept = max(Decimal(0), before - discount)
    return [amount * kept / before for amount in amounts]


def _beside(node: Node, fees: list[Decimal]) -> Decimal:
    """What was paid beside the lines: shipping and surcharges, with tax."""
    surcharges = sum((fee for fee in fees if fee > 0), Decimal(0))
    return node.amount("shipping_total") + node.amount("shipping_tax") + surcharges


def _cancelled_at(node: Node, status: str, context: ReadContext) -> datetime | None:
    if status not in _CALLED_OFF:
        return None
    return moment(node, "date_modified", context) or moment(node, "date_created", context)


def _address(node: Node) -> SourceAddress:
    names = (node.text("first_name"), node.text("last_name"))
    street = (node.text("address_1"), node.text("address_2"))
    return SourceAddress(
        name=" ".join(part for part in names if part) or node.text("company"),
        street=plain(" ".join(part for part in street if part)),
        postcode=node.text("postcode", 16),
        city=node.text("city"),
        country=node.text("country", 2).upper(),
    )


def _locale(node: Node) -> str:
    """The language of the order, as the usual translation plugins note it."""
    for meta in node.items("meta_data"):
        if meta.text("key") in ("wpml_language", "_wpml_language", "trp_language"):
            return locale_tag(meta.text("value"))
    return ""
