"""Order lines of WooCommerce's JSON."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from html import unescape

from ...domain.money import round_half_up
from ..amounts import minor
from ..base import SourceLine
from ..goods import is_goods
from ..nodes import Node
from ..text import identity, plain, web_address


def gross_amount(item: Node) -> Decimal:
    """What the line came to: `total` is after coupons and always without tax."""
    return item.amount("total") + item.amount("total_tax")


def article(item: Node, line_paid: int, currency: str) -> SourceLine:
    """The line as it is shown and sent back; `line_paid` has been settled for the whole order."""
    parent, name = unescape(item.text("parent_name", 500)), unescape(item.text("name", 500))
    title, sku = plain(parent or name, 500), item.text("sku")
    units = item.units("quantity")
    before, tax = item.amount("subtotal"), item.amount("subtotal_tax")
    return SourceLine(
        external_id=identity(item.text("id", 1000), f"{item.path}.id"),
        sku=sku,
        title=title or sku,
        variant=_variant(item),
        product_key=item.text("product_id"),
        image_url=web_address(item.child("image").text("src", 2000)),
        quantity=units,
        line_paid=line_paid,
        list_price=minor(Fraction(before + tax) / units, currency) if before else None,
        tax_bp=round_half_up(Fraction(tax) / Fraction(before) * 10000) if before else None,
        is_goods=is_goods(sku, title),
    )


def _variant(item: Node) -> str:
    """The chosen attributes, e.g. "black, M": metas that are not for internal use."""
    values = [
        unescape(meta.text("display_value") or meta.text("value"))
        for meta in item.items("meta_data")
        if not meta.text("key").startswith("_")
    ]
    return plain(", ".join(value for value in values if value))
