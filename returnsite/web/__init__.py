"""Everything that speaks HTTP."""

from __future__ import annotations

from flask import Flask, Response, redirect, render_template, url_for

from ..services.shops import demo_shop
from . import account, addresses, errors, htmx, mailbox, merchant, portal, rendering, security


def init_app(app: Flask) -> None:
    """Register blueprints, error pages and everything around a request."""
    addresses.init_app(app)
    rendering.init_app(app)
    errors.init_app(app)
    portal.init_app(app)
    merchant.init_app(app)
    account.init_app(app)
    mailbox.init_app(app)
    app.after_request(security.add_headers)
    app.after_request(htmx.add_vary)
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/health", "health", health)


def home() -> Response | str:
    """The demo shop's portal where it is loaded; elsewhere a page that says what this is."""
    shop = demo_shop()
    if shop is not None:
        return redirect(url_for("portal.find", slug=shop.slug), 302)  # type: ignore[return-value]
    return render_template("home.html")


def health() -> Response:
    """200 while the process answers."""
    return Response("ok\n", mimetype="text/plain")
