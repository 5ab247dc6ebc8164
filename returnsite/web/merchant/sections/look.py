"""Look and languages: name, logo, colour, languages and the shop's own words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from ....domain.colour import Brand, brand_of, read_hex, shade, to_hex
from ....domain.errors import DomainError
from ....services.settings.look import LOOK, PLACES, set_colour, set_logo, set_texts
from ....services.shops import ShopSettings
from ...htmx import is_fragment
from ...i18n import gettext as _
from ...portal.theme import DEFAULT_CHROMA, DEFAULT_HUE
from ..words import language_name
from .base import Change, Row, Section, SettingsForm, View
from .forms import TOO_LONG, Needed, choices, filled, line, tidy
from .look_logo import LogoForm, is_pending, kept_logo, look_at_logo, shown_logo

_LONGEST_TEXT = 600


class NameForm(SettingsForm):
    """What the shop is called."""

    name = StringField(
        _l("Name of the shop"),
        description=_l("Customers see it in the portal and in mails."),
        filters=[line],
        validators=[Needed(), Length(max=200, message=TOO_LONG)],
    )


class ColourForm(SettingsForm):
    """The colour, typed or picked."""

    colour = StringField(
        _l("Colour"),
        description=_l("As a web colour, like #0a7b5c."),
        filters=[line],
        validators=[Needed()],
    )
    picker = StringField(_l("Pick a colour"))

    def validate_colour(self, field: Any) -> None:
        """Six digits, or three."""
        try:
            field.data = read_hex(field.data)
        except DomainError:
            raise ValidationError(_("Enter a colour like #0a7b5c.")) from None


class LanguagesForm(SettingsForm):
    """Languages customers can choose from."""

    locales = SelectMultipleField(_l("Languages of the portal"))
    default_locale = RadioField(
        _l("First language"),
        description=_l("For customers whose browser speaks none of them."),
    )

    def validate_locales(self, field: Any) -> None:
        """There is at least one."""
        if not field.data:
            raise ValidationError(_("Choose at least one."))

    def validate_default_locale(self, field: Any) -> None:
        """It is one of them."""
        if self.locales.data and field.data not in self.locales.data:
            raise ValidationError(_("Choose one of the languages that are switched on."))


class Look(Section):
    """The card of name, logo, colour, languages and words."""

    name = "look"
    store = LOOK
    shown_in_preview = True

    def title(self) -> str:
        """The heading."""
        return _("Look and languages")

    def rows(self, view: View) -> list[Row]:
        """What is saved."""
        settings = view.settings
        languages = [language_name(code) for code in settings.locales]
        logo = _("Uploaded") if settings.look.get("logo") else _("None: the name is shown")
        first = language_name(settings.default_locale)
        return [
            Row("name", _("Name of the shop"), settings.name),
            Row("logo", _("Logo"), logo),
            Row("colour", _("Colour"), colour_of(settings)),
            Row(
                "languages",
                _("Languages"),
                ", ".join(languages),
                _("First language: %(language)s", language=first) if len(languages) > 1 else "",
            ),
            _texts_row(settings),
        ]

    def form(self, view: View, part: str) -> SettingsForm | None:
        """One of the card's forms."""
        settings = view.settings
        if part == "texts":
            return _texts_form(settings)
        forms = {"name": NameForm, "logo": LogoForm, "colour": ColourForm}
        if part == "languages":
            return _languages_form(settings)
        if part not in forms:
            return None
        colour = colour_of(settings)
        saved = {"name": settings.name, "colour": colour, "picker": colour}
        form = filled(forms[part], saved)
        if isinstance(form, ColourForm) and form.colour.data == colour and form.picker.data:
            form.colour.data = form.picker.data
        return form

    def form_template(self, part: str) -> str:
        """Own fields for colour, logo and texts."""
        own = {"colour", "logo", "texts"}
        return f"merchant/sections/look_{part}.html" if part in own else super().form_template(part)

    def only_looking(self, part: str, form: Any) -> bool:
        """The preview, without JavaScript; for a logo that was just chosen always."""
        return "look" in request.form

    def look_at(self, view: View, part: str, form: Any) -> None:
        """Put a chosen logo aside, for the preview to show. Raises Refused."""
        if part == "logo":
            look_at_logo(view.settings, form)

    def preview(self, view: View, part: str, form: Any) -> Mapping[str, Any] | None:
        """The shades of a colour; for words and name, the portal beside the cards is enough."""
        if part not in {"colour", "name", "texts"}:
            return None
        return {"shades": _shades(form.colour.data) if part == "colour" else []}

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """The portal with what is on the screen, and the fields of the texts."""
        typed: dict[str, Any] = typed_look(part, form)
        looking = request.path.endswith("/_preview") or "look" in request.form
        return {
            "portal_url": url_for("merchant.preview_portal", **typed),
            "refresh": looking and is_fragment(),
            "form_enctype": "multipart/form-data" if part == "logo" else None,
            "has_logo": bool(view.settings.look.get("logo")),
            "pending": part == "logo" and is_pending(view.settings, form),
            "logo_url": url_for("portal.logo", slug=view.settings.slug, v=view.settings.version),
            "texts": _text_fields(view.settings, form) if part == "texts" else [],
        }

    def change(self, view: View, part: str, form: Any) -> Change:
        """Write the open part."""
        if part == "logo":
            name = kept_logo(view.settings, form)
            return lambda shop: set_logo(shop, name)
        if part == "colour":
            return lambda shop: set_colour(shop, form.colour.data)
        if part == "texts":
            texts = {
                code: {place: form[f"{place}_{code}"].data or "" for place in PLACES}
                for code in view.settings.locales
            }
            return lambda shop: set_texts(shop, texts)
        return lambda shop: _write(shop, part, form)


