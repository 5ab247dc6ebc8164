"""Customers return things from the first page to the status page, with and without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from returnsite.models import Draft, Photo
from returnsite.services.order_links import sign_order
from tests.e2e.conftest import DESKTOP, on_both_databases, without_javascript
from tests.e2e.pages.wizard import (
    FIND,
    ITEMS,
    REASONS,
    REFUND,
    REVIEW,
    SHIPMENT,
    Why,
    Wizard,
)
from tests.e2e.world import BOTTLE, SALE_HAT, SHIRT, SHOE, World, at
from tests.factories import PLACED

TOO_SMALL = Why("Too small")
MIND = Why("I changed my mind")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo from a phone."""
    path = tmp_path / "hole in the seam.jpg"
    Image.new("RGB", (640, 480), "tan").save(path)
    return path


def start(page: Page, wizard: Wizard, world: World, number: str, postcode: str = "1012 JS") -> None:
    page.goto(world.path)
    expect(wizard.heading).to_have_text(FIND)
    wizard.find(number, postcode)
    wizard.arrived(ITEMS)


@on_both_databases
def test_money_back_through_a_service_point_that_was_searched_for(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(number="#48217", tracking_no="3SNRDL 0482 91735")
    start(page, wizard, world, "3snrdl-048291735", "1012js")
    wizard.choose_items({"Linen shirt": 2})
    wizard.explain({"Linen shirt": TOO_SMALL})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Drop off with a label")
    expect(page.get_by_text("Tabakshop De Dam").first).to_be_visible()
    wizard.search_points("Delft")
    expect(page.locator(".point-count")).to_have_text("2 service points near Delft")
    wizard.choose_point("Boekhandel Prins")
    wizard.ship()
    expect(page.locator("main")).to_contain_text("Drop off with a label, PostNL, Boekhandel Prins")
    expect(page.get_by_role("row", name="You get back").last).to_contain_text("€35.95")
    wizard.confirm()
    (made,) = world.returns()
    assert (made.refund_total, made.carrier) == (3990 - 395, "postnl")
    assert made.service_point["name"] == "Boekhandel Prins"
    world.work()
    page.get_by_role("link", name="Go to your return").click()
    expect(wizard.heading).to_have_text("Hand in your parcel")
    expect(page.get_by_role("link", name="Print the label")).to_be_visible()


def test_an_exchange_for_a_dearer_variant_without_a_label(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(SHIRT, number="#900", country="DE", postcode="10115")
    start(page, wizard, world, "900", "10115")
    wizard.choose_items({"Linen shirt": 1})
    wizard.explain({"Linen shirt": TOO_SMALL})
    wizard.choose_refund("Exchange")
    sold_out = wizard.refund_line("Linen shirt").get_by_role("radio", name="sold out")
    expect(sold_out).to_be_disabled()
    wizard.choose_variant("Linen shirt", "XXL +€5.00")
    if wizard.javascript:
        expect(page.locator("#summary-toggle")).to_contain_text("You pay extra €5.00")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    expect(page.get_by_role("radio", name=re.compile("^Have it collected"))).to_have_count(0)
    wizard.choose_method("Drop off without a printer")
    expect(page.get_by_text("Kiosk Mauerpark").first).to_be_visible()
    wizard.ship()
    expect(page.locator("main")).to_contain_text("Exchange for Blue, XXL")
    expect(page.get_by_role("row", name="You pay extra")).to_contain_text("€5.00")
    wizard.confirm()
    world.work()
    page.reload()
    expect(page.get_by_role("heading", name="Show this code at DHL")).to_be_visible()
    expect(page.get_by_role("img", name="QR code for the counter of DHL")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^TEST \d{4} \d{4} \d{4}$"))).to_be_visible()
    (made,) = world.returns()
    assert (made.to_pay, made.fee, made.lines[0].exchange_sku) == (500, 0, "SHIRT-XXL")


def test_store_credit_with_a_bonus_is_brought_to_the_store(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(number="#901")
    start(page, wizard, world, "901")
    wizard.choose_items({"Linen shirt": 1})
    wizard.explain({"Linen shirt": MIND})
    wizard.choose_refund("Store credit")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Bring it back to the store")
    wizard.choose_point("Noorderlicht Utrecht")
    wizard.ship()
    expect(page.get_by_role("row", name="Bonus")).to_contain_text("€2.00")
    expect(page.get_by_role("row", name="Store credit")).to_contain_text("€21.95")
    wizard.confirm()
    world.work()
    page.reload()
    expect(page.get_by_role("heading", name="Show this code in the store")).to_be_visible()
    expect(page.get_by_text("Go to Noorderlicht Utrecht, Markt 18, Utrecht")).to_be_visible()
    (made,) = world.returns()
    assert (made.credit_total, made.money_total, made.fee) == (2195, 0, 0)


def test_a_parcel_is_collected_at_home(page: Page, wizard: Wizard, world: World) -> None:
    world.order(number="#902")
    start(page, wizard, world, "902")
    wizard.choose_items({"Running shoe": 1})
    wizard.explain({"Running shoe": MIND})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Have it collected")
    day = at(PLACED + timedelta(days=14))
    page.get_by_label("On which day?").select_option(label=day)
    wizard.ship()
    expect(page.locator("main")).to_contain_text(f"Have it collected, GLS{day}")
    wizard.confirm()
    world.work()
    page.reload()
    expect(page.get_by_text(f"Be at home on {day}.")).to_be_visible()
    (made,) = world.returns()
    assert (made.fee, made.refund_total) == (595, 7995 - 595)


def test_every_item_can_have_its_own_resolution(page: Page, wizard: Wizard, world: World) -> None:
    world.order(SHIRT, SHOE, BOTTLE, number="#903")
    start(page, wizard, world, "903")
    wizard.choose_items({"Linen shirt": 1, "Running shoe": 1, "Thermos bottle": 1})
    wizard.explain({"Linen shirt": TOO_SMALL, "Running shoe": TOO_SMALL, "Thermos bottle": MIND})
    wizard.choose_refund("Choose per item")
    wizard.choose_for("Linen shirt", "Money back")
    wizard.choose_for("Running shoe", "Exchange")
    wish = wizard.refund_line("Running shoe").get_by_label("Which size or colour")
    wish.fill("Size 43, please")
    wizard.choose_for("Thermos bottle", "Store credit")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Bring it back to the store")
    wizard.choose_point("Noorderlicht Delft")
    wizard.ship()
    expect(page.locator("main")).to_contain_text("Exchange for Size 43, please")
    wizard.confirm()
    (made,) = world.returns()
    resolutions = {each.order_line_id: each.resolution for each in made.lines}
    assert list(resolutions.values()) == ["money", "exchange", "credit"]
    assert (made.money_total, made.credit_total) == (1995, 2450 + 245)


def test_a_damaged_item_is_shown_in_a_photo_that_can_be_replaced(
    page: Page, wizard: Wizard, world: World, photo: Path
) -> None:
    world.order(number="#904")
    start(page, wizard, world, "904")
    wizard.choose_items({"Running shoe": 1})
    wizard.explain({"Running shoe": Why("Damaged", "The seam is open", photo)})
    page.get_by_role("link", name="Back").click()
    expect(wizard.heading).to_have_text(REASONS)
    group = page.get_by_role("group", name="Running shoe")
    expect(group.get_by_label("What is wrong with it?")).to_have_value("The seam is open")
    group.get_by_role("button", name="Remove photo hole in the seam.jpg").click()
    wizard.arrived(REASONS)
    expect(group.get_by_role("button", name="Remove photo")).to_have_count(0)
    expect(group.get_by_label("What is wrong with it?")).to_have_value("The seam is open")
    wizard.go_on()
    wizard.refused("Running shoe: Add a photo, so that we can see what is wrong.")
    wizard.explain({"Running shoe": Why("Damaged", "The seam is open, see photo", photo)})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Drop off with a label")
    wizard.ship()
    expect(page.locator("main")).to_contain_text("1 photo · “The seam is open, see photo”")
    expect(page.get_by_role("row", name="Return fee")).to_contain_text("Free")
    wizard.confirm()
    (made,) = world.returns()
    assert (made.fee, made.fee_waived_by, made.refund_total) == (0, "shop_fault", 7995)
    kept = [each for each in world.session.query(Photo) if each.deleted_at is None]
    assert [each.return_line_id for each in kept] == [made.lines[0].id]


def test_a_final_sale_item_comes_back_only_when_it_is_damaged(
    page: Page, wizard: Wizard, world: World, photo: Path
) -> None:
    world.order(SALE_HAT, number="#905")
    start(page, wizard, world, "905")
    expect(wizard.item("Woolly hat")).to_contain_text("Arrived damaged, or something else wrong")
    wizard.choose_items({"Woolly hat": 1})
    wizard.give_reason("Woolly hat", MIND)
    if wizard.javascript:
        expect(page.get_by_text("With another reason it may be possible.")).to_be_visible()
    wizard.go_on()
    wizard.refused("This item can't be returned.")
    wizard.explain({"Woolly hat": Why("Damaged", "A hole", photo)})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Drop off with a label")
    wizard.ship()
    wizard.confirm()
    (made,) = world.returns()
    assert made.decisions[0]["rule_name"] == "Damaged goods always come back"


def test_an_order_of_which_nothing_can_come_back_gets_a_helpful_page(
    page: Page, wizard: Wizard, world: World, clock: Any
) -> None:
    world.order(SHOE, number="#906")
    clock.advance(days=60)
    page.goto(world.path)
    wizard.find("906", "1012 JS")
    wizard.arrived("Nothing of this order can be returned now")
    expect(wizard.item("Running shoe")).to_contain_text("You could return this until")
    for name in ("Ask us", "Read our return policy"):
        expect(page.locator("main").get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("link", name="Find another order").click()
    expect(wizard.heading).to_have_text(FIND)


@without_javascript
def test_prices_of_what_cannot_come_back_stand_at_the_edge_of_their_cards(
    page: Page, wizard: Wizard, world: World, clock: Any
) -> None:
    order = world.order(SHOE, SHIRT)
    clock.advance(days=60)
    page.set_viewport_size(DESKTOP)
    page.goto(f"{world.draft(order)}/items")
    wizard.arrived("Nothing of this order can be returned now")
    gaps = page.locator(".item-price").evaluate_all(
        "all => all.map((price) => price.closest('.item-card').getBoundingClientRect().right"
        " - price.getBoundingClientRect().right)"
    )
    assert len(gaps) == 2
    assert max(gaps) < 20


def test_what_is_already_in_a_return_is_shown_and_not_offered_again(
    page: Page, wizard: Wizard, world: World
) -> None:
    order = world.order(number="#907")
    earlier = world.made(order)
    start(page, wizard, world, "907")
    card = wizard.item("Linen shirt")
    expect(card).to_contain_text("You have already sent back 1. 1 more possible.")
    expect(card.get_by_role("spinbutton")).to_have_count(0)
    card.get_by_role("link", name=f"See return {earlier.number}").click()
    expect(page.locator("main")).to_contain_text(earlier.number)
    page.go_back()
    wizard.choose_items({"Linen shirt": 1})
    wizard.explain({"Linen shirt": TOO_SMALL})
    page.goto(page.url.replace("/refund", "/items"))
    expect(page.get_by_role("checkbox", name="Linen shirt")).to_be_checked()


def test_a_deep_link_skips_the_search(page: Page, wizard: Wizard, world: World) -> None:
    order = world.order(number="#908")
    link = f"{world.path}o/{sign_order(world.shop.id, order.id)}"
    page.goto(link)
    expect(page.locator("main")).to_contain_text("#908")
    assert world.count(Draft) == 0, "opening a link starts nothing"
    wizard.press("Start your return")
    wizard.arrived(ITEMS)
    wizard.choose_items({"Linen shirt": 1})
    assert world.count(Draft) == 1


def test_the_language_can_be_changed_in_the_middle_and_stays(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(number="#909")
    start(page, wizard, world, "909")
    wizard.choose_items({"Linen shirt": 2})
    before = page.url
    page.get_by_role("link", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    assert page.url.split("?")[0] == before.split("?")[0], "the language is another, not the page"
    reason = page.locator("select[name^=reason-]")
    reason.select_option(label="Te klein")
    page.locator("#continue").click()
    expect(page).to_have_url(re.compile(r"/refund"))
    page.goto(page.url.split("?")[0])
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.locator(".money").filter(has_text=re.compile(r"€\s39,90")).first).to_be_attached()


def test_a_return_is_cancelled_and_started_again(page: Page, wizard: Wizard, world: World) -> None:
    order = world.order(SHOE, number="#910")
    page.goto(f"{world.answered(order)}/review")
    wizard.confirm()
    page.get_by_role("link", name="Go to your return").click()
    expect(wizard.heading).to_have_text("Hand in your parcel")
    page.locator("#cancel-toggle").click()
    wizard.press("Yes, cancel this return")
    wizard.arrived("Your return is cancelled")
    expect(page.locator("#cancel-toggle")).to_have_count(0)
    page.get_by_role("link", name="Start a new return").click()
    wizard.press("Start your return")
    wizard.choose_items({"Running shoe": 1})
    wizard.explain({"Running shoe": TOO_SMALL})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Bring it back to the store")
    wizard.choose_point("Noorderlicht Delft")
    wizard.ship()
    wizard.confirm()
    assert [each.status for each in world.returns()] == ["cancelled", "approved"]


def test_answers_are_changed_from_the_review_and_lead_back_to_it(
    page: Page, wizard: Wizard, world: World
) -> None:
    order = world.order(number="#911")
    page.goto(f"{world.answered(order)}/review")
    page.get_by_role("link", name="Change what you get for it").click()
    expect(wizard.heading).to_have_text(REFUND)
    wizard.choose_refund("Store credit")
    wizard.go_on()
    wizard.arrived(REVIEW)
    page.get_by_role("link", name="Change Linen shirt").click()
    expect(wizard.heading).to_have_text(ITEMS)
    wizard.tick("Running shoe")
    wizard.go_on()
    wizard.arrived(REASONS)
    wizard.give_reason("Running shoe", TOO_SMALL)
    wizard.go_on()
    wizard.arrived(REVIEW)
    expect(page.locator("main")).to_contain_text("Running shoe, 42, 1 piece")
