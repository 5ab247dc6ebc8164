"""A merchant brings in orders, finds one and starts its customer's return, in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import with_javascript
from tests.e2e.pages.wizard import ITEMS, Wizard
from tests.e2e.world import World
from tests.factories import make_task

CSV = "\n".join(
    [
        "order_number,placed_at,email,customer_name,locale,postcode,country,sku,title,"
        "quantity,line_paid,tracking_number,shipped_at,delivered_at",
        "NL-501,2026-11-02,joris@post.example,Joris Vermeulen,en,1012 JS,NL,HAT-1,Woolly hat,"
        "2,39.90,3SNEW501,2026-11-03,2026-11-04",
        "NL-502,2026-11-02,eva@post.example,Eva Bos,en,1012 JS,NL,CAP-1,Cap,x,9.95,,,",
    ]
)


def file(content: str, name: str = "orders.csv") -> dict[str, object]:
    """A file as Playwright chooses it."""
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


def test_from_a_file_to_the_customers_return(
    merchant_page: Page, world: World, javascript: bool
) -> None:
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/orders")
    expect(page.get_by_role("heading", name="No orders yet")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Import a file").click()
    look = page.get_by_role("button", name="Look at the file")
    box = page.get_by_label("File from your shop system")
    box.set_input_files(file("Dear shop, here are my orders.", "letter.txt"))  # type: ignore[arg-type]
    look.click()
    expect(page.locator("#file-error")).to_contain_text("not recognised")
    assert_accessible(page)
    box.set_input_files(file(CSV))  # type: ignore[arg-type]
    look.click()
    expect(page.get_by_role("heading", name="1 is set aside")).to_be_visible()
    expect(page.get_by_text("2 × Woolly hat")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Import 1 order").click()
    expect(page.get_by_role("progressbar", name="Importing orders")).to_be_visible()
    if javascript:  # axe looks at a copy of the page, which would ask on without the session
        assert_accessible(page)
    world.work()
    if not javascript:
        page.get_by_role("link", name="Refresh").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_role("link", name="Download the list")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="See the orders").click()
    page.get_by_role("searchbox").fill("joris")
    page.get_by_role("button", name="Search").click()
    assert_accessible(page)
    page.get_by_role("link", name="NL-501").click()
    expect(page.get_by_role("link", name="joris@post.example")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Start a return").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ITEMS)
    expect(page.get_by_role("complementary", name="For your customer")).to_contain_text("NL-501")
    assert_accessible(page)
    Wizard(page, javascript=javascript).choose_items({"Woolly hat": 1})
    page.get_by_role("link", name="Back to the order").click()
    expect(page.get_by_role("link", name="joris@post.example")).to_be_visible()


@with_javascript
def test_the_progress_is_followed_told_at_its_end_and_survives_a_reload(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    task = make_task(
        world.session, world.shop, kind="import_orders", state="running", done=10, total=40
    )
    world.session.commit()
    page.goto(f"/shops/{world.shop.slug}/tasks/{task.id}")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", "10")
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    task.done = 30
    world.session.commit()
    expect(bar).to_have_attribute("value", "30")
    expect(stop).to_be_focused()
    page.reload()
    expect(bar).to_have_attribute("value", "30")
    task.state = "done"
    world.session.commit()
    expect(page.get_by_role("link", name="See the result")).to_be_visible()
    expect(page.locator("#live-status")).to_contain_text("Done")
    expect(bar).to_have_count(0)


@with_javascript
def test_the_link_for_the_customer_is_copied(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    order = world.order(number="NL-7")
    page.goto(f"/shops/{world.shop.slug}/orders/{order.id}")
    link = page.get_by_role("textbox", name="Link for the customer").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link


def test_the_window_is_lifted_for_one_return_with_a_reason(
    merchant_page: Page, world: World, javascript: bool
) -> None:
    from datetime import timedelta

    from tests.factories import PLACED

    page = merchant_page
    order = world.order(number="NL-8", locale="en", delivered_at=PLACED - timedelta(days=90))
    page.goto(f"/shops/{world.shop.slug}/orders/{order.id}")
    page.get_by_text("Take it back after the return period").click()
    page.get_by_role("button", name="Start a return all the same").click()
    expect(page.locator("#reason-error")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Why you take it back all the same").fill("Was in hospital")
    page.get_by_role("button", name="Start a return all the same").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ITEMS)
    Wizard(page, javascript=javascript).choose_items({"Linen shirt": 1})
