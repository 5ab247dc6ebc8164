"""Getting in, in a browser: from the first link, by a second factor, from an invitation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.models import Membership, User
from returnsite.services.accounts.passwords import hash_password
from returnsite.services.accounts.start_links import make_start_token
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import DESKTOP, NewContext, with_javascript
from tests.e2e.world import World
from tests.people import NEW_PASSWORD, PASSWORD, forget_mails, link_in, mails, totp_now


@pytest.fixture
def first_link(app: Flask, session: Session, clock: Any) -> str:
    """The link a first start prints, on an installation where nobody has an account."""
    clock.set(product_clock.now())
    session.execute(delete(Membership))
    session.execute(delete(User))
    session.commit()
    return f"/first-run/{make_start_token('first_run')}"


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _switch_two_factor_on(page: Page) -> str:
    page.get_by_role("link", name="Switch on two-factor sign-in").click()
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    assert_accessible(page)
    secret = page.locator(".setup-key").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(totp_now(secret))
    _press(page, "Switch it on")
    expect(page.get_by_role("heading", level=3)).to_have_text("Keep your recovery codes")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert_accessible(page)
    return secret


def test_from_the_first_link_to_signing_in_with_a_second_factor(
    new_context: NewContext, live_server: str, javascript: bool, first_link: str, clock: Any
) -> None:
    context = new_context(base_url=live_server, java_script_enabled=javascript, viewport=DESKTOP)
    page = context.new_page()
    page.goto(first_link)
    assert_accessible(page)
    page.get_by_label("Your name").fill("Sanne")
    page.get_by_label("E-mail address").fill("sanne@fietsen.example")
    page.get_by_label("Password", exact=True).fill("fietsen-zo-1")
    page.get_by_label("Name of the shop").fill("Fietsen & Zo")
    _press(page, "Make account and shop")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_label("Name of the shop")).to_have_value("Fietsen & Zo")
    assert_accessible(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    _press(page, "Make account and shop")
    expect(page).to_have_url(re.compile(r"/shops/fietsen-zo/settings$"))
    page.goto("/account/")
    assert_accessible(page)
    secret = _switch_two_factor_on(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    _press(page, "Sign out")
    expect(page.get_by_text("You are signed out")).to_be_visible()
    assert_accessible(page)
    clock.advance(seconds=30)
    page.get_by_label("E-mail address").fill("sanne@fietsen.example")
    page.get_by_label("Password").fill(PASSWORD)
    _press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code of your app")
    assert_accessible(page)
    page.get_by_label("Code").fill(totp_now(secret))
    _press(page, "Sign in")
    expect(page).to_have_url(re.compile(r"/shops/fietsen-zo/"))


def test_from_an_invitation_to_the_shop(
    app: Flask,
    merchant_page: Page,
    new_context: NewContext,
    live_server: str,
    javascript: bool,
    world: World,
) -> None:
    forget_mails(app)
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/team")
    assert_accessible(page)
    page.get_by_label("E-mail address").fill("kim")
    _press(page, "Send invitation")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("E-mail address").fill("kim@shop.example")
    _press(page, "Send invitation")
    expect(page.get_by_role("heading", name="Give this link to kim@shop.example")).to_be_focused()
    assert_accessible(page)
    shown = page.locator("#invite-link").input_value()
    assert shown.endswith(link_in(mails(app)[0]))
    kim = new_context(base_url=live_server, java_script_enabled=javascript).new_page()
    kim.goto(shown[shown.index("/invite/") :])
    assert_accessible(kim)
    kim.get_by_label("Your name").fill("Kim")
    kim.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    _press(kim, "Accept the invitation")
    expect(kim).to_have_url(re.compile(rf"/shops/{world.shop.slug}/"))
    kim.goto(f"/shops/{world.shop.slug}/team")
    expect(kim.get_by_role("button", name="Send invitation")).to_have_count(0)
    page.goto(f"/shops/{world.shop.slug}/team")
    expect(page.get_by_label("Role of Kim")).to_have_value("staff")
    page.get_by_role("link", name="Remove Kim").click()
    assert_accessible(page)
    _press(page, "Remove from the shop")
    expect(page.get_by_text("Kim <kim@shop.example> is removed")).to_be_visible()
    kim.reload()
    expect(kim.get_by_role("heading", level=1)).to_have_text("We can't find this page")


def _give_password(session: Session) -> None:
    for user in session.query(User):
        user.password_hash = hash_password(PASSWORD)
    session.commit()


def _change(page: Page, what: str) -> None:
    page.get_by_role("link", name=f"Change {what}").click()


def test_my_account_is_changed_card_by_card(
    merchant_page: Page, clock: Any, app: Flask, session: Session, javascript: bool
) -> None:
    forget_mails(app)
    _give_password(session)
    page = merchant_page
    page.goto("/account/")
    page.evaluate("window.stays = true")
    _change(page, "name")
    if javascript:
        expect(page.get_by_label("Your name")).to_be_focused()
    page.get_by_label("Your name").fill(" ")
    _press(page, "Save")
    expect(page.get_by_role("link", name="Enter your name.")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Your name").fill("Sanne Bakker")
    _press(page, "Save")
    expect(page.locator("#about-name")).to_contain_text("Sanne Bakker")
    expect(page.locator("#about-name")).to_contain_text("Saved")
    _change(page, "password")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("New password")).to_have_count(0)
    clock.advance(minutes=11)
    _change(page, "e-mail address")
    page.get_by_label("New e-mail address").fill("sanne@bakker.example")
    _press(page, "Make a link")
    page.get_by_label("Your password").fill(PASSWORD)
    assert_accessible(page)
    _press(page, "Confirm and go on")
    waiting = page.get_by_text("Waits for confirmation: sanne@bakker.example")
    expect(waiting).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("window.stays === true") is javascript
    _change(page, "language")
    page.get_by_label("Language", exact=True).select_option("nl")
    _press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mijn account")
    proof = next(mail for mail in mails(app) if mail.startswith("To: sanne@bakker.example"))
    page.goto(link_in(proof))
    _press(page, "Adres wijzigen")
    expect(page.locator("#about-email")).to_contain_text("sanne@bakker.example")


@with_javascript
def test_the_password_is_asked_in_place_and_the_change_goes_on(
    merchant_page: Page, world: World, clock: Any, app: Flask, session: Session
) -> None:
    forget_mails(app)
    _give_password(session)
    page = merchant_page
    page.goto(f"/shops/{world.shop.slug}/team")
    clock.advance(minutes=11)
    page.get_by_label("E-mail address").fill("kim@shop.example")
    _press(page, "Send invitation")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    assert_accessible(page)
    page.get_by_label("Your password").fill(PASSWORD)
    _press(page, "Confirm and go on")
    expect(page.locator("#invite-link")).to_be_visible()
