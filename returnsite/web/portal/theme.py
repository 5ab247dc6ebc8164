"""A shop's look: two numbers as a small stylesheet, and its logo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, g, make_response, send_from_directory

from . import bp

DEFAULT_HUE = 215
DEFAULT_CHROMA = 0.09


@bp.get("/p/<slug>/theme.css")
def theme(slug: str) -> Response:
    """The shop's hue and chroma; lightness is ours, so that contrast holds for any colour."""
    response = stylesheet(g.shop.look)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def stylesheet(look: Mapping[str, Any]) -> Response:
    """A look as a stylesheet."""
    hue = float(look.get("hue", DEFAULT_HUE)) % 360
    chroma = min(max(float(look.get("chroma", DEFAULT_CHROMA)), 0.0), 0.2)
    response = make_response(f":root{{--brand-hue:{hue:g};--brand-chroma:{chroma:g}}}\n")
    response.mimetype = "text/css"
    return response


@bp.get("/p/<slug>/logo")
def logo(slug: str) -> Response:
    """The shop's logo, re-encoded when it was uploaded."""
    name = g.shop.look.get("logo")
    if not name:
        abort(404)
    folder = Path(current_app.config["DATA_DIR"]) / "logos"
    return send_from_directory(folder, name, max_age=31536000)