def colour_of(settings: ShopSettings) -> str:
    """The colour as chosen; a shop that never chose one has the portal's own."""
    chosen = settings.look.get("colour")
    if chosen:
        return str(chosen)
    hue = float(settings.look.get("hue", DEFAULT_HUE))
    return to_hex(0.455, float(settings.look.get("chroma", DEFAULT_CHROMA)), hue)


def typed_look(part: str | None, form: Any) -> dict[str, Any]:
    """What of an open form shows in the portal's first page, as query of the preview."""
    if part == "colour":
        return {"colour": form.colour.data or ""}
    if part == "name":
        return {"name": _field(form, "name")}
    if part == "logo":
        return {"logo": shown_logo(form)}
    if part == "texts":
        fields = {name: _field(form, name) for name in form.data if name.startswith("find_")}
        return {name: text for name, text in fields.items() if text}
    return {}


def _field(form: Any, name: str) -> str:
    return str(form[name].data or "")[:_LONGEST_TEXT]


def _write(shop: Any, part: str, form: Any) -> None:
    if part == "name":
        shop.name = form["name"].data
        return
    shop.locales = [code for code in current_app.config["LANGUAGES"] if code in form.locales.data]
    shop.default_locale = form.default_locale.data


def _languages_form(settings: ShopSettings) -> SettingsForm:
    ours = [(code, language_name(code)) for code in current_app.config["LANGUAGES"]]
    saved = {"locales": list(settings.locales), "default_locale": settings.default_locale}
    form: Any = filled(LanguagesForm, saved)
    form.locales.choices = choices(ours)
    form.default_locale.choices = choices(ours)
    return form


@lru_cache(maxsize=64)
def _texts_class(locales: tuple[str, ...]) -> type[SettingsForm]:
    length = Length(max=_LONGEST_TEXT, message=TOO_LONG)
    fields = {
        f"{place}_{code}": TextAreaField(filters=[tidy], validators=[length])
        for place in PLACES
        for code in locales
    }
    return type("TextsForm", (SettingsForm,), fields)


def _texts_form(settings: ShopSettings) -> SettingsForm:
    saved = {
        f"{place}_{code}": settings.texts.get(code, {}).get(place, "")
        for place in PLACES
        for code in settings.locales
    }
    form = filled(_texts_class(settings.locales), saved)
    for place in PLACES:
        for code in settings.locales:
            form[f"{place}_{code}"].label.text = language_name(code)
    return form


def _text_fields(settings: ShopSettings, form: Any) -> list[dict[str, Any]]:
    return [
        {"title": text, "fields": [form[f"{place}_{code}"] for code in settings.locales]}
        for place, text in _places().items()
    ]


def _places() -> dict[str, str]:
    return {
        "find": _("Welcome, on the first page"),
        "done": _("After a return is registered"),
        "not_returnable": _("When nothing of an order can go back"),
    }


def _texts_row(settings: ShopSettings) -> Row:
    written = {place for words in settings.texts.values() for place, text in words.items() if text}
    names = [text for place, text in _places().items() if place in written]
    return Row("texts", _("Your own words"), " · ".join(names) or _("None yet"))


def _shades(colour: str | None) -> list[dict[str, str]]:
    """What customers will see; nothing for what is no colour yet."""
    try:
        brand: Brand = brand_of(read_hex(colour or ""))
    except DomainError:
        return []
    return [
        {
            "name": name,
            "accent": found.accent,
            "ink": found.on_accent,
            "ratio": f"{found.contrast:.1f}:1",
        }
        for name, found in (
            (_("Light"), shade(brand, dark=False)),
            (_("Dark"), shade(brand, dark=True)),
        )
    ]
