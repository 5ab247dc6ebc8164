"""How pages beside the inbox speak of a return and lead to it."""

from __future__ import annotations

from flask import current_app, url_for

from ..i18n import gettext as _

PAGE = "merchant.return_"


def return_url(return_id: int, number: str) -> str | None:
    """The page of a return, None while there is none."""
    if PAGE not in current_app.view_functions:
        return None
    return url_for(PAGE, return_id=return_id)


def return_status(status: str) -> str:
    """The status in a word."""
    return {
        "requested": _("Requested"),
        "approved": _("Approved"),
        "in_transit": _("On the way"),
        "received": _("Received"),
        "closed": _("Completed"),
        "declined": _("Declined"),
        "cancelled": _("Cancelled"),
        "expired": _("Expired"),
        "lost": _("Lost"),
    }.get(status, status)
