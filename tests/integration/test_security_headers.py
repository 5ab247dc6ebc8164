"""The headers of every address, asked as it really is: found, refused, as a page and a fragment."""

from __future__ import annotations

import re
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from returnsite.jobs.worker import drain
from returnsite.models import Return
from returnsite.services.order_links import sign_order
from tests.conftest import on_one_database
from tests.factories import PLACED
from tests.harness import FRAGMENT_HEADERS, IsolatedClient
from tests.walk import (
    SAME_ORIGIN,
    Walk,
    answers_for,
    change_settings,
    lines_of,
    make_photo,
    start,
)

pytestmark = on_one_database

ORIGINS = ["https://shop.example", "https://www.shop.example:8443"]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors "
)
FILE_CSP = "sandbox; default-src 'none'; frame-ancestors 'none'"
FRAMED = CSP + "'self' https://shop.example https://www.shop.example:8443"


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, factories: ModuleType) -> Any:
    made = factories.make_order(session, shop)
    change_settings(session, shop, frame_origins=ORIGINS, look={"hue": 100})
    return made


@pytest.fixture
def walk(client: IsolatedClient, shop: Any, order: Any) -> Walk:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    make_photo(walk, line)
    return walk


@pytest.fixture
def return_(app: Flask, session: Session, shop: Any, order: Any, factories: ModuleType) -> Return:
    """One with its label made; another that waits for its customer in the store."""
    made = factories.make_return(session, order)
    session.commit()
    drain(app)
    session.expire_all()
    return made


def addresses(app: Flask, walk: Walk, shop: Any, order: Any, return_: Any) -> dict[str, str]:
    """Endpoint → an address of it that is there."""
    portal, draft = f"/p/{shop.slug}", f"/p/{shop.slug}/r/{walk.token}"
    status = f"{portal}/s/{return_.status_token}"
    photo = next(iter(walk.answers()["photos"].values()))[0]["file"]
    with app.app_context():
        link = sign_order(shop.id, order.id)
    return {
        "home": "/",
        "health": "/health",
        "static": "/static/css/base.css",
        "portal.check": f"{portal}/check",
        "portal.find": f"{portal}/",
        "portal.look_up": f"{portal}/",
        "portal.logo": f"{portal}/logo",
        "portal.theme": f"{portal}/theme.css",
        "portal.order_link": f"{portal}/o/{link}",
        "portal.start_from_link": f"{portal}/o/{link}",
        "portal.step": f"{draft}/items",
        "portal.save_step": f"{draft}/items",
        "portal.quote": f"{draft}/items/_quote",
        "portal.points": f"{draft}/shipment/_points?method=drop_off_point",
        "portal.photo": f"{draft}/photos/{photo}",
        "portal.status": status,
        "portal.done": f"{status}/done",
        "portal.handoff": f"{status}/_handoff",
        "portal.qr_code": f"{status}/code.svg",
        "portal.label": f"{status}/label.pdf",
        "portal.cancel": f"{status}/cancel",
    }


ELSEWHERE = ("mailbox.", "account.", "merchant.")
"""Blueprints whose pages have tests of their own: nobody may frame those."""
FILES = {"portal.qr_code", "portal.label"}
CACHED = {"static", "portal.theme", "portal.logo"}
OUTSIDE = {"home", "health", "static"}


def assert_secure(endpoint: str, answer: TestResponse) -> None:
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    if endpoint in FILES and answer.status_code == 200:
        assert policy == FILE_CSP, endpoint
    else:
        assert policy == (CSP + "'none'" if endpoint in OUTSIDE else FRAMED), endpoint
    framed = "frame-ancestors 'none'" not in policy
    assert headers.get("X-Frame-Options") == (None if framed else "DENY"), endpoint
    public = endpoint == "static" and answer.status_code < 400
    shared = "cross-origin" if framed or public else None
    assert headers.get("Cross-Origin-Resource-Policy") == shared, endpoint
    isolated = "require-corp" if framed else None
    assert headers.get("Cross-Origin-Embedder-Policy") == isolated, endpoint
    assert headers.get("Access-Control-Allow-Origin") == ("*" if public else None)
    assert headers["X-Content-Type-Options"] == "nosniff", endpoint
    assert headers["Referrer-Policy"] == "same-origin", endpoint
    assert "Set-Cookie" not in headers, endpoint
    if answer.mimetype == "text/html":
        assert {"HX-Request", "HX-Request-Type"} <= set(answer.vary), endpoint
    if endpoint.startswith("portal.") and endpoint not in CACHED:
        assert "no-store" in headers["Cache-Control"], endpoint


