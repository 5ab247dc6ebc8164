"""What blocks the portal from opening, what closes it, and what the checklist says."""

from __future__ import annotations

from sqlalchemy import delete

from returnsite.models import Address
from tests import factories
from tests.harness import text_of
from tests.merchant import Merchant, stored


def test_without_addresses_there_is_nothing_to_choose_and_nothing_to_save(
    merchant: Merchant,
) -> None:
    merchant.shop.return_address_id = None
    merchant.shop.active = False
    merchant.shop.settings_version += 1
    merchant.session.execute(delete(Address).where(Address.shop_id == merchant.shop.id))
    merchant.session.commit()
    page = merchant.get("/settings/portal/return_address")
    card = page.find(id="card-portal")
    assert "Add an address" in text_of(card)
    assert "Save" not in [text_of(one) for one in card.iter() if one.tag.endswith("button")]


def test_a_foreign_address_cannot_become_the_return_address(merchant: Merchant) -> None:
    foreign = factories.make_address(
        merchant.session, factories.make_shop(merchant.session, slug="rival")
    )
    page = merchant.get("/settings/portal/return_address")
    before = stored(merchant).return_address_id
    merchant.submit(
        page, {"return_address": str(foreign.id)}, action="/portal/return_address", status=422
    )
    assert stored(merchant).return_address_id == before


def test_without_a_complete_return_address_the_portal_cannot_be_opened(merchant: Merchant) -> None:
    shop = stored(merchant)
    shop.active = False
    shop.return_address_id = None
    shop.settings_version += 1
    page = merchant.get("/settings")
    assert "1 step left before the portal can open" in page.text
    assert "where customers send their parcels" in page.text
    assert merchant.submit(page, {"active": "1"}, action="/activation", status=422)
    assert not stored(merchant).active
    factories.make_address(merchant.session, shop, house_number="", street="Schieweg")
    address = factories.make_address(merchant.session, shop)
    shop.settings_version += 1
    choose = merchant.get("/settings/portal/return_address")
    saved = merchant.submit(
        choose,
        {"return_address": str(address.id)},
        action="/portal/return_address",
        status=200,
        fragment=True,
    )
    assert "Everything is ready" in saved.text
    merchant.submit(merchant.get("/settings"), {"active": "1"}, action="/activation")
    assert stored(merchant).active
    assert "The portal is open." in merchant.get("/settings").text
    merchant.submit(merchant.get("/settings"), {"active": "0"}, action="/activation")
    assert "The portal is closed." in merchant.get("/settings").text


def test_an_incomplete_return_address_closes_an_open_portal_once_that_is_agreed_to(
    merchant: Merchant,
) -> None:
    bare = factories.make_address(
        merchant.session, stored(merchant), street="Schieweg", house_number=""
    )
    page = merchant.get("/settings/portal/return_address")
    path = "/portal/return_address"
    changes = {"return_address": str(bare.id)}
    asked = merchant.submit(page, changes, action=path, status=422, fragment=True)
    assert "That closes the portal" in asked.text
    assert stored(merchant).active
    agreed = {**changes, "close_portal": "1"}
    saved = merchant.submit(asked, agreed, action=path, status=200, fragment=True)
    assert "The portal has been closed" in saved.text
    assert not stored(merchant).active
    assert merchant.checked.get(f"/p/{merchant.shop.slug}/", status=404)


def test_a_closed_portal_shows_customers_a_proper_page(merchant: Merchant) -> None:
    page = merchant.get("/settings")
    merchant.submit(page, {"active": "0"}, action="/activation")
    closed = merchant.checked.get(f"/p/{merchant.shop.slug}/?lang=en", status=404)
    assert "closed at the moment" in closed.text


def test_the_checklist_names_orders_without_keeping_the_portal_closed(merchant: Merchant) -> None:
    merchant.submit(merchant.get("/settings"), {"active": "0"}, action="/activation")
    page = merchant.get("/settings")
    assert "Everything is ready: you can open the portal" in page.text
    assert "5 of 6" in page.text
    link = page.find("a", href=merchant.url("/orders/import"))
    assert text_of(link) == "Bring in your orders"
    opened = merchant.follow(merchant.submit(page, {"active": "1"}, action="/activation"))
    assert "Portal is open" in opened.text
    assert "The portal is open, but there are no orders yet" in opened.text
    factories.make_order(merchant.session, merchant.shop)
    merchant.session.commit()
    assert "Bring in your orders" not in merchant.get("/settings").text
    assert "no orders yet" not in merchant.get("/settings").text


def test_who_may_import_nothing_is_led_to_the_orders(merchant: Merchant) -> None:
    page = merchant.as_role("read_only").get("/settings")
    assert "See orders" in page.text
    assert not page.find_all("a", href=merchant.url("/orders/import"))


def test_opening_and_closing_stands_in_the_history_of_the_portal(merchant: Merchant) -> None:
    merchant.submit(merchant.get("/settings"), action="/settings/activation")
    history = merchant.get("/settings/portal/history").text
    assert f"Portal closed {merchant.user.name}" in history
