"""Every page of the portal in every state worth a look, for checks that must hold on all of them.

A state is a function that takes a world and leaves its page showing the state. `GROUPS` names
them; the checks loop over a group within one test, so that a group pays once for its set-up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from returnsite.models import Order
from returnsite.services.order_links import sign_order
from tests import factories
from tests.e2e.pages.wizard import Wizard
from tests.e2e.world import (
    BOTTLE,
    LONG,
    NOW,
    SALE_HAT,
    SHIRT,
    SHOE,
    World,
    line,
    line_ids,
)


@dataclass
class Stage:
    """Where a state is set up: the world and a page on its server with JavaScript."""

    world: World
    page: Page
    clock: Any

    @property
    def wizard(self) -> Wizard:
        """The page object."""
        return Wizard(self.page, javascript=True)

    def open(self, path: str) -> None:
        """Go to a path and wait for what its scripts load."""
        self.page.goto(path, wait_until="load")

    def settled(self) -> None:
        """Wait until no answer is on its way."""
        expect(self.page.locator(".htmx-request, [aria-busy=true]:not(#handoff)")).to_have_count(0)


State = Callable[[Stage], None]


def find(stage: Stage) -> None:
    stage.open(stage.world.path)


def find_errors(stage: Stage) -> None:
    find(stage)
    stage.wizard.press("Find my order")
    expect(stage.wizard.errors).to_be_visible()


def find_miss(stage: Stage) -> None:
    find(stage)
    stage.wizard.find("3S ABC 123", "9999 ZZ")
    expect(stage.wizard.errors).to_be_visible()


def find_too_many(stage: Stage) -> None:
    for _attempt in range(6):
        stage.world.session.rollback()
        find(stage)
        stage.wizard.find("48217-x", "9999 ZZ")
        expect(stage.wizard.errors).to_be_visible()
    expect(stage.wizard.errors).to_contain_text("Too many attempts.")


def order_link(stage: Stage) -> None:
    world = stage.world
    order = world.order()
    stage.open(f"{world.path}o/{sign_order(world.shop.id, order.id)}")


def big_order(world: World) -> Order:
    """Two parcels, six lines, one of each kind; the first line partly returned."""
    post = line("Express delivery", 495, is_goods=False, sku="POST")
    long_ago = NOW - timedelta(days=50)
    order = world.order(SHIRT, SHOE, SALE_HAT, LONG, post, number="#48217")
    factories.add_parcel(
        world.session,
        order,
        quantities={order.lines[1].id: 1},
        tracking_no="3SOLD",
        shipped_at=long_ago,
        delivered_at=long_ago,
    )
    world.session.commit()
    world.made(order)
    return order


def items(stage: Stage) -> None:
    stage.open(f"{stage.world.draft(big_order(stage.world))}/items")


def items_chosen(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SHOE, BOTTLE)
    stage.open(f"{stage.world.draft(order)}/items")
    stage.wizard.tick("Linen shirt")
    stage.page.get_by_role("button", name="One Linen shirt more").click()
    expect(stage.page.get_by_role("button", name="Continue with 2 items")).to_be_visible()
    stage.page.locator("#summary-toggle").click()
    stage.settled()


def items_errors(stage: Stage) -> None:
    order = stage.world.order()
    stage.open(f"{stage.world.draft(order)}/items")
    stage.wizard.tick("Linen shirt")
    stage.page.get_by_role("spinbutton").fill("7")
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def items_nothing(stage: Stage) -> None:
    stage.open(f"{stage.world.draft(stage.world.order())}/items")
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def items_forty(stage: Stage) -> None:
    lines = [line(f"Notebook number {n}", 495, sku=f"N{n}", quantity=3) for n in range(1, 41)]
    stage.open(f"{stage.world.draft(stage.world.order(*lines))}/items")


def not_returnable(stage: Stage) -> None:
    order = stage.world.order(
        SHIRT, LONG, line("Gift wrap", 250, is_goods=False), delivered_at=NOW - timedelta(days=45)
    )
    stage.open(f"{stage.world.draft(order)}/items")


def reasons(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SHOE, LONG)
    chosen = {str(each): 1 for each in line_ids(order)}
    stage.open(f"{stage.world.draft(order, items=chosen)}/reasons")


def reasons_errors(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SALE_HAT, SHOE)
    chosen = {str(each): 1 for each in line_ids(order)}
    stage.open(f"{stage.world.draft(order, items=chosen)}/reasons")
    for title, reason in (("Woolly hat", "Too small"), ("Linen shirt", "Damaged")):
        group = stage.page.get_by_role("group", name=title, exact=True)
        group.get_by_label("What is the reason?").select_option(label=reason)
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def reasons_filled(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SALE_HAT)
    chosen = {str(each): 1 for each in line_ids(order)}
    stage.open(f"{stage.world.draft(order, items=chosen)}/reasons")
    group = stage.page.get_by_role("group", name="Linen shirt", exact=True)
    group.get_by_label("What is the reason?").select_option(label="Damaged")
    group.get_by_label("What is wrong with it?").fill("The seam is open")
    picture = {"name": "IMG_20261112_a_very_long_name.png", "mimeType": "image/png", "buffer": PNG}
    group.get_by_label("Add a photo").set_input_files([picture])  # type: ignore[list-item]
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()
    expect(stage.page.get_by_role("button", name="Remove photo")).to_be_visible()


def _answered(order: Order, **more: Any) -> dict[str, Any]:
    ids = [str(each) for each in line_ids(order)]
    return {
        "items": dict.fromkeys(ids, 1),
        "reasons": {each: {"reason": "too_small", "comment": ""} for each in ids},
        **more,
    }


def refund(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SHOE)
    stage.open(f"{stage.world.draft(order, **_answered(order))}/refund")


def refund_exchange(stage: Stage) -> None:
    order = stage.world.order(SHIRT, LONG)
    stage.open(f"{stage.world.draft(order, **_answered(order))}/refund")
    stage.wizard.choose_refund("Exchange")
    stage.wizard.choose_variant("Linen shirt", re.compile("XXL"))
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def refund_per_line(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SHOE, BOTTLE)
    stage.open(f"{stage.world.draft(order, **_answered(order))}/refund")
    stage.wizard.choose_refund("Choose per item")
    stage.wizard.choose_for("Linen shirt", "Exchange")
    stage.wizard.choose_for("Running shoe", "Store credit")
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def _shipment(stage: Stage, order: Order) -> None:
    money = {"mode": "money", "lines": {}}
    stage.open(f"{stage.world.draft(order, **_answered(order, refund=money))}/shipment")


def shipment(stage: Stage) -> None:
    _shipment(stage, stage.world.order(SHIRT))


def shipment_nothing(stage: Stage) -> None:
    shipment(stage)
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def shipment_points(stage: Stage) -> None:
    shipment(stage)
    stage.wizard.choose_method("Drop off with a label")
    stage.page.get_by_text("Opening hours").first.click()
    stage.page.get_by_text("Choose another point").click()
    stage.page.locator(".map").scroll_into_view_if_needed()
    expect(stage.page.locator(".map .leaflet-marker-icon").first).to_be_attached()
    stage.settled()


def shipment_unknown_place(stage: Stage) -> None:
    shipment(stage)
    stage.wizard.choose_method("Drop off with a label")
    stage.wizard.search_points("Nowhereville")
    expect(stage.page.locator(".notice").get_by_text("We don't know where")).to_be_visible()
    stage.settled()


def shipment_far_away(stage: Stage) -> None:
    shipment(stage)
    stage.wizard.choose_method("Drop off with a label")
    stage.wizard.search_points("Maastricht")
    message = "No service point within 50 km"
    expect(stage.page.locator(".notice").get_by_text(message)).to_be_visible()
    stage.settled()


def shipment_pickup(stage: Stage) -> None:
    shipment(stage)
    stage.wizard.choose_method("Have it collected")
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def shipment_store(stage: Stage) -> None:
    shipment(stage)
    stage.wizard.choose_method("Bring it back to the store")
    stage.wizard.go_on()
    expect(stage.wizard.errors).to_be_visible()


def shipment_germany(stage: Stage) -> None:
    _shipment(stage, stage.world.order(SHIRT, country="DE", postcode="10115"))
    stage.wizard.choose_method("Drop off without a printer")
    stage.settled()


def review(stage: Stage) -> None:
    order = stage.world.order(SHIRT, SHOE, LONG)
    first, second, third = (str(each) for each in line_ids(order))
    answers = _answered(order)
    answers["reasons"][second] = {"reason": "other", "comment": "Squeaks on wet stairs " * 9}
    chosen = {
        first: {"resolution": "exchange", "sku": "SHIRT-XXL"},
        second: {"resolution": "credit"},
        third: {"resolution": "money"},
    }
    answers["refund"] = {"mode": "per_line", "lines": chosen}
    answers["shipment"] = {"method": "pickup", "carrier": "gls", "pickup_date": "2026-11-16"}
    stage.open(f"{stage.world.draft(order, **answers)}/review?changed=1")


def review_exchange(stage: Stage) -> None:
    order = stage.world.order(SHIRT, country="DE", postcode="10115")
    exchange = {line_ids(order)[0]: {"sku": "SHIRT-XXL"}}
    lines = {str(each): answer for each, answer in exchange.items()}
    answers = _answered(order, refund={"mode": "exchange", "lines": lines})
    answers["shipment"] = {"method": "drop_off_labelless", "carrier": "dhl", "point": None}
    stage.open(f"{stage.world.draft(order, **answers)}/review")


def done_waiting(stage: Stage) -> None:
    stage.open(f"{stage.world.answered(stage.world.order(SHOE))}/review")
    stage.wizard.confirm()


def _made(stage: Stage, *, page: str = "", ready: bool = True, **columns: Any) -> None:
    made = stage.world.made(stage.world.order(SHIRT, SHOE), **columns)
    if ready:
        for shipment in made.shipments:
            shipment.state = "ready"
            if shipment.kind == "label_pdf":
                shipment.document = "label.pdf"
            else:
                shipment.code = "TEST 1234 5678 9012"
        stage.world.session.commit()
    stage.open(f"{stage.world.path}s/{made.status_token}{page}")


def done_label(stage: Stage) -> None:
    point = {"name": "Tabakshop De Dam", "street": "Damrak", "house_number": "1"}
    _made(stage, page="/done", service_point={**point, "city": "Amsterdam"})


def done_code(stage: Stage) -> None:
    _made(stage, page="/done", method="drop_off_labelless", carrier="dhl", kind="qr_code")


def done_pending(stage: Stage) -> None:
    _made(stage, page="/done", ready=False)


def done_to_approve(stage: Stage) -> None:
    _made(stage, page="/done", status="requested", ready=False)


def _status(status: str) -> State:
    def show(stage: Stage) -> None:
        _made(stage, status=status, ready=status == "approved", received_at=RECEIVED.get(status))

    show.__name__ = f"status_{status}"
    return show


RECEIVED = {"received": NOW, "closed": NOW}


def status_cancel_open(stage: Stage) -> None:
    _made(stage)
    stage.page.locator("#cancel-toggle").click()


def expired(stage: Stage) -> None:
    path = stage.world.draft(stage.world.order())
    stage.clock.advance(days=2)
    stage.open(f"{path}/items")


def submitted(stage: Stage) -> None:
    order = stage.world.order(SHOE)
    path = stage.world.answered(order)
    stage.open(f"{path}/review")
    stage.wizard.confirm()
    stage.open(f"{path}/review")


def closed(stage: Stage) -> None:
    stage.world.shop.active = False
    stage.world.shop.settings_version += 1
    stage.world.session.commit()
    stage.open(stage.world.path)


def missing(stage: Stage) -> None:
    stage.open("/p/no-such-shop/")


def missing_draft(stage: Stage) -> None:
    stage.open(f"{stage.world.path}r/no-such-token/items")


def home(stage: Stage) -> None:
    stage.open("/")


GROUPS: dict[str, tuple[State, ...]] = {
    "find": (find, find_errors, find_miss, find_too_many, order_link),
    "items": (items, items_chosen, items_errors, items_nothing),
    "many": (items_forty, not_returnable),
    "reasons": (reasons, reasons_errors, reasons_filled),
    "refund": (refund, refund_exchange, refund_per_line),
    "shipment": (shipment, shipment_nothing, shipment_points, shipment_unknown_place),
    "shipping": (shipment_far_away, shipment_pickup, shipment_store, shipment_germany),
    "review": (review, review_exchange, done_waiting),
    "done": (done_label, done_code, done_pending, done_to_approve, status_cancel_open),
    "status": tuple(map(_status, ("requested", "approved", "in_transit", "received", "closed"))),
    "ended": tuple(map(_status, ("declined", "cancelled", "expired", "lost"))),
    "errors": (home, missing, missing_draft, submitted, expired, closed),
}


def _png() -> bytes:
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (320, 240), "tan").save(data, "PNG")
    return data.getvalue()


PNG = _png()
