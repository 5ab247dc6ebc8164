"""Analytics in a browser: period, comparison, filters, numbers as a table, the returns behind."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from returnsite import clock
from returnsite.services.analytics.refresh import refresh_all
from tests import factories
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import PHONE, without_javascript
from tests.e2e.world import World


def fill(world: World) -> None:
    """Thirty orders of the last weeks, a third of them with a return."""
    for n in range(30):
        placed = clock.now() - timedelta(days=60 - n)
        order = factories.make_order(
            world.session, world.shop, placed_at=placed, country="NL" if n % 3 else "BE"
        )
        if n % 3 == 0:
            factories.make_return(
                world.session,
                order,
                resolution="credit" if n % 2 else "money",
                created_at=placed + timedelta(days=5),
            )
    world.session.commit()
    refresh_all()


def test_figures_are_narrowed_and_lead_to_their_returns(
    merchant_page: Page, world: World, javascript: bool
) -> None:
    fill(world)
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/analytics")
    expect(page.get_by_role("heading", name="Analytics", level=1)).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="This year").click()
    expect(page.get_by_role("link", name="This year")).to_have_attribute("aria-current", "true")

    page.get_by_text("Period and filters").click()
    page.get_by_label("Compare with").select_option("year-ago")
    page.get_by_label("Country", exact=True).focus()
    page.get_by_label("Country", exact=True).select_option("BE")
    if not javascript:
        page.get_by_role("button", name="Show").click()
    chip = page.get_by_role("link", name="Country: Belgium")
    expect(chip).to_be_visible()
    assert "country=BE" in page.url
    assert "compare=year-ago" in page.url
    if javascript:
        expect(page.get_by_label("Country", exact=True)).to_be_focused()

    shared = page.url
    page.goto(shared)
    expect(chip).to_be_visible()
    page.get_by_text("Show as table: Why it comes back").click()
    expect(
        page.get_by_role("region", name="Why it comes back").get_by_role("table")
    ).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="Too small").first.click()
    expect(page.get_by_text("10 lines, 10 items")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Analytics", exact=True).last.click()
    expect(chip).to_be_visible()
    chip.click()
    expect(chip).to_have_count(0)

    page.get_by_text("Show as table: Why it comes back").click()
    assert_accessible(page)
    page.get_by_role("link", name="Open in the inbox: Too small").click()
    expect(page.get_by_role("heading", name="Returns", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Too small")).to_be_visible()
    page.goto(f"/shops/{world.shop.slug}/analytics/times?period=year&stage=whole")
    expect(page.get_by_text("From request to paid or closed")).to_be_visible()
    assert_accessible(page)


@without_javascript
def test_a_rate_on_a_phone_comes_with_its_numbers_and_their_returns(
    merchant_page: Page, world: World
) -> None:
    fill(world)
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/analytics?period=year")
    numbers = page.get_by_role("link", name=re.compile(r"^\d+ of \d+ came back: show them"))
    expect(numbers).to_have_count(0)
    page.set_viewport_size(PHONE)
    expect(numbers.first).to_be_visible()
    assert_accessible(page)
    numbers.first.click()
    expect(page.get_by_text("10 lines, 10 items")).to_be_visible()


def test_wrong_dates_are_told_where_they_were_typed(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/analytics?period=custom&from=2026-05-02&to=2026-05-01")
    expect(
        page.get_by_role("alert").get_by_text("The last day is before the first.")
    ).to_be_visible()
    expect(page.get_by_label("First day")).to_have_value("2026-05-02")
    assert_accessible(page)
