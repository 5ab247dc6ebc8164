"""Order lines of Shopify's JSON."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from ...domain.money import round_half_up
from ..amounts import minor
from ..base import SourceLine
from ..goods import is_goods
from ..nodes import Node
from ..text import identity, plain, web_address


def gross_amount(item: Node, *, net: bool) -> Decimal:
    """What the line came to, unrounded: price less its discounts, plus tax where prices are net."""
    if "discount_allocations" in item:
        discount = total(item, "discount_allocations", "amount")
    else:
        discount = item.amount("total_discount")
    amount = item.amount("price") * item.units("quantity") - discount
    return amount + total(item, "tax_lines", "price") if net else amount


def total(node: Node, name: str, member: str) -> Decimal:
    """The sum of a member over a list of objects."""
    return sum((found.amount(member) for found in node.items(name)), Decimal(0))


def article(item: Node, line_paid: int, currency: str, *, net: bool) -> SourceLine:
    """The line as it is shown and sent back; `line_paid` has been settled for the whole order."""
    rate = total(item, "tax_lines", "rate")
    title = item.text("title", 500) or item.text("name", 500)
    sku = item.text("sku")
    goods = item.flag("requires_shipping") is not False and item.flag("gift_card") is not True
    return SourceLine(
        external_id=identity(item.text("id", 1000), f"{item.path}.id"),
        sku=sku,
        title=title or sku,
        variant=_variant(item),
        product_key=item.text("product_id"),
        image_url=web_address(item.child("image").text("src", 2000)),
        quantity=item.units("quantity"),
        line_paid=line_paid,
        list_price=minor(item.amount("price") * (1 + rate if net else 1), currency),
        tax_bp=round_half_up(Fraction(rate) * 10000) if item.items("tax_lines") else None,
        is_goods=goods and is_goods(sku, title),
    )


def _variant(item: Node) -> str:
    """The variant with what the customer had put on it, such as an engraving."""
    wishes = [
        f"{name}: {value}"
        for name, value in _properties(item)
        if name and value and not name.startswith("_")
    ]
    return plain(" · ".join(part for part in (item.text("variant_title"), *wishes) if part))


def _properties(item: Node) -> list[tuple[str, str]]:
    """A list of name and value, or an object, or nothing: feeds have all of them."""
    listed = [(p.text("name"), p.text("value")) for p in item.items("properties")]
    mapped = item.child("properties")
    return listed or [(plain(str(name)), mapped.text(name)) for name in mapped.value]
