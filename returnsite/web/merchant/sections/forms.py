"""Filters and validators that several settings forms share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from flask import g, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Field, IntegerField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from ....domain.errors import AmountInvalid
from ....domain.money import parse_amount, to_decimal
from ...i18n import gettext as _
from ...i18n import locale_code
from ...typed import printable
from .base import SettingsForm

_HOST_FIRST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]|$)")
REQUIRED = _l("Fill this in.")
TOO_LONG = _l("This is too long.")


def tidy(text: str | None) -> str:
    """What was typed, without blanks around it and without characters nobody can see."""
    return printable(text or "").strip()


def line(text: str | None) -> str:
    """One line of what was typed."""
    return " ".join(tidy(text).split())


def web_address(text: str | None) -> str:
    """A web address as it is meant: people leave out what every one begins with."""
    typed = line(text)
    return f"https://{typed}" if _HOST_FIRST.match(typed) else typed


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Options of a select, as value and words."""
    return [SelectChoice(value, label) for value, label in pairs]


def filled(form_class: type[SettingsForm], saved: Mapping[str, Any]) -> SettingsForm:
    """The form as the request sends it, else with what is saved.

    A live preview asks with GET, and carries the form's fields too.
    """
    posted: Any = CombinedMultiDict[str, Any]([request.files, request.form])
    sent: Any = posted if request.method == "POST" else request.args
    is_sent = request.method == "POST" or request.path.endswith("/_preview")
    return form_class(formdata=sent if is_sent else None, data=dict(saved))


class Needed:
    """Something has to be filled in; nothing else is checked otherwise."""

    def __init__(self, message: Any = REQUIRED) -> None:
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        """Stop with the message when the field is blank."""
        if not field.data or not str(field.data).strip():
            raise StopValidation(str(self.message))


def http_url(form: Any, field: Field) -> None:
    """An absolute address on the web; a blank one is none and fine."""
    text = str(field.data or "")
    if not text:
        return
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _port = parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    usual = parts.scheme in {"http", "https"} and host and ("." in host or host == "localhost")
    if not usual or any(each.isspace() for each in text) or parts.username is not None:
        raise ValidationError(_("Enter a whole web address, like https://shop.example/returns."))


class WholeNumber(IntegerField):
    """A whole number; what is none is None, and the field's range says what to type."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read it, without words of its own for what cannot be read."""
        with suppress(ValueError):
            super().process_formdata(valuelist)


class AmountField(StringField):
    """An amount as people type it; `minor` is what it comes to, None for a blank one."""

    minor: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the amount in the language of the page and the shop's currency."""
        self.minor = None
        text = str(self.data or "").strip()
        if not text:
            return
        try:
            self.minor = parse_amount(text, g.shop.currency, locale_code())
        except AmountInvalid as error:
            raise StopValidation(_amount_problem(error.code)) from None
        if self.minor < 0:
            raise StopValidation(_("An amount can't be below zero."))


def amount_text(minor: int | None) -> str:
    """An amount as a field shows it: `3,95` in Dutch, `3.95` in English, blank for none."""
    if minor is None:
        return ""
    plain = str(to_decimal(minor, g.shop.currency))
    return plain if locale_code() == "en" else plain.replace(".", ",")


def _amount_problem(code: str) -> str:
    if code == "amount_ambiguous":
        return _("This can be read in two ways. Write it like %(example)s.", example=_example())
    if code == "amount_too_precise":
        return _("This has more digits than the currency has.")
    if code == "amount_too_large":
        return _("This amount is too large.")
    return _("Enter an amount, like %(example)s.", example=_example())


def _example() -> str:
    return amount_text(395)


class PercentField(StringField):
    """A percentage as people type it; `basis_points` is what it comes to."""

    basis_points: int = 0

    def pre_validate(self, form: Any) -> None:
        """Read up to two decimals, with a comma or a point."""
        text = str(self.data or "0").strip().removesuffix("%").strip().replace(",", ".")
        if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text, re.ASCII) or Decimal(text) > 100:
            raise StopValidation(_("Enter a percentage from 0 to 100."))
        self.basis_points = int(Decimal(text) * 100)


def percent_text(basis_points: int) -> str:
    """`10`, or `7,5` in Dutch."""
    plain = f"{Decimal(basis_points) / 100:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain if locale_code() == "en" else plain.replace(".", ",")
