"""Reads Shopify's order JSON."""

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
from ..text import distinct, identity, locale_tag, plain, several
from .fulfilments import read_parcels
from .lines import article, gross_amount, total
from .refunds import Refunds, apply_refunds

_SIGNS = frozenset(
    [
        "fulfillments",
        "admin_graphql_api_id",
        "financial_status",
        "fulfillment_status",
        "total_price",
        "current_total_price",
        "order_number",
    ]
)
_NEEDED = frozenset(["id", "line_items", "name"])


@dataclass(frozen=True, slots=True)
class ShopifyJson:
    """One order, `{"order": …}`, `{"orders": […]}`, a list, or one order a line."""

    name: str = "shopify-json"
    label: str = "Shopify JSON"

    def detects(self, head: bytes) -> int:
        """By the names of members that only Shopify uses."""
        return json_score(head, _SIGNS)

    def read(self, path: Path, context: ReadContext) -> Iterator[SourceOrder | RowProblem]:
        """All orders of the file. Raises UnusableFile."""
        return read_orders(path, context, needed=_NEEDED, read_order=_order)


def _order(node: Node, place: int, context: ReadContext) -> SourceOrder:
    currency = node.text("currency", 3) or context.currency
    delivery = _address(node.child("shipping_address"))
    billing = _address(node.child("billing_address"))
    customer = node.child("customer")
    order = SourceOrder(
        row=place,
        source="shopify",
        external_id=identity(node.text("id", 1000), "id"),
        number=identity(node.text("name", 1000), "name"),
        currency=currency,
        placed_at=_placed_at(node, context),
        lines=(),
        email=node.text("email", 254) or node.text("contact_email", 254),
        customer_name=delivery.name or billing.name or _name(customer),
        customer_tags=distinct((*several(customer.text("tags")), *several(node.text("tags")))),
        locale=locale_tag(node.text("customer_locale")),
        delivery=delivery if delivery.postcode else billing,
        billing=billing,
        cancelled_at=node.moment("cancelled_at", context.time_zone),
    )
    return _with_lines(order, node, context)


def _placed_at(node: Node, context: ReadContext) -> datetime:
    for name in ("processed_at", "created_at"):
        moment = node.moment(name, context.time_zone)
        if moment is not None:
            return moment
    raise BadValue(_("The order date is missing."), column="created_at")


def _with_lines(order: SourceOrder, node: Node, context: ReadContext) -> SourceOrder:
    """The order with what was bought, paid, shipped and refunded."""
    items = [item for item in node.items("line_items") if item.units("quantity")]
    net = node.flag("taxes_included") is not True
    settled = settle(
        [gross_amount(item, net=net) for item in items],
        currency=order.currency,
        shipping=_shipping(node, net=net),
        paid=_paid(node),
    )
    lines = [
        article(item, paid, order.currency, net=net)
        for item, paid in zip(items, settled.lines, strict=True)
    ]
    parcels = read_parcels(node, items, context)
    refunds = Refunds(node, net=net, currency=order.currency)
    return replace(
        order,
        lines=tuple(apply_refunds(lines, items, parcels, refunds)),
        parcels=parcels,
        shipping_paid=settled.shipping,
        refunded_loose=0 if refunds.whole else minor(refunds.loose, order.currency),
    )


def _shipping(node: Node, *, net: bool) -> Decimal:
    """Shipping as paid, with duties and fees: everything that is no line."""
    listed = node.items("shipping_lines")
    amount = sum(
        (
            line.amount("discounted_price" if "discounted_price" in line else "price")
            + (total(line, "tax_lines", "price") if net else 0)
            for line in listed
        ),
        Decimal(0),
    )
    if not listed:
        amount = _shop_money(node, "total_shipping_price_set")
    return (
        amount
        + _shop_money(node, "original_total_duties_set")
        + _shop_money(node, "original_total_additional_fees_set")
    )


def _shop_money(node: Node, name: str) -> Decimal:
    return node.child(name).child("shop_money").amount("amount")


def _paid(node: Node) -> Decimal | None:
    """What was paid without the tip. An edited order may have grown since it was placed."""
    if "total_price" not in node:
        return None
    total_price = max(node.amount("total_price"), node.amount("current_total_price"))
    return total_price - node.amount("total_tip_received")


def _address(node: Node) -> SourceAddress:
    street = " ".join(part for part in (node.text("address1"), node.text("address2")) if part)
    return SourceAddress(
        name=node.text("name") or _name(node),
        street=plain(street),
        postcode=node.text("zip", 16),
        city=node.text("city"),
        country=node.text("country_code", 2).upper(),
    )


def _name(node: Node) -> str:
    return " ".join(part for part in (node.text("first_name"), node.text("last_name")) if part)
