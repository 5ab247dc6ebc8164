"""What columns, tables and their files are called."""

from __future__ import annotations

from ...i18n import gettext as _


def heading_of(name: str) -> str:
    """The heading of the column that names the rows."""
    return {
        "country": _("Country"),
        "category": _("Category"),
        "product": _("Product"),
        "variant": _("Variant"),
        "reason": _("Reason"),
        "fault": _("Whose side"),
        "resolution": _("Refund"),
        "method": _("Method"),
        "carrier": _("Carrier"),
    }[name]


def title_of(name: str) -> str:
    """The heading of a table, its card and its file."""
    return {
        "totals": _("In all"),
        "reason": _("Why it comes back"),
        "reason-time": _("Reasons over time"),
        "time": _("Return rate over time"),
        "fault": _("On whose side the reason lies"),
        "resolution": _("What customers got"),
        "method": _("How it comes back"),
        "carrier": _("Who carries it"),
        "country": _("Return rate by country"),
        "category": _("Return rate by category"),
        "product": _("Products that come back most"),
        "variant": _("Return rate by variant"),
        "stages": _("How long it takes"),
    }[name]
