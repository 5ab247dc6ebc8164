"""A whole journey by keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.pages.keyboard import Keyboard
from tests.e2e.pages.wizard import DONE, ITEMS, REASONS, REFUND, REVIEW, SHIPMENT, Wizard
from tests.e2e.world import SHIRT, SHOE, World


def test_a_return_is_made_and_cancelled_by_keyboard_alone(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(SHIRT, SHOE, number="#48217")
    keyboard = Keyboard(page)
    button = page.locator("#continue")
    page.goto(world.path)
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    keyboard.press("Enter")
    keyboard.tab_to(page.get_by_label("Tracking number or order number"))
    keyboard.type("48217")
    keyboard.tab_to(page.get_by_label("Postcode"))
    keyboard.type("1012js")
    keyboard.press("Enter")
    wizard.arrived(ITEMS)

    keyboard.go(page.get_by_role("checkbox", name="Linen shirt"), "Space")
    keyboard.tab_to(page.get_by_role("spinbutton"))
    keyboard.press("ArrowUp")
    expect(page.get_by_role("spinbutton")).to_have_value("2")
    keyboard.go(button)
    wizard.arrived(REASONS)

    keyboard.go(page.get_by_label("What is the reason?"), "ArrowDown")
    expect(page.get_by_label("What is the reason?")).to_have_value("too_small")
    keyboard.go(button)
    wizard.arrived(REFUND)

    keyboard.go(page.get_by_role("radio", name=re.compile("^Money back")), "Space", "ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Exchange"))).to_be_checked()
    keyboard.go(page.locator("[name^=variant-]").first, "Space", "ArrowDown")
    expect(page.get_by_role("radio", name="L", exact=True)).to_be_checked()
    keyboard.go(button)
    wizard.arrived(SHIPMENT)

    keyboard.go(page.get_by_role("radio", name=re.compile("^Drop off with a label")), "Space")
    if not wizard.javascript:
        keyboard.go(button)
        wizard.arrived(SHIPMENT)
    toggle = page.locator("#finder-toggle")
    expect(toggle).to_be_visible()
    if not page.get_by_label("Postcode or town").is_visible():
        keyboard.go(toggle)
    field = page.get_by_label("Postcode or town")
    keyboard.tab_to(field)
    keyboard.press("Control+A")
    keyboard.type("Delft")
    keyboard.press("Enter")
    if not wizard.javascript:
        # The page before says the same of these points: keys must not meet it while it leaves.
        page.wait_for_url(re.compile("near=Delft"))
    expect(page.locator(".point-count")).to_have_text("2 service points near Delft")
    keyboard.tab_to(page.get_by_role("radio", name=re.compile("^Boekhandel Prins")))
    keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Fietsenmaker"))).to_be_checked()
    keyboard.go(button)
    wizard.arrived(REVIEW)

    keyboard.go(page.get_by_role("button", name="Confirm return"))
    wizard.arrived(DONE)
    keyboard.go(page.get_by_role("link", name="Go to your return"))
    expect(wizard.heading).to_have_text("Hand in your parcel")
    keyboard.go(page.locator("#cancel-toggle"))
    keyboard.go(page.get_by_role("button", name="Cancel this return"))
    wizard.arrived("Your return is cancelled")
    assert [each.status for each in world.returns()] == ["cancelled"]
