"""The columns of the own CSV; docs/orders-csv.md explains them to people."""

from __future__ import annotations

from collections.abc import Collection

ALIASES = {
    "order": "order_number",
    "order_no": "order_number",
    "order_date": "placed_at",
    "date": "placed_at",
    "name": "customer_name",
    "customer": "customer_name",
    "e_mail": "email",
    "language": "locale",
    "postcode": "delivery_postcode",
    "postal_code": "delivery_postcode",
    "zip": "delivery_postcode",
    "country": "delivery_country",
    "city": "delivery_city",
    "street": "delivery_street",
    "house_number": "delivery_house_number",
    "price": "unit_price",
    "description": "title",
    "product": "title",
    "tracking": "tracking_number",
    "tracking_no": "tracking_number",
    "image": "image_url",
    "total": "order_paid",
    "shipping": "shipping_paid",
}

ORDER = [
    "order_id",
    "placed_at",
    "currency",
    "email",
    "customer_name",
    "customer_tags",
    "locale",
    "cancelled_at",
    "delivery_name",
    "delivery_street",
    "delivery_house_number",
    "delivery_postcode",
    "delivery_city",
    "delivery_country",
    "billing_name",
    "billing_street",
    "billing_house_number",
    "billing_postcode",
    "billing_city",
    "billing_country",
    "order_paid",
    "shipping_paid",
    "order_discount",
    "prices_include_tax",
]
"""Columns that say something about the order: on its first row, or the same on all of them."""

LINE = [
    "line_id",
    "sku",
    "title",
    "variant",
    "product_key",
    "image_url",
    "category",
    "tags",
    "quantity",
    "line_paid",
    "unit_price",
    "list_price",
    "line_discount",
    "tax_rate",
    "line_tax",
    "final_sale",
    "is_goods",
    "returned_quantity",
    "refunded_amount",
]

PARCEL = [
    "parcel",
    "tracking_number",
    "carrier",
    "shipped",
    "shipped_at",
    "delivered_at",
    "pickup_postcode",
]

SHIPPING_SIGNS = ("parcel", "tracking_number", "shipped", "shipped_at", "delivered_at")
"""Columns that tell what was shipped. In a file with none of them, everything was."""

AMOUNTS = [
    "line_paid",
    "unit_price",
    "list_price",
    "line_discount",
    "tax_rate",
    "line_tax",
    "refunded_amount",
    "order_paid",
    "shipping_paid",
    "order_discount",
]

DATES = ("placed_at", "cancelled_at", "shipped_at", "delivered_at")

_NEEDED = (
    ("order_number",),
    ("placed_at",),
    ("delivery_postcode", "billing_postcode", "pickup_postcode"),
    ("title", "sku"),
    ("quantity",),
    ("line_paid", "unit_price"),
)


def canonical(header: Collection[str]) -> tuple[str, ...]:
    """The header with other names replaced, unless the right name is there as well."""
    return tuple(ALIASES[c] if ALIASES.get(c, c) not in header else c for c in header)


def missing(header: Collection[str]) -> tuple[str, ...]:
    """Needed columns that are not there, alternatives joined by a slash."""
    return tuple("/".join(group) for group in _NEEDED if not set(group) & set(header))


def known(header: Collection[str]) -> int:
    """How many of the columns are ours."""
    return len(set(header) & {"order_number", *ORDER, *LINE, *PARCEL})
