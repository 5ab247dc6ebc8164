"""The signed link that skips finding the order: opens nothing by itself, and only its own order."""

from __future__ import annotations

import re
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import Draft
from returnsite.services.order_links import sign_order
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import CheckedClient, IsolatedClient
from tests.walk import SAME_ORIGIN, change_settings, row_counts


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> Any:
    return kept(
        lambda: factories.make_order(session, shop, number="48217", customer_name="Sanne de Vries")
    )


def link_to(app: Flask, shop: Any, order: Any) -> str:
    with app.app_context():
        return f"/p/{shop.slug}/o/{sign_order(order.shop_id, order.id)}"


def drafts(session: Session) -> int:
    session.rollback()
    return int(session.scalar(select(func.count()).select_from(Draft)) or 0)


def test_opening_the_link_changes_nothing_and_one_press_starts_the_return(
    app: Flask, checked: CheckedClient, shop: Any, order: Any, session: Session
) -> None:
    before = row_counts()
    page = checked.get(link_to(app, shop, order), max_queries=8)
    assert checked.client.head(link_to(app, shop, order)).status_code == 200
    assert row_counts() == before
    assert "48217" in page.text
    assert "Sanne" not in page.html
    items = checked.follow(checked.submit(page, status=303))
    assert items.find_all("input", name="line")
    assert drafts(session) == 1


def test_each_press_starts_a_return_of_its_own(
    app: Flask, checked: CheckedClient, shop: Any, order: Any
) -> None:
    page = checked.get(link_to(app, shop, order))
    assert checked.submit(page).location != checked.submit(page).location


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: re.sub(r"\.(.)", lambda m: ".A" if m[1] != "A" else ".B", link),
        lambda link: re.sub(r"/o/(\d+)", lambda m: f"/o/{int(m[1]) + 1}", link),
        lambda link: link.rpartition(".")[0],
        lambda link: link + ".x",
        lambda link: link.replace(".", ""),
        lambda link: re.sub(r"/o/.*", "/o/" + "x" * 3000, link),
        lambda link: re.sub(r"/o/\d+", "/o/%00", link),
        lambda link: re.sub(r"/o/\d+", "/o/%ED%A0%80", link),
    ],
    ids=["signature", "order", "unsigned", "longer", "no dot", "huge", "nul", "surrogate"],
)
def test_a_link_that_was_changed_is_not_found(
    app: Flask, client: IsolatedClient, shop: Any, order: Any, session: Session, spoil: Any
) -> None:
    link = spoil(link_to(app, shop, order))
    assert client.get(link).status_code == 404
    assert client.post(link, headers=SAME_ORIGIN).status_code == 404
    assert drafts(session) == 0


def test_the_link_of_another_shop_is_not_found_here(
    app: Flask,
    client: IsolatedClient,
    shop: Any,
    order: Any,
    factories: ModuleType,
    session: Session,
) -> None:
    far = factories.make_order(session, factories.make_shop(session))
    session.commit()
    foreign = link_to(app, shop, far)
    with app.app_context():
        # Signed for this shop, yet the order is the other's.
        forged = f"/p/{shop.slug}/o/{sign_order(shop.id, far.id)}"
    for link in (foreign, forged):
        assert client.get(link).status_code == 404
        assert client.post(link, headers=SAME_ORIGIN).status_code == 404
    assert drafts(session) == 0


def test_a_press_without_this_links_form_token_starts_nothing(
    app: Flask, client: IsolatedClient, shop: Any, order: Any, session: Session, factories: Any
) -> None:
    sibling = factories.make_order(session, shop)
    session.commit()
    link = link_to(app, shop, order)
    page = client.get(link_to(app, shop, sibling)).text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    for data in ({}, {"form_token": "x"}, {"form_token": token[1]}):
        answer = client.post(link, data=data, headers=SAME_ORIGIN)
        assert answer.status_code == 303
        assert answer.headers["Location"] == link
    foreign = client.post(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert drafts(session) == 0


def test_a_closed_shop_answers_its_links_with_its_page(
    app: Flask, client: IsolatedClient, shop: Any, order: Any, session: Session
) -> None:
    change_settings(session, shop, active=False)
    for answer in (
        client.get(link_to(app, shop, order)),
        client.post(link_to(app, shop, order), headers=SAME_ORIGIN),
    ):
        assert answer.status_code == 404
        assert shop.name in answer.text
    assert drafts(session) == 0


def test_the_command_prints_a_link_that_works(
    app: Flask, client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    factories.make_order(session, shop, number="#48217")
    session.commit()
    run = app.test_cli_runner().invoke
    printed = run(args=["orders", "link", shop.slug, "48217"]).output.strip()
    assert printed.startswith(f"http://localhost:8000/p/{shop.slug}/o/")
    assert client.get(printed.removeprefix("http://localhost:8000")).status_code == 200
    missing = run(args=["orders", "link", shop.slug, "48218"])
    assert missing.exit_code == 1
    assert "has no order 48218" in missing.output
