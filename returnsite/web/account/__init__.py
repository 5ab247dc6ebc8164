"""The pages of people: signing in, one's own account, and the links that arrive by mail."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from ..i18n import locale_code
from ..portal import LANGUAGE_NAMES
from . import guard

bp = Blueprint("account", __name__)

PAGES = (
    "sign_in",
    "second_factor",
    "password",
    "invite",
    "first_run",
    "profile",
    "email",
    "two_factor",
    "sessions",
    "shops",
)
"""Modules of this package with views; one line adds a page."""


def init_app(app: Flask) -> None:
    """Register the blueprint with all its pages."""
    for name in PAGES:
        import_module(f"{__name__}.{name}")
    app.register_blueprint(bp)
    _prepare_cookie(app)


def _prepare_cookie(app: Flask) -> None:
    """Over HTTPS browsers hold the cookie to this host, as its name says."""
    secure = str(app.config["PUBLIC_URL"]).startswith("https://")
    app.config["SESSION_COOKIE_NAME"] = "__Host-returnsite" if secure else "returnsite"
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["SESSION_COOKIE_PATH"] = "/"


@bp.before_request
def prepare() -> Response | None:
    """Let in who may: see `guard.admit`."""
    if "\x00" in request.path:
        abort(404)
    return guard.admit()


@bp.after_request
def finish(response: Response) -> Response:
    """Nothing of an account stays in a cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.context_processor
def layout() -> dict[str, Any]:
    """What the frame of every page shows."""
    return {
        "locale": locale_code(),
        "person": g.get("person"),
        "language_links": _language_links(),
        "language_kept": f"?lang={locale_code()}" if "lang" in request.args else "",
    }


def _language_links() -> list[tuple[str, str, str, bool]]:
    """(code, name, address, is it this one) for who has not said a language yet."""
    kept = request.args.to_dict()
    return [
        (code, LANGUAGE_NAMES[code], f"?{urlencode({**kept, 'lang': code})}", code == locale_code())
        for code in current_app.config["LANGUAGES"]
    ]
