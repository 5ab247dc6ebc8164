"""The columns of the order table in words, as docs/orders-csv.md has them at length."""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import gettext as _


@dataclass(frozen=True, slots=True)
class ColumnHelp:
    """Columns that belong together; `needed` in words, empty where they may be left out."""

    names: tuple[str, ...]
    meaning: str
    needed: str = ""


def column_help() -> list[tuple[str, list[ColumnHelp]]]:
    """Every column an order table may have, under the heading of what it is about."""
    return [
        (_("Needed"), _needed()),
        (_("The order"), _of_order()),
        (_("The line"), _of_line()),
        (_("The parcel"), _of_parcel()),
    ]


def _help(names: str, meaning: str, needed: str = "") -> ColumnHelp:
    return ColumnHelp(tuple(names.split()), meaning, needed)


def _needed() -> list[ColumnHelp]:
    yes, one = _("Yes"), _("One of them")
    return [
        _help("order_number", _("The number the customer knows, on every row"), yes),
        _help("placed_at", _("When it was ordered"), yes),
        _help(
            "delivery_postcode billing_postcode pickup_postcode",
            _("The customer finds the order with any of these"),
            one,
        ),
        _help("title sku", _("The article"), one),
        _help("quantity", _("Units in this row, a whole number"), yes),
        _help(
            "line_paid unit_price",
            _("What was paid for all units of the row, or the price of one"),
            one,
        ),
    ]


def _of_order() -> list[ColumnHelp]:
    return [
        _help("order_id", _("Your shop system’s own id, where numbers can occur twice")),
        _help("currency", _("Three letters; your shop’s where left out")),
        _help("email customer_name locale", _("For the mails; the language like nl or de")),
        _help("customer_tags", _("For return rules; several with | between them")),
        _help(
            "delivery_name delivery_street delivery_house_number delivery_city delivery_country",
            _("Where it was delivered; the country in two letters"),
        ),
        _help(
            "billing_name billing_street billing_house_number billing_city billing_country",
            _("Who paid for it"),
        ),
        _help(
            "order_paid shipping_paid order_discount",
            _("What the whole order cost, the postage in it, the discount on it"),
        ),
        _help("prices_include_tax", _("“no” where prices are without tax")),
        _help("cancelled_at", _("A cancelled order cannot be returned")),
    ]


def _of_line() -> list[ColumnHelp]:
    return [
        _help("line_id", _("Tells lines of an order apart")),
        _help("variant category tags", _("For the customer to see, and for return rules")),
        _help("product_key", _("The same for all variants of a product, for exchanges")),
        _help("image_url", _("Kept; customers see a drawing")),
        _help("list_price", _("Price of one before discounts")),
        _help(
            "line_discount tax_rate line_tax",
            _("Discount and tax of the row, where only unit_price is there"),
        ),
        _help("final_sale", _("“yes” where it cannot be returned unless a rule allows it")),
        _help("is_goods", _("“no” for postage, fees and gift cards")),
        _help("returned_quantity refunded_amount", _("What came back before, outside this portal")),
    ]


def _of_parcel() -> list[ColumnHelp]:
    return [
        _help("tracking_number", _("One or several with | between them")),
        _help("parcel", _("Tells parcels apart that have no number")),
        _help("carrier", _("The carrier’s name")),
        _help("shipped_at delivered_at", _("The return period runs from delivery")),
        _help("shipped", _("“yes” or “no”, where nothing else of the parcel tells")),
    ]
