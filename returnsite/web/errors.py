"""Error pages: one template, one table of words; fragments and pages alike."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import Any

from flask import Flask, Response, g, request, url_for
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from ..extensions import db
from .htmx import page
from .i18n import gettext as _

log = logging.getLogger(__name__)

_READ_AT_MOST = 256 * 1024 * 1024

_TALKATIVE = {"sqlalchemy", "psycopg", "sqlite3"}
"""Packages whose errors repeat the rows they are about, names and addresses included."""


def init_app(app: Flask) -> None:
    """Answer every HTTP error, and every exception, with a page of ours."""
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(Exception, fail)


def show(error: HTTPException) -> Response:
    """An HTTP error as a page a customer can do something with."""
    status = error.code or 500
    if status == RequestEntityTooLarge.code:
        _read_to_the_end()
    heading, text = _SAID.get(error.description or "", lambda: words(status))()
    response = page(
        "errors/error.html",
        status=status,
        heading=heading,
        text=text,
        code=None,
        **_way_back(status),
        own_tab_url=request.base_url if status == 403 else None,
    )
    response.headers["Cache-Control"] = "no-store"
    for name in ("Allow", "Retry-After"):
        value = dict(error.get_headers()).get(name)
        if value:
            response.headers[name] = value
    return response


def fail(error: Exception) -> Response:
    """An unexpected error: logged under a code that the page shows, told nothing else."""
    code = secrets.token_hex(4)
    db.session.rollback()
    # The path holds a token: only the endpoint is logged.
    log.error("error %s in %s\n%s", code, request.endpoint, _trace(error))
    g.pop("wizard", None)
    heading, text = words(500)
    return page(
        "errors/error.html",
        status=InternalServerError.code,
        heading=heading,
        text=text,
        code=code,
        **_way_back(500),
    )


def _read_to_the_end() -> None:
    """Take in what is too large: browsers only look at an answer once they have sent it all."""
    left = min(request.content_length or 0, _READ_AT_MOST)
    while left > 0 and (read := len(request.environ["wsgi.input"].read(min(left, 65_536)))):
        left -= read


def _trace(error: BaseException) -> str:
    """Where an error is from and what led to it, without what databases say of their rows."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{_trace(cause)}\n" if cause else ""
    kind = type(error)
    words = "" if kind.__module__.partition(".")[0] in _TALKATIVE else f": {error}"
    stack = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}{stack}{kind.__module__}.{kind.__qualname__}{words}"


def _way_back(status: int) -> dict[str, Any]:
    """Frame and way on: a merchant stays among the shop's own pages, customers find their order."""
    shop = g.get("shop")
    if g.get("member") is not None:
        return {
            "layout": "merchant/layout.html",
            "back": (url_for("merchant.settings", slug=shop.slug), _("To the settings")),
        }
    if request.blueprint == "merchant":
        return {
            "layout": "portal/layout.html",
            "back": (url_for("account.shops"), _("To your shops")),
        }
    back = None
    if shop and shop.active and status in {404, 410}:
        back = (url_for("portal.find", slug=shop.slug), _("Find your order"))
    return {"layout": "portal/layout.html", "back": back}


_SAID = {
    "inactive": lambda: (
        _("This returns page is closed at the moment"),
        _("Contact the shop to return something."),
    ),
    "role": lambda: (
        _("Your role does not include this"),
        _("Ask an owner of the shop, who can give you another role."),
    ),
}
"""What is said instead where the one who refuses tells why."""


def words(status: int) -> tuple[str, str]:
    """Heading and text for a status."""
    return {
        400: (_("That did not work"), _("The request was not complete. Go back and try again.")),
        403: (_("That is not allowed"), _("Open the page itself and try again from there.")),
        404: (
            _("We can't find this page"),
            _("The address may be incomplete, or the page is no longer there."),
        ),
        405: (_("That did not work"), _("Go back and try again.")),
        410: (_("This page has expired"), _("Find your order again to start afresh.")),
        413: (_("That is too large"), _("Send fewer or smaller files.")),
        429: (_("Too many attempts"), _("Wait a moment and try again.")),
    }.get(
        status,
        (_("Something went wrong on our side"), _("Nothing was lost. Try again in a moment.")),
    )
