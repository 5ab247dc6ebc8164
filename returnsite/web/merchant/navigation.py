"""The main menu of the merchant's side: one line an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, request, url_for

from ...domain.roles import Permission, allows
from ...services.inbox.listing import MANY
from ...services.inbox.rows import count_requests
from ..htmx import add_region, is_fragment
from ..i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu; `endpoints` are the prefixes of views that belong to it."""

    endpoint: str
    icon: str
    needs: Permission
    endpoints: tuple[str, ...] = ()


COUNTED = "merchant.returns"
"""The entry that says how many wait."""

ENTRIES: tuple[Entry, ...] = (
    Entry(
        COUNTED,
        "inbox",
        Permission.SEE_RETURNS,
        ("merchant.return_", "merchant.returns_"),
    ),
    Entry("merchant.dock", "package-open", Permission.WORK_ON_RETURNS, ("merchant.credit",)),
    Entry("merchant.analytics", "chart-column", Permission.SEE_ANALYTICS),
    Entry("merchant.orders", "shopping-bag", Permission.SEE_ORDERS, ("merchant.order",)),
    Entry("merchant.rules", "scale", Permission.SEE_SETTINGS),
    Entry("merchant.settings", "settings", Permission.SEE_SETTINGS, ("merchant.embed",)),
)


def _labels() -> dict[str, str]:
    return {
        "merchant.returns": _("Returns"),
        "merchant.dock": _("Receive"),
        "merchant.analytics": _("Analytics"),
        "merchant.orders": _("Orders"),
        "merchant.rules": _("Rules"),
        "merchant.settings": _("Settings"),
    }


def menu() -> list[dict[str, Any]]:
    """The entries the person at hand may open, the current one marked."""
    labels, here = _labels(), request.endpoint or ""
    return [
        {
            "label": labels[entry.endpoint],
            "url": url_for(entry.endpoint, slug=g.shop.slug),
            "icon": entry.icon,
            "counts": entry.endpoint == COUNTED,
            "count": _waiting() if entry.endpoint == COUNTED else "",
            "current": any(
                here.startswith(prefix) for prefix in (entry.endpoint, *entry.endpoints)
            ),
        }
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions and allows(g.member.role, entry.needs)
    ]


def with_waiting(response: Response) -> Response:
    """The answer, and for htmx how many returns wait now, as what was done may have changed it."""
    if is_fragment() and response.status_code == 200:
        add_region(response, "menu-waiting", "merchant/menu_waiting.html", waiting=_waiting())
    return response


def _waiting() -> str:
    """How many returns wait for a decision; the inbox has counted them already."""
    waiting = g.waiting if "waiting" in g else count_requests(g.shop.id)
    return f"{MANY - 1}+" if waiting >= MANY else str(waiting or "")


def other_pages() -> list[dict[str, str]]:
    """What else is set up, on pages of their own, as far as the person at hand may."""
    pages = (
        ("merchant.embed", _("On your site"), Permission.SEE_SETTINGS),
        ("merchant.rules", _("Return rules"), Permission.SEE_SETTINGS),
        ("merchant.team", _("Team"), Permission.SEE_TEAM),
    )
    return [
        {"label": label, "url": url_for(endpoint)}
        for endpoint, label, needed in pages
        if endpoint in current_app.view_functions and allows(g.member.role, needed)
    ]
