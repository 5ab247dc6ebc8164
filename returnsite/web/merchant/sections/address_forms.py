"""The form of an address: checked by the rules of its country, hours as shopkeepers type them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length

from ....domain.opening_week import CLOSED, HoursInvalid, day_texts, read_day, week_to_osm
from ....services.address_rules import address_problems, rules_of, tidy_postcode
from ....services.setting_items import Place
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ..words import country_options, week_days
from .base import Refused, SettingsForm
from .forms import TOO_LONG, choices, line

_TEXT = (Length(max=200, message=TOO_LONG),)
_SHORT = (Length(max=64, message=TOO_LONG),)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "ph")
PLACE_FIELDS = ("street", "house_number", "postcode", "city", "province", "country", "phone")
_LONGEST_HOURS = 200


class AddressForm(SettingsForm):
    """An address, and when it is open if it is a store."""

    company = StringField(_l("Company or store"), filters=[line], validators=_TEXT)
    name_ = StringField(
        _l("Name or department"),
        description=_l("Who opens the parcel. One of these two is needed."),
        name="name",
        filters=[line],
        validators=_TEXT,
    )
    country = SelectField(_l("Country"))
    street = StringField(_l("Street"), filters=[line], validators=_TEXT)
    house_number = StringField(_l("House number"), filters=[line], validators=_SHORT)
    postcode = StringField(_l("Postcode"), filters=[line], validators=_SHORT)
    city = StringField(_l("Town"), filters=[line], validators=_TEXT)
    province = SelectField(_l("Province"), choices=[], validate_choice=False)
    phone = StringField(
        _l("Phone"),
        description=_l("Some carriers print it on the label."),
        filters=[line],
        validators=_SHORT,
    )
    is_store = BooleanField(_l("Customers can bring returns here: it is a store"))
    mon = StringField(filters=[line], validators=_SHORT)
    tue = StringField(filters=[line], validators=_SHORT)
    wed = StringField(filters=[line], validators=_SHORT)
    thu = StringField(filters=[line], validators=_SHORT)
    fri = StringField(filters=[line], validators=_SHORT)
    sat = StringField(filters=[line], validators=_SHORT)
    sun = StringField(filters=[line], validators=_SHORT)
    ph = StringField(filters=[line], validators=_SHORT)
    close_portal = BooleanField(_l("Save it all the same, and close the portal"))

    def validate(self, extra_validators: Any = None) -> bool:
        """The shape of each field, then the rules of the country."""
        offer_provinces(self)
        good = super().validate(extra_validators)
        self.postcode.data = tidy_postcode(self.postcode.data or "", self.country.data or "")
        if not self.company.data and not self.name_.data:
            self.company.errors = [_("Enter a company or a name.")]
            good = False
        for field, code in address_problems(_asked(self)).items():
            if not self[field].errors:
                self[field].errors = [_problem(field, code, self.country.data or "")]
                good = False
        return good


class RemoveForm(SettingsForm):
    """Taking an address out of the book."""

    close_portal = BooleanField(_l("Remove it all the same, and close the portal"))


def offer_countries(form: Any, home: str) -> None:
    """The countries to choose from, and what belongs to the chosen one."""
    form.country.choices = choices(country_options((home,)))
    offer_provinces(form)
    for key, label in zip(DAYS, week_days(), strict=True):
        form[key].label.text = label


def offer_provinces(form: Any) -> None:
    """The provinces of the chosen country."""
    known = rules_of(form.country.data or "").provinces
    ordered = sorted(known, key=lambda pair: pair[1])
    form.province.choices = choices([("", _("Choose a province")), *ordered]) if known else []


def saved_values(place: Place | None, settings: ShopSettings) -> dict[str, Any]:
    """What the form shows of an address; a new one is in the shop's own country."""
    if place is None:
        return {"country": settings.policy.home_country, "company": settings.name}
    texts = day_texts(place.opening_hours)
    closed = _("closed")
    days = [closed if text in CLOSED else text for text in texts or [""] * len(DAYS)]
    return {
        **{name: getattr(place, name) for name in PLACE_FIELDS},
        "company": place.company,
        "name_": place.name if place.name != place.company else "",
        "is_store": place.is_store,
        **dict(zip(DAYS, days, strict=True)),
    }


def kept_hours(place: Place | None) -> str:
    """Stored hours that say more than a week can show; they stay until days are filled in."""
    return place.opening_hours if place and day_texts(place.opening_hours) is None else ""


def address_values(form: Any, place: Place | None) -> dict[str, Any]:
    """The columns of the address. Raises Refused for hours that are none."""
    values = {name: form[name].data or "" for name in PLACE_FIELDS}
    if not form.province.choices:
        values["province"] = ""
    return {
        **values,
        "company": form.company.data or "",
        "name": form.name_.data or form.company.data,
        "is_store": form.is_store.data,
        "opening_hours": _hours(form, kept_hours(place)) if form.is_store.data else "",
    }


def _hours(form: Any, kept: str) -> str:
    days = []
    for key in DAYS:
        text = form[key].data or ""
        try:
            days.append([] if text == _("closed") else read_day(text))
        except HoursInvalid:
            words = _("Write it like 9:00–17:30, or 9–12, 13–18; leave it empty when closed.")
            raise Refused(key, words) from None
    osm = week_to_osm(days) or kept
    if len(osm) > _LONGEST_HOURS:
        raise Refused("mon", _("These hours are too long to keep. Leave some times out."))
    return osm


def _asked(form: AddressForm) -> dict[str, str]:
    names = ("street", "postcode", "city", "country")
    asked = {name: str(form[name].data or "") for name in names}
    return {**asked, "province": (form.province.data or "") if form.province.choices else ""}


def _problem(field: str, code: str, country: str) -> str:
    example = rules_of(country).postcode_example
    if field == "postcode" and code == "invalid" and example:
        return _("Enter a postcode like %(example)s.", example=example)
    return {
        "street": _("Enter the street."),
        "postcode": _("Enter a postcode like %(example)s.", example=example)
        if example
        else _("Enter the postcode."),
        "city": _("Enter the town."),
        "province": _("Choose a province."),
    }.get(field, _("Choose a country."))
