"""The address of a shop's merchant side alone."""

from __future__ import annotations

from typing import Any

from flask import redirect

from ...domain.roles import Permission
from . import bp
from .guard import permission
from .navigation import menu


@bp.get("/")
@permission(Permission.SEE_SETTINGS)
def home(slug: str) -> Any:
    """On to the first page of the menu."""
    return redirect(menu()[0]["url"], 303)
