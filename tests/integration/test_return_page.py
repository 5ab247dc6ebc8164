"""A return's page: what it shows, what it lets whom do, and what it says to the second of two."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.models import Payout, Photo, Return, ReturnLine, ReturnShipment
from returnsite.services.returns.add_note import add_note
from returnsite.services.returns.approve_return import approve_return
from returnsite.services.returns.expire_returns import expire_returns
from returnsite.services.returns.money import load_ledger
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.shops import find_shop
from tests.conftest import Kept
from tests.factories import PLACED, make_order
from tests.harness import Page, text_of
from tests.merchant import Merchant
from tests.returning import SANNE, count, fresh, new_return


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED.replace(day=12))


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    return kept(lambda: make_order(session, shop))


def path(made: Return) -> str:
    return f"/returns/{made.number}"


def forms(page: Page) -> set[str]:
    """The forms a page offers, by the end of their action."""
    return {str(each.get("action")).rsplit("/", 1)[1] for each in page.find_all("form")}


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("requested", {"approve", "keep", "decline", "cancel", "note"}),
        ("approved", {"receive", "pay", "sent", "extend", "correct", "cancel", "note"}),
        ("in_transit", {"receive", "pay", "lost", "correct", "note"}),
        ("received", {"receive", "pay", "short", "correct", "note"}),
        ("lost", {"receive", "pay", "close", "correct", "note"}),
        ("closed", {"pay", "correct", "note"}),
        ("declined", {"note"}),
        ("cancelled", {"note"}),
        ("expired", {"extend", "note"}),
    ],
)
def test_only_what_the_status_allows_is_offered(
    session: Session, merchant: Merchant, order: Any, status: str, offered: set[str]
) -> None:
    made = new_return(session, order, status=status)
    page = merchant.get(path(made))
    assert forms(page) - {"sign-out"} == offered


def test_who_may_only_look_is_offered_nothing_and_refused_everything(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="requested")
    merchant.as_role("read_only")
    page = merchant.get(path(made))
    assert forms(page) - {"sign-out"} == set()
    merchant.post(path(made) + "/approve", {"seen_status": "requested"}, status=403)
    merchant.post(path(made) + "/money/pay", {}, status=403)
    merchant.get("/dock", status=403)
    assert fresh(session, made).status == "requested"


def test_who_may_not_see_customers_sees_a_trace_of_them_and_no_label(
    session: Session, merchant: Merchant, order: Any
) -> None:
    order.customer_name = "Sanne Jansen"
    made = new_return(session, order, status="approved", email="sanne@post.example")
    shipment = ReturnShipment(
        return_id=made.id,
        kind="label_pdf",
        method="drop_off_point",
        state="ready",
        document="x.pdf",
        created_at=PLACED,
    )
    session.add(shipment)
    session.commit()
    label = f"{path(made)}/labels/{shipment.id}"
    whole = merchant.get(path(made))
    assert "Sanne Jansen" in whole.text
    assert "sanne@post.example" in whole.text
    assert label in whole.html
    merchant.as_role("read_only")
    page = merchant.get(path(made))
    assert "S. J•••" in page.text
    assert "s•••@post.example" in page.text
    for told in ("Jansen", "sanne@post.example", label):
        assert told not in page.html
    merchant.get(label, status=403)


def test_settling_today_is_the_shops_today_whatever_zone_the_server_is_in(
    session: Session, merchant: Merchant, order: Any, clock: Any
) -> None:
    end_of_today = datetime(2026, 11, 12, 23, tzinfo=UTC)  # midnight in Amsterdam
    made = new_return(session, order, status="received", settle_by=end_of_today)
    clock.set(datetime(2026, 11, 11, 23, 30, tzinfo=UTC))  # half past midnight in Amsterdam
    assert "Settle it today." in merchant.get(path(made)).text


def test_approve_receive_and_pay_from_the_page(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None)
    page = merchant.follow(merchant.submit(merchant.get(path(made)), action="/approve"))
    assert "Approved" in page.text
    page = merchant.follow(merchant.submit(page, action="/receive"))
    assert fresh(session, made).lines[0].received == 1
    page = merchant.follow(merchant.submit(page, {"amount": "16.00"}, action="/pay"))
    assert fresh(session, made).status == "closed"
    assert "€16.00" in page.text


@pytest.mark.parametrize(("resolution", "form"), [("money", "pay"), ("credit", "credit")])
def test_what_is_here_is_filled_in_and_what_is_not_is_said(
    session: Session, merchant: Merchant, order: Any, resolution: str, form: str
) -> None:
    made = new_return(session, order, quantity=2, resolution=resolution)
    line = made.lines[0].id
    page = merchant.submit(merchant.get(path(made)), {f"received-{line}": "1"}, action="/receive")
    page = merchant.follow(page)
    assert page.find("input", id=f"{form}-amount").get("value") == "16.00"
    assert "€16.00 for what is here, €35.95 once everything has come." in page.text
    page = merchant.follow(merchant.submit(page, action=f"/{form}"))
    assert fresh(session, made).status == "received"
    assert load_ledger(made.id).balance.paid.total == 1600


def test_a_line_says_what_it_comes_to_once_the_rest_does_not_come(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, quantity=2)
    line = made.lines[0].id
    page = merchant.submit(merchant.get(path(made)), {f"received-{line}": "1"}, action="/receive")
    page = merchant.follow(merchant.submit(merchant.follow(page), action="/short"))
    cell = page.find("td", **{"data-label": "Refund"})
    assert (text_of(cell), fresh(session, made).refund_total) == ("€19.95", 1600)


def test_a_lost_parcel_is_paid_whole_and_nothing_is_said_of_waiting(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="lost")
    page = merchant.get(path(made))
    assert page.find("input", id="pay-amount").get("value") == "16.00"
    assert "for what is here" not in page.text


def test_what_was_typed_stays_when_it_is_refused(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, quantity=2)
    line = made.lines[0].id
    page = merchant.get(path(made))
    refused = merchant.submit(
        page, {"amount": "1600,00", "reference": "NL12"}, action="/pay", status=422
    )
    assert refused.find("input", id="pay-amount").get("value") == "1600,00"
    assert refused.find("input", id="pay-reference").get("value") == "NL12"
    assert refused.find("a", href="#pay-amount") is not None
    refused = merchant.submit(
        page,
        {f"received-{line}": "3", f"note-{line}": "wet", f"refused-{line}": "x"},
        action="/receive",
        status=422,
    )
    assert refused.find("input", id=f"received-{line}").get("value") == "3"
    assert refused.find("input", id=f"note-{line}").get("value") == "wet"
    assert "open" in refused.find("details", id="count").attrib
    refused = merchant.submit(page, {"text": "  "}, action="/note", status=422)
    assert refused.find("textarea", id="note-text").get("aria-invalid") == "true"


@pytest.mark.parametrize("amount", ["", "abc", "-5", "0", "1.2.3", "9" * 40, "٢"])
def test_no_amount_that_can_be_typed_breaks_the_page(
    session: Session, merchant: Merchant, order: Any, amount: str
) -> None:
    made = new_return(session, order)
    page = merchant.get(path(made))
    for name in ("/pay", "/correct"):
        data = {"amount": amount, "reason": "x"} if name == "/correct" else {"amount": amount}
        merchant.submit(page, data, action=name, status=422)
    assert session.query(Payout).all() == []


def test_a_correction_says_all_that_is_wrong_at_once_each_at_its_field(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order)
    page = merchant.get(path(made))
    for amount, words in (("", "above zero"), ("900000", "at most")):
        refused = merchant.submit(page, {"amount": amount}, action="/correct", status=422)
        assert words in text_of(refused.find(id="correct-amount-error"))
        assert text_of(refused.find(id="correct-reason-error")) == "Say why."
        assert len(refused.find(id="error-summary").findall(".//{*}li")) == 2
    refused = merchant.submit(page, {"amount": "1"}, action="/correct", status=422)
    assert refused.find(id="correct-reason-error")
    assert not refused.find_all(id="correct-amount-error")
    refused = merchant.submit(page, {"days": "0"}, action="/extend", status=422)
    assert refused.find(id="extend-days-error")
    assert refused.find(id="extend-reason-error")


def test_what_cannot_be_undone_is_said_when_it_is_done(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, quantity=2)

    def news(action: str, fields: dict[str, str]) -> str:
        done = merchant.submit(merchant.get(path(made)), fields, action=action)
        return merchant.follow(done).text

    assert "The count is saved." in news("/receive", {f"received-{made.lines[0].id}": "1"})
    assert "The amount is corrected" in news("/correct", {"amount": "1", "reason": "Stain"})
    assert "The rest is no longer waited for" in news("/short", {})
    assert "The note is added." in news("/note", {"text": "For us"})
    told = news("/note", {"text": "For you", "to_customer": "1"})
    assert "The note is mailed to the customer." in told
    assert "The note is mailed" not in merchant.get(path(made)).text, "said once"


def test_the_menu_counts_anew_what_waits_after_a_decision(
    session: Session, merchant: Merchant, order: Any
) -> None:
    first, _second = (
        new_return(session, order, status="requested", approved_at=None) for _ in range(2)
    )
    page = merchant.get(path(first))
    assert text_of(page.find(id="menu-waiting")) == "2 to approve"
    merchant.submit(page, action="/approve")
    after = merchant.get(path(first))
    assert after.fragment
    for shown in (after, after.fragment, merchant.get_fragment("/returns/_list")):
        assert text_of(shown.find(id="menu-waiting")) == "1 to approve"


def test_the_second_of_two_sees_who_was_first_and_nothing_is_lost(
    session: Session, merchant: Merchant, order: Any, shop: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None)
    page = merchant.get(path(made))
    settings = find_shop(slug=shop.slug)
    assert settings
    approve_return(shop=settings, return_id=made.id, actor=SANNE)
    told = merchant.submit(page, {"reason": "Too late"}, action="/decline", status=409)
    assert "Sanne" in told.text
    assert fresh(session, made).status == "approved"


def test_a_count_by_a_colleague_is_not_written_over(
    session: Session, merchant: Merchant, order: Any, shop: Any
) -> None:
    made = new_return(session, order, quantity=2)
    page = merchant.get(path(made))
    settings = find_shop(slug=shop.slug)
    assert settings
    receive_lines(shop=settings, return_id=made.id, actor=SANNE, counts=[count(made.lines[0], 1)])
    told = merchant.submit(page, action="/receive", status=409)
    assert "Sanne" in told.text
    assert fresh(session, made).lines[0].received == 1


def test_completing_is_undone_from_the_page_which_does_not_say_that_mail_waits(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, status="lost", resolution="exchange")
    made.exchange_sent_at = PLACED
    for entry in made.entries:
        entry.amount = 0
    session.commit()
    page = merchant.follow(merchant.submit(merchant.get(path(made)), action="/close"))
    assert "Completed. You can undo this for half a minute." in page.text
    assert "goes out" not in page.text
    page = merchant.follow(merchant.submit(page, action="/undo"))
    found = fresh(session, made)
    assert (found.status, found.closed_at) == ("lost", None)


def test_a_press_is_undone_from_the_page(
    session: Session, merchant: Merchant, order: Any, clock: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None)
    page = merchant.follow(merchant.submit(merchant.get(path(made)), action="/keep"))
    page = merchant.follow(merchant.submit(page, action="/undo"))
    assert fresh(session, made).status == "requested"
    page = merchant.follow(merchant.submit(page, action="/approve"))
    clock.advance(seconds=31)
    merchant.submit(page, action="/undo", status=422)
    assert "/undo" not in str(forms(merchant.get(path(made))))


def test_steppers_count_without_javascript(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, quantity=2)
    line = made.lines[0].id
    page = merchant.get(path(made))
    for name, expected in (("less", "1"), ("less", "0"), ("less", "0"), ("more", "1")):
        page = merchant.submit(page, {name: f"received-{line}"}, action="/receive", status=200)
        assert page.find("input", id=f"received-{line}").get("value") == expected
    assert fresh(session, made).status == "approved"


def test_the_story_says_what_each_count_found(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order, quantity=2)
    line = made.lines[0].id
    page = merchant.get(path(made))
    assert "Count what came" in page.text
    page = merchant.follow(merchant.submit(page, {f"received-{line}": "1"}, action="/receive"))
    assert "Count again" in page.text
    both = {f"received-{line}": "2", f"refused-{line}": "1"}
    page = merchant.follow(merchant.submit(page, both, action="/receive"))
    story = [text_of(step) for step in page.find_all("p", class_="step-detail")]
    assert story[:2] == ["2 came, 1 not accepted", "1 came"]


def test_the_record_of_decisions_is_in_words(
    session: Session, merchant: Merchant, order: Any
) -> None:
    decided = {"rule_id": 1, "rule_name": "Damaged", "line_id": 1, "text": ""}
    made = new_return(
        session,
        order,
        fee=0,
        fee_waived_by="rule",
        decisions=[
            {**decided, "effect": "fee", "value": 0},
            {**decided, "effect": "window_days", "value": 60},
            {**decided, "effect": "resolutions", "value": ["money", "credit"]},
            {"effect": "from the future", "value": {}},
        ],
    )
    text = merchant.get(path(made)).text
    assert text.count("“Damaged”") + text.count("‘Damaged’") == 3
    assert "60" in text


def test_a_fee_is_said_once_with_its_rule_and_the_item_where_items_differ(
    session: Session, merchant: Merchant, order: Any
) -> None:
    shirt, shoe = order.parcels[0].lines
    rule = {"effect": "fee", "value": 995, "text": ""}
    light = {**rule, "rule_id": 1, "rule_name": "Light", "line_id": shirt.id}
    heavy = {**rule, "rule_id": 2, "rule_name": "Heavy", "line_id": shoe.id}
    made = new_return(session, order, fee=995, decisions=[light])
    assert "Return fee €9.95. Rule “Light”" in points(merchant, made)
    assert points(merchant, made).count("Return fee €9.95.") == 1

    add_line(session, made, shoe)
    made.decisions = [light, {**light, "line_id": shoe.id}]
    session.commit()
    assert points(merchant, made).count("€9.95") == 1
    assert "Rule “Light”, for" not in points(merchant, made)

    made.decisions = [light, heavy]
    session.commit()
    for named in (f"Rule “Light”, for {shirt.order_line.title}",
                  f"Rule “Heavy”, for {shoe.order_line.title}"):  # fmt: skip
        assert named in points(merchant, made)
    assert points(merchant, made).count("€9.95") == 2


def points(merchant: Merchant, made: Return) -> str:
    """What the page says of why it is at these terms."""
    text = merchant.get(path(made)).text
    return text[text.index("Why at these terms") : text.index("Something else")]


def add_line(session: Session, made: Return, line: Any) -> None:
    """One unit of another parcel line in the return, for money and without a ledger."""
    line.qty_claimed += 1
    made.lines.append(
        ReturnLine(parcel_line_id=line.id, order_line_id=line.order_line_id, quantity=1,
                   reason_code="too_small", reason_text="", fault="customer", resolution="money",
                   share=0, refund_amount=0)
    )  # fmt: skip


def test_photos_and_labels_are_served_to_this_shop_alone(
    session: Session, merchant: Merchant, order: Any, app: Any
) -> None:
    from returnsite.services.photos import photo_folder

    made = new_return(session, order)
    session.add(
        Photo(shop_id=made.shop_id, return_line_id=made.lines[0].id, line_id=1, file="abc.jpg",
              name="x", media_type="image/jpeg", size=3, width=1, height=1, created_at=PLACED)
    )  # fmt: skip
    session.commit()
    (photo_folder() / "abc.jpg").write_bytes(b"jpg")
    page = merchant.get(path(made))
    (image,) = page.find_all("img", width="72")
    assert merchant.get(str(image.get("src"))).body == b"jpg"
    merchant.get(path(made) + "/photos/other.jpg", status=404)
    other = new_return(session, order)
    merchant.get(path(other) + "/photos/abc.jpg", status=404)
    merchant.get(path(made) + "/labels/999999", status=404)


def test_notes_are_shown_as_text_and_only_some_are_for_the_customer(
    session: Session, merchant: Merchant, order: Any
) -> None:
    made = new_return(session, order)
    page = merchant.get(path(made))
    page = merchant.follow(
        merchant.submit(page, {"text": "<script>alert(1)</script>"}, action="/note")
    )
    assert "<script>alert(1)</script>" in page.text
    assert not re.search(r"<script>alert", page.html)


def test_a_page_takes_the_same_few_queries_however_long_its_story(
    session: Session, merchant: Merchant, order: Any, shop: Any
) -> None:
    made = new_return(session, order)
    settings = find_shop(slug=shop.slug)
    assert settings
    one = len(merchant.get(path(made), max_queries=18).queries)
    for number in range(5):
        add_note(shop=settings, return_id=made.id, actor=SANNE, text=f"note {number}")
    assert len(merchant.get(path(made)).queries) == one


def test_another_shops_return_is_not_found(session: Session, merchant: Merchant) -> None:
    merchant.get("/returns/R-48217-7KQ", status=404)
    merchant.post("/returns/R-48217-7KQ/approve", {"seen_status": "approved"}, status=404)
    merchant.post("/returns/R-48217-7KQ/money/pay", {}, status=404)
    merchant.get("/dock/R-48217-7KQ", status=404)


def test_an_expired_return_is_opened_again_from_its_page(
    session: Session, merchant: Merchant, order: Any, clock: Any
) -> None:
    made = new_return(session, order)
    clock.advance(days=40)
    expire_returns()
    merchant.as_role("staff")
    page = merchant.get(path(made))
    merchant.submit(page, {"days": "0", "reason": "Ill"}, action="/extend", status=422)
    merchant.submit(page, {"days": "5", "reason": "Ill"}, action="/extend")
    assert fresh(session, made).status == "approved"
