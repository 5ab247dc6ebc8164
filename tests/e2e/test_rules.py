"""The rule editor in the browser: by keyboard alone, dragged, with forty rules; then the portal."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from returnsite.services.rules.draft import load_rules
from tests import factories
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import with_javascript
from tests.e2e.pages.keyboard import Keyboard
from tests.e2e.pages.wizard import Wizard
from tests.e2e.world import SHIRT, SHOE, World


@pytest.fixture
def rules(world: World) -> list[int]:
    """Three live rules; their ids."""
    made = [
        factories.make_rule(world.session, world.shop, ("country", "is", "BE"), fee=495),
        factories.make_rule(world.session, world.shop, ("reason", "is", "damaged"), fee=0),
        factories.make_rule(world.session, world.shop, ("title", "contains", "hat"), fee=100),
    ]
    world.session.commit()
    return [rule.id for rule in made]


def path(world: World) -> str:
    return f"/shops/{world.shop.slug}/rules"


def order(world: World) -> list[int]:
    world.session.rollback()
    return [entry.id for entry in load_rules(world.shop.id).entries]


def test_a_rule_is_made_moved_switched_and_published_by_keyboard_alone(
    merchant_page: Page, javascript: bool, world: World, rules: list[int]
) -> None:
    page, keyboard = merchant_page, Keyboard(merchant_page)
    page.goto(path(world))
    keyboard.go(page.locator("#rules-new"))
    field, kind = page.locator("#r0-c0-field"), page.locator("#r0-e0-kind")
    expect(field).to_be_focused()
    keyboard.type("the price")
    if not javascript:
        keyboard.go(page.get_by_role("button", name="Show the fields"))
    expect(page.locator("#r0-c0-value")).to_be_visible()
    keyboard.tab_to(page.locator("#r0-c0-op"))
    keyboard.type("is less")
    keyboard.tab_to(page.locator("#r0-c0-value"))
    keyboard.type("50")
    keyboard.tab_to(kind)
    keyboard.type("it can't")
    keyboard.go(page.locator("#r0-save"))

    expect(page.get_by_text("Draft with 1 change.")).to_be_visible()
    new = page.locator("#rule--1-edit")
    if javascript:
        expect(new).to_be_focused()
        keyboard.press("Shift+Tab", "Shift+Tab")
    up = page.locator("#rule--1-up")
    if not javascript:
        keyboard.tab_to(up)
    expect(up).to_be_focused()
    keyboard.press("Enter")
    expect(page.locator(".rules > li").nth(3)).to_have_id("rule--1")
    expect(page.locator("#rule--1")).to_contain_text("less than €50.00")
    if javascript:
        expect(up).to_be_focused()
    assert order(world)[-3:] == [rules[1], -1, rules[2]]
    switch = page.locator(f"#rule-{rules[2]}-switch")
    keyboard.go(switch, "Space")
    expect(switch).to_have_attribute("aria-pressed", "false")
    page.goto(path(world))
    keyboard.go(page.locator("#rules-publish"))
    expect(page.get_by_text("Your customers meet these rules from now on.")).to_be_visible()
    expect(page.locator("#rules-publish")).to_have_count(0)


def test_published_rules_are_what_customers_meet(
    merchant_page: Page, page: Page, wizard: Wizard, javascript: bool, world: World
) -> None:
    made = world.order(SHIRT, SHOE, number="#48217")
    admin = merchant_page
    admin.goto(f"{path(world)}/new")
    admin.select_option("#r0-c0-field", "title")
    admin.select_option("#r0-e0-kind", "refuse")
    if not javascript:
        admin.get_by_role("button", name="Show the fields").click()
    admin.locator("#r0-c0-value").fill("Running shoe")
    admin.locator("#r0-e0-text").fill("Shoes stay with you.")
    admin.locator("#r0-save").click()
    expect(admin.locator("#rules-publish")).to_be_visible()
    assert "Then you can." not in _portal(page, world, made.number)

    admin.locator("#rules-publish").click()
    expect(admin.get_by_text("Your customers meet these rules from now on.")).to_be_visible()

    assert "Then you can." in _portal(page, world, made.number)


def _portal(page: Page, world: World, number: str) -> str:
    """What a customer reads on the page of items."""
    page.goto(world.path)
    page.get_by_label("Tracking number or order number").fill(number)
    page.get_by_label("Postcode").fill("1012js")
    page.locator("#continue").click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    return page.locator("main").inner_text()


@with_javascript
def test_a_rule_is_dragged_to_its_place(
    merchant_page: Page, javascript: bool, world: World, rules: list[int]
) -> None:
    page = merchant_page
    page.goto(path(world))
    page.locator(f"#rule-{rules[2]}-switch").click()  # it comes anew, and can be dragged still
    expect(page.get_by_text("Draft with 1 change.")).to_be_visible()
    handle = page.locator(f"#rule-{rules[2]} .is-handle")
    expect(handle).to_be_visible()

    handle.drag_to(page.locator(f"#rule-{rules[0]}"), target_position={"x": 20, "y": 4})

    expect(page.locator(".rules > li").nth(1)).to_have_id(f"rule-{rules[2]}")
    expect(page.get_by_text("Draft with 2 changes.")).to_be_visible()
    assert order(world)[-3:] == [rules[2], *rules[:2]]


@with_javascript
def test_what_a_trial_finds_shows_below_the_rules(
    merchant_page: Page, world: World, rules: list[int]
) -> None:
    world.order(SHIRT)
    page = merchant_page
    page.goto(path(world))
    page.locator(f"#rule-{rules[0]}-switch").click()
    page.locator("#trial-go").click()
    expect(page.locator("#trial progress")).to_be_visible()
    world.work()
    expect(page.locator("#trial")).to_contain_text("Tried on 1 item")
    expect(page.locator("#trial progress")).to_have_count(0)
    expect(page.locator("#live-status")).to_contain_text("Tried on 1 item")
    assert page.url.endswith("/rules")
    assert_accessible(page)


@with_javascript
def test_what_went_wrong_is_read_first_and_closing_goes_back_to_the_pencil(
    merchant_page: Page, javascript: bool, world: World, rules: list[int]
) -> None:
    page = merchant_page
    page.goto(path(world))
    page.locator(f"#rule-{rules[0]}-edit").click()
    page.locator(f"#r{rules[0]}-e0-value").fill("much")
    page.locator(f"#r{rules[0]}-save").click()

    expect(page.locator("#error-summary")).to_be_focused()
    assert_accessible(page)
    page.locator(f"#r{rules[0]}-cancel").click()
    expect(page.locator(f"#rule-{rules[0]}-edit")).to_be_focused()


def test_forty_rules_and_every_page_of_theirs_are_accessible(
    merchant_page: Page, world: World, rules: list[int]
) -> None:
    for number in range(37):
        long = f"Donaudampfschifffahrtsgesellschaft {number}"
        factories.make_rule(world.session, world.shop, ("title", "is", long), returnable=False)
    world.session.commit()
    page = merchant_page
    for below in ("", "/new", "/try", "/history", f"/{rules[1]}/edit"):
        page.goto(path(world) + below)
        assert_accessible(page)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{below} is {wide} wide at {width}"
