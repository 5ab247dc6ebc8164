"""The merchant's side: settings, rules, orders, returns, analytics of one shop."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, request, url_for

from ...services.accounts.sessions import shops_of
from ..htmx import is_fragment
from ..i18n import locale_code
from . import guard, navigation

bp = Blueprint("merchant", __name__, url_prefix="/shops/<slug>")

PAGES = (
    *("home", "team", "analytics", "settings", "tasks", "rules", "order", "orders"),
    *("orders_import", "analytics.times"),
    *("return_page", "dock", "credits", "embed"),
    *("inbox", "inbox_bulk", "inbox_views"),
    "portal_preview",
)
"""Modules of this package with views; one line adds a page."""


def init_app(app: Flask) -> None:
    """Register the blueprint with all its pages."""
    for name in PAGES:
        import_module(f"{__name__}.{name}")
    app.register_blueprint(bp)
    app.context_processor(layout)


@bp.before_request
def prepare() -> Response | None:
    """Let in who may: see `guard.admit`."""
    if "\x00" in request.path:
        abort(404)
    return guard.admit((request.view_args or {})["slug"])


@bp.after_request
def finish(response: Response) -> Response:
    """Nothing of a shop stays in a cache."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@bp.url_defaults
def add_slug(endpoint: str, values: dict[str, Any]) -> None:
    """Addresses lead to the shop at hand unless they name another."""
    if g.get("shop") is not None:
        values.setdefault("slug", g.shop.slug)


def layout() -> dict[str, Any]:
    """What the frame of every merchant page shows."""
    member = g.get("member")
    if member is None or is_fragment():
        return {"may": guard.may} if member else {}
    return {
        "may": guard.may,
        "locale": locale_code(),
        "member": member,
        "menu": navigation.menu(),
        "shop_name": g.shop.name,
        "portal_url": url_for("portal.find", slug=g.shop.slug),
        "other_shops": [one for one in shops_of(user_id=member.user_id) if one[0] != g.shop.slug],
    }
