"""Carriers: which of them take returns, under whose contract, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import Length

from ....services.secrets import can_keep_secrets
from ....services.settings.carriers import (
    CARRIERS,
    CarrierChoice,
    ContractTerms,
    Offer,
    list_carriers,
    order_carriers,
    remove_contract,
    set_contract,
    switch_carrier,
)
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ..words import carrier_title, country_name, method_name
from .base import Change, Refused, Row, SettingsForm, View
from .forms import TOO_LONG, choices, filled, line
from .list_pages import list_page
from .things import Listed, moved, pressed

_LENGTH = Length(max=200, message=TOO_LONG)


class ContractForm(SettingsForm):
    """Whether and how a carrier is used."""

    use = RadioField(_l("Use this carrier"))
    reference = StringField(
        _l("Contract or customer number"),
        description=_l("As it stands on the carrier’s invoice."),
        filters=[line],
        validators=[_LENGTH],
    )
    includes_returns = RadioField(
        _l("Are returns included in your contract?"),
        description=_l("Not sure? Ask the carrier: without returns its labels are refused."),
        validate_choice=False,
    )
    user = StringField(_l("User name of the interface"), filters=[line], validators=[_LENGTH])
    secret = PasswordField(_l("Password or key of the interface"), validators=[Length(max=2000)])
    forget = BooleanField(_l("Forget the saved access data"))


class RemoveForm(SettingsForm):
    """Taking a contract away."""


class Carriers(Listed):
    """The card of carriers and contracts."""

    name = "carriers"
    store = CARRIERS

    def title(self) -> str:
        """The heading."""
        return _("Carriers and contracts")

    def rows(self, view: View) -> list[Row]:
        """The carriers of the page that is shown, those with a contract first."""
        carriers = list_carriers(settings=view.settings)
        return [_row(one) for one in carriers[list_page(self.name, _codes(carriers)).slice]]

    def open_form(self, view: View, verb: str, key: str) -> SettingsForm | None:
        """How a carrier is used; or nothing to fill in, when its contract is to go."""
        choice = _find(view.settings, key)
        if choice is None or verb == "new":
            return None
        if verb == "delete":
            return RemoveForm() if choice.contract and choice.contract.own else None
        form: Any = filled(ContractForm, _saved(choice))
        form.use.choices = choices(_uses(choice))
        form.includes_returns.choices = choices([("yes", _("Yes")), ("no", _("No"))])
        return form

    def form_template(self, part: str) -> str:
        """Contract and access data, told apart."""
        return "merchant/sections/carrier_form.html"

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """The carrier that is open, and whether secrets can be kept at all."""
        verb, _dash, key = (part or "").partition("-")
        choice = _find(view.settings, key) if verb in {"edit", "delete"} else None
        contract = choice.contract if choice else None
        return {
            **super().context(view, part, form),
            "list_page": list_page(self.name, _codes(list_carriers(settings=view.settings))),
            "moving": [one.carrier for one in view.settings.contracts],
            "intro": _("Where several can take a return, the upper one comes first."),
            "carrier": carrier_title(choice.code) if choice else "",
            "contractable": choice is not None and choice.can_be_contracted,
            "offers": [_offer_text(one) for one in choice.offers] if choice else [],
            "removing": verb == "delete",
            "remove_part": f"delete-{key}" if contract and contract.own else "",
            "has_credentials": contract is not None and contract.has_credentials,
            "can_keep_secrets": can_keep_secrets(),
        }

    def write(self, view: View, verb: str, key: str, form: Any) -> Change:
        """Use it on these terms, no longer, or forget the contract."""
        choice = _find(view.settings, key) or abort(404)
        if verb == "delete":
            return lambda shop: remove_contract(shop, choice)
        terms = _terms(form)
        return lambda shop: set_contract(shop, choice, terms)

    def press(self, view: View, button: str, key: str) -> Change:
        """Switch one on or off, or prefer it more or less. An unknown one changes nothing."""
        choice = _find(view.settings, key)
        contracted = [one.carrier for one in view.settings.contracts]

        def write(shop: Any) -> None:
            if button == "switch" and choice is not None:
                switch_carrier(shop, choice)
            elif button != "switch" and key in contracted:
                order_carriers(shop, moved(contracted, button, key))

        return write

    def subject(self, part: str, form: Any) -> str:
        """The carrier's name."""
        key = pressed()[1] if part == "order" else part.partition("-")[2]
        choice = _find(g.shop, key)
        return carrier_title(choice.code) if choice else ""

    def also_shows(self, before: ShopSettings, after: ShopSettings) -> str:
        """What customers get where depends on the carriers."""
        return "methods" if before.contracts != after.contracts else ""


