"""One order on the merchant's side, and returns that staff starts for a customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import AuditEntry, Draft, Order, Return, ReturnEvent
from tests import factories
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import CheckedClient, Page, assert_constant_queries, text_of
from tests.merchant import Merchant
from tests.walk import Walk, answers_for, lines_of


@pytest.fixture
def order(session: Session, shop: Any, clock: Any, kept: Kept) -> Order:
    """Delivered eight days ago; still within the window of thirty days."""
    clock.set(PLACED + timedelta(days=10))
    return kept(
        lambda: factories.make_order(
            session, shop, number="NL-7", customer_name="Sanne Jansen", email="sanne@post.example"
        )
    )


def path(order: Order) -> str:
    return f"/orders/{order.id}"


def test_it_shows_lines_parcels_addresses_totals_and_returns(
    merchant: Merchant, session: Session, order: Order
) -> None:
    factories.add_parcel(
        session, order, quantities={}, carrier="dhl", tracking_no="JVGL1", shipped_at=None
    )
    made = factories.make_return(session, order)
    session.commit()
    page = merchant.get(path(order))
    for words in (
        *("NL-7", "Linen shirt", "Blue / M · SHIRT-M", "2 of 2", "Until 4 Dec 2026"),
        *("Sanne Jansen", "sanne@post.example", "Damrak 1", "1012 JS Amsterdam", "Netherlands"),
        *(order.parcels[0].tracking_no, "Delivered on 4 Nov 2026", "JVGL1", "Not sent yet"),
        *("€119.85", "€4.95", "€124.80", made.number, "Approved"),
    ):
        assert words in page.text, words
    shirt = page.find_all("tr")[1]
    assert text_of(shirt).endswith("2 of 2 1 1 Until 4 Dec 2026 €39.90")


def test_of_a_return_that_is_off_the_customer_gets_nothing(
    merchant: Merchant, session: Session, order: Order
) -> None:
    made = factories.make_return(session, order, status="cancelled")
    session.commit()
    row = next(
        row for row in merchant.get(path(order)).find_all("tr") if made.number in text_of(row)
    )
    assert text_of(row).endswith("Cancelled Nothing")


def test_queries_do_not_grow_with_lines_parcels_and_returns(
    merchant: Merchant, session: Session, order: Order
) -> None:
    def add() -> None:
        factories.add_parcel(session, order, shipped_at=PLACED)
        factories.make_return(session, order, quantity=1)
        order.parcels[0].lines[0].qty_claimed = 1
        session.commit()

    add()
    merchant.get(path(order))
    assert_constant_queries(merchant.checked, merchant.url(path(order)), add)
    merchant.get(path(order), max_queries=8)


def test_who_may_not_see_customers_sees_a_trace_of_them_and_starts_nothing(
    merchant: Merchant, order: Order
) -> None:
    looker = merchant.as_role("read_only")
    page = looker.get(path(order))
    for hidden in ("Jansen", "sanne@", "Damrak", "1012 JS"):
        assert hidden not in page.html
    assert "S. J•••" in page.text
    assert not page.find_all("form", action=merchant.url(f"{path(order)}/start-return"))
    looker.post(f"{path(order)}/start-return", {}, status=403)


def test_the_link_for_the_customer_leads_to_the_order(
    merchant: Merchant, order: Order, checked: CheckedClient
) -> None:
    link = merchant.get(path(order)).find("input", id="customer-link").get("value") or ""
    assert "NL-7" in checked.get(urlsplit(link).path).text


def start(merchant: Merchant, order: Order, **data: str) -> Page:
    return merchant.post(f"{path(order)}/start-return", data)


def confirm(merchant: Merchant, session: Session, order: Order, answer: Page) -> Return:
    """Answer the draft behind a redirect at once and confirm it, as staff would in the portal."""
    token = answer.location.split("/")[-2]
    draft = session.scalars(select(Draft).order_by(Draft.id.desc())).first()
    assert draft is not None
    draft.answers = answers_for({lines_of(order)[0]: 1})
    session.commit()
    walk = Walk(merchant.checked.client, merchant.shop.slug, token, draft.id)  # type: ignore[arg-type]
    answered = walk.confirm()
    assert answered.status_code == 303, answered.text
    session.rollback()
    return session.scalars(select(Return).where(Return.order_id == order.id)).one()


def confirmed(session: Session, made: Return) -> ReturnEvent:
    """What the return's history says of its confirmation."""
    confirms = select(ReturnEvent).where(ReturnEvent.event == "confirm")
    return session.scalars(confirms.where(ReturnEvent.return_id == made.id)).one()


def test_a_return_started_for_the_customer_is_theirs_and_says_who_started_it(
    merchant: Merchant, session: Session, order: Order
) -> None:
    order.locale = "en"
    session.commit()
    answer = merchant.submit(merchant.get(path(order)), action="/start-return")
    made = confirm(merchant, session, order, answer)
    assert (made.email, made.locale) == ("sanne@post.example", "en")
    event = confirmed(session, made)
    assert event.actor == f"user:{merchant.user.id}"
    assert event.data == {"by": merchant.user.name}
    entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "start_return")).one()
    assert (entry.user_id, entry.subject, entry.changes) == (merchant.user.id, "NL-7", [])


