"""Stored values as the settings page says them: names for codes, amounts, percentages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from ...domain.policy import UnknownDelivery
from ..i18n import gettext as _
from ..rendering import money
from .places import one_line
from .sections.forms import percent_text
from .words import (
    carrier_title,
    country_name,
    fault_name,
    language_name,
    method_name,
    reason_name,
    resolution_name,
    role_name,
)


def value_in_words(field: str, value: Any) -> str:
    """A value of this field; codes that are known no longer stay as they are."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_in_words(field, one) for one in value)
    words = _WORDS.get(field) or _WORDS.get(field.partition(".")[0])
    try:
        return words(value) if words else str(value)
    except (ValueError, KeyError, TypeError):
        return str(value)


def _amount(minor: Any) -> str:
    return money(int(minor), g.shop.currency)


def _address(address_id: Any) -> str:
    known = (one_line(one) for one in g.shop.addresses if one.id == address_id)
    return next(known, _("an address that is no longer there"))


def _unknown_delivery(code: Any) -> str:
    return {
        UnknownDelivery.SHIPPED_PLUS_DAYS: _("Count from some days after sending"),
        UnknownDelivery.OPEN: _("Always allow the return"),
        UnknownDelivery.CLOSED: _("Refuse the return"),
    }[UnknownDelivery(code)]


def _security(code: Any) -> str:
    return {"starttls": "STARTTLS", "tls": "TLS", "none": _("None")}[code]


_WORDS: dict[str, Callable[[Any], str]] = {
    "carrier": carrier_title,
    "contracts.order": carrier_title,
    "country": country_name,
    "credit_bonus_bp": lambda value: f"{percent_text(int(value))}%",
    "default_locale": language_name,
    "fault": fault_name,
    "fee": _amount,
    "free_from_order_value": _amount,
    "locales": language_name,
    "logo": lambda _name: _("Uploaded"),
    "mail_security": _security,
    "methods": method_name,
    "reasons.order": reason_name,
    "resolutions": resolution_name,
    "return_address_id": _address,
    "role": role_name,
    "unknown_delivery": _unknown_delivery,
}
