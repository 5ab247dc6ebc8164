"""The merchant's inbox in a browser: finding returns, acting on many, by mouse and by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from returnsite import clock
from returnsite.models import Return
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import DESKTOP, PHONE, with_javascript
from tests.e2e.world import World

both_sizes = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


def fill(world: World) -> list[Return]:
    """Five requests of one family, newest first, one of them from Germany; a paid return."""
    waiting = {"status": "requested", "approved_at": None}
    made = []
    for n, name in enumerate(["Anna", "Bram", "Cato", "Daan", "Eva"]):
        order = world.order(customer_name=f"{name} Jansen", country="DE" if n == 4 else "NL")
        asked = clock.now() - timedelta(minutes=n)
        made.append(
            world.made(order, number=f"R-{n}", number_norm=f"R{n}", created_at=asked, **waiting)
        )
    world.made(world.order(customer_name="Kim Bos"), number="R-9", status="closed")
    return made


def inbox(world: World, query: str = "") -> str:
    return f"/shops/{world.shop.slug}/returns{query}"


def rows(page: Page) -> Locator:
    return page.locator("#returns-form .row-link")


def choose(page: Page, *numbers: str) -> None:
    for number in numbers:
        page.get_by_role("checkbox", name=f"Choose {number}", exact=True).check()


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@both_sizes
def test_returns_are_found_approved_together_and_taken_back(
    merchant_page: Page, world: World, size: dict[str, int]
) -> None:
    fill(world)
    page = merchant_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(inbox(world))
    expect(rows(page)).to_have_count(6)
    assert_accessible(page)

    page.get_by_role("searchbox").fill("jansen")
    page.get_by_role("button", name="Search").click()
    expect(rows(page)).to_have_text(["R-0", "R-1", "R-2", "R-3", "R-4"])
    page.locator("#filters-toggle").click()
    page.get_by_label("Netherlands").check()
    assert fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Show returns").click()
    expect(rows(page)).to_have_text(["R-0", "R-1", "R-2", "R-3"])
    assert "q=jansen" in page.url
    assert "country=NL" in page.url

    choose(page, "R-0", "R-2")
    assert fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    outcome = page.locator("#outcome")
    expect(outcome).to_contain_text("2 returns approved.")
    expect(page.get_by_role("searchbox")).to_have_value("jansen")
    expect(rows(page)).to_have_count(4)
    assert fits(page)
    assert_accessible(page)
    assert [made.status for made in world.returns()[:3]] == ["approved", "requested", "approved"]

    outcome.get_by_role("button", name="Undo").click()
    expect(outcome).to_contain_text("2 returns are as they were.")
    expect(outcome.get_by_role("button")).to_have_count(0)
    assert {made.status for made in world.returns()[:5]} == {"requested"}


def test_what_could_not_be_done_is_told_and_the_reason_to_decline_is_asked(
    merchant_page: Page, world: World
) -> None:
    fill(world)
    page = merchant_page
    page.goto(inbox(world))
    choose(page, "R-1", "R-9")
    page.get_by_role("button", name="Decline …").click()
    expect(page.get_by_role("heading", name="Decline 2 returns")).to_be_visible()
    decline = page.get_by_role("button", name="Decline 2 returns")
    decline.click()
    expect(page.locator("#text-error")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Why?").fill("Worn outside")
    decline.click()
    expect(page.locator("#outcome")).to_contain_text("1 return declined.")
    expect(page.locator("#outcome")).to_be_focused()
    expect(page.locator("#outcome")).to_contain_text("1 return was left as it is:")
    expect(page.locator("#outcome").get_by_role("link", name="R-9")).to_be_visible()
    assert_accessible(page)


@both_sizes
def test_empty_lists_say_what_to_do_next(
    merchant_page: Page, world: World, size: dict[str, int]
) -> None:
    page = merchant_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(inbox(world))
    expect(page.get_by_role("heading", name="No returns yet")).to_be_visible()
    assert_accessible(page)

    fill(world)
    page.goto(inbox(world))
    page.locator("#tab-to_pay").click()
    expect(page.get_by_role("heading", name="Nothing here now")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("searchbox").fill("bos")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Nothing found for “bos”")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Search in all returns").click()
    expect(rows(page)).to_have_text(["R-9"])
    assert fits(page)


@with_javascript
def test_the_link_to_the_portal_is_copied(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(inbox(world))
    page.get_by_role("button", name="Copy the link to your portal").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#portal-link").inner_text()
    assert copied.endswith(f"/p/{world.shop.slug}/")


@with_javascript
def test_the_tab_one_is_on_is_in_sight_on_a_phone(merchant_page: Page, world: World) -> None:
    fill(world)
    merchant_page.set_viewport_size(PHONE)
    merchant_page.goto(inbox(world, "?tab=ended"))
    current = merchant_page.locator(".tabs [aria-current]")
    expect(current).to_be_in_viewport(ratio=0.9)
    merchant_page.locator("a[href$='/returns']", has_text="All").first.click()
    expect(current).to_have_text("All")
    expect(current).to_be_in_viewport(ratio=0.9)


@with_javascript
def test_the_list_is_worked_by_keyboard_alone(merchant_page: Page, world: World) -> None:
    fill(world)
    page, press = merchant_page, merchant_page.keyboard.press
    page.goto(inbox(world, "?tab=to_approve"))
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    press("j")
    press("j")
    press("x")
    press("j")
    press("x")
    press("k")
    expect(rows(page).nth(1)).to_be_focused()
    expect(page.locator("#chosen-count")).to_have_text("2 chosen")
    approve = page.get_by_role("button", name="Approve", exact=True)
    approve.focus()
    press("Enter")
    expect(page.locator("#outcome")).to_contain_text("2 returns approved.")
    expect(page.locator("#outcome")).to_be_focused()
    expect(rows(page)).to_have_text(["R-0", "R-3", "R-4"])
    assert page.url.endswith("?tab=to_approve"), "the address is that of the list"

    press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("r3jx?")  # no shortcuts while typing
    expect(page.get_by_role("searchbox")).to_have_value("r3jx?")
    page.get_by_role("searchbox").fill("r3")
    press("Enter")
    expect(rows(page)).to_have_text(["R-3"])
    expect(page.locator("#live-status")).to_contain_text("1 return")
    expect(page.get_by_role("searchbox")).to_be_focused()
    press("Tab")
    press("j")
    expect(rows(page)).to_be_focused()
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("R-3")


@with_javascript
def test_shortcuts_are_listed_and_stay_off_once_switched_off(
    merchant_page: Page, world: World
) -> None:
    fill(world)
    page, press = merchant_page, merchant_page.keyboard.press
    page.goto(inbox(world))
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    press("j")  # not while it is open
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    press("Escape")
    expect(dialog).to_be_hidden()
    for _visit in ("before", "after"):
        for key in ("j", "/", "?"):
            press(key)
        expect(dialog).to_be_hidden()
        expect(page.locator("#returns-form .row-link:focus, #q:focus")).to_have_count(0)
        page.reload()
        expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog.get_by_role("checkbox")).not_to_be_checked()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Close").click()
    press("j")
    expect(rows(page).first).to_be_focused()


@with_javascript
def test_a_row_of_returns_is_chosen_at_once_and_the_choice_is_dropped(
    merchant_page: Page, world: World
) -> None:
    fill(world)
    page = merchant_page
    page.goto(inbox(world))
    chosen = page.locator("#chosen-count")
    boxes = page.locator("#returns-form .select")
    expect(page.locator("#choose-page")).to_be_visible()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(chosen).to_have_text("4 chosen")
    page.locator("#choose-page").check()
    expect(chosen).to_have_text("6 chosen")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    assert download.value.suggested_filename.endswith(".csv")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator("#returns-form .select:checked")).to_have_count(0)
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_hidden()
