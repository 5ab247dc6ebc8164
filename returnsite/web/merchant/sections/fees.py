"""Fees: what a return costs by method and country, when it is free, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField
from wtforms.form import Form

from ....domain.policy import FeeEntry, FeeSchedule, Method, Resolution
from ....services.settings.fee_preview import Example, ExampleFee, preview_fees
from ....services.settings.portal import FEES, set_fees
from ...i18n import gettext as _
from ...rendering import money
from ..words import country_name, country_options, method_name, resolution_name
from .base import Change, Refused, Row, Section, SettingsForm, View
from .forms import AmountField, amount_text, choices, filled

MAX_EXCEPTIONS = 300


class ExceptionForm(Form):
    """The fee in one country; of one method or of all."""

    country = SelectField(_l("Country"), validate_choice=False)
    method = SelectField(_l("Method"), validate_choice=False)
    amount = AmountField(_l("Fee"), render_kw={"inputmode": "decimal"})


class FeesForm(SettingsForm):
    """Fees of all methods, of each, and by country; and what makes a return free."""

    any = AmountField(
        _l("All methods"),
        description=_l("What a return costs unless one of the fields below says otherwise."),
        render_kw={"inputmode": "decimal"},
    )
    drop_off_point = AmountField(render_kw={"inputmode": "decimal"})
    drop_off_labelless = AmountField(render_kw={"inputmode": "decimal"})
    pickup = AmountField(render_kw={"inputmode": "decimal"})
    in_store = AmountField(render_kw={"inputmode": "decimal"})
    exceptions = FieldList(FormField(ExceptionForm), max_entries=MAX_EXCEPTIONS)
    free_from_order_value = AmountField(
        _l("Free from an order value of"),
        description=_l("Leave it empty when the order value makes no difference."),
        render_kw={"inputmode": "decimal"},
    )
    free_for_shop_fault = BooleanField(_l("Free when the shop or the carrier is at fault"))
    free_for_exchange = BooleanField(_l("Free for an exchange"))
    free_for_credit = BooleanField(_l("Free for store credit"))

    # The customer of the preview; nothing of it is kept.
    example_country = SelectField(_l("A customer in"), validate_choice=False)
    example_value = AmountField(_l("returns something of"), render_kw={"inputmode": "decimal"})
    example_resolution = SelectField(_l("and wants"), validate_choice=False)
    example_fault = BooleanField(_l("It is the shop’s fault"))

    def validate(self, extra_validators: Any = None) -> bool:
        """The example is in the way of nothing that is saved; only looking says what is wrong."""
        super().validate(extra_validators)
        if "look" not in request.form:
            self.example_value.errors = []
        return not self.errors


class Fees(Section):
    """The card of fees."""

    name = "fees"
    store = FEES

    def title(self) -> str:
        """The heading."""
        return _("Return fee")

    def rows(self, view: View) -> list[Row]:
        """The schedule in a line, and what makes it free."""
        return [_schedule_row(view), _free_row(view)]

    def form(self, view: View, part: str) -> SettingsForm | None:
        """One form for both rows: the preview needs all of it."""
        if part not in {"schedule", "free"}:
            return None
        form = filled(FeesForm, _saved(view))
        for name in Method:
            form[name.value].label.text = method_name(name)
        if "add" in request.form and len(form.exceptions) < MAX_EXCEPTIONS:
            form.exceptions.append_entry()
        _drop(form, request.form.get("remove", ""))
        _offer_choices(form, view)
        return form

    def form_template(self, part: str) -> str:
        """Schedule, exceptions, what is free, and the preview."""
        return "merchant/sections/fees_form.html"

    def only_looking(self, part: str, form: Any) -> bool:
        """A row more or less, or the preview, without JavaScript."""
        return any(name in request.form for name in ("add", "remove", "look"))

    def change(self, view: View, part: str, form: Any) -> Change:
        """Write the whole schedule anew."""
        entries = _entries(form, strict=True)

        def write(shop: Any) -> None:
            set_fees(shop, [(e.method and e.method.value, e.country, e.amount) for e in entries])
            shop.free_from_order_value = form.free_from_order_value.minor
            shop.free_for_shop_fault = form.free_for_shop_fault.data
            shop.free_for_exchange = form.free_for_exchange.data
            shop.free_for_credit = form.free_for_credit.data

        return write

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """The currency in front of every amount."""
        return {"currency": view.settings.currency}

    def preview(self, view: View, part: str, form: Any) -> Mapping[str, Any] | None:
        """What the customer of the example would pay."""
        form.validate()
        example = _example(form, view)
        fees = preview_fees(settings=view.settings, fees=_schedule(form), example=example)
        currency = view.settings.currency
        return {
            "country": country_name(example.country),
            "rows": [_fee_row(one, currency) for one in fees],
        }


def _schedule(form: Any) -> FeeSchedule:
    return FeeSchedule(
        entries=tuple(_entries(form)),
        free_from_order_value=form.free_from_order_value.minor,
        free_for_shop_fault=bool(form.free_for_shop_fault.data),
        free_for_exchange=bool(form.free_for_exchange.data),
        free_for_credit=bool(form.free_for_credit.data),
    )


def _example(form: Any, view: View) -> Example:
    return Example(
        country=form.example_country.data or view.settings.policy.home_country,
        value=form.example_value.minor or 0,
        resolution=form.example_resolution.data,
        shop_fault=bool(form.example_fault.data),
    )


def _fee_row(one: ExampleFee, currency: str) -> dict[str, Any]:
    fee = one.fee
    free = _("None") if one.own_postage else _("Free")
    besides = _("Customers pay the postage themselves.") if one.own_postage else ""
    return {
        "label": method_name(one.method),
        "note": " ".join(text for text in (_why_free(fee.waived_by), besides) if text),
        "amount": money(fee.amount, currency) if fee.amount else free,
        "was": money(fee.base, currency) if fee.base > fee.amount else None,
    }


def _saved(view: View) -> dict[str, Any]:
    fees = view.settings.policy.fees
    by_method = {
        (entry.method.value if entry.method else "any"): amount_text(entry.amount)
        for entry in fees.entries
        if entry.country is None
    }
    return {
        **by_method,
        "exceptions": [
            {
                "country": entry.country,
                "method": entry.method.value if entry.method else "",
                "amount": amount_text(entry.amount),
            }
            for entry in fees.entries
            if entry.country is not None
        ],
        "free_from_order_value": amount_text(fees.free_from_order_value),
        "free_for_shop_fault": fees.free_for_shop_fault,
        "free_for_exchange": fees.free_for_exchange,
        "free_for_credit": fees.free_for_credit,
        "example_country": view.settings.policy.home_country,
        "example_value": amount_text(5000),
        "example_resolution": next(iter(view.settings.policy.resolutions), Resolution.MONEY).value,
    }


def _offer_choices(form: Any, view: View) -> None:
    home = view.settings.policy.home_country
    countries = choices([("", _("Choose a country")), *country_options((home,))])
    methods = choices(
        [("", _("All methods")), *((code.value, method_name(code)) for code in Method)]
    )
    for entry in form.exceptions:
        entry.form.country.choices = countries
        entry.form.method.choices = methods
    form.example_country.choices = countries[1:]
    offered = view.settings.policy.resolutions or (Resolution.MONEY,)
    form.example_resolution.choices = choices(
        [(code.value, resolution_name(code)) for code in offered]
    )


def _drop(form: Any, text: str) -> None:
    """Take out the row whose button was pressed."""
    form.exceptions.entries = [one for one in form.exceptions.entries if one.name != text]


def _entries(form: Any, *, strict: bool = False) -> list[FeeEntry]:
    """The schedule on the screen; blank rows are none. Raises Refused when `strict`."""
    found: dict[tuple[str | None, str | None], FeeEntry] = {}
    for name in ("any", *(code.value for code in Method)):
        if form[name].minor is not None:
            method = None if name == "any" else Method(name)
            found[name, None] = FeeEntry(form[name].minor, method, None)
    for entry in form.exceptions:
        fee = _exception(entry, strict=strict)
        if fee is None:
            continue
        if strict and (fee.method, fee.country) in found:
            raise Refused(entry.form.amount.name, _("This country and method stand here twice."))
        found[fee.method, fee.country] = fee
    return list(found.values())


def _exception(entry: Any, *, strict: bool) -> FeeEntry | None:
    country, method = entry.form.country.data, entry.form.method.data
    minor = entry.form.amount.minor
    known = country in {each.value for each in entry.form.country.choices} and country
    if strict and bool(known) != (minor is not None):
        part = entry.form.amount if known else entry.form.country
        raise Refused(part.name, _("Enter the fee.") if known else _("Choose a country."))
    if not known or minor is None:
        return None
    return FeeEntry(minor, Method(method) if method in list(Method) else None, country)


def _schedule_row(view: View) -> Row:
    entries = view.settings.policy.fees.entries
    currency = view.settings.currency
    general = next((e for e in entries if e.method is None and e.country is None), None)
    methods = [
        f"{method_name(e.method)} {_amount(e.amount, currency)}"
        for e in entries
        if e.method is not None and e.country is None
    ]
    countries = dict.fromkeys(e.country for e in entries if e.country)
    more = [_("Other fees in %(countries)s", countries=_some(list(countries)))] if countries else []
    if general is None and len(methods) == len(Method):
        return Row("schedule", _("Fee"), " · ".join(methods), " · ".join(more))
    value = money(general.amount, currency) if general and general.amount else _("Free")
    return Row("schedule", _("Fee"), value, " · ".join([*methods, *more]))


def _some(countries: list[Any]) -> str:
    """The first few by name."""
    names = [country_name(code) for code in countries[:4]]
    return ", ".join(names) + (" …" if len(countries) > 4 else "")


def _amount(minor: int, currency: str) -> str:
    return money(minor, currency) if minor else _("free")


def _free_row(view: View) -> Row:
    fees = view.settings.policy.fees
    texts = [
        _("From %(amount)s", amount=money(fees.free_from_order_value, g.shop.currency))
        if fees.free_from_order_value is not None
        else "",
        _("When you or the carrier are at fault") if fees.free_for_shop_fault else "",
        _("For an exchange") if fees.free_for_exchange else "",
        _("For store credit") if fees.free_for_credit else "",
    ]
    known = [text for text in texts if text]
    return Row(
        "free",
        _("Free"),
        known[0] if known else _("Never"),
        " · ".join(known[1:]),
        problem=""
        if fees.free_for_shop_fault
        else _("In the EU, sending back faulty goods must be free"),
    )


def _why_free(code: str | None) -> str:
    return {
        "shop_fault": _("Free, as the shop or the carrier is at fault"),
        "order_value": _("Free from this order value"),
        "exchange": _("Free for an exchange"),
        "credit": _("Free for store credit"),
        "rule": _("Free by a return rule"),
        "nothing_to_deduct": _("Never more than what is refunded"),
    }.get(code or "", "")