def _find(settings: ShopSettings, code: str) -> CarrierChoice | None:
    return next((one for one in list_carriers(settings=settings) if one.code == code), None)


def _codes(carriers: list[CarrierChoice]) -> list[str]:
    return [one.code for one in carriers]


def _uses(choice: CarrierChoice) -> list[tuple[str, str]]:
    shared = (
        _("Yes, without a contract of mine (test mode: labels and codes are made up)")
        if choice.is_test
        else _("Yes")
    )
    own = [("own", _("Yes, with my own contract"))] if choice.can_be_contracted else []
    return [("off", _("No")), ("shared", shared), *own]


def _saved(choice: CarrierChoice) -> dict[str, Any]:
    contract = choice.contract
    if contract is None:
        return {"use": "off", "includes_returns": None}
    used = "own" if contract.own else "shared"
    return {
        "use": used if contract.enabled else "off",
        "reference": contract.reference,
        "includes_returns": ("yes" if contract.includes_returns else "no")
        if contract.own
        else None,
    }


def _terms(form: Any) -> ContractTerms | None:
    """What the form says; None: not used. Raises Refused."""
    if form.use.data == "off":
        return None
    if form.use.data != "own":
        return ContractTerms(own=False)
    if not form.reference.data:
        raise Refused("reference", _("Enter the number of your contract."))
    if form.includes_returns.data not in {"yes", "no"}:
        raise Refused("includes_returns", _("Say whether returns are included."))
    return ContractTerms(
        own=True,
        reference=form.reference.data,
        includes_returns=form.includes_returns.data == "yes",
        credentials=_credentials(form),
    )


def _credentials(form: Any) -> dict[str, str] | None:
    """Typed access data; None when nothing was typed, {} when the saved is to be forgotten."""
    if form.forget.data:
        return {}
    user, secret = form.user.data or "", form.secret.data or ""
    if not user and not secret:
        return None
    if not can_keep_secrets():
        raise Refused("secret", _("There is no key to encrypt this with yet, so it is not kept."))
    if not secret:
        raise Refused("secret", _("Enter the password or key that belongs to the user name."))
    return {"user": user, "secret": secret}


def _row(choice: CarrierChoice) -> Row:
    name, contract = carrier_title(choice.code), choice.contract
    blocked = contract is not None and contract.own and not contract.includes_returns
    badges: list[tuple[str, str, str]] = []
    note = " · ".join(_offer_text(one) for one in choice.offers)
    value = ""
    if contract is not None and contract.own:
        value = _("Own contract %(number)s", number=contract.reference)
        if blocked:
            badges.append((_("Can’t be chosen"), "danger", "circle-x"))
            note = _(
                "Returns are not in your contract with %(carrier)s. Ask %(carrier)s to add them.",
                carrier=name,
            )
    if choice.is_test and contract is not None and contract.enabled:
        badges.append((_("Test mode"), "info", "info"))
    return Row(
        f"edit-{choice.code}",
        name,
        value,
        note,
        key=choice.code,
        badges=tuple(badges),
        on=None if blocked else contract is not None and contract.enabled,
        movable=contract is not None,
    )


def _offer_text(offer: Offer) -> str:
    """`Drop off with a label: Netherlands, Belgium`."""
    places = _("everywhere") if offer.countries is None else _some(offer.countries)
    text = f"{method_name(offer.method)}: {places}"
    if offer.own_postage:
        return _(
            "%(offer)s, only where no other carrier of yours takes it; customers pay the postage",
            offer=text,
        )
    return _("%(offer)s, with your own contract", offer=text) if offer.needs_own_contract else text


def _some(countries: tuple[str, ...]) -> str:
    """The first few by name."""
    first = sorted(countries, key=lambda code: (code != g.shop.policy.home_country, code))[:3]
    names = ", ".join(country_name(code) for code in first)
    more = len(countries) - len(first)
    return _("%(countries)s and %(num)s more", countries=names, num=more) if more else names
