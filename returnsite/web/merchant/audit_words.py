"""Entries of the audit log as people read them."""

from __future__ import annotations

from typing import Any

from flask import current_app

from ...services.audit import Entry
from ..i18n import gettext as _
from ..rendering import day_and_time
from .audit_values import value_in_words
from .words import country_name, doer_name, language_name, method_name

_EVENTS = {
    "change": lambda: _("Changed"),
    "changed": lambda: _("Changed"),
    "undo": lambda: _("Put back"),
    "add": lambda: _("Added"),
    "remove": lambda: _("Removed"),
    "move": lambda: _("Moved"),
    "activate": lambda: _("Portal opened"),
    "deactivate": lambda: _("Portal closed"),
    "shop_created": lambda: _("Shop made"),
    "invited": lambda: _("Invited"),
    "invited_again": lambda: _("Invited again"),
    "invite_revoked": lambda: _("Invitation taken back"),
    "joined": lambda: _("Joined"),
    "role_changed": lambda: _("Role changed"),
    "removed": lambda: _("Removed"),
}


def describe(entry: Entry) -> dict[str, Any]:
    """When, who, what, and each value old → new."""
    words = _EVENTS.get(entry.event)
    return {
        "at": day_and_time(entry.at),
        "actor": doer_name(entry.actor),
        "event": words() if words else entry.event,
        "subject": entry.subject,
        "changes": [
            {
                "field": field_name(field),
                "old": value_text(field, old),
                "new": value_text(field, new),
            }
            for each in entry.changes
            for field, old, new in _parts(each["field"], each.get("old"), each.get("new"))
        ],
    }


def _parts(field: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """A change of a thing with fields of its own, as those that changed."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [(field, old, new)]
    return [
        part
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name) and name not in _UNSAID
        for part in _parts(_below(field, name), old.get(name), new.get(name))
    ]


def _below(field: str, name: str) -> str:
    """A field of a field; words are told apart by their language."""
    return f"{field}.{name}" if field.partition(".")[0] in {"labels", "texts"} else name


def field_name(field: str) -> str:
    """A field as the settings page calls it; its plain name where it has none."""
    first, *rest = field.split(".")
    if first == "fee" and len(rest) == 2:
        return _fee_name(*rest)
    words = _FIELDS.get(field) or _FIELDS.get(first)
    own = words() if words else first.replace("_", " ")
    below = [_part_name(one) for one in rest if words is None or not one.isdigit()]
    return own if field in _FIELDS else " · ".join((own, *below))


def _part_name(name: str) -> str:
    if name in current_app.config["LANGUAGES"]:
        return language_name(name)
    words = _FIELDS.get(name)
    return words() if words else name.replace("_", " ")


def _fee_name(method: str, country: str) -> str:
    what = _("all methods") if method == "any" else method_name(method)
    where = "" if country == "any" else country_name(country)
    return _("Fee: %(what)s", what=", ".join(filter(None, (what, where))))


def value_text(field: str, value: Any) -> str:
    """A stored value in a few words; of a thing, what it has."""
    if not isinstance(value, dict):
        return value_in_words(field, value)
    known = [
        (name, part)
        for name, part in value.items()
        if part not in (None, "", False) and name not in _UNSAID
    ]
    return ", ".join(f"{_part_name(name)}: {value_text(name, part)}" for name, part in known) or "–"


_UNSAID = {"code", "hue", "chroma", "latitude", "longitude"}
"""What follows from the rest, or is nobody's choice."""

_FIELDS = {
    "role": lambda: _("Role"),
    "return_address_id": lambda: _("Return address"),
    "notification_email": lambda: _("Mail for each new return"),
    "window_days": lambda: _("Return window"),
    "unknown_delivery": lambda: _("When the delivery date is not known"),
    "unknown_delivery_days": lambda: _(
        "Days from sending to delivery, when nothing better is known"
    ),
    "policy_url": lambda: _("Return policy"),
    "support_url": lambda: _("Customer service page"),
    "support_email": lambda: _("Customer service e-mail"),
    "privacy_url": lambda: _("Privacy statement"),
    "hand_in_days": lambda: _("Hand in within"),
    "refund_days": lambda: _("Refund within"),
    "manual_approval": lambda: _("Approval by hand"),
    "resolutions": lambda: _("Refund options"),
    "credit_bonus_bp": lambda: _("Bonus on store credit"),
    "credit_valid_days": lambda: _("Store credit is valid for"),
    "refund_outbound_shipping": lambda: _(
        "Refund the shipping costs of the order when everything comes back"
    ),
    "free_from_order_value": lambda: _("Free from an order value of"),
    "free_for_shop_fault": lambda: _("Free when the shop or the carrier is at fault"),
    "free_for_exchange": lambda: _("Free for an exchange"),
    "free_for_credit": lambda: _("Free for store credit"),
    "frame_origins": lambda: _("Sites that may show the portal"),
    "methods": lambda: _("Ways to send it back"),
    "active": lambda: _("Portal open"),
    "reasons.order": lambda: _("Order in the list"),
    "reason": lambda: _("Reason"),
    "labels": lambda: _("Words"),
    "fault": lambda: _("Whose fault it is"),
    "comment_required": lambda: _("Explanation needed"),
    "photo_required": lambda: _("Photo needed"),
    "enabled": lambda: _("Switched on"),
    "contracts.order": lambda: _("Order in the list"),
    "contract": lambda: _("Contract"),
    "carrier": lambda: _("Carrier"),
    "own": lambda: _("Own contract"),
    "includes_returns": lambda: _("Returns included"),
    "reference": lambda: _("Contract number"),
    "credentials": lambda: _("Access data"),
    "address": lambda: _("Address"),
    "name": lambda: _("Name"),
    "company": lambda: _("Company"),
    "street": lambda: _("Street"),
    "house_number": lambda: _("House number"),
    "postcode": lambda: _("Postcode"),
    "city": lambda: _("Town"),
    "province": lambda: _("Province"),
    "country": lambda: _("Country"),
    "phone": lambda: _("Phone"),
    "is_store": lambda: _("Store"),
    "opening_hours": lambda: _("Opening hours"),
    "locales": lambda: _("Languages"),
    "default_locale": lambda: _("First language"),
    "look": lambda: _("Look"),
    "colour": lambda: _("Colour"),
    "logo": lambda: _("Logo"),
    "texts": lambda: _("Texts"),
    "find": lambda: _("Welcome, on the first page"),
    "done": lambda: _("After a return is registered"),
    "not_returnable": lambda: _("When nothing of an order can go back"),
    "mail_host": lambda: _("Mail server"),
    "mail_port": lambda: _("Port"),
    "mail_security": lambda: _("Encryption"),
    "mail_username": lambda: _("User name"),
    "mail_password": lambda: _("Password"),
    "mail_sender": lambda: _("Sender address"),
}
