"""Customers return things from the first page to the status page, with and without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import on_both_databases
from tests.e2e.pages.wizard import FIND, ITEMS, SHIPMENT, Why, Wizard
from tests.e2e.world import World

TOO_SMALL = Why("Too small")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo from a phone."""
    path = tmp_path / "hole in the seam.jpg"
    Image.new("RGB", (640, 480), "tan").save(path)
    return path


@on_both_databases
def test_money_back_through_a_service_point_that_was_searched_for(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(number="#48217", tracking_no="3SNRDL 0482 91735")
    page.goto(world.path)
    expect(wizard.heading).to_have_text(FIND)
    wizard.find("3snrdl-048291735", "1012js")
    wizard.arrived(ITEMS)
    wizard.choose_items({"Linen shirt": 2})
    wizard.explain({"Linen shirt": TOO_SMALL})
    wizard.choose_refund("Money back")
    wizard.go_on()
    wizard.arrived(SHIPMENT)
    wizard.choose_method("Drop off with a label")
    expect(page.get_by_text("Tabakshop De Dam").first).to_be_visible()
    wizard.search_points("Delft")
    expect(page.get_by_text("2 service points near Delft")).to_be_visible()
    wizard.choose_point("Boekhandel Prins")
    wizard.ship()
    expect(page.locator("main")).to_contain_text("Drop off with a label, PostNL, Boekhandel Prins")
    expect(page.get_by_role("row", name="You get back").last).to_contain_text("€35.95")
    wizard.confirm()
    (made,) = world.returns()
    assert (made.refund_total, made.carrier) == (3990 - 395, "postnl")
    assert made.service_point["name"] == "Boekhandel Prins"
