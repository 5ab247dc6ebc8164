"""The element that shops put into their pages, as a shop's developer uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESKTOP, NewContext
from tests.e2e.pages.wizard import FIND, ITEMS, REASONS, REFUND, REVIEW, SHIPMENT, Why, Wizard
from tests.e2e.servers import threaded
from tests.e2e.shop_site import ShopSite, allow, element, frame_of, plain_frame
from tests.e2e.world import SHIRT, World

CALLS_HOME = """<script>
addEventListener("message", () => parent.postMessage("overheard", "*"));
for (const frame of [parent.frames[0], parent.frames[1]])
  if (frame !== window) frame.postMessage({t: "rp:hello", v: 1, scheme: "auto"}, "*");
for (const message of [
  {t: "rp:height", v: 1, h: 9999}, {t: "rp:step", v: 1, step: "forged"},
  {t: "rp:completed", v: 1, reference: "FORGED"}, null, "rp:height",
]) parent.postMessage(message, "*");
parent.postMessage("sent", "*");
</script>"""
"""A third page that speaks like the portal to the shop's page, and like the shop to the portal."""


@pytest.fixture(scope="module")
def served() -> Iterator[ShopSite]:
    site = ShopSite()
    with threaded(site) as site.address:
        yield site


@pytest.fixture
def site(served: ShopSite) -> ShopSite:
    """A shop's site without pages."""
    served.pages.clear()
    served.headers.clear()
    return served


