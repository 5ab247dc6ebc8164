"""Bugs that other systems had with units, steps and settings, looked for as a customer."""

from __future__ import annotations

import re
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.domain.lifecycle import Status
from returnsite.jobs.worker import drain
from returnsite.models import (
    Address,
    CarrierContract,
    FeeRule,
    Order,
    Outbox,
    Parcel,
    ParcelLine,
    ProductVariant,
    Reason,
    Return,
    ReturnRule,
    ServicePoint,
)
from tests.conftest import on_one_database
from tests.factories import PLACED
from tests.harness import CheckedClient, IsolatedClient
from tests.walk import (
    STEPS,
    Walk,
    answers_for,
    cancel,
    change_settings,
    claimed,
    confirm,
    lines_of,
    make_point,
    make_variant,
    returns_of,
    row_counts,
    start,
)

pytestmark = on_one_database

NOW = PLACED + timedelta(days=10)


def three_mugs(session: Session, shop: Any, factories: ModuleType, **columns: Any) -> Order:
    line = {"sku": "MUG", "title": "Mug", "quantity": 10, "line_paid": 9990}
    made: Order = factories.make_order(session, shop, lines=[line], **columns)
    session.execute(
        update(ParcelLine).where(ParcelLine.id.in_(lines_of(made))).values(qty_shipped=3)
    )
    session.commit()
    session.expire_all()
    return made


@pytest.mark.parametrize("fragment", [False, True], ids=["double click", "lost answer"])
def test_museum_01_a_form_sent_twice_makes_one_return_and_one_of_each_mail(
    app: Flask, client: IsolatedClient, session: Session, shop: Any, order: Order, fragment: bool
) -> None:
    """Twice without JavaScript, or again by htmx because the first answer never arrived."""
    walk = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    data = {"seen": walk.seen()}
    first = walk.post("review", data, fragment=fragment)
    again = walk.post("review", data, fragment=fragment)
    assert first.headers["Location"] == again.headers["Location"]
    drain(app)
    walk.post("review", data, fragment=fragment)
    assert drain(app) == 0
    assert len(returns_of(session, shop)) == 1
    kinds = session.scalars(select(Outbox.kind).where(Outbox.shop_id == shop.id)).all()
    assert sorted(kinds) == ["customer_confirmation", "merchant_notification", "prepare_handoff"]


@pytest.mark.parametrize("step", STEPS[:-1])
def test_museum_01_an_answer_sent_twice_is_the_same_answer(
    client: IsolatedClient, shop: Any, order: Order, step: str
) -> None:
    line = lines_of(order)[0]
    whole = answers_for({line: 2})
    walk = start(client, shop, order, {k: whole[k] for k in STEPS[: STEPS.index(step)]})
    data = {
        "items": {"line": str(line), f"quantity-{line}": "2"},
        "reasons": {f"reason-{line}": "too_small"},
        "refund": {"all": "money"},
        "shipment": {k: v for k, v in whole["shipment"].items() if k != "carrier"},
    }[step]
    first = walk.post(step, data)
    kept = walk.answers()
    again = walk.post(step, data)
    assert first.headers["Location"] == again.headers["Location"]
    assert walk.answers() == kept


