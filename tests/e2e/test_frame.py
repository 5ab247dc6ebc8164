"""The portal in a plain frame of another site, where browsers allow it no cookies at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from playwright.sync_api import Frame, Page, expect
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from returnsite.services.labels import write_label
from tests.e2e.axe import violations
from tests.e2e.conftest import NewContext, with_javascript
from tests.e2e.pages.wizard import FIND, ITEMS, REASONS, REFUND, SHIPMENT, Why, Wizard
from tests.e2e.servers import threaded
from tests.e2e.shop_site import ShopSite, allow, frame_of, plain_frame
from tests.e2e.world import SHIRT, World

LEAST_SANDBOX = (
    "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals allow-popups "
    "allow-popups-to-escape-sandbox"
)
"""What docs/embedding.md tells shops that lock their frames to allow at least."""


@pytest.fixture(scope="module")
def site() -> Iterator[ShopSite]:
    """The site of the shop. 127.0.0.1 and localhost are two sites, as any two domains are."""
    site = ShopSite()
    with threaded(site) as site.address:
        yield site


@pytest.fixture
def portal(live_server: str) -> str:
    """The portal on the site that is not the shop's."""
    return live_server.replace("127.0.0.1", "localhost")


@pytest.fixture
def shop_page(new_context: NewContext, javascript: bool) -> Page:
    """A tab in which the shop's page is opened."""
    return new_context(java_script_enabled=javascript).new_page()


def open_shop(page: Page, site: ShopSite, address: str, **attributes: str) -> Frame:
    """Open the shop's page with the portal in its frame."""
    page.goto(site.address + site.write("/returns", plain_frame(address, **attributes)))
    return frame_of(page, within="main >")


def one_page() -> bytes:
    """A PDF of one empty page."""
    file = BytesIO()
    canvas = Canvas(file)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def with_label(page: Page, site: ShopSite, portal: str, world: World, **attributes: str) -> Frame:
    """The shop's page with a finished return whose label is ready."""
    made = world.made(world.order(SHIRT))
    shipment = made.shipments[0]
    shipment.state, shipment.document = (
        "ready",
        write_label(shipment_id=shipment.id, data=one_page()),
    )
    world.session.commit()
    return open_shop(page, site, f"{portal}{world.path}s/{made.status_token}/done", **attributes)


def test_a_return_is_made_inside_a_page_of_another_site(
    shop_page: Page, site: ShopSite, portal: str, javascript: bool, world: World
) -> None:
    allow(world, site.address)
    world.order(SHIRT, number="#1")
    frame = open_shop(shop_page, site, f"{portal}{world.path}")
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
    assert shop_page.url.startswith(f"{site.address}/returns")
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Drop off with a label")
    wizard.search_points("Delft")
    wizard.choose_point("Boekhandel Prins")
    wizard.ship()
    expect(frame.locator("header")).to_be_hidden()
    first = "a[href], button, input:not([type=hidden])"
    expect(frame.locator("main").locator(first).first).not_to_have_id("confirm")
    wizard.confirm()
    assert len(world.returns()) == 1
    if javascript:
        assert not violations(frame)


def test_only_pages_on_the_list_may_frame_the_portal(
    shop_page: Page, site: ShopSite, portal: str, world: World, browser_faults: list[str]
) -> None:
    for allowed in ([], ["http://127.0.0.1:1"], ["https://shop.example"]):
        allow(world, *allowed)
        with shop_page.expect_event("requestfailed") as refused:
            open_shop(shop_page, site, f"{portal}{world.path}")
        assert "ERR_BLOCKED_BY_RESPONSE" in str(refused.value.failure)
    assert browser_faults
    assert all("frame-ancestors" in fault for fault in browser_faults), browser_faults
    browser_faults.clear()


def test_links_that_leave_the_portal_open_outside_the_frame(
    shop_page: Page, site: ShopSite, portal: str, javascript: bool, world: World
) -> None:
    allow(world, site.address)
    frame = open_shop(shop_page, site, f"{portal}{world.path}")
    expect(frame.locator("footer a")).to_have_count(3)
    outside = frame.locator("a[href^='https:']")
    assert outside.count() >= 4
    for link in outside.all():
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", re.compile("noopener"))
    path = world.answered(world.order(SHIRT))
    frame.goto(f"{portal}{path}/shipment")
    Wizard(frame, javascript=javascript).ship()
    link = frame.get_by_role("link", name="Our return policy applies")
    if javascript:  # it came with a part of a page, which does not know of its frame
        link.evaluate("a => { a.onclick = (event) => event.preventDefault(); a.click(); }")
    expect(link).to_have_attribute("target", "_blank")


def test_the_label_is_saved_and_opens_in_a_tab_of_its_own(
    shop_page: Page, site: ShopSite, portal: str, world: World
) -> None:
    allow(world, site.address)
    frame = with_label(shop_page, site, portal, world)
    with shop_page.expect_download() as saved:
        frame.get_by_role("link", name="Save the label").click()
    assert saved.value.suggested_filename.endswith(".pdf")
    assert len(PdfReader(saved.value.path()).pages) == 1
    link = frame.get_by_role("link", name="Print the label")
    label = shop_page.request.get(f"{portal}{link.get_attribute('href')}")
    assert len(PdfReader(BytesIO(label.body())).pages) == 1
    # A browser without a viewer saves it: the tab is there, its address is not.
    asked = shop_page.context.expect_event("request", lambda r: r.url.endswith("/label.pdf"))
    with shop_page.context.expect_page(), asked:
        link.click()
    expect(frame.get_by_text("Does nothing happen?")).to_be_hidden()


@with_javascript
def test_a_frame_locked_by_the_shop_still_gives_the_label(
    shop_page: Page, site: ShopSite, portal: str, world: World, browser_faults: list[str]
) -> None:
    allow(world, site.address)
    for sandbox in (
        LEAST_SANDBOX,
        "allow-scripts allow-same-origin allow-forms",
        "allow-same-origin allow-forms",
        "",
    ):
        frame = with_label(shop_page, site, portal, world, sandbox=sandbox)
        address = frame.locator(".plain-address:visible")
        expect(address).to_have_text(re.compile(r"^http://localhost:\d+/p/.*/label\.pdf$"))
        if sandbox == LEAST_SANDBOX:
            with shop_page.expect_download():
                frame.get_by_role("link", name="Save the label").click()
            with shop_page.context.expect_page():
                frame.get_by_role("link", name="Print the label").click()
            assert not browser_faults
    assert all("andbox" in fault or "Unsafe attempt" in fault for fault in browser_faults), (
        browser_faults
    )
    browser_faults.clear()


@with_javascript
def test_a_frame_without_an_origin_says_where_it_works(
    shop_page: Page, site: ShopSite, portal: str, world: World, browser_faults: list[str]
) -> None:
    allow(world, site.address)
    world.order(SHIRT, number="#1")
    locked = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"
    frame = open_shop(shop_page, site, f"{portal}{world.path}", sandbox=locked)
    Wizard(frame, javascript=False).find("1", "1012 JS")
    with shop_page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open it in a new tab").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(FIND)
    browser_faults.clear()
