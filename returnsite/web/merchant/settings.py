"""The settings page."""

from __future__ import annotations

from flask import Response

from ...domain.roles import Permission
from ..htmx import page
from . import bp
from .guard import permission


@bp.get("/settings")
@permission(Permission.SEE_SETTINGS)
def settings(slug: str) -> Response:
    """All sections, as saved."""
    return page("merchant/settings.html")
