"""Pictures of the merchant's side of the demo shop, for `scripts.screenshots`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select

from returnsite.models import Membership, Shop
from returnsite.services.accounts.sessions import start_session
from returnsite.services.analytics.refresh import refresh_all
from returnsite.web.merchant.guard import SESSION_KEY

if TYPE_CHECKING:
    from scripts.screenshots import Camera

PAGES = (
    ("inbox", "returns"),
    ("orders", "orders"),
    ("analytics", "analytics?period=90"),
    ("rules", "rules"),
    ("rule-new", "rules/new"),
    ("dock", "dock"),
    ("settings", "settings"),
    ("settings-window", "settings/portal/window"),
    ("settings-fees", "settings/fees/schedule"),
    ("settings-look", "settings/look/colour"),
    ("embed", "embed"),
    ("team", "team"),
)


def take_merchant(camera: Camera, app: Flask, *, whole: bool) -> None:
    """Every page of the menu, signed in as the demo's owner."""
    page = camera.page
    with app.app_context():
        refresh_all()
    page.context.add_cookies(
        [{"name": app.config["SESSION_COOKIE_NAME"], "value": _cookie(app), "url": camera.url}]
    )
    for name, path in PAGES:
        page.goto(f"/shops/demo/{path}")
        camera.take(name, whole=whole)
    page.context.clear_cookies()


def _cookie(app: Flask) -> str:
    """A session of the demo's owner, as the browser would keep it."""
    query = (
        select(Membership.user_id)
        .join(Shop, Shop.id == Membership.shop_id)
        .where(Shop.slug == "demo", Membership.role == "owner")
        .order_by(Membership.id)
    )
    with app.app_context():
        from returnsite.extensions import db

        token = start_session(user_id=db.session.scalars(query.limit(1)).one())
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    if serializer is None:
        raise RuntimeError("the application has no secret key")
    return str(serializer.dumps({SESSION_KEY: token}))
