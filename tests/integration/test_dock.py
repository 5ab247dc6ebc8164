"""The dock: any number on a parcel leads to what is in it, announced or not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import ParcelLine, Return, ReturnShipment
from returnsite.services.returns.money import load_ledger
from tests.conftest import Kept
from tests.factories import PLACED, make_order, make_return, make_shop
from tests.merchant import Merchant
from tests.returning import claimed, fresh, new_return, outbox


@pytest.fixture(autouse=True)
def _forty_days_later(clock: Any) -> None:
    clock.set(PLACED.replace(month=12, day=12))


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    return kept(lambda: make_order(session, shop, number="NL-47802", tracking_no="3SOUT1234"))


def tracked(session: Session, made: Return, number: str) -> None:
    session.execute(
        ReturnShipment.__table__.update()
        .where(ReturnShipment.return_id == made.id)
        .values(tracking_no=number, tracking_norm=number)
    )
    session.commit()


@pytest.mark.parametrize(
    "typed", ["{number}", "{lower}", "3sback 99", "nl 47802", "47802", "#NL-47802", "3SOUT1234"]
)
def test_any_number_on_the_parcel_opens_its_return(
    session: Session, merchant: Merchant, order: Any, typed: str
) -> None:
    made = new_return(session, order)
    tracked(session, made, "3SBACK99")
    text = typed.format(number=made.number, lower=made.number.lower().replace("-", " "))
    answer = merchant.checked.get(f"{merchant.base}/dock?q={text.replace('#', '%23')}", status=303)
    assert answer.location == merchant.url(f"/dock/{made.number}")


@pytest.mark.parametrize("path", ["/dock/{}", "/returns/{}"])
def test_staff_read_a_reason_in_their_own_language(
    session: Session, merchant: Merchant, order: Any, path: str
) -> None:
    made = new_return(session, order)
    made.lines[0].reason_text = "Zu klein"
    session.commit()
    text = merchant.get(path.format(made.number)).text
    assert "Too small" in text
    assert "Zu klein" not in text


def test_several_returns_are_offered_to_choose_from(
    session: Session, merchant: Merchant, order: Any
) -> None:
    first, second = new_return(session, order), new_return(session, order)
    page = merchant.get("/dock?q=NL-47802")
    for made in (first, second):
        assert page.find_all("a", href=merchant.url(f"/dock/{made.number}"))
    assert page.find_all("a", href=merchant.url(f"/dock/orders/{order.id}"))


def test_a_number_nobody_knows_is_told_and_stays(merchant: Merchant, order: Any) -> None:
    page = merchant.get("/dock?q=3SNOBODY")
    assert page.find("input", id="q").get("value") == "3SNOBODY"
    assert page.find("input", id="q").get("aria-invalid") == "true"


def test_after_a_number_nobody_knows_the_next_scan_overwrites_it(merchant: Merchant) -> None:
    page = merchant.get("/dock?q=3SNOBODY")
    field = page.find("input", id="q")
    assert {"autofocus", "data-select"} <= set(field.attrib)
    assert not page.find_all(id="error-summary"), "it would take the focus from the field"
    assert "q-error" in field.get("aria-describedby"), "read with the field"


def test_a_return_that_waits_for_approval_is_approved_at_the_dock_and_counted(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None)
    page = merchant.get(f"/dock/{made.number}")
    assert "This return is not approved yet." in page.text
    answer = merchant.submit(page, action="/approve")
    assert answer.location == merchant.url(f"/dock/{made.number}")
    row = fresh(session, made)
    assert (row.status, row.goods_expected) == ("approved", True)
    assert {one.state for one in row.shipments} == {"void"}
    assert outbox(session) == [], "no label, and no mail about one"
    again = merchant.submit(page, action="/approve")
    assert again.location == answer.location, "pressed twice"
    merchant.submit(merchant.follow(answer), form="count-form")
    assert fresh(session, made).status == "received"
    assert outbox(session) == ["customer_received"]


def test_a_return_that_a_colleague_declined_meanwhile_is_not_approved_at_the_dock(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None)
    page = merchant.get(f"/dock/{made.number}")
    session.execute(Return.__table__.update().values(status="declined"))
    session.commit()
    merchant.submit(page, action="/approve", status=409)
    assert fresh(session, made).status == "declined"


def test_whoever_only_reads_cannot_approve_at_the_dock(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None)
    merchant.as_role("read_only").post(f"/dock/{made.number}/approve", {}, status=403)


def test_where_nothing_of_an_order_is_left_no_button_leads_nowhere(
    session: Session, merchant: Merchant, order: Any
) -> None:
    new_return(session, order)
    for line in order.parcels[0].lines:
        line.qty_claimed = line.qty_shipped
    session.commit()
    page = merchant.get(f"/dock/orders/{order.id}")
    assert "All of it is in a return already" in page.text
    assert not page.find_all("button", id="do-create")


@pytest.mark.parametrize("typed", ["", "%00", "%20", "----", "x" * 3000, "%F0%9F%93%A6", "'%22<b>"])
def test_nothing_that_can_be_scanned_breaks_the_dock(merchant: Merchant, typed: str) -> None:
    merchant.get(f"/dock?q={typed}")


def test_numbers_of_another_shop_are_nobodys(session: Session, merchant: Merchant) -> None:
    rival = make_shop(session)
    theirs = make_return(session, make_order(session, rival, number="RIVAL-1"))
    tracked(session, theirs, "3SRIVAL")
    for typed in (theirs.number, "RIVAL-1", "3SRIVAL"):
        assert not merchant.get(f"/dock?q={typed}").find_all("ul", class_="link-list")
    merchant.get(f"/dock/orders/{theirs.order_id}", status=404)
    merchant.post(f"/dock/orders/{theirs.order_id}", {"quantity-1": "1"}, status=404)


def test_counting_leads_to_the_next_parcel(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, quantity=2)
    line = made.lines[0].id
    merchant.get("/dock")
    page = merchant.get(f"/dock/{made.number}", max_queries=16)
    changes = {f"received-{line}": "2", f"refused-{line}": "1", f"condition-{line}": "damaged"}
    answer = merchant.submit(page, {**changes, f"disposition-{line}": "dispose"}, form="count-form")
    page = merchant.follow(answer)
    assert made.number in page.text
    row = fresh(session, made).lines[0]
    assert (row.received, row.accepted, row.condition, row.disposition) == (
        2, 1, "damaged", "dispose",
    )  # fmt: skip


def test_a_refused_count_keeps_everything(session: Session, merchant: Merchant, order: Any) -> None:
    made = new_return(session, order)
    line = made.lines[0].id
    page = merchant.get(f"/dock/{made.number}")
    refused = merchant.submit(
        page,
        {f"received-{line}": "9", f"condition-{line}": "worn", "extra-what-1": "A sock"},
        form="count-form",
        status=422,
    )
    assert refused.find("input", id=f"received-{line}").get("value") == "9"
    assert refused.find("input", id="extra-what-1").get("value") == "A sock"
    (chosen,) = [e for e in refused.find_all("input", type="radio") if "checked" in e.attrib]
    assert chosen.get("value") == "worn"
    refused = merchant.submit(
        page, {f"condition-{line}": "glittering"}, form="count-form", status=422
    )
    assert fresh(session, made).status == "approved"


def test_an_unannounced_parcel_becomes_a_return_that_holds_its_units(
    session: Session, merchant: Merchant, order: Any
) -> None:
    shirt, shoe = order.parcels[0].lines
    page = merchant.get(f"/dock/orders/{order.id}")
    refused = merchant.submit(page, action=f"/dock/orders/{order.id}", status=422)
    assert "at least one" in refused.text
    choice = {f"quantity-{shirt.id}": "1", f"quantity-{shoe.id}": "1"}
    first = merchant.submit(page, choice, action=f"/dock/orders/{order.id}")
    again = merchant.submit(page, choice, action=f"/dock/orders/{order.id}")
    assert first.location == again.location, "pressed twice is one return"
    assert claimed(session, order) == 2
    number = first.location.rsplit("/", 1)[1]
    made = session.scalars(select(Return).where(Return.number == number)).one()
    assert (made.status, made.refund_total, made.kind) == ("approved", 1995 + 7995, "return")
    assert made.events[0].event == "unannounced"
    assert load_ledger(made.id).balance.due.total == made.refund_total
    merchant.submit(merchant.follow(first), form="count-form")
    assert fresh(session, made).status == "received"


def test_the_whole_order_unannounced_brings_its_postage_back(
    session: Session, merchant: Merchant, order: Any
) -> None:
    page = merchant.get(f"/dock/orders/{order.id}")
    choice = {f"quantity-{line.id}": str(line.qty_shipped) for line in order.parcels[0].lines}
    merchant.submit(page, choice, action=f"/dock/orders/{order.id}")
    made = session.scalars(select(Return).where(Return.order_id == order.id)).one()
    assert (made.refund_total, made.outbound_shipping) == (order.paid_total, 495)


@pytest.mark.parametrize("units", ["3", "-1", "1.5", "٢", "1e1", "9" * 30])
def test_no_more_than_was_sent_can_come_unannounced(
    session: Session, merchant: Merchant, order: Any, units: str
) -> None:
    line = order.parcels[0].lines[0]
    page = merchant.get(f"/dock/orders/{order.id}")
    refused = merchant.submit(
        page, {f"quantity-{line.id}": units}, action=f"/dock/orders/{order.id}", status=422
    )
    assert refused.find("input", id=f"quantity-{line.id}").get("value") == units
    assert claimed(session, order) == 0


def test_a_line_of_another_order_is_not_in_this_parcel(
    session: Session, merchant: Merchant, order: Any, shop: Any
) -> None:
    other = make_order(session, shop)
    session.commit()
    foreign = other.parcels[0].lines[0].id
    merchant.post(f"/dock/orders/{order.id}", {f"quantity-{foreign}": "1", "key": "k"}, status=422)
    total = session.scalar(select(func.sum(ParcelLine.qty_claimed)).where(ParcelLine.id == foreign))
    assert total == 0


def test_only_the_dock_may_use_the_camera(merchant: Merchant, order: Any) -> None:
    dock = merchant.get("/dock").headers["Permissions-Policy"]
    assert "camera=(self)" in dock
    assert "camera=()" in merchant.get("/settings").headers["Permissions-Policy"]


def test_before_anything_is_scanned_the_dock_says_what_can_be_and_what_came_last(
    session: Session, merchant: Merchant, order: Any, clock: Any
) -> None:
    page = merchant.get("/dock", max_queries=10)
    assert "What you can scan or type" in page.text
    assert "Received last" not in page.text
    made = [
        make_return(session, make_order(session, merchant.shop), number=f"R-{n}") for n in range(7)
    ]
    for minutes, one in enumerate(made[:6]):
        one.status, one.received_at = "received", PLACED.replace(minute=minutes)
    theirs = make_return(session, make_order(session, make_shop(session)), status="received")
    session.commit()
    page = merchant.get("/dock", max_queries=10)
    shown = [link.get("href") for link in page.find("ul", class_="link-list").iter("a")]
    assert shown == [merchant.url(f"/dock/R-{n}") for n in (5, 4, 3, 2, 1)]
    assert theirs.number not in page.text
    missed = merchant.get("/dock?q=nothing-has-this")
    assert "What you can scan or type" in missed.text
    assert not missed.find_all("ul", class_="link-list")
    assert "What you can scan or type" not in merchant.get("/dock?q=NL-47802").text
