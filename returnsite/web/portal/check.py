"""A page that tests its own frame, for whoever puts the portal into a shop's page."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for

from ..htmx import page
from . import bp


@bp.get("/p/<slug>/check")
def check(slug: str) -> Response:
    """What works in the frame this page is in; shops see it at `…#returnsite-test`."""
    again = "again" in request.args
    keep: dict[str, Any] = {"lang": request.args["lang"]} if "lang" in request.args else {}
    return page(
        "portal/check.html",
        push_url=request.full_path.rstrip("?"),
        again=again,
        again_url=url_for("portal.check", slug=slug, again=1, **keep),
        portal_open=g.shop.active,
    )
