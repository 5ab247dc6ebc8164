"""What a new shop needs, for the first run and for further shops."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from flask import current_app
from flask_babel import lazy_gettext as _l

from ...domain.errors import DomainError
from ...services.activate_shop import ShopRefused
from ...services.create_shop import NewShop
from ..i18n import locale_code
from ..portal import LANGUAGE_NAMES
from .forms import AccountForm, optional_text, text
from .words import refusal, words

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHOWN_FIRST = ("NL", "BE", "DE", "FR", "GB")
_FIELDS = {"slug": "slug", "time zone": "time_zone", "name": "shop_name", "country": "country"}


class ShopForm(AccountForm):
    """A shop's name, address and basics; the rest is set on its own pages."""

    shop_name = text("shop_name_missing", label=_l("Name of the shop"))
    slug = optional_text(longest=64, label=_l("Address of your portal"))
    country = text("not_offered", label=_l("Country"), default="NL")
    language = text("not_offered", label=_l("Main language"), default="nl")
    currency = text("not_offered", label=_l("Currency"), default="EUR")
    time_zone = text("not_offered", label=_l("Time zone"), default="Europe/Amsterdam")

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape; an empty address follows from the name."""
        super().validate(extra_validators)
        if not self.slug.data:
            self.slug.data = slug_of(self.shop_name.data or "")
        if not self.slug.errors and not _SLUG.fullmatch(self.slug.data) and self.shop_name.data:
            self.refuse("slug", words("slug_invalid"))
        for name, options in choices().items():
            if self[name].data not in {code for code, _text in options}:
                self.refuse(name, words("not_offered"))
        return not self.problems

    def new_shop(self) -> NewShop:
        """The shop as the service takes it: its own language first, the others after it."""
        first = self.language.data
        rest = [code for code in current_app.config["LANGUAGES"] if code != first]
        return NewShop(
            slug=self.slug.data,
            name=self.shop_name.data,
            country=self.country.data,
            currency=self.currency.data,
            time_zone=self.time_zone.data,
            locales=(first, *rest),
        )

    def refuse_shop(self, error: DomainError | ShopRefused) -> None:
        """Put what the service refused beside its field."""
        if isinstance(error, ShopRefused):
            self.refuse(_FIELDS.get(error.field, "shop_name"), words("not_offered"))
        else:
            self.refuse("slug", refusal(error))


def slug_of(name: str) -> str:
    """`Fietsen & Zo` → `fietsen-zo`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].rstrip("-")


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the fields offer, in the language of the page."""
    languages = [(code, LANGUAGE_NAMES[code]) for code in current_app.config["LANGUAGES"]]
    return {**_choices(locale_code()), "language": languages}


@lru_cache(maxsize=8)
def _choices(language: str) -> dict[str, list[tuple[str, str]]]:
    locale = Locale.parse(language)
    countries = {c: n for c, n in locale.territories.items() if re.fullmatch(r"[A-Z]{2}", c)}
    ordered = sorted(countries, key=lambda code: (code not in _SHOWN_FIRST, countries[code]))
    return {
        "country": [(code, countries[code]) for code in ordered if code not in _NO_COUNTRIES],
        "currency": [(code, f"{code} – {locale.currencies.get(code, code)}") for code in _MONEY],
        "time_zone": [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())
                      if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/"))],
    }  # fmt: skip


_NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
_MONEY = (
    *("EUR", "GBP", "USD", "CHF", "DKK", "NOK", "SEK", "ISK", "PLN", "CZK", "HUF", "RON", "BGN"),
    *("AUD", "BRL", "CAD", "CNY", "HKD", "ILS", "INR", "JPY", "KRW", "MXN", "NZD", "SGD", "TRY"),
    *("UAH", "ZAR", "AED", "KWD", "SAR"),
)
