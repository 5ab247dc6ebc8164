"""Entries of the audit log as people read them."""

from __future__ import annotations

from typing import Any

from ...domain.roles import Role
from ...services.audit import Entry
from ..i18n import gettext as _
from ..rendering import day_and_time
from .words import doer_name, role_name

_EVENTS = {
    "change": lambda: _("Changed"),
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
                "old": _value(field, old),
                "new": _value(field, new),
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
        if old.get(name) != new.get(name)
        for part in _parts(name, old.get(name), new.get(name))
    ]


def field_name(field: str) -> str:
    """A field as the settings page calls it; its plain name where it has none."""
    words = _FIELDS.get(field) or _FIELDS.get(field.partition(".")[0])
    return words() if words else field.replace("_", " ").replace(".", " · ")


def _value(field: str, value: Any) -> str:
    return role_name(value) if field == "role" and value in set(Role) else value_text(value)


def value_text(value: Any) -> str:
    """A stored value in a few words."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    if isinstance(value, dict):
        known = [(name, part) for name, part in value.items() if part not in (None, "", False)]
        return ", ".join(f"{field_name(name)}: {value_text(part)}" for name, part in known)
    return str(value)


_FIELDS = {
    "role": lambda: _("Role"),
    "return_address_id": lambda: _("Return address"),
    "notification_email": lambda: _("Mail for each new return"),
    "window_days": lambda: _("Return window"),
    "unknown_delivery": lambda: _("When the delivery date is not known"),
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
    "methods": lambda: _("Ways to send it back"),
    "active": lambda: _("Portal open"),
    "reasons": lambda: _("Order"),
    "reason": lambda: _("Reason"),
    "code": lambda: _("Code"),
    "labels": lambda: _("Words"),
    "fault": lambda: _("Whose fault it is"),
    "comment_required": lambda: _("Explanation needed"),
    "photo_required": lambda: _("Photo needed"),
    "enabled": lambda: _("Switched on"),
    "contracts": lambda: _("Order"),
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
    "mail_host": lambda: _("Mail server"),
    "mail_port": lambda: _("Port"),
    "mail_security": lambda: _("Encryption"),
    "mail_username": lambda: _("User name"),
    "mail_password": lambda: _("Password"),
    "mail_sender": lambda: _("Sender address"),
}
