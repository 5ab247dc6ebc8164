"""Line items of Shopify's export, and what was paid for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _

from ...domain.money import exponent
from ..amounts import minor, settle
from ..base import BadValue, SourceLine
from ..cells import read_decimal, read_flag, read_quantity
from ..goods import is_goods
from ..tables import Row
from ..text import plain

_MONEY = ("subtotal", "shipping", "taxes", "total", "duties", "refunded_amount")


@dataclass(frozen=True, slots=True)
class OrderItems:
    """The lines of an order, what was paid beside them, and the units that were fulfilled."""

    currency: str
    lines: tuple[SourceLine, ...]
    shipping: int
    refunded_loose: int
    """The export gives refunds for the order only."""
    shipped: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Item:
    row: Row
    external_id: str
    units: int
    net: Decimal
    """Price of all units less the line's own discount, as the shop writes prices."""
    taxable: bool


def read_items(group: Sequence[Row], currency: str) -> OrderItems:
    """The order's lines. Raises BadValue naming row and column."""
    digits = exponent(currency)
    items = [_item(row, index, digits) for index, row in enumerate(group, 1) if _is_item(row)]
    first = group[0]
    money = {column: _amount(first, column, digits) for column in _MONEY}
    settled = settle(
        _gross(items, money, has_subtotal=bool(first.get("subtotal"))),
        currency=currency,
        shipping=money["shipping"] + money["duties"],
        paid=money["total"] if first.get("total") else None,
    )
    all_back = first.get("financial_status") == "refunded"
    return OrderItems(
        currency=currency,
        lines=tuple(
            _line(item, amount, currency, all_back=all_back)
            for item, amount in zip(items, settled.lines, strict=True)
        ),
        shipping=settled.shipping,
        refunded_loose=0 if all_back else minor(money["refunded_amount"], currency),
        shipped=_shipped(items, first),
    )


def _is_item(row: Row) -> bool:
    """Extra rows, such as those of a second payment, carry no line item."""
    return bool(row.get("lineitem_name") or row.get("lineitem_quantity"))


def _item(row: Row, index: int, digits: int) -> _Item:
    try:
        units = read_quantity(row.get("lineitem_quantity"))
    except BadValue as problem:
        raise BadValue(problem.message, column="lineitem_quantity", row=row.number) from None
    net = _amount(row, "lineitem_price", digits) * units - _amount(row, "lineitem_discount", digits)
    if net < 0:
        raise BadValue(
            _("The discount is larger than the price."),
            column="lineitem_discount",
            row=row.number,
        )
    taxable = read_flag(row.get("lineitem_taxable"), default=True)
    return _Item(row, str(index), units, net, taxable)


def _amount(row: Row, column: str, digits: int) -> Decimal:
    text = row.get(column)
    try:
        return read_decimal(text, ".", digits) if text else Decimal(0)
    except BadValue as problem:
        raise BadValue(problem.message, column=column, row=row.number) from None


def _gross(
    items: Sequence[_Item], money: dict[str, Decimal], *, has_subtotal: bool
) -> list[Fraction]:
    """Line amounts with discount and tax: the export gives both for the order only.

    Subtotal is what order-wide discounts left. Taxes are in the prices when the total adds up
    without them; otherwise they are spread over the taxable lines.
    """
    listed = sum((item.net for item in items), Decimal(0))
    kept = Fraction(1)
    if has_subtotal and listed:
        kept = min(kept, Fraction(money["subtotal"]) / Fraction(listed))
    rest = money["total"] - money["subtotal"] - money["shipping"] - money["duties"]
    included = abs(rest) < abs(rest - money["taxes"])
    taxable = sum((item.net for item in items if item.taxable), Decimal(0))
    tax_part = Fraction(0)
    if not included and taxable:
        tax_part = Fraction(money["taxes"]) / Fraction(taxable)
    return [
        Fraction(item.net) * kept + (Fraction(item.net) * tax_part if item.taxable else 0)
        for item in items
    ]


def _line(item: _Item, line_paid: int, currency: str, *, all_back: bool) -> SourceLine:
    get = item.row.get
    sku, title = plain(get("lineitem_sku")), plain(get("lineitem_name"), 500)
    needs_shipping = read_flag(get("lineitem_requires_shipping"), default=True)
    price = _amount(item.row, "lineitem_compare_at_price", exponent(currency)) or _amount(
        item.row, "lineitem_price", exponent(currency)
    )
    return SourceLine(
        external_id=item.external_id,
        sku=sku,
        title=title or sku,
        quantity=item.units,
        line_paid=line_paid,
        list_price=minor(price, currency),
        is_goods=needs_shipping and is_goods(sku, title),
        qty_elsewhere=item.units if all_back else 0,
        amount_elsewhere=line_paid if all_back else 0,
    )


def _shipped(items: Sequence[_Item], first: Row) -> dict[str, int]:
    """Units of fulfilled lines; where lines say nothing, those of a fulfilled order."""
    whole = first.get("fulfillment_status") == "fulfilled"
    sent = {}
    for item in items:
        status = item.row.get("lineitem_fulfillment_status")
        if status == "fulfilled" or (whole and not status):
            sent[item.external_id] = item.units
    return sent
