"""Trying a draft on past orders and on one item, and what publishing does to the portal."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Return, Task
from returnsite.services.audit import Actor
from returnsite.services.rules import edit
from returnsite.services.rules.draft import load_rules
from returnsite.services.rules.trial import NothingToTry, latest_trial, start_trial
from returnsite.services.shops import find_shop
from tests import factories
from tests.conftest import Kept
from tests.harness import CheckedClient
from tests.merchant import Merchant

ANNA = Actor(None, "Anna")


@pytest.fixture
def rule(session: Session, shop: Any, kept: Kept) -> int:
    """A live rule about shirts; its id."""

    def make() -> int:
        made = factories.make_rule(session, shop, ("category", "is", "Clothing"), fee=395)
        return made.id

    return kept(make)


def draft_rule(shop: Any, *conditions: Any, **effects: Any) -> None:
    """Add a rule to the draft."""
    from tests.unit.domain.builders import make_rule

    version = load_rules(shop.id).version
    edit.add_rule(
        shop_id=shop.id, version=version, actor=ANNA, rule=make_rule(*conditions, **effects)
    )


def tried(app: Flask, shop: Any, orders: int = 100) -> dict[str, Any]:
    """Run a trial to its end; its result."""
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    start_trial(shop=settings, actor=ANNA, orders=orders)
    drain(app)
    task = latest_trial(shop.id)
    assert task is not None
    assert task.state == "done", task.error
    return task.result


def test_a_trial_counts_items_and_names_what_changes(
    app: Flask, session: Session, shop: Any, rule: int
) -> None:
    factories.make_order(session, shop)
    back = factories.make_order(session, shop)
    returned = factories.make_return(session, back)
    factories.make_order(session, shop, cancelled_at=factories.PLACED)
    session.commit()
    draft_rule(shop, ("category", "is", "Shoes"), returnable=False)

    result = tried(app, shop)

    assert (result["orders"], result["items"], result["returns"]) == (2, 4, 1)
    assert (result["same"], result["refused"]) == (2, 2)
    assert {row["title"] for row in result["listed"]} == {"Running shoe, 42"}
    assert result["fee_sum"] == 0
    assert returned.number not in {row["return"] for row in result["listed"]}


def test_a_real_return_counts_with_its_own_fee(
    app: Flask, session: Session, shop: Any, rule: int
) -> None:
    returned = factories.make_return(session, factories.make_order(session, shop))
    session.commit()
    draft_rule(shop, ("reason", "is", "damaged"), fee=0)
    assert tried(app, shop)["fee_sum"] == 0
    state = load_rules(shop.id)
    edit.move_rule(shop_id=shop.id, version=state.version, actor=ANNA, rule_id=-1, to=0)
    draft_rule(shop, ("reason", "is", "too_small"), fee=695)
    state = load_rules(shop.id)
    edit.move_rule(shop_id=shop.id, version=state.version, actor=ANNA, rule_id=-2, to=0)

    result = tried(app, shop)

    (row,) = [row for row in result["listed"] if row["return"]]
    assert result["fee_sum"] == 300
    assert (row["return"], row["reason"]) == (returned.number, "too_small")
    assert (row["now"][:2], row["then"][:2]) == (["fee", 395], ["fee", 695])


def test_cancelled_returns_and_other_shops_do_not_count(
    app: Flask, session: Session, shop: Any, rule: int
) -> None:
    order = factories.make_order(session, shop)
    returned = factories.make_return(session, order)
    session.get_one(Return, returned.id).status = "cancelled"
    session.commit()
    draft_rule(shop, fee=0)

    result = tried(app, shop)

    assert (result["orders"], result["items"], result["returns"]) == (1, 2, 0)


def test_only_the_last_orders_are_read(app: Flask, session: Session, shop: Any, rule: int) -> None:
    for _ in range(3):
        factories.make_order(session, shop)
    session.commit()
    draft_rule(shop, fee=0)

    assert tried(app, shop, orders=2)["orders"] == 2


def test_without_a_draft_there_is_nothing_to_try(shop: Any, rule: int) -> None:
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    with pytest.raises(NothingToTry):
        start_trial(shop=settings, actor=ANNA, orders=10)


def test_the_page_starts_a_trial_follows_it_and_shows_what_it_found(
    app: Flask, merchant: Merchant, session: Session, shop: Any, rule: int
) -> None:
    for _ in range(30):
        factories.make_order(session, shop)
    session.commit()
    draft_rule(shop, returnable=False)
    page = merchant.get("/rules")

    page = merchant.follow(merchant.submit(page, {"orders": "1000"}, action="/rules/trial"))
    assert page.find("progress", class_="progress") is not None
    drain(app)
    page = merchant.get("/rules")
    assert "Tried on 60 items of your last 30 orders, with 0 real returns." in page.text
    assert "60 refused items" not in page.text
    assert page.find_all("table", class_="data-table")
    task = latest_trial(shop.id)
    assert task is not None

    first = merchant.get(f"/rules/trial/{task.id}")
    second = merchant.get(f"/rules/trial/{task.id}?page=2")
    assert len(first.find_all("tr")) == 51
    assert len(second.find_all("tr")) == 11
    for page_number in ("0", "-1", "x", "999", "٣"):
        merchant.get(f"/rules/trial/{task.id}?page={page_number}")

    draft_rule(shop, fee=1)
    assert "The rules changed since this trial." in merchant.get(f"/rules/trial/{task.id}").text


def test_refused_goods_that_are_not_the_customers_fault_are_warned_about(
    app: Flask, merchant: Merchant, session: Session, shop: Any, rule: int
) -> None:
    order = factories.make_order(session, shop)
    returned = factories.make_return(session, order)
    returned.lines[0].reason_code = "damaged"
    session.commit()
    draft_rule(shop, ("category", "is", "Clothing"), returnable=False)

    result = tried(app, shop)
    page = merchant.get("/rules")

    assert result["faults"] == [[-1, 1]]
    assert "1 refused item is not the customer's fault" in page.text
    merchant.post("/rules/-1", {"do": "faults", "version": str(load_rules(shop.id).version)})
    assert tried(app, shop)["faults"] == []


def test_htmx_gets_the_panel_alone(
    merchant: Merchant, session: Session, shop: Any, rule: int
) -> None:
    draft_rule(shop, fee=1)

    panel = merchant.post("/rules/trial", {"orders": "99999999999"}, fragment=True, status=200)

    assert panel.find("h2", id="trial-heading") is not None
    assert not panel.find_all("ol")


def test_what_a_trial_found_takes_the_place_of_its_progress(
    app: Flask, merchant: Merchant, session: Session, shop: Any, rule: int
) -> None:
    factories.make_order(session, shop)
    session.commit()
    draft_rule(shop, returnable=False)
    panel = merchant.post("/rules/trial", {"orders": "100"}, fragment=True, status=200)
    task = latest_trial(shop.id)
    assert task is not None
    url = merchant.url(f"/rules/trial/{task.id}/_progress")
    assert [e.get("data-hx-get") for e in panel.find_all("div") if e.get("data-hx-get")] == [url]

    running = merchant.get_fragment(url)
    assert running.find("progress") is not None
    assert "HX-Retarget" not in running.headers
    drain(app)
    over = merchant.get_fragment(url)
    assert over.headers["HX-Retarget"] == "#trial"
    assert "Tried on 2 items" in over.text
    assert not [e for e in over.find_all("div") if e.get("data-hx-trigger") == "every 1s"]
    merchant.as_role("read_only").get_fragment(url).find("h2", id="trial-heading")


def test_an_order_typed_in_shows_both_sides(
    merchant: Merchant, session: Session, shop: Any, rule: int, clock: Any
) -> None:
    clock.set(factories.PLACED.replace(day=10))
    order = factories.make_order(session, shop, number="#4711")
    session.commit()
    draft_rule(shop, ("category", "is", "Shoes"), returnable=False)

    page = merchant.get(f"/rules/try?ask=order&number={order.number.strip('#')}&reason=damaged")
    missing = merchant.get("/rules/try?ask=order&number=0815")
    empty = merchant.get("/rules/try?ask=order&number=", status=422)

    assert "Running shoe, 42" in page.text
    assert "Can't be returned" in page.text
    assert "Rule 2" in page.text
    assert "There is no order with this number" in missing.text
    assert "Enter an order number." in empty.text


def test_an_item_described_by_hand_shows_both_sides(
    merchant: Merchant, shop: Any, rule: int
) -> None:
    draft_rule(shop, ("category", "is", "Socks"), ("price", "at_least", 2000), fee=695)
    item = "ask=item&price=29.95&country=NL&category=Socks&days=5&discount=10&tags=a,b"

    page = merchant.get(f"/rules/try?{item}")
    wrong = merchant.get("/rules/try?ask=item&price=x&country=XX&days=-1&discount=200", status=422)

    assert "€6.95" in page.text
    for text in ("Enter an amount, like 29.95.", "Choose a country.", "from 0 to 3,650"):
        assert text.replace(",", "") in wrong.text.replace(",", "")


def test_customers_meet_published_rules_at_once(
    merchant: Merchant, checked: CheckedClient, session: Session, shop: Any, rule: int, clock: Any
) -> None:
    clock.set(factories.PLACED.replace(day=10))
    order = factories.make_order(session, shop, tracking_no="3SDEVC1")
    session.commit()
    items = _items(checked, shop, order)
    assert "can't be returned" not in items
    page = merchant.get("/rules/new")
    page = merchant.follow(
        merchant.submit(
            page,
            {
                "c0-field": "category",
                "c0-op": "is",
                "c0-value": "Shoes",
                "e0-kind": "refuse",
                "e0-text": "Shoes stay with you.",
                "do": "save",
            },
            form="editor-0",
        )
    )
    assert "Shoes stay with you." not in _items(checked, shop, order)

    merchant.submit(page, action="/rules/publish")

    assert "Shoes stay with you." in _items(checked, shop, order)


def _items(checked: CheckedClient, shop: Any, order: Any) -> str:
    """What a customer reads on the page of items."""
    start = checked.get(f"/p/{shop.slug}/")
    form = {"number": order.number, "postcode": "1012 JS"}
    return checked.follow(checked.submit(start, form)).text


def test_many_changes_are_counted_in_groups_of_three(
    app: Flask, merchant: Merchant, shop: Any, session: Session, rule: int
) -> None:
    factories.make_order(session, shop)
    session.commit()
    draft_rule(shop, ("category", "is", "Shoes"), returnable=False)
    result = tried(app, shop)
    task = session.scalars(select(Task)).one()
    task.result = {**result, "items": 1_445, "same": 0, "refused": 1_445}
    session.commit()
    assert "See all 1,445 changes" in merchant.get("/rules").text
