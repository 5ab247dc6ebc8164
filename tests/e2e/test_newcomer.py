"""A shop owner who has never seen this: from the first link to a customer's return."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.models import Membership, Return, Shop, User
from returnsite.services.accounts.start_links import make_start_token
from tests import factories
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import DESKTOP, NewContext
from tests.e2e.pages.wizard import SHIPMENT, Why, Wizard

PASSWORD = "seven lamps by the harbour"


def test_from_the_first_link_to_a_customers_return(
    app: Flask, session: Session, new_context: NewContext, live_server: str, javascript: bool
) -> None:
    session.execute(delete(Membership))
    session.execute(delete(User))
    session.commit()
    token = make_start_token("first_run")
    options = {"base_url": live_server, "java_script_enabled": javascript}
    page = new_context(viewport=DESKTOP, **options).new_page()

    page.goto(f"/first-run/{token}")
    page.get_by_label("Your name").fill("Noor Hendriks")
    page.get_by_label("E-mail address").fill("noor@liefklein.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Name of the shop").fill("Lief & Klein")
    page.get_by_role("button", name="Make account and shop").click()

    expect(page.get_by_role("heading", name="1 step left")).to_be_visible()
    assert_accessible(page, themes=("light",))
    page.get_by_role("link", name="Add an address").first.click()
    page.get_by_label("Company or store").fill("Lief & Klein")
    page.get_by_label("Street", exact=True).fill("Oude Delft")
    page.get_by_label("House number").fill("12")
    page.get_by_label("Postcode").fill("2611 cc")
    page.get_by_label("Town").fill("Delft")
    page.locator("#card-addresses").get_by_role("button", name="Save").click()
    expect(page.locator("#card-addresses")).to_contain_text("2611 CC Delft")

    expect(page.get_by_role("heading", name="Everything is ready")).to_be_visible()
    page.get_by_role("button", name="Open portal").click()
    expect(page.get_by_text("Portal is open", exact=True)).to_be_visible()

    shop = session.scalars(select(Shop).where(Shop.name == "Lief & Klein")).one()
    yesterday = clock.now() - timedelta(days=1)
    factories.make_order(session, shop, tracking_no="3SNEW1", delivered_at=yesterday)
    session.commit()
    customer = new_context(locale="en", **options).new_page()
    customer.goto(f"/p/{shop.slug}/")
    _send_shirt_back(Wizard(customer, javascript=javascript))
    session.rollback()
    made = session.scalars(select(Return).where(Return.shop_id == shop.id)).one()
    assert made.status == "approved"


def _send_shirt_back(wizard: Wizard) -> None:
    wizard.find("3SNEW1", "1012 JS")
    wizard.choose_items({"Linen shirt": 1})
    wizard.explain({"Linen shirt": Why("Too small")})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.page.get_by_role("radio", name="Drop off with a label").check()
    wizard.ship()
    wizard.confirm()
