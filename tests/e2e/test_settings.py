"""Settings in a browser: in place with scripts, on plain pages without, by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Dialog, Page, expect

from returnsite.models import Shop
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import with_javascript
from tests.e2e.world import World


def stored(world: World) -> Shop:
    """The shop as the database has it now."""
    world.session.rollback()
    world.session.expire_all()
    return world.session.get_one(Shop, world.shop.id)


def settings(world: World) -> str:
    """Where the settings are."""
    return f"/shops/{world.shop.slug}/settings"


def test_a_value_is_changed_refused_saved_and_put_back(
    merchant_page: Page, world: World, javascript: bool
) -> None:
    page = merchant_page
    page.goto(settings(world))
    assert_accessible(page)
    page.get_by_role("link", name="Change return window").click()
    box = page.get_by_label("Return window")
    expect(box).to_have_value("30")
    if javascript:
        expect(box).to_be_focused()
    box.fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(box).to_have_value("soon")
    assert_accessible(page)
    box.fill("45")
    page.get_by_role("button", name="Save").click()
    card = page.locator("#card-portal")
    expect(card).to_contain_text("45 days after delivery")
    expect(card).to_contain_text("Saved")
    assert stored(world).window_days == 45
    if javascript:
        expect(page.locator("#live-status")).to_contain_text("45 days after delivery")
        expect(page.get_by_role("button", name="Undo")).to_be_focused()
        assert page.url.endswith("/settings")
    page.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("30 days after delivery")
    assert stored(world).window_days == 30


@with_javascript
def test_only_the_section_is_replaced_and_what_is_typed_elsewhere_stays(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    page.goto(settings(world))
    page.get_by_role("link", name="Change fee").click()
    fee = page.get_by_label("All methods").first
    fee.fill("7.77")
    page.get_by_role("link", name="Change return window").click()
    page.get_by_label("Return window").fill("21")
    page.locator("#card-portal").get_by_role("button", name="Save").click()
    expect(page.locator("#card-portal")).to_contain_text("21 days")
    expect(fee).to_have_value("7.77")


@with_javascript
def test_the_fee_preview_follows_what_is_typed(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.goto(settings(world) + "/fees/schedule")
    fee = page.get_by_label("All methods").first
    fee.press("ControlOrMeta+A")
    fee.press_sequentially("8,40")
    expect(page.locator("#preview-fees")).to_contain_text("€8.40")
    expect(fee).to_have_value("8,40")
    expect(fee).to_be_focused()


@with_javascript
def test_a_section_is_changed_by_keyboard_alone(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.goto(settings(world))
    page.get_by_role("link", name="Change refund options").or_(
        page.get_by_role("link", name="Change the customer can choose")
    ).focus()
    page.keyboard.press("Enter")
    first = page.get_by_label("Money back")
    expect(first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Bonus on store credit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#card-refund")).to_contain_text("Saved")
    assert "money" not in stored(world).resolutions


def test_the_portal_is_closed_and_opened_again(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.goto(settings(world))
    page.get_by_role("button", name="Close portal").click()
    expect(page.get_by_text("Portal is closed", exact=True)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Open portal").click()
    expect(page.get_by_text("Portal is open", exact=True)).to_be_visible()
    assert stored(world).active


@with_javascript
def test_what_is_typed_and_not_saved_is_dropped_only_when_that_is_agreed_to(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    asked: list[str] = []
    answers = iter([False, True])

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if dialog.type == "confirm" and not next(answers):
            dialog.dismiss()
        else:
            dialog.accept()

    page.on("dialog", answer)
    page.goto(settings(world))
    page.get_by_role("link", name="Change return window").click()
    box = page.get_by_label("Return window")
    page.get_by_role("link", name="Change return address").click()
    expect(box).to_have_count(0)
    assert asked == [], "nothing was typed"
    page.get_by_role("link", name="Change return window").click()
    box.fill("45")
    page.get_by_role("link", name="Change return address").click()
    expect(box).to_have_value("45")
    page.get_by_role("link", name="Change return address").click()
    expect(box).to_have_count(0)
    assert asked == ["confirm", "confirm"]
    page.get_by_role("link", name="Change return window").click()
    box.fill("45")
    page.get_by_role("link", name="Cancel").click()
    expect(box).to_have_count(0)
    page.get_by_role("link", name="Change return window").click()
    box.fill("45")
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page.get_by_role("heading", name="Orders", level=1)).to_be_visible()
    assert asked == ["confirm", "confirm", "beforeunload"]
    page.goto(settings(world))
    page.get_by_role("link", name="Change return window").click()
    box.fill("45")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#card-portal")).to_contain_text("45 days after delivery")
    page.goto(settings(world))
    assert len(asked) == 3, "saved is not lost"
