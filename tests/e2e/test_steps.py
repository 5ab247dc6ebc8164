"""How the wizard behaves under the hand: focus, titles, errors, Back, double clicks, failures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from returnsite.models import Draft, Return
from tests.e2e.conftest import DESKTOP, with_javascript, without_javascript
from tests.e2e.pages.wizard import (
    FIND,
    ITEMS,
    REASONS,
    REFUND,
    REVIEW,
    SHIPMENT,
    Why,
    Wizard,
)
from tests.e2e.world import BOTTLE, SALE_HAT, SHIRT, SHOE, World, line_ids


def to_refund(page: Page, wizard: Wizard, world: World, number: str = "#1") -> None:
    world.order(SHIRT, SHOE, number=number)
    page.goto(world.path)
    wizard.find(number, "1012 JS")
    wizard.arrived(ITEMS)
    wizard.choose_items({"Linen shirt": 1})
    wizard.explain({"Linen shirt": Why("Too small")})


def test_each_step_has_a_title_of_its_own_and_errors_are_in_it(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(SHIRT, number="#1")
    page.goto(world.path)
    expect(page).to_have_title("Find your order – Noorderlicht")
    wizard.press("Find my order")
    expect(page).to_have_title("Error: Find your order – Noorderlicht")
    wizard.find("1", "1012JS")
    expect(page).to_have_title(f"{ITEMS} – Noorderlicht")
    wizard.go_on()
    expect(page).to_have_title(f"Error: {ITEMS} – Noorderlicht")
    wizard.choose_items({"Linen shirt": 1})
    expect(page).to_have_title(f"{REASONS} – Noorderlicht")
    wizard.explain({"Linen shirt": Why("Too small")})
    expect(page).to_have_title(f"{REFUND} – Noorderlicht")
    wizard.choose_refund("Money back")
    wizard.go_on()
    expect(page).to_have_title(f"{SHIPMENT} – Noorderlicht")
    wizard.choose_method("Bring it back to the store")
    wizard.choose_point("Noorderlicht Delft")
    wizard.ship()
    expect(page).to_have_title(f"{REVIEW} – Noorderlicht")
    wizard.confirm()
    expect(page).to_have_title("Your return is registered – Noorderlicht")


def test_errors_lead_to_their_fields_and_everything_typed_is_still_there(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(SHIRT, SALE_HAT, BOTTLE, number="#1")
    page.goto(world.path)
    wizard.press("Find my order")
    wizard.refused(
        "Enter your tracking number or order number.",
        "Enter the postcode of your delivery address, like 2611 GX.",
    )
    follow_errors(page)
    wizard.find("  nr. 99 ", "zzz")
    wizard.refused("We can't find an order with this number and postcode.")
    expect(wizard.errors).to_contain_text("Check both.")  # so neither field is marked
    expect(page.get_by_label("Tracking number or order number")).to_have_value("  nr. 99 ")
    expect(page.get_by_label("Postcode")).to_have_value("zzz")
    wizard.find("#1", "1012 js")
    wizard.arrived(ITEMS)
    wizard.go_on()
    wizard.refused("Choose what you want to send back.")
    follow_errors(page)
    wizard.tick("Linen shirt")
    quantity = page.get_by_role("spinbutton")
    quantity.fill("3")
    wizard.go_on()
    wizard.refused("Linen shirt: You can send back 2 at most.")
    follow_errors(page)
    expect(quantity).to_have_value("3")
    quantity.fill("2")
    wizard.choose_items({"Woolly hat": 1, "Thermos bottle": 1})
    wizard.give_reason("Linen shirt", Why("Other", "Scratchy\nand too long"))
    wizard.give_reason("Woolly hat", Why("Damaged", ""))
    wizard.go_on()
    wizard.refused(
        "Woolly hat: Tell us in a few words what is wrong.",
        "Woolly hat: Add a photo, so that we can see what is wrong.",
        "Thermos bottle: Choose why you send this back.",
    )
    follow_errors(page)
    shirt = page.get_by_role("group", name="Linen shirt")
    expect(shirt.get_by_label("What is wrong with it?")).to_have_value("Scratchy\nand too long")
    expect(shirt.get_by_label("What is the reason?")).to_have_value("other")


def test_errors_of_refund_and_shipment_lead_to_their_fields(
    page: Page, wizard: Wizard, world: World
) -> None:
    to_refund(page, wizard, world)
    wizard.go_on()
    wizard.refused("Choose what you would like in return.")
    follow_errors(page)
    wizard.choose_refund("Exchange")
    wizard.go_on()
    wizard.refused("Linen shirt: Choose what you would like instead.")
    follow_errors(page)
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.go_on()
    wizard.refused("Choose how you send it back.")
    follow_errors(page)
    wizard.choose_method("Have it collected")
    wizard.go_on()
    wizard.refused("Choose the day we collect it.")
    follow_errors(page)
    wizard.choose_method("Bring it back to the store")
    wizard.go_on()
    wizard.refused("Choose the store you bring it to.")
    follow_errors(page)


def follow_errors(page: Page) -> None:
    """Each error of the summary leads to a field that says the same, and is announced with it."""
    for link in page.locator("#error-summary a").all():
        href = link.get_attribute("href") or ""
        field = page.locator(href)
        expect(field).to_have_count(1)
        expect(field).to_be_visible()
        link.press("Enter")
        expect(field).to_be_focused()
        described = field.evaluate(
            """(field) => {
                const owner = field.closest("[aria-invalid=true], [aria-describedby*=-error]");
                const ids = (owner?.getAttribute("aria-describedby") ?? "").split(" ");
                return ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
            }"""
        )
        words = (link.text_content() or "").rpartition(": ")[2]
        assert words in described, f"{href} is not described by {words!r} but by {described!r}"


def test_back_and_forward_go_through_the_steps_and_reload_stays(
    page: Page, wizard: Wizard, world: World
) -> None:
    to_refund(page, wizard, world)
    page.go_back()
    expect(wizard.heading).to_have_text(REASONS)
    expect(page.get_by_label("What is the reason?")).to_have_value("too_small")
    page.go_back()
    expect(wizard.heading).to_have_text(ITEMS)
    expect(page.get_by_role("checkbox", name="Linen shirt")).to_be_checked()
    page.reload()
    expect(page.get_by_role("checkbox", name="Linen shirt")).to_be_checked()
    page.go_back()
    expect(wizard.heading).to_have_text(FIND)
    for heading in (ITEMS, REASONS, REFUND):
        page.go_forward()
        expect(wizard.heading).to_have_text(heading)
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    page.get_by_role("link", name="Back", exact=True).click()
    expect(wizard.heading).to_have_text(REFUND)
    expect(page.get_by_role("radio", name="Money back")).to_be_checked()


def test_a_step_that_is_too_early_leads_to_the_first_open_one(
    page: Page, wizard: Wizard, world: World
) -> None:
    order = world.order(SHIRT)
    path = world.draft(order, items={str(line_ids(order)[0]): 1})
    for step in ("refund", "shipment", "review"):
        page.goto(f"{path}/{step}")
        expect(wizard.heading).to_have_text(REASONS)
        assert page.url.endswith("/reasons")


def test_a_form_of_another_time_comes_back_with_what_was_typed(
    page: Page, wizard: Wizard, world: World
) -> None:
    order = world.order(SHIRT)
    page.goto(f"{world.draft(order, items={str(line_ids(order)[0]): 1})}/reasons")
    wizard.give_reason("Linen shirt", Why("Other", "It itches"))
    page.locator("form [name=form_token]").evaluate("(field) => { field.value = 'old' }")
    wizard.go_on()
    wizard.refused("This page was open for a long time. Check it and send it again.")
    expect(page.get_by_label("What is the reason?")).to_have_value("other")
    expect(page.get_by_label("What is wrong with it?")).to_have_value("It itches")
    wizard.go_on()
    wizard.arrived(REFUND)


@without_javascript
def test_the_steps_of_a_quantity_work_without_javascript(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.goto(f"{world.draft(world.order(SHIRT, SHOE))}/items")
    wizard.tick("Linen shirt")
    page.get_by_role("button", name="One Linen shirt more").click()
    expect(page.get_by_role("spinbutton")).to_have_value("2")
    expect(page.locator("#summary-bar")).to_contain_text("2 items · back €39.90")
    page.get_by_role("button", name="One Linen shirt less").click()
    expect(page.get_by_role("spinbutton")).to_have_value("1")
    expect(page.get_by_role("checkbox", name="Linen shirt")).to_be_checked()


def test_confirming_twice_makes_one_return(page: Page, wizard: Wizard, world: World) -> None:
    page.goto(f"{world.answered(world.order(SHOE))}/review")
    page.get_by_role("button", name="Confirm return").dblclick()
    expect(wizard.heading).to_have_text("Your return is registered")
    assert world.count(Return) == 2, "one, and that of the other shop"


def test_a_confirmed_draft_leads_to_its_return(page: Page, wizard: Wizard, world: World) -> None:
    path = world.answered(world.order(SHOE))
    page.goto(f"{path}/review")
    wizard.confirm()
    page.go_back()
    expect(wizard.heading).to_have_text("You already confirmed this return")
    page.goto(f"{path}/items")
    expect(wizard.heading).to_have_text("You already confirmed this return")
    page.get_by_role("link", name="Go to your return").click()
    expect(wizard.heading).to_have_text("Hand in your parcel")


def test_an_expired_draft_offers_a_fresh_start(
    page: Page, wizard: Wizard, world: World, clock: Any
) -> None:
    page.goto(f"{world.draft(world.order(SHIRT))}/items")
    wizard.tick("Linen shirt")
    clock.advance(hours=3)
    wizard.go_on()
    expect(wizard.heading).to_have_text("This page has expired")
    page.get_by_role("link", name="Find your order").click()
    expect(wizard.heading).to_have_text(FIND)


def test_too_many_attempts_are_told_kindly_and_keep_what_was_typed(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.goto(world.path)
    for _attempt in range(5):
        wizard.find("48217", "9999 ZZ")
        wizard.refused("We can't find an order with this number and postcode.")
    wizard.find("48217", "9999 ZZ")
    wizard.refused(re.compile(r"^Too many attempts\. Try again in \d\d minutes\.$"))
    expect(page.get_by_label("Tracking number or order number")).to_have_value("48217")


def test_a_changed_condition_is_shown_before_anything_is_written(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.goto(f"{world.answered(world.order(SHIRT))}/review")
    world.shop.refund_outbound_shipping = False
    for rule in fee_rules(world):
        rule.amount = 250
    world.shop.settings_version += 1
    world.session.commit()
    wizard.press("Confirm return")
    expect(page.get_by_text("Something changed while you were busy.")).to_be_visible()
    expect(page.get_by_role("row", name="Return fee")).to_contain_text("€2.50")
    assert not world.returns()
    wizard.confirm()


def fee_rules(world: World) -> list[Any]:
    from returnsite.models import FeeRule

    world.session.rollback()
    return list(world.session.query(FeeRule).filter_by(shop_id=world.shop.id))


@with_javascript
def test_each_change_updates_summary_and_bar_and_is_announced_once(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.goto(f"{world.draft(world.order(SHIRT, SHOE, BOTTLE))}/items")
    page.evaluate(
        """() => {
            window.said = [];
            const region = document.getElementById("live-status");
            new MutationObserver(() => window.said.push(region.textContent))
                .observe(region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    wizard.tick("Linen shirt")
    bar, panel = page.locator("#summary-bar"), page.locator("#summary-panel")
    expect(bar).to_contain_text("1 item · back €19.95")
    expect(panel).to_contain_text("€19.95")
    expect(page.get_by_role("button", name="Continue with 1 item")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Linen shirt")).to_be_focused()
    more = page.get_by_role("button", name="One Linen shirt more")
    more.click()
    expect(bar).to_contain_text("2 items · back €39.90")
    expect(panel).to_contain_text("€39.90")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#live-status")).to_contain_text("€39.90")
    fee = panel.locator("tr", has_text="Return fee, from").locator(".money").text_content()
    expect(page.locator("#live-status")).to_contain_text(f"Return fee, from {fee}.")
    page.wait_for_function("window.said.length > 0")
    said = page.evaluate("window.said")
    assert len(said) == len(set(said)) <= 2, said
    assert all("You get back, estimated" in words for words in said)
    assert page.evaluate("document.activeElement") != "BODY"


@with_javascript
@pytest.mark.parametrize("failure", ["offline", "500"])
def test_a_failed_request_says_so_and_keeps_what_was_typed(
    page: Page, wizard: Wizard, world: World, failure: str, browser_faults: list[str]
) -> None:
    order = world.order(SHIRT)
    page.goto(f"{world.draft(order, items={str(line_ids(order)[0]): 1})}/reasons")
    wizard.give_reason("Linen shirt", Why("Other", "It itches"))
    expect(page.locator("[aria-busy=true]")).to_have_count(0)

    def fail(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif failure == "offline":
            route.abort("internetdisconnected")
        else:
            route.fulfill(status=500, body="<h1>Broken</h1>", content_type="text/html")

    page.route("**/reasons", fail)
    wizard.go_on()
    toast = page.locator("#toast-region .toast")
    expect(toast).to_contain_text("That did not work. Nothing you filled in is lost.")
    expect(wizard.heading).to_have_text(REASONS)
    expect(page.get_by_label("What is wrong with it?")).to_have_value("It itches")
    expect(page.locator("#continue")).not_to_have_attribute("aria-busy", "true")
    page.unroute("**/reasons")
    toast.get_by_role("button", name="Try again").click()
    wizard.arrived(REFUND)
    expect(toast).to_have_count(0)
    browser_faults.clear()  # the browser and htmx note the failure
    assert world.count(Draft) == 1


@with_javascript
def test_the_button_is_busy_while_the_answer_is_on_its_way(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.goto(f"{world.draft(world.order(SHIRT))}/items")
    wizard.tick("Linen shirt")
    expect(page.get_by_role("button", name="Continue with 1 item")).to_be_visible()
    held: list[Route] = []
    page.route("**/items", lambda route: held.append(route))
    wizard.go_on()
    expect(page.locator("#continue")).to_have_attribute("aria-busy", "true")
    page.locator("#continue").press("Enter")
    assert len(held) == 1, "a second press sends nothing"
    held[0].continue_()
    wizard.arrived(REASONS)


@with_javascript
def test_the_hand_off_appears_by_itself_once_it_is_made(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.goto(f"{world.answered(world.order(SHOE))}/review")
    wizard.confirm()
    expect(page.get_by_text("We are making it now.")).to_be_visible()
    page.set_viewport_size(DESKTOP)
    steps = page.locator(".handoff-steps li").first.bounding_box()
    assert steps is not None
    assert steps["width"] > 300, "what to do has the room that a code would take"
    world.work()
    expect(page.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()


@without_javascript
def test_the_amount_at_the_bottom_stays_on_one_line_in_the_narrowest_frame(
    page: Page, wizard: Wizard, world: World
) -> None:
    page.set_viewport_size({"width": 210, "height": 700})
    page.goto(f"{world.answered(world.order(SHOE))}/shipment")
    wizard.arrived(SHIPMENT)
    lines = wizard.summary_total.evaluate(
        "amount => { const all = document.createRange(); all.selectNodeContents(amount);"
        " return new Set([...all.getClientRects()].map((each) => each.top)).size; }"
    )
    assert lines == 1