@pytest.fixture
def portal(live_server: str) -> str:
    """The portal on another site than the shop's 127.0.0.1."""
    return live_server.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A desktop's tab in which the shop's pages are opened."""
    return new_context(viewport=DESKTOP).new_page()


FITS = """async () => {
    for (let turn = 0; turn < 200; turn++) {
        const {height} = document.body.getBoundingClientRect();
        if (innerHeight >= height && innerHeight < height + 16) return "";
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return `${innerHeight} for ${document.body.getBoundingClientRect().height}`;
}"""


def fits(frame: Frame) -> None:
    """The frame is as high as its page, and nothing in it scrolls in either direction."""
    assert not frame.evaluate(FITS)
    for side in ("Width", "Height"):
        root = "document.documentElement"
        assert frame.evaluate(f"() => {root}.scroll{side} <= {root}.client{side}"), side


class Visit:
    """A wizard in an element that looks, on each page, at what its surroundings do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frame = frame_of(page)
        self.wizard = Wizard(self.frame, javascript=True)

    def arrived(self, heading: str, step: str) -> None:
        """The page is there, whole, its top in view, and the shop's page heard which it is."""
        self.wizard.arrived(heading)
        fits(self.frame)
        assert self.heard[-1] == ["step", step]
        top = self.page.locator("return-portal").evaluate("e => e.getBoundingClientRect().top")
        assert -1 <= top < DESKTOP["height"] * 0.9
        assert not violations(self.frame)
        assert self.page.evaluate("document.documentElement.scrollWidth") == DESKTOP["width"]

    @property
    def heard(self) -> list[list[str]]:
        """The element's events so far."""
        return list(self.page.evaluate("heard"))

    def press_at_the_bottom(self) -> None:
        """Look at the end of the page, so that its top is out of view, and send the step empty."""
        self.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        self.wizard.go_on()
        expect(self.wizard.errors).to_be_focused()
        expect(self.wizard.errors).to_be_in_viewport()


def test_a_return_is_made_in_the_element_without_a_jump(
    page: Page, site: ShopSite, live_server: str, world: World
) -> None:
    allow(world, site.other_name)
    world.order(SHIRT, number="#1")
    page.goto(site.other_name + site.write("/r", element(live_server, "noorderlicht"), around=700))
    visit = Visit(page)
    wizard = visit.wizard
    expect(wizard.heading).to_have_text(FIND)
    assert page.evaluate("scrollY") == 0, "opening the page moves nothing"
    assert not violations(visit.frame)
    wizard.find("1", "1012 JS")
    visit.arrived(ITEMS, "items")
    visit.press_at_the_bottom()
    before = page.evaluate("scrollY")
    wizard.tick("Linen shirt")
    said = visit.frame.locator("#live-status")
    expect(said).not_to_be_empty()
    assert page.evaluate("scrollY") == before, "a live change moves nothing"
    wizard.go_on()
    visit.arrived(REASONS, "reasons")
    wizard.explain({"Linen shirt": Why("Too small")})
    visit.arrived(REFUND, "refund")
    page.evaluate("history.back()")
    expect(wizard.heading).to_have_text(REASONS)
    page.evaluate("history.forward()")
    expect(wizard.heading).to_have_text(REFUND)
    assert page.url.endswith("/r")
    wizard.choose_refund("Money back")
    wizard.go_on()
    visit.arrived(SHIPMENT, "shipment")
    wizard.choose_method("Drop off with a label")
    fits(visit.frame)
    wizard.ship()
    visit.arrived(REVIEW, "review")
    wizard.confirm()
    reference = world.returns()[0].number
    expect(wizard.page.locator(".reference").first).to_have_text(reference)
    fits(visit.frame)
    assert [event for event in visit.heard if event[0] == "completed"] == [["completed", reference]]
    assert [step for name, step in visit.heard if name == "step"] == [
        *("find", "items", "reasons", "refund", "reasons", "refund", "shipment", "review", "done")
    ]
    visit.frame.goto(visit.frame.url)
    fits(visit.frame)
    assert visit.heard[-1] == ["completed", reference]
    assert len(visit.heard) == 10, "the same page and the same return are told once"
    assert not violations(visit.frame)


def test_several_nested_narrow_and_mirrored_portals_stand_on_one_page(
    page: Page, site: ShopSite, portal: str, world: World
) -> None:
    allow(world, site.address)
    inner = element(portal, "noorderlicht")
    site.write("/inner", inner)
    narrow = inner.replace("<return-portal", '<return-portal style="width:320px"', 1)
    body = narrow + element(portal, "noorderlicht", lang="nl") + plain_frame("/inner")
    page.goto(site.address + site.write("/r", body, root='dir="rtl"'))
    frames = [frame_of(page, 0), frame_of(page, 1)]
    frames.append(frame_of(frame_of(page, within="main >")))
    for frame, heading in zip(frames, (FIND, "Zoek eerst je bestelling", FIND), strict=True):
        expect(frame.get_by_role("heading", level=1)).to_contain_text(heading)
        fits(frame)
        assert not violations(frame)
    assert frames[0].evaluate("innerWidth") == 320
    heights = [frame.evaluate("innerHeight") for frame in frames]
    assert heights[0] > heights[1], "each has the height of its own page"
    assert page.evaluate("heard").count(["step", "find"]) == 2
    assert page.evaluate("document.documentElement.scrollWidth") == DESKTOP["width"]


def test_nobody_else_is_believed_and_nobody_else_is_told(
    page: Page, site: ShopSite, portal: str, world: World
) -> None:
    allow(world, site.address, "https://elsewhere.example")
    site.write("/third", CALLS_HOME)
    body = plain_frame(f"{portal}/p/noorderlicht/") + plain_frame(f"{site.other_name}/third")
    note = "<script>noise = []; addEventListener('message', e => noise.push(e.data));</script>"
    page.goto(site.address + site.write("/r", note + element(portal, "noorderlicht") + body))
    frame, plain = frame_of(page), frame_of(page, within="main >")
    fits(frame)
    expect(plain.get_by_role("heading", level=1)).to_have_text(FIND)
    page.evaluate("noise.length = 0")
    frame_of(page, 1, within="main >").goto(f"{site.other_name}/third")
    page.wait_for_function("noise.includes('sent')")
    fits(frame)
    assert "overheard" not in page.evaluate("noise")
    assert page.evaluate("heard") == [["step", "find"]]
    for each in (frame, plain):
        assert each.evaluate("document.documentElement.className") == "is-framed scheme-light"
    for wrong in ({"h": 100}, {"h": 10**6}, {"h": "900"}, {"h": 900.5}, {"v": 2}, {"t": "height"}):
        message = {"t": "rp:height", "v": 1, "h": 4000, **wrong}
        frame.evaluate("([data, to]) => parent.postMessage(data, to)", [message, site.address])
    frame.evaluate("to => parent.postMessage({t: 'rp:step', v: 1, step: '<b>'}, to)", site.address)
    fits(frame)
    assert page.evaluate("heard") == [["step", "find"]]


def test_the_link_takes_over_where_the_portal_cannot_be(
    page: Page, site: ShopSite, portal: str, world: World, browser_faults: list[str]
) -> None:
    allow(world, "https://elsewhere.example")
    page.clock.install()
    for body in (
        element(portal, "noorderlicht"),
        element(portal, "no-such-shop"),
        element(portal, "noorderlicht", portal="http://127.0.0.1:9"),
        element(portal, "noorderlicht", portal="javascript:alert(1)"),
        element(portal, "noorderlicht").replace("<a ", "<b ").replace("</a>", "</b>"),
    ):
        with page.expect_event("load"):
            page.goto(site.address + site.write("/r", body))
        page.locator("return-portal:defined").wait_for(state="attached")
        page.clock.fast_forward(20_000)
        expect(page.get_by_text("The returns page can’t be shown here.")).to_be_visible()
        expect(page.get_by_role("link", name="Return an order")).to_be_visible() if (
            "<a " in body
        ) else expect(page.get_by_role("link", name="Open in a new tab")).to_be_visible()
        expect(page.locator("iframe")).not_to_be_visible()
    assert all("frame-ancestors" in fault for fault in browser_faults), browser_faults
    browser_faults.clear()


def test_a_portal_that_comes_back_is_shown_again(
    page: Page, site: ShopSite, portal: str, world: World
) -> None:
    allow(world, site.address)
    page.clock.install()
    page.goto(
        site.address
        + site.write("/r", element(portal, "noorderlicht", portal="http://127.0.0.1:9"))
    )
    page.locator("return-portal:defined").wait_for(state="attached")
    page.clock.fast_forward(20_000)
    expect(page.get_by_text("The returns page can’t be shown here.")).to_be_visible()
    page.locator("return-portal").evaluate("(e, url) => e.setAttribute('portal', url)", portal)
    expect(page.locator("iframe")).to_be_visible()
    fits(frame_of(page))
    expect(page.get_by_role("link", name="Return an order")).to_be_hidden()


def test_without_scripts_the_element_is_its_link(
    new_context: NewContext, site: ShopSite, portal: str, world: World
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site.address + site.write("/r", element(portal, "noorderlicht")))
    page.get_by_role("link", name="Return an order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(FIND)


def test_the_live_test_says_what_works_in_the_shops_page(
    page: Page, site: ShopSite, portal: str, world: World
) -> None:
    allow(world, site.address)
    path = site.write("/r", element(portal, "noorderlicht"), around=700)
    page.goto(f"{site.address}{path}#returnsite-test")
    frame = frame_of(page)
    for name in ("frame", "element", "height", "storage"):
        expect(frame.locator(f"#test-{name}")).to_have_attribute("data-state", "ok")
    with page.expect_download():
        frame.get_by_role("link", name="Save a test label").click()
    frame.get_by_role("button", name="Yes").click()
    with page.context.expect_page():
        frame.get_by_role("link", name="Open a tab").click()
    frame.get_by_role("link", name="Print this page").click()
    frame.get_by_role("link", name="Go one step on, and back").click()
    for name in ("scroll", "back", "download", "tab", "print"):
        expect(frame.locator(f"#test-{name}")).to_have_attribute("data-state", "ok")
    assert not violations(frame)


def test_the_live_test_says_what_a_locked_plain_frame_lacks(
    page: Page, site: ShopSite, portal: str, world: World, browser_faults: list[str]
) -> None:
    allow(world, site.address)
    sandbox = "allow-scripts allow-same-origin allow-forms"
    body = plain_frame(f"{portal}/p/noorderlicht/check?lang=en", sandbox=sandbox)
    page.goto(site.address + site.write("/r", body))
    frame = frame_of(page, within="main >")
    expect(frame.locator("#test-frame")).to_have_attribute("data-state", "ok")
    frame.get_by_role("link", name="Open a tab").click()
    frame.get_by_role("link", name="Print this page").click()
    for name in ("element", "height", "tab", "print"):
        expect(frame.locator(f"#test-{name}")).to_have_attribute("data-state", "bad")
    assert all("sandboxed" in fault for fault in browser_faults), browser_faults
    browser_faults.clear()


def test_an_isolated_dark_page_shows_it_and_a_failure_is_told_where_people_look(
    new_context: NewContext, site: ShopSite, portal: str, world: World, browser_faults: list[str]
) -> None:
    allow(world, site.address)
    site.headers = {
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    page = new_context(viewport=DESKTOP, color_scheme="dark").new_page()
    root = 'style="color-scheme:dark"'
    body = element(portal, "noorderlicht", scheme="auto")
    page.goto(site.address + site.write("/r", body, root=root, around=700))
    assert page.evaluate("crossOriginIsolated")
    frame = frame_of(page)
    wizard = Wizard(frame, javascript=True)
    expect(wizard.heading).to_have_text(FIND)
    fits(frame)
    assert frame.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    assert not violations(frame)
    page.route("**/p/**", lambda route: route.abort())
    wizard.find("1", "1012 JS")
    toast = frame.get_by_text("Nothing you filled in is lost.")
    expect(toast).to_be_in_viewport(ratio=1)
    assert all("ERR_FAILED" in fault or "htmx" in fault for fault in browser_faults), browser_faults
    browser_faults.clear()
