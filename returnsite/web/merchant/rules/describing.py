"""The form that asks about one order, or about one item described by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ....domain.errors import AmountInvalid
from ....domain.money import parse_amount
from ....services.rules.known import country_codes
from ....services.rules.try_one import Described
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ...i18n import locale_code
from .form import amount_text
from .words import country_options, decimal_mark

_FIELDS = (
    "number", "reason", "country", "price", "sku", "title", "category", "tags", "discount",
    "days", "customer_tags",
)  # fmt: skip


@dataclass(slots=True)
class TryForm:
    """What was asked. `item` is complete when `errors` is empty and there is no `number`."""

    shop: ShopSettings
    typed: dict[str, str]
    number: str = ""
    reason: str | None = None
    item: Described | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_asked(self) -> bool:
        """Something was sent."""
        return bool(self.typed.get("ask"))

    def context(self) -> dict[str, Any]:
        """The fields with what was typed and what is wrong."""
        labels = _labels()
        fields = {
            name: {
                "name": name,
                "value": self.typed.get(name, ""),
                "label": labels[name],
                "error": self.errors.get(name, ""),
            }
            for name in _FIELDS
        }
        locale = locale_code()
        return {
            "fields": fields,
            "errors": [(name, text) for name, text in self.errors.items()],
            "reasons": [(one.code, one.label(locale)) for one in self.shop.policy.reasons],
            "countries": country_options(""),
            "by_hand": self.is_asked and not self.number,
        }


def read_try(typed: Mapping[str, str], shop: ShopSettings) -> TryForm:
    """What was asked, checked."""
    values = {name: typed.get(name, "").strip()[:200] for name in (*_FIELDS, "ask")}
    form = TryForm(shop, values)
    if values["ask"] != "item":
        form.typed |= {"country": shop.policy.home_country, "days": "3"}
    if not form.is_asked:
        return form
    known = shop.policy.reason(values["reason"])
    form.reason = known.code if known else None
    if form.typed["ask"] == "order":
        form.number = values["number"]
        if not form.number:
            form.errors["number"] = _("Enter an order number.")
    else:
        form.item = _described(form)
    return form


def _described(form: TryForm) -> Described | None:
    typed, errors = form.typed, form.errors
    if typed["country"] not in country_codes():
        errors["country"] = _("Choose a country.")
    price = _price(form)
    discount = _whole(form, "discount", 99)
    days = _whole(form, "days", 3650)
    if errors:
        return None
    return Described(
        country=typed["country"],
        price=price,
        sku=typed["sku"],
        title=typed["title"],
        category=typed["category"],
        tags=_list(typed["tags"]),
        discount_percent=discount,
        customer_tags=_list(typed["customer_tags"]),
        days_since_delivery=days,
    )


def _price(form: TryForm) -> int:
    try:
        return parse_amount(form.typed["price"], form.shop.currency, locale_code())
    except AmountInvalid:
        example = amount_text(2995, form.shop.currency, decimal_mark())
        form.errors["price"] = _("Enter an amount, like %(example)s.", example=example)
        return 0


def _whole(form: TryForm, name: str, top: int) -> int:
    text = form.typed[name] or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > top:
        form.errors[name] = _("Enter a whole number from 0 to %(top)s.", top=top)
        return 0
    return int(text)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _labels() -> dict[str, str]:
    return {
        "number": _("Order number"),
        "reason": _("Reason"),
        "country": _("Country"),
        "price": _("Price paid"),
        "sku": _("SKU"),
        "title": _("Product name"),
        "category": _("Category"),
        "tags": _("Tags of the item, with commas between them"),
        "discount": _("Discount in per cent"),
        "days": _("Days since delivery"),
        "customer_tags": _("Tags of the customer, with commas between them"),
    }
