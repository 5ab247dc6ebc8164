"""One shop never sees or moves what is another's, whatever id or token is named."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from returnsite.jobs.worker import drain
from returnsite.models import Order
from returnsite.services.order_links import sign_order
from returnsite.web.security import form_token
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import FRAGMENT_HEADERS, IsolatedClient
from tests.walk import (
    SAME_ORIGIN,
    STEPS,
    Walk,
    answers_for,
    lines_of,
    make_photo,
    make_point,
    make_variant,
    multi,
    returns_of,
    row_counts,
    start,
)

NOTHING = {"portal.find", "portal.look_up", "portal.theme", "portal.logo", "portal.check"}
"""Addresses that name a shop and nothing else."""


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> Any:
    return kept(lambda: factories.make_order(session, shop, customer_name="Anna de Vries"))


@pytest.fixture
def rival(session: Session, factories: ModuleType, kept: Kept) -> Any:
    """Another active shop with an order of its own."""

    def make() -> Any:
        made = factories.make_shop(session, name="Rival")
        factories.make_order(session, made)
        return made

    return kept(make)


@pytest.fixture
def walk(client: IsolatedClient, shop: Any, order: Any) -> Walk:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    assert make_photo(walk, line).status_code == 303
    return walk


@pytest.fixture
def tokens(app: Flask, walk: Walk, session: Session, order: Any, factories: ModuleType) -> Any:
    """Everything of the first shop that an address can name."""
    return_ = factories.make_return(session, order)
    session.commit()
    drain(app)
    with app.app_context():
        link = sign_order(order.shop_id, order.id)
    photo = next(iter(walk.answers()["photos"].values()))[0]["file"]
    return {
        "r": walk.token,
        "s": return_.status_token,
        "link": link,
        "file": photo,
        "id": return_.id,
    }


def values_for(rule: str, tokens: Any) -> dict[str, str]:
    token = tokens["s"] if "/s/" in rule else tokens["r"]
    return {"token": token, "link": tokens["link"], "file": tokens["file"], "step": "items"}


def ask_all(app: Flask, client: IsolatedClient, slug: str, tokens: Any) -> list[tuple[str, int]]:
    """Every address below this slug with these tokens, every method, page and fragment."""
    answers = []
    with app.app_context():
        body = {
            "form_token": form_token(f"cancel:{tokens['id']}"),
            "number": "x",
            "postcode": "y",
        }
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("portal.") or rule.endpoint in NOTHING:
            continue  # the merchant's side: test_merchant_tenancy.py
        adapter = app.url_map.bind("localhost")
        values = values_for(rule.rule, tokens)
        for step in STEPS if "step" in rule.arguments else ("",):
            wanted = {k: v for k, v in {**values, "step": step}.items() if k in rule.arguments}
            url = adapter.build(rule.endpoint, {"slug": slug, **wanted})
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                for extra in ({}, FRAGMENT_HEADERS):
                    answer = client.open(
                        url,
                        method=method,
                        data=body if method == "POST" else None,
                        query_string={"method": "drop_off_point"} if "_points" in url else None,
                        headers={**SAME_ORIGIN, **extra},
                        buffered=True,
                    )
                    answers.append((f"{method} {url}", answer.status_code))
    return answers


def test_no_address_of_another_shop_opens_what_is_this_ones(
    app: Flask, client: IsolatedClient, tokens: Any, rival: Any, shop: Any, session: Session
) -> None:
    make_point(session, code="P1")
    before = row_counts()
    for slug in (rival.slug, "other", "no-such-shop"):
        for what, status in ask_all(app, client, slug, tokens):
            assert status == 404, what
    assert row_counts() == before
    assert [found.status for found in returns_of(session, shop)] == ["approved"]
    # The same addresses open below their own slug, so they were the right ones.
    own = dict(ask_all(app, client, shop.slug, tokens))
    gets = [status for what, status in own.items() if what.startswith("GET")]
    assert set(gets) <= {200, 303, 404}
    assert gets.count(200) >= 10, own


def test_the_error_page_below_another_slug_wears_that_shops_look(
    client: IsolatedClient, walk: Walk, rival: Any, shop: Any
) -> None:
    page = client.get(f"/p/{rival.slug}/r/{walk.token}/items").text
    assert rival.name in page
    assert shop.name not in page


def test_a_draft_serves_its_own_photos_only(
    client: IsolatedClient, walk: Walk, rival: Any, shop: Any, order: Any, session: Session
) -> None:
    photos = next(iter(walk.answers()["photos"].values()))
    file, number = photos[0]["file"], photos[0]["id"]
    sibling = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    far_order = rival_order(session, rival)
    far = start(client, rival, far_order, answers_for({lines_of(far_order)[0]: 1}))
    for other in (sibling, far):
        assert other.get(f"photos/{file}").status_code == 404
        assert other.post("reasons", {"drop-photo": str(number)}).status_code == 404
    assert client.get(walk.url(f"photos/{file}"), buffered=True).status_code == 200


def rival_order(session: Session, rival: Any) -> Any:
    return session.scalars(select(Order).where(Order.shop_id == rival.id)).one()


def test_variants_stores_and_points_of_others_are_no_answers(
    client: IsolatedClient,
    walk: Walk,
    rival: Any,
    shop: Any,
    order: Any,
    session: Session,
    factories: ModuleType,
) -> None:
    line = lines_of(order)[0]
    make_variant(session, shop, sku="OWN-L")
    make_variant(session, rival, sku="RIVAL-L")
    factories.make_address(session, shop, is_store=True, name="Own store")
    store = factories.make_address(session, rival, is_store=True, name="Rival store")
    warehouse = factories.make_address(session, shop, name="No store")
    point = make_point(session, carrier="laposte", country="FR", code="FR1")
    session.commit()
    refused: list[tuple[str, dict[str, str]]] = [
        ("refund", {"all": "exchange", f"variant-{line}": "RIVAL-L"}),
        ("shipment", {"method": "in_store", "store": str(store.id)}),
        ("shipment", {"method": "in_store", "store": str(warehouse.id)}),
        ("shipment", {"method": "drop_off_point", "near": "", "point": str(point.id)}),
        ("shipment", {"method": "drop_off_point", "near": "", "point": "999999"}),
    ]
    kept = walk.answers()
    for step, data in refused:
        answer = walk.post(step, data)
        assert answer.status_code == 422, data
        for name in ("RIVAL-L", "Rival store"):
            assert f">{name}" not in answer.text
    assert walk.answers() == kept
    # What is this shop's own is taken.
    assert walk.post("refund", {"all": "exchange", f"variant-{line}": "OWN-L"}).status_code == 303


def test_a_return_of_the_same_number_in_another_shop_stays_apart(
    client: IsolatedClient, session: Session, shop: Any, rival: Any, factories: ModuleType
) -> None:
    ours = factories.make_return(session, factories.make_order(session, shop), number="R-1")
    theirs = factories.make_return(session, rival_order(session, rival), number="R-1")
    session.commit()
    with client.application.app_context():
        token = form_token(f"cancel:{ours.id}")
    url = f"/p/{rival.slug}/s/{theirs.status_token}/cancel"
    body = multi(list(MultiDict({"form_token": token}).items(multi=True)))
    assert client.post(url, data=body, headers=SAME_ORIGIN).status_code == 422
    for found in (*returns_of(session, shop), *returns_of(session, rival)):
        assert found.status == "approved"
