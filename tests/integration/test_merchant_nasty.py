"""Nothing typed into a merchant's address or form makes a page of ours fall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.harness import FRAGMENT_HEADERS, Form, Page
from tests.html_checks import check_page
from tests.integration.test_merchant_tenancy import FOREIGN, OF_ANY_SHOP, merchant_rules
from tests.merchant import Merchant
from tests.nasty import NASTY

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
URLENCODED = "application/x-www-form-urlencoded"

ASKED = (
    "q", "page", "before", "below", "by", "tab", "sort", "done", "saved", "from", "to", "min",
    "max", "period", "compare", "country", "category", "product", "reason", "resolution",
    "method", "carrier", "variant", "fault", "kept", "status", "for", "row", "rule", "name",
    "colour", "counted", "lang",
)  # fmt: skip
"""What addresses of the merchant's pages carry."""

VALUES = {
    name: NASTY[name]
    for name in (
        "nul inside",
        "lone surrogate",
        "emoji",
        "huge",
        "int64",
        "negative",
        "html",
        "long",
    )
}


def own_addresses(app: Flask, session: Session, shop: Any) -> Iterator[tuple[Rule, str]]:
    """Every page of the shop, about things of its own."""
    adapter = app.url_map.bind("localhost")
    for rule in merchant_rules(app):
        if "GET" not in (rule.methods or set()) or "action" in rule.arguments:
            continue
        values = {
            name: FOREIGN[name](session, shop) if name in FOREIGN else OF_ANY_SHOP[name]
            for name in rule.arguments - {"slug"}
        }
        session.commit()
        yield rule, adapter.build(rule.endpoint, {"slug": shop.slug, **values})


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_address_makes_a_page_fall(
    app: Flask, merchant: Merchant, session: Session, value: str
) -> None:
    query = "&".join(f"{name}={value}" for name in ASKED)
    for _rule, url in own_addresses(app, session, merchant.shop):
        for headers in ({}, FRAGMENT_HEADERS):
            with merchant.checked.client.get(f"{url}?{query}", headers=headers) as answer:
                assert answer.status_code < 500, (url, answer.data[:300])
                assert b"<script>alert" not in answer.data, url


def own_forms(app: Flask, merchant: Merchant, session: Session) -> Iterator[Form]:
    """Every form on the shop's pages, each kind once."""
    known: set[tuple[str, ...]] = set()
    for _rule, url in own_addresses(app, session, merchant.shop):
        with merchant.checked.client.get(url) as answer:
            if answer.status_code != 200 or answer.mimetype != "text/html" or "/_" in url:
                continue
            page = Page(url, 200, answer.headers, answer.data, check_page(url, answer.text))
        for form in page.forms():
            kind = (form.action, *form.data)
            if (
                form.method == "post"
                and form.action.startswith(merchant.base)
                and kind not in known
            ):
                known.add(kind)
                yield form


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_nothing_typed_into_a_form_makes_a_page_fall(
    app: Flask, merchant: Merchant, session: Session, value: str
) -> None:
    sent = 0
    for form in own_forms(app, merchant, session):
        names = [name for name in form.data if name != "csrf_token"]
        body = "&".join([f"csrf_token={merchant.csrf()}", *(f"{each}={value}" for each in names)])
        answer = merchant.checked.client.post(
            form.action, data=body, headers=SAME_ORIGIN, content_type=URLENCODED
        )
        assert answer.status_code < 500, (form.action, names, answer.text[:300])
        assert b"<script>alert" not in answer.data, form.action
        sent += 1
    assert sent > 25
