"""Addresses: the book, which one returns go to, and the stores that take them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import g, request

from ....services.activate_shop import missing_parts
from ....services.address_rules import rules_of
from ....services.setting_items import Place
from ....services.settings.addresses import (
    ADDRESSES,
    TooManyAddresses,
    UnknownAddress,
    add_address,
    change_address,
    remove_address,
    use_for_returns,
)
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ..checklist import missing_text
from ..places import one_line
from .address_forms import (
    AddressForm,
    RemoveForm,
    address_values,
    kept_hours,
    offer_countries,
    saved_values,
)
from .address_pages import shown_page
from .base import Change, Refused, Row, SettingsForm, View
from .forms import filled
from .things import Listed, pressed


class Addresses(Listed):
    """The card of addresses."""

    name = "addresses"
    preview_follows_typing = False
    store = ADDRESSES

    def title(self) -> str:
        """The heading."""
        return _("Addresses")

    def rows(self, view: View) -> list[Row]:
        """One page of the book, the return address first."""
        return [_row(view.settings, place) for place in shown_page(view.settings).places]

    def open_form(self, view: View, verb: str, key: str) -> SettingsForm | None:
        """An address as a form; nothing to fill in when it is to go."""
        place = _find(view.settings, key) if verb != "new" else None
        if verb != "new" and place is None:
            return None
        if verb == "delete":
            return filled(RemoveForm, {})
        form: Any = filled(AddressForm, saved_values(place, view.settings))
        offer_countries(form, view.settings.policy.home_country)
        return form

    def form_template(self, part: str) -> str:
        """The address, or the question whether it may go."""
        return "merchant/sections/address_form.html"

    def only_looking(self, part: str, form: Any) -> bool:
        """The fields of another country, without JavaScript."""
        return "look" in request.form

    def preview_template(self, part: str) -> str:
        """The fields that differ by country."""
        return "merchant/sections/address_place.html"

    def preview(self, view: View, part: str, form: Any) -> Mapping[str, Any] | None:
        """What the country on the screen asks for."""
        if not isinstance(form, AddressForm):
            return None
        return {"rules": rules_of(form.country.data or "")}

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """The page of the book, and whether the portal hangs on the open address."""
        verb, _dash, key = (part or "").partition("-")
        page = shown_page(view.settings)
        closes = verb == "delete" and view.settings.active and _is_return(view.settings, key)
        return {
            **super().context(view, part, form),
            "intro": _("Where customers send their parcels, and stores they can walk into."),
            "add_text": _("Add an address"),
            "empty_text": _("No address matches “%(words)s”.", words=page.text)
            if page.text
            else _("There is no address yet."),
            "removing": verb == "delete",
            "remove_part": f"delete-{key}" if verb == "edit" else "",
            "closes": closes,
            "save_text": _save_text(verb, closes=closes),
            "foot": "merchant/sections/address_pages.html" if page.total > 10 else None,
            "pages": page,
            "kept_hours": kept_hours(_find(view.settings, key)),
        }

    def write(self, view: View, verb: str, key: str, form: Any) -> Change:
        """Add, change or remove; what would close the portal asks first."""
        if verb == "delete":
            _ask_first(view, key, None, form)
            return lambda shop: _known(remove_address, shop, key)
        place = _find(view.settings, key) if verb == "edit" else None
        values = address_values(form, place)
        if verb == "edit":
            lacks = missing_parts(replace(place, **_place_values(values))) if place else []
            _ask_first(view, key, lacks, form)
            return lambda shop: _known(change_address, shop, key, values)
        return lambda shop: _add(shop, values)

    def press(self, view: View, button: str, key: str) -> Change:
        """Make it the return address; an incomplete one would close the portal."""
        place = _find(view.settings, key)
        if button != "use" or place is None or missing_parts(place):
            return lambda _shop: None
        return lambda shop: use_for_returns(shop, place.id)

    def saved_text(self, view: View, saved: str) -> str:
        """What was done."""
        if saved.startswith("use-"):
            return _("Returns go to this address from now on")
        return super().saved_text(view, saved)

    def subject(self, part: str, form: Any) -> str:
        """The address's name."""
        key = pressed()[1] if part == "order" else part.partition("-")[2]
        place = _find(g.shop, key)
        return (place.company or place.name) if place else _typed_name(form)

    def asks_for_password(self, view: View, part: str) -> bool:
        """Where parcels go is worth a password; the rest of the book is not."""
        verb, _dash, key = part.partition("-")
        return part == "order" or (verb in {"edit", "delete"} and _is_return(view.settings, key))

    def also_shows(self, before: ShopSettings, after: ShopSettings) -> str:
        """The return address stands on the portal's card, stores in the table of methods."""
        if before.return_address != after.return_address:
            return "portal"
        return "methods" if before.policy.has_stores != after.policy.has_stores else ""


def _typed_name(form: Any) -> str:
    return str(form.company.data or form.name_.data) if isinstance(form, AddressForm) else ""


def _find(settings: ShopSettings, key: str) -> Place | None:
    return next((one for one in settings.addresses if str(one.id) == key), None)


def _is_return(settings: ShopSettings, key: str) -> bool:
    return settings.return_address is not None and str(settings.return_address.id) == key


def _ask_first(view: View, key: str, lacks: list[str] | None, form: Any) -> None:
    """Refuse to close the portal unless that was agreed to. `lacks` None: the address goes."""
    open_for_it = view.settings.active and _is_return(view.settings, key)
    if not open_for_it or lacks == [] or form.close_portal.data:
        return
    what = missing_text(lacks[0]) if lacks else _("Returns go to this address")
    text = _(
        "%(what)s. Without a complete return address the portal closes: customers can start no "
        "return until there is one again. Tick the box if you want that.",
        what=what,
    )
    raise Refused("close_portal", text)


def _place_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in Place.__slots__}


def _known(do: Any, shop: Any, key: str, *values: Any) -> None:
    try:
        do(shop, int(key), *values)
    except UnknownAddress:
        raise Refused("csrf_token", _("This address has been removed meanwhile.")) from None


def _add(shop: Any, values: Mapping[str, Any]) -> None:
    try:
        add_address(shop, values)
    except TooManyAddresses:
        raise Refused("company", _("The address book is full.")) from None


def _save_text(verb: str, *, closes: bool) -> str | None:
    if verb != "delete":
        return None
    return _("Remove, and close the portal") if closes else _("Remove")


def _row(settings: ShopSettings, place: Place) -> Row:
    is_return = _is_return(settings, str(place.id))
    lacks = missing_parts(place)
    badges = [
        (_("Return address"), "accent", "package") if is_return else None,
        (_("Store"), "", "map-pin") if place.is_store else None,
        (missing_text(lacks[0]), "warn", "triangle-alert") if lacks else None,
    ]
    name = place.company or place.name
    return Row(
        f"edit-{place.id}",
        name,
        one_line(place).removeprefix(f"{name}, "),
        place.name if place.company and place.name != place.company else "",
        key=str(place.id),
        badges=tuple(each for each in badges if each),
        press=("use", _("Use for returns")) if not is_return and not lacks else None,
    )
