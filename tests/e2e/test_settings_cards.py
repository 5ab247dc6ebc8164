"""The cards of lists and of the look, in a browser: saved, refused, undone, moved and dragged."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import DESKTOP, PHONE, with_javascript
from tests.e2e.world import World


@pytest.fixture
def settings(merchant_page: Page, world: World) -> Iterator[Page]:
    """The settings page of the shop, opened by its owner."""
    merchant_page.goto(f"/shops/{world.shop.slug}/settings")
    yield merchant_page
    merchant_page.goto("about:blank")


def card(page: Page, name: str) -> Locator:
    """The card of a section."""
    return page.locator(f"#card-{name}")


def save(page: Page, name: str, text: str = "Save") -> None:
    """Press the filled button of the open form."""
    card(page, name).get_by_role("button", name=text, exact=True).click()


def test_an_address_is_refused_corrected_saved_and_undone(settings: Page) -> None:
    book = card(settings, "addresses")
    book.get_by_role("link", name="Add an address").click()
    book.get_by_label("Street", exact=True).fill("Schieweg")
    book.get_by_label("House number").fill("15")
    book.get_by_label("Postcode").fill("26")
    book.get_by_label("Town").fill("Delft")
    save(settings, "addresses")
    expect(book.locator("#postcode-error")).to_contain_text("Enter a postcode like 1234 AB.")
    expect(book.get_by_label("Street", exact=True)).to_have_value("Schieweg")
    book.get_by_label("Postcode").fill("2627an")
    save(settings, "addresses")
    expect(book).to_contain_text("Schieweg 15, 2627 AN Delft")
    book.get_by_role("button", name="Undo").click()
    expect(book).not_to_contain_text("Schieweg")


def test_what_closes_the_portal_asks_first(settings: Page) -> None:
    book = card(settings, "addresses")
    book.get_by_role("link", name="Change Noorderlicht", exact=True).first.click()
    book.get_by_label("House number").fill("")
    save(settings, "addresses")
    box = book.get_by_label("Save it all the same, and close the portal")
    expect(box).to_be_visible()
    expect(settings.get_by_text("Portal is open", exact=True)).to_be_visible()
    box.check()
    save(settings, "addresses")
    expect(settings.get_by_text("Portal is closed", exact=True)).to_be_visible()


def test_a_reason_is_moved_switched_and_put_back(settings: Page) -> None:
    reasons = card(settings, "reasons")
    first = reasons.locator(".thing dt").first
    expect(first).to_have_text("Too small")
    reasons.get_by_role("button", name="Changed my mind up").or_(
        reasons.get_by_role("button", name="I changed my mind up")
    ).click()
    expect(first).to_have_text("I changed my mind")
    reasons.get_by_role("button", name="Undo").click()
    expect(first).to_have_text("Too small")
    switch = reasons.get_by_role("button", name="Damaged", exact=True)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")


def test_pick_up_comes_and_goes_with_the_contract(settings: Page) -> None:
    carriers = card(settings, "carriers")
    carriers.get_by_role("link", name="Change GLS").click()
    carriers.get_by_label("Yes, with my own contract").check()
    carriers.get_by_label("Contract or customer number").fill("2200-118")
    carriers.get_by_role("radio", name="No", exact=True).last.check()
    save(settings, "carriers")
    expect(carriers).to_contain_text("Can’t be chosen")
    expect(card(settings, "methods")).to_contain_text("Your contract does not include returns")
    carriers.get_by_role("button", name="Undo").click()
    expect(carriers).not_to_contain_text("Can’t be chosen")
    expect(card(settings, "methods")).not_to_contain_text("Your contract does not include")


def test_a_colour_is_refused_previewed_and_saved(settings: Page, javascript: bool) -> None:
    look = card(settings, "look")
    look.get_by_role("link", name="Change colour").click()
    typed = look.get_by_label("Colour", exact=True)
    typed.fill("greenish")
    save(settings, "look")
    expect(look.locator("#colour-error")).to_be_visible()
    expect(typed).to_have_value("greenish")
    typed.fill("#a00050")
    if not javascript:
        look.get_by_role("button", name="Show preview").click()
    expect(look.get_by_text("contrast").first).to_be_visible()
    button = settings.frame_locator("iframe.portal-frame").locator("#continue")
    expect(button).to_have_css("background-color", "oklch(0.455 0.1841 1.4)")
    save(settings, "look")
    expect(look).to_contain_text("#a00050")


def test_a_logo_is_seen_in_the_portal_before_it_is_saved(settings: Page, javascript: bool) -> None:
    data = io.BytesIO()
    Image.new("RGB", (120, 40), "teal").save(data, "PNG")
    look = card(settings, "look")
    look.get_by_role("link", name="Change logo").click()
    file = {"name": "logo.png", "mimeType": "image/png", "buffer": data.getvalue()}
    look.get_by_label("New logo").set_input_files([file])
    if not javascript:
        look.get_by_role("button", name="Show preview").click()
    expect(look.get_by_text("This logo is not saved yet")).to_be_visible()
    logo = settings.frame_locator("iframe.portal-frame").locator(".brand img")
    expect(logo).to_have_js_property("naturalWidth", 120)
    look.get_by_role("link", name="Cancel").click()
    expect(logo).to_have_count(0)
    look.get_by_role("link", name="Change logo").click()
    look.get_by_label("New logo").set_input_files([file])
    if javascript:
        expect(look.get_by_text("This logo is not saved yet")).to_be_visible()
    save(settings, "look")
    expect(look).to_contain_text("Uploaded")
    expect(logo).to_have_js_property("naturalWidth", 120)


@with_javascript
def test_a_reason_is_dragged_to_its_place(settings: Page) -> None:
    reasons = card(settings, "reasons")
    names = reasons.locator(".thing dt")
    names.nth(3).drag_to(names.first, target_position={"x": 20, "y": 2}, steps=8)
    # The list shows the new order while it is being dragged: that it can be undone says it is
    # saved.
    expect(reasons.get_by_role("button", name="Undo")).to_be_visible()
    expect(names.first).to_have_text("Wrong item")
    settings.reload()
    expect(names.first).to_have_text("Wrong item")


@with_javascript
def test_the_keyboard_alone_moves_a_reason_and_keeps_its_place(settings: Page) -> None:
    reasons = card(settings, "reasons")
    down = reasons.get_by_role("button", name="Too small down")
    down.focus()
    settings.keyboard.press("Enter")
    expect(reasons.locator(".thing dt").nth(1)).to_have_text("Too small")
    expect(down).to_be_focused()
    settings.keyboard.press("Enter")
    expect(reasons.locator(".thing dt").nth(2)).to_have_text("Too small")


@with_javascript
@pytest.mark.parametrize(
    "part", ["addresses/new", "reasons/new", "carriers/edit-gls", "look/texts"]
)
def test_open_forms_are_accessible(settings: Page, world: World, part: str) -> None:
    name = part.partition("/")[0]
    settings.goto(f"/shops/{world.shop.slug}/settings/{part}#card-{name}")
    for viewport in (PHONE, DESKTOP):
        settings.set_viewport_size(viewport)
        assert_accessible(settings)
        wide: Any = settings.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0
