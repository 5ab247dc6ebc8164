"""A user of one shop × every merchant address × what belongs to another shop: not found.

A new kind of thing in an address needs a maker in `FOREIGN`; without one the walk fails.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from returnsite.models import StoreCredit
from returnsite.services.audit import COMMAND_LINE
from returnsite.services.returns.issue_credit import issue_credit
from returnsite.services.settings.logos import put_aside
from returnsite.services.shops import find_shop
from tests import factories
from tests.harness import FRAGMENT_HEADERS
from tests.merchant import Merchant

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}

Maker = Callable[[Session, Any], Any]
"""Makes a thing of the rival shop and returns how addresses name it."""


def make_credit(session: Session, shop: Any) -> int:
    """Store credit of the shop, given for a return of its own."""
    order = factories.make_order(session, shop)
    made = factories.make_return(session, order, resolution="credit")
    session.commit()
    settings = find_shop(slug=shop.slug)
    assert settings
    issue_credit(shop=settings, return_id=made.id, actor=COMMAND_LINE)
    return session.scalars(select(StoreCredit.id).where(StoreCredit.return_id == made.id)).one()


def make_logo(shop: Any) -> str:
    """A logo that the shop has chosen and not saved."""
    data = io.BytesIO()
    Image.new("RGB", (4, 4)).save(data, "PNG")
    return put_aside(shop_id=shop.id, content=data.getvalue())


FOREIGN: dict[str, Maker] = {
    "rule_id": lambda session, shop: factories.make_rule(session, shop, fee=1).id,
    "version_number": lambda session, shop: factories.make_rule_version(session, shop).number,
    "order_id": lambda session, shop: factories.make_order(session, shop).id,
    "upload_token": lambda session, shop: factories.make_upload(shop),
    "number": lambda session, shop: (
        factories.make_return(session, factories.make_order(session, shop)).number
    ),
    "shipment_id": lambda session, shop: (
        factories.make_return(session, factories.make_order(session, shop)).shipments[0].id
    ),
    "credit_id": lambda session, shop: make_credit(session, shop),
    "task_id": lambda session, shop: factories.make_task(session, shop).id,
    "member_id": lambda session, shop: factories.make_user(session, shop).memberships[0].id,
    "logo_name": lambda session, shop: make_logo(shop),
    "view_id": lambda session, shop: factories.make_view(session, shop).id,
    "outcome_id": lambda session, shop: factories.make_bulk_action(session, shop).id,
    "invite_id": lambda session, shop: factories.make_invite(session, shop).id,
}
"""By the name of the argument in the route."""

OF_ANY_SHOP: dict[str, str] = {
    "table": "orders",
    "file": "photo.jpg",
    "name": "reason",
    "section": "portal",
    "part": "window",
}
"""Arguments that name no row: a value each that exists in every shop."""


@pytest.fixture
def rival(session: Session) -> Any:
    """Another shop, with a member of its own."""
    shop = factories.make_shop(session, slug="rival", name="Rival")
    factories.make_user(session, shop)
    session.commit()
    return shop


def merchant_rules(app: Flask) -> list[Rule]:
    """Every address below a shop."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("merchant.")]


def _of_any_shop(rule: Rule, name: str) -> str:
    """A value that exists in every shop; an action is one of those its route names."""
    if name == "action":
        return min(rule._converters[name].items)  # type: ignore[attr-defined]
    return OF_ANY_SHOP[name]


def _ask(merchant: Merchant, url: str, rule: Rule) -> list[tuple[str, int]]:
    body = {"csrf_token": merchant.csrf()}
    return [
        (
            f"{method} {url}",
            merchant.checked.client.open(
                url,
                method=method,
                data=body if method == "POST" else None,
                headers={**SAME_ORIGIN, **extra},
            ).status_code,
        )
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
        for extra in ({}, FRAGMENT_HEADERS)
    ]


def test_no_address_below_a_foreign_shop_opens(
    app: Flask, merchant: Merchant, rival: Any, session: Session
) -> None:
    adapter = app.url_map.bind("localhost")
    for rule in merchant_rules(app):
        values: dict[str, Any] = {}
        for name in rule.arguments - {"slug"}:
            assert name in FOREIGN or name in OF_ANY_SHOP or name == "action", (
                f"{rule}: say what <{name}> names"
            )
            make = FOREIGN.get(name)
            values[name] = make(session, rival) if make else _of_any_shop(rule, name)
        session.commit()
        for slug in (rival.slug, "other", "no-such-shop"):
            url = adapter.build(rule.endpoint, {"slug": slug, **values})
            for what, status in _ask(merchant, url, rule):
                assert status == 404, what


def test_nothing_of_a_foreign_shop_opens_below_the_own(
    app: Flask, merchant: Merchant, rival: Any, session: Session
) -> None:
    adapter = app.url_map.bind("localhost")
    for rule in merchant_rules(app):
        foreign = rule.arguments & FOREIGN.keys()
        if not foreign:
            continue
        values = {
            name: FOREIGN[name](session, rival) if name in FOREIGN else _of_any_shop(rule, name)
            for name in rule.arguments - {"slug"}
        }
        session.commit()
        url = adapter.build(rule.endpoint, {"slug": merchant.shop.slug, **values})
        for what, status in _ask(merchant, url, rule):
            assert status == 404, what