def test_museum_06_after_a_partial_return_only_the_rest_is_offered_and_taken(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    order = three_mugs(session, shop, factories)
    (mug,) = lines_of(order)
    confirm(client, shop, order, {mug: 1})
    walk = start(client, shop, order)
    page = walk.get("items").text
    assert re.search(rf'id="quantity-{mug}"[^>]* max="2"', page)
    assert returns_of(session, shop)[0].number in page
    assert walk.post("items", {"line": str(mug), f"quantity-{mug}": "3"}).status_code == 422
    assert walk.post("items", {"line": str(mug), f"quantity-{mug}": "2"}).status_code == 303


@pytest.mark.parametrize(("quantity", "status"), [(10, 422), (4, 422), (3, 303), (1, 303)])
def test_museum_07_limits_come_from_what_was_shipped(
    client: IsolatedClient,
    session: Session,
    shop: Any,
    factories: ModuleType,
    quantity: int,
    status: int,
) -> None:
    order = three_mugs(session, shop, factories)
    (mug,) = lines_of(order)
    walk = start(client, shop, order)
    posted = walk.post("items", {"line": str(mug), f"quantity-{mug}": str(quantity)})
    assert posted.status_code == status
    tampered = start(client, shop, order, answers_for({mug: quantity}))
    if status == 422:
        assert tampered.get("review").headers["Location"] == tampered.url("items")
        tampered.post("review", {"seen": "x"})
        assert claimed(session, mug) == 0


def test_museum_07_what_was_not_sent_yet_cannot_come_back(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    session.execute(update(ParcelLine).values(qty_shipped=0, qty_claimed=0, qty_elsewhere=0))
    session.execute(update(Parcel).values(shipped_at=None, delivered_at=None))
    session.commit()
    walk = start(client, shop, order)
    assert 'name="line"' not in walk.get("items").text
    assert walk.post("items", {"line": str(lines_of(order)[0])}).status_code == 422


def test_museum_11_a_cancelled_order_reads_as_one_that_has_nothing_to_return(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    line = lines_of(order)[0]
    session.execute(update(Order).values(cancelled_at=NOW))
    session.commit()
    walk = start(client, shop, order, answers_for({line: 1}))
    for step in STEPS[1:]:
        assert walk.get(step).headers["Location"] == walk.url("items")
    assert walk.get("items").status_code == 200
    walk.post("review", {"seen": "x"})
    assert returns_of(session, shop) == []


def test_museum_13_going_back_and_choosing_again_leaves_each_line_once(
    checked: CheckedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    walk = start(checked.client, shop, order)  # type: ignore[arg-type]
    page = checked.get(walk.url("items"))
    both = {"line": [str(shirt), str(shoe)], f"quantity-{shirt}": "2"}
    checked.submit(page, both)
    checked.submit(checked.get(walk.url("items")), {"line": [str(shirt), str(shirt)]})
    assert walk.answers()["items"] == {str(shirt): 2}
    checked.submit(checked.get(walk.url("items")), both)
    assert walk.answers()["items"] == {str(shirt): 2, str(shoe): 1}
    page = checked.get(walk.url("reasons"))
    reasons = {f"reason-{line}": "too_small" for line in (shirt, shoe)}
    page = checked.follow(checked.submit(page, reasons))
    page = checked.follow(checked.submit(page, {"all": "money"}))
    shipment = answers_for({})["shipment"]
    page = checked.submit(page, {k: shipment[k] for k in ("method", "pickup_date")})
    checked.submit(checked.follow(page))
    (made,) = returns_of(session, shop)
    assert sorted((line.parcel_line_id, line.quantity) for line in made.lines) == [
        (shirt, 2),
        (shoe, 1),
    ]


def test_museum_13_what_was_answered_for_a_line_that_is_out_again_is_not_in_the_return(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    walk = start(client, shop, order, answers_for({shirt: 1, shoe: 1}))
    assert walk.post("items", {"line": str(shoe)}).status_code == 303
    walk.confirm()
    (made,) = returns_of(session, shop)
    assert [line.parcel_line_id for line in made.lines] == [shoe]
    assert claimed(session, shirt) == 0


def test_museum_33_no_step_takes_the_ids_of_another_order(
    client: IsolatedClient, session: Session, shop: Any, order: Order, factories: ModuleType
) -> None:
    """A draft is for one order: ids of others, even of the same customer, are not known in it."""
    sibling = factories.make_order(session, shop, email=order.email)
    session.commit()
    mine, theirs = lines_of(order)[0], lines_of(sibling)[0]
    walk = start(client, shop, order, answers_for({mine: 1}))
    before = row_counts()
    for data in ([("line", str(theirs))], [("line", str(mine)), ("line", str(theirs))]):
        assert walk.post("items", data).status_code == 404
        assert walk.get(f"items/_quote?line={theirs}", fragment=True).status_code == 404
    assert walk.get(f"reasons/_quote?line={theirs}", fragment=True).status_code == 404
    walk.post("reasons", {f"reason-{mine}": "too_small", f"reason-{theirs}": "too_small"})
    walk.post("refund", {"all": "money", f"resolution-{theirs}": "money"})
    walk.confirm()
    (made,) = returns_of(session, shop)
    assert (made.order_id, [line.parcel_line_id for line in made.lines]) == (order.id, [mine])
    assert claimed(session, theirs) == 0
    assert row_counts()["return"] == before["return"] + 1


@pytest.mark.parametrize("step", STEPS)
def test_museum_33_every_step_asks_for_the_draft_again(
    client: IsolatedClient, session: Session, shop: Any, order: Order, step: str
) -> None:
    walk = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    stranger = Walk(client, shop.slug, walk.token[::-1], walk.draft_id)
    assert stranger.get(step).status_code == 404
    assert stranger.post(step, {"seen": walk.seen()}).status_code == 404
    for gone in ("active", "draft"):
        if gone == "active":
            change_settings(session, shop, active=False)
        else:
            session.execute(update(Order).values(customer_name=""))
            change_settings(session, shop, active=True)
            walk.token = "x" * 32
        assert walk.get(step).status_code == 404
        assert walk.post(step, {"seen": "x"}).status_code == 404
    assert returns_of(session, shop) == []


def forget_everything(session: Session, shop: Any) -> None:
    """What an owner can delete, deleted as the product does it; points and variants go for good."""
    now = product_clock.now()
    for model in (Reason, CarrierContract, FeeRule, ReturnRule):
        session.execute(
            update(model).where(model.shop_id == shop.id).values(deleted_at=now)  # type: ignore[attr-defined]
        )
    session.execute(
        update(Address).where(Address.shop_id == shop.id, Address.is_store).values(deleted_at=now)
    )
    session.query(ProductVariant).delete()
    session.query(ServicePoint).delete()
    change_settings(
        session, shop, methods=["in_store"], resolutions=["money"], locales=["en"], look={}
    )


@pytest.mark.parametrize("how", ["point", "collected", "store"])
def test_museum_35_old_returns_open_whatever_was_deleted_since(
    app: Flask,
    checked: CheckedClient,
    client: IsolatedClient,
    session: Session,
    shop: Any,
    order: Order,
    factories: ModuleType,
    how: str,
) -> None:
    shirt, shoe = lines_of(order)
    make_variant(session, shop)
    point = make_point(session)
    store = factories.make_address(session, shop, is_store=True, name="Store Delft", city="Delft")
    rule = {"field": "reason", "op": "is", "value": "too_small"}
    effect = {"kind": "fee", "value": 100}
    session.add(ReturnRule(shop_id=shop.id, name="Small", conditions=[rule], effects=[effect]))
    change_settings(session, shop)
    shipment = {
        "point": {"method": "drop_off_point", "carrier": "postnl", "point": point.id},
        "collected": None,
        "store": {"method": "in_store", "store": store.id},
    }[how]
    lines = {
        shirt: {"resolution": "exchange", "sku": "SHIRT-L"},
        shoe: {"resolution": "credit"},
    }
    status = confirm(
        client, shop, order, {shirt: 1, shoe: 1}, mode="per_line", lines=lines, shipment=shipment
    )
    forget_everything(session, shop)
    drain(app)
    for place in ("", "/done"):
        page = checked.get(f"{status}{place}")
        assert returns_of(session, shop)[0].number in page.text
    page = checked.get(status)
    assert "Linen shirt L" in page.text or "SHIRT-L" in page.text
    assert {"point": "Bookshop", "store": "Store Delft"}.get(how, "") in page.text
    checked.get_fragment(f"{status}/_handoff")
    if how != "store":
        with client.get(f"{status}/label.pdf") as label:
            assert label.status_code == (404 if how == "collected" else 200)
    walk = start(client, shop, order)
    again = checked.get(walk.url("items"))
    assert returns_of(session, shop)[0].number in again.text
    assert cancel(client, status).status_code == 303
    drain(app)
    checked.get(status)
    failed = session.scalars(select(Outbox.last_error).where(Outbox.state == "failed")).all()
    assert failed == []


def test_museum_35_a_draft_that_names_what_was_deleted_asks_again(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    make_variant(session, shop)
    line = lines_of(order)[0]
    lines = {line: {"sku": "SHIRT-L"}}
    walk = start(client, shop, order, answers_for({line: 1}, mode="exchange", lines=lines))
    seen = walk.seen()
    forget_everything(session, shop)
    before = row_counts()
    for step in STEPS:
        assert walk.get(step).status_code in {200, 303}
        assert walk.get(f"{step}/_quote?line={line}", fragment=True).status_code in {200, 404}
    answer = walk.post("review", {"seen": seen})
    assert answer.status_code == 303
    assert "changed=1" in answer.headers["Location"]
    assert row_counts() == before


@pytest.mark.parametrize("status", list(Status))
def test_museum_36_every_status_has_its_page_and_only_two_can_be_cancelled(
    checked: CheckedClient,
    client: IsolatedClient,
    session: Session,
    shop: Any,
    order: Order,
    status: str,
) -> None:
    line = lines_of(order)[0]
    url = confirm(client, shop, order, {line: 1})
    times = {"received_at": NOW} if status in {"received", "closed"} else {}
    session.execute(update(Return).values(status=status, ended_at=NOW, **times))
    session.commit()
    page = checked.get(url)
    checked.get(f"{url}/done")
    can_cancel = status in {"requested", "approved"}
    assert (f'action="{url}/cancel"' in page.html) is can_cancel
    assert cancel(client, url).status_code == (303 if can_cancel else 409)
    assert claimed(session, line) == (0 if can_cancel else 1)
    assert returns_of(session, shop)[0].status == ("cancelled" if can_cancel else status)


def test_museum_36_a_parcel_that_was_handed_over_cannot_be_cancelled_in_any_status(
    checked: CheckedClient, client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    line = lines_of(order)[0]
    url = confirm(client, shop, order, {line: 1})
    session.execute(update(Return).values(handed_over_at=NOW))
    session.commit()
    assert f'action="{url}/cancel"' not in checked.get(url).html
    assert cancel(client, url).status_code == 409
    assert claimed(session, line) == 1
