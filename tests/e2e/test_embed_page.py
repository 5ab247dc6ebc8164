"""Settings → In your own page, in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import with_javascript
from tests.e2e.shop_site import allow, frame_of
from tests.e2e.world import World


def test_the_list_of_sites_is_edited_in_its_place(
    merchant_page: Page, javascript: bool, world: World
) -> None:
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/embed")
    page.get_by_role("link", name="Add a site your sites").click()
    sites = page.get_by_label("Sites that may show the portal")
    expect(sites).to_be_focused()
    sites.fill("www.shop.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(sites).to_have_value("www.shop.example")
    assert_accessible(page)
    sites.fill("https://www.shop.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Change your sites")).to_be_focused()
    if javascript:
        expect(page.locator("#live-status")).to_have_text("Your sites are saved")
    assert_accessible(page)


@with_javascript
def test_a_snippet_is_copied_and_the_live_test_runs_in_the_page(
    merchant_page: Page, javascript: bool, world: World
) -> None:
    page = merchant_page
    allow(world, "https://www.shop.example")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/shops/{world.shop.slug}/embed")
    page.get_by_role("button", name="Copy The element").click()
    expect(page.get_by_text("Copied")).to_have_count(2)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#snippet-element").inner_text()
    for guide in ("WordPress and WooCommerce", "Shopify", "Any other page: plain HTML"):
        page.get_by_text(guide, exact=True).click()
    assert_accessible(page)
    page.get_by_role("link", name="Test from here").click()
    for told in ("origin-1", "other-header", "script-hash"):
        expect(page.locator(f"#{told}")).to_have_attribute("data-state", "ok")
    frame = frame_of(page)
    expect(frame.locator("#test-height")).to_have_attribute("data-state", "ok")
    assert_accessible(page, themes=("light",))
