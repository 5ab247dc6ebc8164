"""Entries of the audit log as people read them."""

from __future__ import annotations

from typing import Any

from ...services.audit import Entry
from ..i18n import gettext as _
from ..rendering import day_and_time

_EVENTS = {
    "change": lambda: _("Changed"),
    "undo": lambda: _("Put back"),
    "add": lambda: _("Added"),
    "remove": lambda: _("Removed"),
    "move": lambda: _("Moved"),
    "activate": lambda: _("Portal opened"),
    "deactivate": lambda: _("Portal closed"),
}


def describe(entry: Entry) -> dict[str, Any]:
    """When, who, what, and each value old → new."""
    words = _EVENTS.get(entry.event)
    return {
        "at": day_and_time(entry.at),
        "actor": entry.actor,
        "event": words() if words else entry.event,
        "subject": entry.subject,
        "changes": [
            {
                "field": field_name(each["field"]),
                "old": value_text(each.get("old")),
                "new": value_text(each.get("new")),
            }
            for each in entry.changes
        ],
    }


def field_name(field: str) -> str:
    """A field as the settings page calls it; its plain name where it has none."""
    words = _FIELDS.get(field)
    return words() if words else field.replace("_", " ").replace(".", " · ")


def value_text(value: Any) -> str:
    """A stored value in a few words."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {value_text(part)}" for name, part in value.items())
    return str(value)


_FIELDS = {
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
    "methods": lambda: _("Ways to send it back"),
    "active": lambda: _("Portal open"),
}
