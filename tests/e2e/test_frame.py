"""The portal inside a page of another site, where browsers allow it no cookies at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Page, expect
from werkzeug.wrappers import Request, Response

from tests.e2e.axe import violations
from tests.e2e.conftest import NewContext
from tests.e2e.pages.wizard import FIND, ITEMS, REASONS, REFUND, SHIPMENT, Why, Wizard
from tests.e2e.servers import threaded
from tests.e2e.world import SHIRT, World

SHOP_PAGE = """<!doctype html><html lang="en"><title>Shop</title><main><h1>Returns</h1>
<iframe src="{src}" title="Return an order" width="100%" height="900"></iframe></main></html>"""


@Request.application
def shop_site(request: Request) -> Response:
    """A shop's own site: its page frames the address in the query."""
    html = SHOP_PAGE.format(src=request.args.get("src", ""))
    return Response(html if request.path == "/returns" else "", mimetype="text/html")


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The site of the shop. 127.0.0.1 and localhost are two sites, as any two domains are."""
    with threaded(shop_site) as address:
        yield address


@pytest.fixture
def portal(live_server: str) -> str:
    """The portal on the site that is not the shop's."""
    return live_server.replace("127.0.0.1", "localhost")


@pytest.fixture
def shop_page(new_context: NewContext, javascript: bool) -> Page:
    """A tab in which the shop's page is opened."""
    return new_context(java_script_enabled=javascript).new_page()


def open_shop(page: Page, shop: str, address: str) -> Frame:
    """Open the shop's page with the portal in its frame."""
    page.goto(f"{shop}/returns?src={address}")
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def allow(world: World, *origins: str) -> None:
    world.shop.frame_origins = list(origins)
    world.shop.settings_version += 1
    world.session.commit()


def test_a_return_is_made_inside_a_page_of_another_site(
    shop_page: Page, shop: str, portal: str, javascript: bool, world: World
) -> None:
    allow(world, shop)
    world.order(SHIRT, number="#1")
    frame = open_shop(shop_page, shop, f"{portal}{world.path}")
    wizard = Wizard(frame, javascript=javascript)
    expect(wizard.heading).to_have_text(FIND)
    expect(frame.locator("header")).to_be_hidden()
    wizard.find("1", "1012 JS")
    wizard.arrived(ITEMS)
    wizard.choose_items({"Linen shirt": 1})
    wizard.explain({"Linen shirt": Why("Too small")})
    shop_page.evaluate("history.back()")
    expect(wizard.heading).to_have_text(REASONS)
    shop_page.evaluate("history.forward()")
    expect(wizard.heading).to_have_text(REFUND)
    assert shop_page.url.startswith(f"{shop}/returns")
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Drop off with a label")
    wizard.search_points("Delft")
    wizard.choose_point("Boekhandel Prins")
    wizard.ship()
    expect(frame.locator("header")).to_be_hidden()
    wizard.confirm()
    assert len(world.returns()) == 1
    if javascript:
        assert not violations(frame)


def test_only_pages_on_the_list_may_frame_the_portal(
    shop_page: Page, shop: str, portal: str, world: World, browser_faults: list[str]
) -> None:
    for allowed in ([], ["http://127.0.0.1:1"], ["https://shop.example"]):
        allow(world, *allowed)
        with shop_page.expect_event("requestfailed") as refused:
            open_shop(shop_page, shop, f"{portal}{world.path}")
        assert "ERR_BLOCKED_BY_RESPONSE" in str(refused.value.failure)
    assert browser_faults
    assert all("frame-ancestors" in fault for fault in browser_faults), browser_faults
    browser_faults.clear()


def test_links_that_leave_the_portal_open_outside_the_frame(
    shop_page: Page, shop: str, portal: str, world: World
) -> None:
    allow(world, shop)
    frame = open_shop(shop_page, shop, f"{portal}{world.path}")
    expect(frame.locator("footer a")).to_have_count(3)
    for link in frame.locator("footer a").all():
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", re.compile("noopener"))


def test_the_label_opens_in_a_tab_of_its_own(
    shop_page: Page, shop: str, portal: str, javascript: bool, world: World
) -> None:
    allow(world, shop)
    path = world.answered(world.order(SHIRT))
    frame = open_shop(shop_page, shop, f"{portal}{path}/shipment")
    wizard = Wizard(frame, javascript=javascript)
    wizard.choose_method("Drop off with a label")
    wizard.ship()
    wizard.confirm()
    world.work()
    frame.goto(frame.url)
    link = frame.get_by_role("link", name="Print the label")
    expect(link).to_have_attribute("target", "_blank")
    label = shop_page.request.get(f"{portal}{link.get_attribute('href')}")
    assert label.headers["content-type"] == "application/pdf"
    assert label.body().startswith(b"%PDF")