def test_every_address_has_its_headers(
    app: Flask, client: IsolatedClient, walk: Walk, shop: Any, order: Any, return_: Any
) -> None:
    known = addresses(app, walk, shop, order, return_)
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {e for e in endpoints if not e.startswith(ELSEWHERE)} == set(known)
    found = 0
    for rule in app.url_map.iter_rules():
        url = known.get(rule.endpoint)
        if url is None:
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            for extra in ({}, FRAGMENT_HEADERS, {"Sec-Fetch-Dest": "iframe"}):
                headers = {**SAME_ORIGIN, **extra}
                answer = client.open(url, method=method, headers=headers, buffered=True)
                assert_secure(rule.endpoint, answer)
                found += answer.status_code == 200
    assert found > 60


def test_pages_that_are_refused_or_gone_have_the_same_headers(
    client: IsolatedClient, walk: Walk, shop: Any, clock: Any
) -> None:
    draft = f"/p/{shop.slug}/r"
    for method, url in (
        ("GET", f"{draft}/no-such-token/items"),
        ("GET", f"{draft}/{walk.token}/no-such-step"),
        ("POST", f"/p/{shop.slug}/"),
        ("GET", f"/p/{shop.slug}/s/no-such-token"),
        ("GET", f"/p/{shop.slug}/o/no-such-link"),
        ("POST", f"/p/{shop.slug}/s/no-such-token/cancel"),
    ):
        for extra in ({}, FRAGMENT_HEADERS):
            answer = client.open(url, method=method, headers={**SAME_ORIGIN, **extra})
            assert answer.status_code in {404, 422}, url
            assert_secure("portal.step", answer)
    clock.advance(hours=3)
    gone = client.get(walk.url("items"))
    assert gone.status_code == 410
    assert_secure("portal.step", gone)


def test_addresses_that_do_not_exist_may_be_framed_by_nobody(client: IsolatedClient) -> None:
    for url in ("/nope", "/p/no-such-shop/", "/p/x/y/z", "/static/none.css", "/.git/config"):
        for headers in ({}, FRAGMENT_HEADERS):
            answer = client.get(url, headers=headers)
            assert answer.status_code == 404
            assert_secure("home", answer)
            assert set(answer.vary) >= {"HX-Request", "HX-Request-Type"}
            assert "no-store" in answer.headers["Cache-Control"]
    assert client.open("/", method="TRACE").status_code == 405


def test_a_shop_without_origins_is_framed_by_its_own_pages_only(
    client: IsolatedClient, shop: Any, order: Any, session: Session
) -> None:
    change_settings(session, shop, frame_origins=[])
    policy = client.get(f"/p/{shop.slug}/").headers["Content-Security-Policy"]
    assert policy == CSP + "'self'"


def test_only_the_map_tiles_server_is_added_to_the_policy(
    app: Flask, client: IsolatedClient, shop: Any
) -> None:
    app.config["MAP_TILES_URL"] = "https://tiles.example/{z}/{x}/{y}.png"
    try:
        policy = client.get(f"/p/{shop.slug}/").headers["Content-Security-Policy"]
    finally:
        app.config["MAP_TILES_URL"] = ""
    assert "img-src 'self' data: https://tiles.example; " in policy


def test_browsers_keep_to_https_once_they_came_by_it(client: IsolatedClient, shop: Any) -> None:
    secure = client.get(f"/p/{shop.slug}/", base_url="https://returns.example")
    plain = client.get(f"/p/{shop.slug}/", base_url="http://returns.example")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in plain.headers


def test_pages_ask_nothing_of_anyone_else(
    app: Flask, client: IsolatedClient, walk: Walk, shop: Any, order: Any, return_: Any
) -> None:
    """No script, style, picture or form points at another origin."""
    for endpoint, url in addresses(app, walk, shop, order, return_).items():
        answer = client.get(url, buffered=True)
        if answer.mimetype != "text/html":
            continue
        loaded = re.findall(r'\b(?:src|action|data-hx-get|data-hx-post)="([^"]+)"', answer.text)
        loaded += re.findall(r'<link[^>]+href="([^"]+)"', answer.text)
        assert loaded or "/_" in url, endpoint
        assert all(one.startswith(("/", "#")) and "//" not in one for one in loaded), endpoint
        assert not re.search(r"\s(?:style|on[a-z]+)=", answer.text), endpoint
