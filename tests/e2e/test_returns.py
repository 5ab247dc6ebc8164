"""A return's way through the shop in a browser: approve, count, pay; at a desk and at the dock."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from returnsite import clock as product_clock
from returnsite.models import Return
from tests import factories
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import PHONE, with_javascript
from tests.e2e.world import World, line
from tests.smtp import plain_text

NARROW = {"width": 320, "height": 640}


def page_of(world: World, made: Return) -> str:
    return f"/shops/{world.shop.slug}/returns/{made.number}"


def told(world: World, clock: Any) -> str:
    """What the newest mail to the customer says, once the time to undo is over."""
    clock.advance(seconds=31)
    world.work()
    folder = Path(world.app.config["DATA_DIR"]) / "mail"
    newest = max(folder.glob("*.eml"), key=lambda each: each.stat().st_mtime_ns)
    message = message_from_bytes(newest.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return f"{message['Subject']}\n{plain_text(message)}".replace("\xa0", " ")


def count(page: Page) -> None:
    """Open the form and save what was announced."""
    page.locator("#count-toggle").click()
    page.get_by_text("As new", exact=True).click()
    page.get_by_role("button", name="Save the count").click()
    expect(page.get_by_text("1 of 1").first).to_be_visible()


@with_javascript
def test_what_is_typed_in_another_form_is_still_there_after_a_step(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    page.goto(page_of(world, world.made(world.order())))
    page.locator("#count-toggle").click()
    page.get_by_text("Worn", exact=True).click()
    page.get_by_label("Note for your team").fill("smells of smoke")
    page.locator("#note-text").fill("Called about it")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#main")).to_contain_text("The note is added.")
    expect(page.get_by_label("Note for your team")).to_have_value("smells of smoke")
    expect(page.get_by_label("Worn")).to_be_checked()
    expect(page.locator("#note-text")).to_have_value("")
    page.locator("#note-text").fill("Half a sen")
    page.get_by_role("button", name="Save the count").click()
    expect(page.locator("#main")).to_contain_text("The count is saved.")
    expect(page.locator("#note-text")).to_have_value("Half a sen")


@with_javascript
def test_a_count_in_parts_is_not_lost_unasked_when_another_form_is_sent(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    asked: list[str] = []
    answers = [False, True]

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if answers.pop(0):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    page.goto(page_of(world, world.made(world.order(), quantity=2)))
    page.locator("#count-toggle").click()
    page.get_by_role("button", name="Some look different").click()
    part = page.get_by_role("group", name="Part 2", exact=True)
    expect(part.get_by_label("As new")).to_be_focused()
    page.locator("#note-text").fill("Called about it")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#note-text")).to_have_value("Called about it")
    expect(part).to_be_visible()
    assert asked == ["What you typed is not saved. Leave it all the same?"]
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#main")).to_contain_text("The note is added.")


@with_javascript
def test_leaving_the_dock_with_an_unsaved_count_asks_first(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    made = world.made(world.order(), quantity=2)
    page.goto(f"/shops/{world.shop.slug}/dock/{made.number}")
    page.get_by_label("Worn").check()
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("link", name="Another parcel").click()
    assert asked.value.type == "beforeunload"
    expect(page.get_by_label("Worn")).to_be_checked()


@pytest.mark.parametrize("resolution", ["money", "credit", "exchange"])
def test_a_request_is_approved_counted_and_settled_and_each_step_is_mailed(
    merchant_page: Page, world: World, clock: Any, resolution: str
) -> None:
    page = merchant_page
    made = world.made(world.order(), status="requested", approved_at=None, resolution=resolution)
    page.goto(page_of(world, made))
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".page-head .badge")).to_have_text("Approved")
    mail = told(world, clock)
    assert "Your return is approved" in mail
    assert "Print the label" in mail

    page.reload()
    count(page)
    assert "We have your parcel" in told(world, clock)

    page.reload()
    if resolution == "money":
        expect(page.get_by_label("Amount in EUR").first).to_have_value("16.00")
        page.get_by_label("Reference").fill("NL12 BANK")
        page.get_by_role("button", name="I have refunded this").click()
        wanted = ["We have refunded you", "€16.00", "NL12 BANK"]
    elif resolution == "credit":
        page.get_by_role("button", name="Send store credit").click()
        wanted = ["Your store credit", "Your code: ", "€16.00"]
    else:
        page.get_by_label("Number", exact=True).fill("3SNEW1")
        page.get_by_role("button", name="The exchange was sent").click()
        wanted = ["Your exchange is on its way", "3SNEW1"]
    expect(page.locator(".page-head .badge")).to_have_text("Completed")
    mail = told(world, clock)
    assert [words for words in wanted if words not in mail] == []
    assert_accessible(page)
    page.goto(f"/p/{world.shop.slug}/s/{made.status_token}")
    expect(page.get_by_text("Your return is completed")).to_be_visible()


@with_javascript
def test_what_was_just_done_is_told_each_time_even_in_the_same_words(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    made = world.made(world.order(), status="received", received_at=product_clock.now())
    page.goto(page_of(world, made))
    page.evaluate(
        """() => { const region = document.getElementById("live-status");
        const note = () => { region.dataset.told += region.textContent; };
        new MutationObserver(note).observe(region, {childList: true}); }"""
    )
    for _refund in range(2):
        page.evaluate("() => { document.getElementById('live-status').dataset.told = ''; }")
        page.get_by_label("Amount in EUR").first.fill("1.00")
        page.get_by_role("button", name="I have refunded this").click()
        expect(page.locator(".undo-bar")).to_contain_text("Refunded")
        told_now = page.locator("#live-status")
        expect(told_now).to_have_attribute("data-told", re.compile("Refunded"))


def test_declining_asks_for_a_reason_keeps_it_and_can_be_undone(
    merchant_page: Page, world: World, clock: Any
) -> None:
    page = merchant_page
    made = world.made(world.order(), status="requested", approved_at=None)
    page.goto(page_of(world, made))
    page.locator("#act-decline-toggle").click()
    page.get_by_role("button", name="Decline this return").click()
    expect(page.get_by_role("link", name="Say why.")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Why?").fill("It was worn")
    page.get_by_role("button", name="Decline this return").click()
    expect(page.locator(".page-head .badge")).to_have_text("Declined")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".page-head .badge")).to_have_text("To approve")
    page.locator("#act-decline-toggle").click()
    page.get_by_label("Why?").fill("It was worn outside")
    page.get_by_role("button", name="Decline this return").click()
    expect(page.locator(".page-head .badge")).to_have_text("Declined")
    assert "It was worn outside" in told(world, clock)
    page.goto(f"/p/{world.shop.slug}/s/{made.status_token}")
    expect(page.get_by_text("It was worn outside")).to_be_visible()


def test_the_second_of_two_colleagues_sees_what_the_first_did(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    made = world.made(world.order(), status="requested", approved_at=None)
    page.goto(page_of(world, made))
    other = page.context.new_page()
    other.goto(page_of(world, made))
    other.get_by_role("button", name="Approve, nothing comes back").click()
    expect(other.locator(".page-head .badge")).to_have_text("Approved")
    page.locator("#act-decline-toggle").click()
    page.get_by_label("Why?").fill("No")
    page.get_by_role("button", name="Decline this return").click()
    expect(page.get_by_text("Somebody was first")).to_be_visible()
    expect(page.locator(".page-head .badge")).to_have_text("Approved")


def test_a_parcel_is_scanned_and_counted_on_a_phone(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.set_viewport_size(PHONE)
    made = world.made(world.order(), quantity=2)
    page.goto(f"/shops/{world.shop.slug}/dock")
    assert_accessible(page)
    field = page.get_by_label("Scan or type a number")
    expect(field).to_be_focused()
    page.keyboard.type(made.number.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=made.number)).to_be_visible()
    assert_accessible(page)
    for box in [
        each.bounding_box()
        for each in page.locator(".count-form :is(.stepper, .actions) button").all()
    ]:
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="One less: Came, of 2").click()
    expect(page.get_by_label("Came, of 2", exact=True)).to_have_value("1")
    page.get_by_text("Damaged", exact=True).click()
    page.get_by_label("What", exact=True).fill("Grey sock")
    page.get_by_role("button", name="One more thing").click()
    expect(page.get_by_label("What, 2")).to_be_focused()
    expect(page.get_by_label("What", exact=True)).to_have_value("Grey sock")
    expect(page.get_by_label("Came, of 2", exact=True)).to_have_value("1")
    assert_accessible(page)
    page.get_by_label("What, 2").fill("Belt")
    page.get_by_role("button", name="Save and next parcel").click()
    expect(page.get_by_text(f"{made.number} is counted.")).to_be_visible()
    expect(page.get_by_label("Scan or type a number")).to_be_focused()
    (row,) = world.returns()
    assert (row.status, row.lines[0].received, row.lines[0].condition) == ("received", 1, "damaged")
    page.goto(f"/shops/{world.shop.slug}/returns/{made.number}")
    expect(page.locator(".extras-found li")).to_have_text(
        ["1 × Grey sock Not decided yet", "1 × Belt Not decided yet"]
    )
    assert_accessible(page)


def test_units_of_one_line_that_look_different_are_counted_apart_on_a_phone(
    merchant_page: Page, world: World
) -> None:
    page = merchant_page
    page.set_viewport_size(NARROW)
    made = world.made(world.order(line("Linen shirt", 6000, quantity=3)), quantity=3)
    page.goto(f"/shops/{world.shop.slug}/dock/{made.number}")
    page.get_by_text("As new", exact=True).click()
    page.get_by_label("Note for your team").fill("one is torn")
    page.get_by_role("button", name="Some look different").press("Enter")
    second = page.get_by_role("group", name="Part 2", exact=True)
    expect(second.get_by_label("As new")).to_be_focused()
    expect(second.get_by_label("Came, of 3", exact=True)).to_have_value("1")
    expect(page.get_by_label("Note for your team")).to_have_value("one is torn")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    buttons = page.locator(".count-form :is(.stepper button, .button-tap)").all()
    for box in [each.bounding_box() for each in buttons]:
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    second.get_by_text("Damaged", exact=True).click()
    second.get_by_text("Throw away", exact=True).click()
    second.get_by_role("button", name="One more: Not accepted").click()
    page.get_by_role("button", name="Save and next parcel").click()
    expect(page.get_by_text(f"{made.number} is counted.")).to_be_visible()
    page.goto(page_of(world, made))
    counted = page.locator(".lines-table td").nth(1)
    expect(counted).to_contain_text("3 of 3, 1 not accepted")
    expect(counted).to_contain_text("2 × As new")
    expect(counted).to_contain_text("1 × Damaged, Throw away, not accepted")
    for cell in page.locator(".lines-table td").all():
        assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
        assert cell.evaluate("cell => cell.clientWidth >= 200"), "a row of its own, with its name"
    page.locator("#count-toggle").click()
    page.get_by_role("button", name="Take part 2 out").click()
    expect(page.get_by_role("group", name="Part 2", exact=True)).to_have_count(0)
    expect(page.get_by_label("Came, of 3", exact=True)).to_have_value("3")
    expect(page.get_by_role("button", name="Some look different")).to_be_focused()
    assert_accessible(page)


def test_a_parcel_nobody_announced_becomes_a_return(merchant_page: Page, world: World) -> None:
    page = merchant_page
    page.set_viewport_size(PHONE)
    order = world.order(number="NL-900")
    page.goto(f"/shops/{world.shop.slug}/dock")
    page.get_by_label("Scan or type a number").fill("nl900")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Order NL-900").click()
    assert_accessible(page)
    page.get_by_role("button", name=f"One more: {order.lines[0].title}").click()
    page.get_by_role("button", name="Make a return of it").click()
    page.get_by_role("button", name="Save and next parcel").click()
    expect(page.get_by_text("is counted.").first).to_be_visible()
    (row,) = world.returns()
    assert (row.status, row.refund_total) == ("received", order.lines[0].line_paid // 2)


@with_javascript
def test_store_credit_is_taken_at_the_till(merchant_page: Page, world: World, clock: Any) -> None:
    page = merchant_page
    made = world.made(world.order(), resolution="credit")
    page.goto(page_of(world, made))
    count(page)
    page.get_by_role("button", name="Send store credit").click()
    expect(page.locator(".page-head .badge")).to_have_text("Completed")
    mail = told(world, clock)
    code = next(line.split(": ")[1] for line in mail.splitlines() if line.startswith("Your code"))
    page.goto(f"/shops/{world.shop.slug}/credit")
    page.get_by_label("Code").fill(code.strip())
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="€16.00 left")).to_be_visible()
    page.get_by_label("Amount in EUR").fill("4.50")
    page.get_by_role("button", name="Take it off").click()
    expect(page.get_by_role("heading", name="€11.50 left")).to_be_visible()
    assert_accessible(page)


def test_who_may_only_look_reads_the_page_and_finds_no_button(
    world: World, new_context: Any, live_server: str, sign_in: Any
) -> None:
    made = world.made(world.order(), status="requested", approved_at=None)
    reader = factories.make_user(world.session, world.shop, role="read_only")
    world.session.commit()
    context = new_context(base_url=live_server)
    sign_in(context, reader)
    page = context.new_page()
    page.goto(page_of(world, made))
    expect(page.get_by_role("heading", name=made.number)).to_be_visible()
    expect(page.locator("#main button")).to_have_count(0)
    assert_accessible(page)