def test_the_draft_speaks_the_customers_language_or_the_shops(
    merchant: Merchant, session: Session, order: Order
) -> None:
    for locale, wanted in (("en", "en"), ("nl", "nl"), ("fr", "nl"), ("", "nl")):
        order.locale = locale
        session.commit()
        start(merchant, order)
        draft = session.scalars(select(Draft).order_by(Draft.id.desc())).first()
        assert draft is not None
        assert (draft.locale, draft.postcode) == (wanted, "1012 JS")


def test_staff_sees_on_each_page_whose_return_they_fill_in(
    merchant: Merchant, session: Session, order: Order
) -> None:
    order.locale = "en"
    session.commit()
    answer = start(merchant, order)
    steps = {"items": "in the language of this page", "items?lang=nl": "in de taal van deze pagina"}
    for step, says in steps.items():
        page = merchant.checked.get(answer.location.replace("items", step))
        bar = page.find("aside", class_="staff-bar")
        assert "Sanne Jansen" in text_of(bar)
        assert "NL-7" in text_of(bar)
        assert says in text_of(bar)
        assert page.find(id="back-to-order").get("href") == merchant.url(path(order))
    made = confirm(merchant, session, order, answer)
    for path_of in ("", "/done"):
        shown = merchant.checked.get(f"/p/{merchant.shop.slug}/s/{made.status_token}{path_of}")
        assert not shown.find_all(class_="staff-bar")


def test_customers_never_see_the_bar_of_staff(merchant: Merchant, order: Order) -> None:
    link = merchant.get(path(order)).find("input", id="customer-link").get("value") or ""
    opened = merchant.checked.get(urlsplit(link).path)
    first = merchant.follow(merchant.submit(opened))
    for page in (opened, first):
        assert not page.find_all(class_="staff-bar")
        assert "Jansen" not in page.html


def let_the_window_end(session: Session, order: Order) -> None:
    order.parcels[0].delivered_at = PLACED - timedelta(days=60)
    session.commit()


def test_after_the_window_staff_takes_it_back_with_a_reason_that_is_kept(
    merchant: Merchant, session: Session, order: Order
) -> None:
    let_the_window_end(session, order)
    page = merchant.get(path(order))
    assert "The return period is over." in page.text
    plain = merchant.follow(start(merchant, order))
    assert not plain.find_all("input", type="checkbox"), "without a reason the window counts"
    answer = merchant.submit(page, {"reason": " Was in  hospital "}, action="/start-return")
    made = confirm(merchant, session, order, answer)
    event = confirmed(session, made)
    assert event.data == {
        "by": merchant.user.name,
        "window_lifted": True,
        "reason": "Was in hospital",
    }
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.changes[0]["new"] == "Was in hospital"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_lifting_the_window_needs_a_reason_that_fits(
    merchant: Merchant, session: Session, order: Order, reason: str
) -> None:
    let_the_window_end(session, order)
    page = merchant.post(
        f"{path(order)}/start-return", {"override": "1", "reason": reason}, status=422
    )
    assert page.find("textarea", id="reason").get("aria-invalid") == "true"
    assert (page.find("textarea", id="reason").text or "").strip() == reason.strip()
    assert not session.scalars(select(Draft)).all()


def test_a_reason_is_kept_without_what_no_page_can_show(
    merchant: Merchant, session: Session, order: Order
) -> None:
    posted = {"override": "1", "reason": "Was in\x00hospital\x07"}
    merchant.post(f"{path(order)}/start-return", posted, status=303)
    assert session.scalars(select(Draft.override)).one() == "Was in hospital"


def test_nobody_lifts_more_than_the_window(
    merchant: Merchant, session: Session, order: Order
) -> None:
    for line in order.parcels[0].lines:
        line.qty_claimed = line.qty_shipped
    session.commit()
    answer = start(merchant, order, override="1", reason="please")
    assert not merchant.follow(answer).find_all("input", type="checkbox")


def test_a_closed_portal_starts_no_return_and_says_so(
    merchant: Merchant, session: Session, order: Order
) -> None:
    merchant.shop.active = False
    merchant.shop.settings_version += 1
    session.commit()
    page = merchant.get(path(order))
    assert "The portal is closed" in page.text
    merchant.post(f"{path(order)}/start-return", {}, status=422)


def test_an_order_without_anything_is_shown(
    merchant: Merchant, session: Session, order: Order
) -> None:
    bare = factories.make_order(
        session,
        merchant.shop,
        email="",
        customer_name="",
        delivery_address={},
        billing_address={},
        country="",
        tracking_no="",
        delivered_at=None,
        shipped_at=None,
    )
    session.commit()
    assert bare.number in merchant.get(path(bare)).text
