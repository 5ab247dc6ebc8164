"""The address of a shop's merchant side alone."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, url_for

from ...domain.roles import Permission
from . import bp
from .guard import permission
from .navigation import menu


@bp.get("/")
@permission(Permission.SEE_SETTINGS)
def home(slug: str) -> Any:
    """On to the returns; while the portal is closed, to what is still to be set up."""
    if not g.shop.active:
        return redirect(url_for("merchant.settings"), 303)
    return redirect(menu()[0]["url"], 303)
