"""Somebody of a shop, signed in, who walks its pages with the checking client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from returnsite.models import Shop, User
from returnsite.services.accounts.sessions import start_session
from returnsite.web.merchant.guard import SESSION_KEY
from tests import factories
from tests.harness import CheckedClient, Page


def sign_in(client: FlaskClient, user: User) -> None:
    """Give the client a session of this user, past the sign-in page."""
    token = start_session(user_id=user.id, network="198.51.100.0", browser="Test")
    with client.session_transaction() as cookie:
        cookie[SESSION_KEY] = token


class Merchant:
    """A signed-in member of `shop`; paths are below `/shops/<slug>`."""

    def __init__(self, client: FlaskClient, session: Session, shop: Shop, owner: User) -> None:
        self.session = session
        self.shop = shop
        self.checked = CheckedClient(client)
        self.base = f"/shops/{shop.slug}"
        self.user = owner
        sign_in(client, owner)

    def as_role(self, role: str) -> Merchant:
        """Be somebody else of the shop from now on, in this role."""
        self.user = factories.make_user(self.session, self.shop, role=role)
        self.session.commit()
        sign_in(self.checked.client, self.user)
        return self

    def url(self, path: str) -> str:
        """The address of a path below the shop."""
        return path if path.startswith(self.base) else self.base + path

    def get(self, path: str, **options: Any) -> Page:
        """Ask a page whole and as a fragment; options as `CheckedClient.get`."""
        return self.checked.get(self.url(path), **options)

    def get_fragment(self, path: str, **options: Any) -> Page:
        """Ask what only htmx asks for."""
        return self.checked.get_fragment(self.url(path), **options)

    def post(self, path: str, data: Mapping[str, Any], **options: Any) -> Page:
        """Post fields of one's own making, with the session's token."""
        return self.checked.post(self.url(path), {**data, "csrf_token": self.csrf()}, **options)

    def submit(self, page: Page, changes: Mapping[str, Any] | None = None, **options: Any) -> Page:
        """Fill in a page's form and send it; options as `CheckedClient.submit`."""
        return self.checked.submit(page, changes, **options)

    def follow(self, page: Page, **options: Any) -> Page:
        """Go where an answer sends the browser."""
        return self.checked.follow(page, **options)

    def also_asked(self, answer: Page) -> Page:
        """The other card that an answer has the browser ask for, as it is now."""
        return self.get_fragment(str(answer.find("div", data_hx_trigger="load").get("data-hx-get")))

    def csrf(self) -> str:
        """A token for forms of this session, as its pages carry."""
        client = self.checked.client
        with client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", "0" * 40)
        secret = client.application.secret_key
        assert secret
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))


def stored(merchant: Merchant) -> Shop:
    """The shop as the database has it now."""
    merchant.session.expire_all()
    return merchant.session.get_one(Shop, merchant.shop.id)
