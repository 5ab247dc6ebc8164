"""The order lines of the own CSV, and what was paid for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _

from ...domain.money import round_half_up
from ..amounts import minor, settle
from ..base import BadValue, SourceLine
from ..goods import is_goods
from ..text import plain, several, web_address
from .reading import Cells


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """What the order as a whole says about money, None where it says nothing."""

    paid: Decimal | None
    shipping: Decimal | None
    discount: Decimal
    include_tax: bool


@dataclass(frozen=True, slots=True)
class _Price:
    """What one row costs, unrounded: before tax and with it."""

    net: Decimal
    gross: Decimal
    final: bool
    """The file gives what was paid, after all discounts."""


def line_id(cells: Cells) -> str:
    """What tells lines of one order apart: `line_id`, else SKU, else title and variant.

    Rows with the same one are units of the same line, e.g. in different parcels.
    """
    get = cells.row.get
    own = get("line_id") or get("sku")
    return plain(own or f"{get('title')} {get('variant')}".strip(), 200)


def read_lines(
    rows: Sequence[Cells], amounts: OrderAmounts
) -> tuple[tuple[SourceLine, ...], int | None]:
    """The lines of an order with what was paid for each, and what was paid for shipping."""
    prices = [_price(cells, amounts) for cells in rows]
    final = any(price.final for price in prices)
    settled = settle(
        [Fraction(price.gross) * _kept(prices, amounts, final=final) for price in prices],
        currency=rows[0].reading.currency,
        shipping=amounts.shipping or 0,
        paid=amounts.paid,
        strict=final,
    )
    together: dict[str, list[int]] = {}
    for index, cells in enumerate(rows):
        together.setdefault(line_id(cells), []).append(index)
    lines = tuple(
        _line(key, [rows[i] for i in indexes], sum(settled.lines[i] for i in indexes))
        for key, indexes in together.items()
    )
    known = amounts.shipping is not None or amounts.paid is not None
    return lines, settled.shipping if known else None


def _price(cells: Cells, amounts: OrderAmounts) -> _Price:
    paid = cells.amount("line_paid")
    if paid is not None:
        return _Price(paid, paid, final=True)
    unit = cells.amount("unit_price")
    if unit is None:
        raise BadValue(_("What was paid is missing."), column="line_paid", row=cells.row.number)
    net = unit * _units(cells) - cells.discount("line_discount")
    if net < 0:
        raise BadValue(
            _("The discount is larger than the price."),
            column="line_discount",
            row=cells.row.number,
        )
    return _Price(net, net if amounts.include_tax else net + _tax(cells, net), final=False)


def _tax(cells: Cells, net: Decimal) -> Decimal:
    tax = cells.amount("line_tax")
    if tax is not None:
        return tax
    rate = cells.percentage("tax_rate")
    if rate is None:
        raise BadValue(
            _("Prices without tax need line_tax or tax_rate."),
            column="tax_rate",
            row=cells.row.number,
        )
    return net * rate / 100


def _kept(prices: Sequence[_Price], amounts: OrderAmounts, *, final: bool) -> Fraction:
    """The part of the prices that an order-wide discount leaves; it is taken off before tax."""
    before = sum(price.net for price in prices)
    if final or not amounts.discount or not before:
        return Fraction(1)
    if amounts.discount > before:
        raise BadValue(_("The discount is larger than the price."), column="order_discount")
    return 1 - Fraction(amounts.discount) / Fraction(before)


def _units(cells: Cells) -> int:
    quantity = cells.units("quantity")
    if quantity is None:
        raise BadValue(_("The quantity is missing."), column="quantity", row=cells.row.number)
    return quantity


def _line(key: str, rows: Sequence[Cells], line_paid: int) -> SourceLine:
    """One line of one or several rows; words come from the first row that has them."""

    def text(column: str, limit: int = 200) -> str:
        found = next((c.row.get(column) for c in rows if c.row.get(column)), "")
        return plain(found, limit)

    quantity = sum(_units(cells) for cells in rows)
    sku, title = text("sku"), text("title", 500)
    first = rows[0]
    if not (title or sku):
        raise BadValue(_("The article has no name."), column="title", row=first.row.number)
    list_price = first.amount("list_price")
    rate = first.percentage("tax_rate")
    return SourceLine(
        external_id=key,
        sku=sku,
        title=title or sku,
        variant=text("variant"),
        product_key=text("product_key"),
        image_url=web_address(text("image_url", 2000)),
        category=text("category"),
        tags=several(text("tags", 2000)),
        quantity=quantity,
        line_paid=line_paid,
        list_price=None if list_price is None else minor(list_price, first.reading.currency),
        tax_bp=None if rate is None else round_half_up(Fraction(rate) * 100),
        final_sale=any(cells.flag("final_sale", default=False) for cells in rows),
        is_goods=first.flag("is_goods", default=is_goods(sku, title)),
        qty_elsewhere=_returned(rows, quantity),
        amount_elsewhere=_refunded(rows, line_paid),
    )


def _returned(rows: Sequence[Cells], quantity: int) -> int:
    returned = sum(cells.units("returned_quantity", zero=True) or 0 for cells in rows)
    if returned > quantity:
        raise BadValue(
            _("More units came back than were bought."),
            column="returned_quantity",
            row=rows[0].row.number,
        )
    return returned


def _refunded(rows: Sequence[Cells], line_paid: int) -> int:
    refunded = sum((cells.discount("refunded_amount") for cells in rows), Decimal(0))
    amount = minor(refunded, rows[0].reading.currency)
    if amount > line_paid:
        raise BadValue(
            _("More was refunded than was paid."), column="refunded_amount", row=rows[0].row.number
        )
    return amount
