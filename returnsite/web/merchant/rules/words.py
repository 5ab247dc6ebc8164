"""The words of the rule editor: fields, operators, effects, and what each needs filled in."""

from __future__ import annotations

from babel import Locale
from babel.numbers import get_decimal_symbol

from ....domain.policy import Method, Resolution
from ....services.rules.known import country_codes
from ....services.rules.sentences import method_word, resolution_word
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ...i18n import locale_code
from .form import MONEY, WORDS

Option = tuple[str, str]


def decimal_mark() -> str:
    """`,` in Dutch."""
    return str(get_decimal_symbol(locale_code()))


def field_options() -> list[Option]:
    """What a condition can look at, in the order a shopkeeper thinks of it."""
    return [
        ("country", _("the country")),
        ("reason", _("the reason")),
        ("category", _("the category")),
        ("tag", _("a tag of the item")),
        ("title", _("the product name")),
        ("sku", _("the SKU")),
        ("price", _("the price paid")),
        ("discount_percent", _("the discount")),
        ("final_sale", _("final sale")),
        ("order_value", _("the order value")),
        ("days_since_delivery", _("the days since delivery")),
        ("resolution", _("the customer's choice")),
        ("customer_tag", _("a tag of the customer")),
    ]


def op_words(op: str) -> str:
    """An operator between field and value."""
    return {
        "is": _("is"),
        "is_not": _("is not"),
        "contains": _("contains"),
        "starts_with": _("starts with"),
        "at_least": _("is at least"),
        "less_than": _("is less than"),
        "at_most": _("is at most"),
    }[op]


def effect_options() -> list[Option]:
    """What a rule can do."""
    return [
        ("refuse", _("it can't be returned")),
        ("allow", _("it can be returned")),
        ("fee", _("the return fee is")),
        ("window_days", _("the return period is")),
        ("resolutions", _("the customer can only choose")),
        ("methods", _("it can only come back by")),
        ("review", _("you approve it first")),
        ("approve", _("it is approved by itself")),
        ("close", _("nothing can be returned from there")),
        ("open", _("returns from there are possible")),
    ]


def input_of(name: str) -> str:
    """The sort of input a field's value is typed or chosen with."""
    if name in MONEY:
        return "amount"
    if name in WORDS:
        return "lines"
    return {
        "country": "countries",
        "reason": "chips",
        "resolution": "chips",
        "final_sale": "sale",
        "discount_percent": "number",
        "days_since_delivery": "number",
    }.get(name, "")


def effect_input_of(kind: str) -> str:
    """The same for what a rule does."""
    return {
        "fee": "amount",
        "window_days": "number",
        "resolutions": "chips",
        "methods": "chips",
        "refuse": "text",
    }.get(kind, "")


def unit_of(name: str) -> str:
    """What stands behind a number."""
    return "%" if name == "discount_percent" else _("days")


def choices(name: str, shop: ShopSettings, chosen: list[str]) -> list[Option]:
    """What can be ticked; what was chosen but is gone stays, so that it can be taken out."""
    if name == "resolutions":
        name = "resolution"
    if name == "resolution":
        return [(str(one), resolution_word(one)) for one in Resolution]
    if name == "methods":
        return [(str(one), method_word(one)) for one in Method]
    locale = locale_code()
    known = [(reason.code, reason.label(locale)) for reason in shop.policy.reasons]
    codes = {code.casefold() for code, _label in known}
    gone = [code for code in chosen if code.casefold() not in codes]
    return known + [(code, _("%(name)s (no longer there)", name=code)) for code in gone]


def country_options(chosen: str) -> list[Option]:
    """Every country by name; an unknown code stays as it is."""
    names = Locale.parse(locale_code()).territories
    options = [(code, str(names.get(code, code))) for code in country_codes()]
    if chosen and chosen not in country_codes():
        options.append((chosen, chosen))
    return sorted(options, key=lambda option: option[1])
