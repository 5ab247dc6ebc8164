"""What a customer is told at each step, read as it arrives at a real mail server."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.lifecycle import Event
from returnsite.jobs.worker import drain
from returnsite.models import Outbox, StoreCredit
from returnsite.services.mails import SENDERS
from returnsite.services.news_mails import NEWS_SENDERS
from returnsite.services.returns.add_note import add_note
from returnsite.services.returns.approve_return import approve_return
from returnsite.services.returns.close_return import close_return
from returnsite.services.returns.close_short import close_short
from returnsite.services.returns.correct_amount import correct_amount
from returnsite.services.returns.decline_return import decline_return
from returnsite.services.returns.expire_returns import remind_customers
from returnsite.services.returns.issue_credit import issue_credit
from returnsite.services.returns.mark_exchange_sent import mark_exchange_sent
from returnsite.services.returns.mark_in_transit import mark_in_transit
from returnsite.services.returns.mark_lost import mark_lost
from returnsite.services.returns.override_window import override_window
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.returns.redeem_credit import find_credit
from returnsite.services.returns.undo import undo
from returnsite.services.shops import ShopSettings
from tests.factories import PLACED, make_order
from tests.returning import SANNE, count, new_return, pay
from tests.smtp import Peer, html_text, plain_text


@pytest.fixture
def settings(quiet: None, settings: ShopSettings) -> ShopSettings:
    """The shop alone has returns that are not done with."""
    return settings


@pytest.fixture
def read(app: Flask, session: Session, peer: Peer, clock: Any) -> Any:
    """Let the time to undo pass, have the worker work, and give the newest mail's text."""

    def newest() -> str:
        session.commit()
        clock.advance(seconds=31)
        drain(app)
        message: EmailMessage = peer.messages[-1]
        text = plain_text(message).replace("\xa0", " ").replace("\r\n", "\n")
        assert html_text(message)
        return f"{message['Subject']}\n{text}"

    return newest


def test_an_approved_customer_gets_the_label_in_the_same_mail(
    session: Session, settings: ShopSettings, order: Any, read: Any, peer: Peer
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    approve_return(shop=settings, return_id=asked.id, actor=SANNE)
    text = read()
    assert "Je retour is goedgekeurd" in text
    (message,) = peer.messages
    assert [part.get_filename() for part in message.iter_attachments()] == [
        f"label-{asked.number}.pdf"
    ]


def test_who_may_keep_the_goods_is_told_so_and_gets_no_label(
    session: Session, settings: ShopSettings, order: Any, read: Any, peer: Peer
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None, locale="en")
    approve_return(shop=settings, return_id=asked.id, actor=SANNE, with_label=False)
    text = read()
    assert "You do not have to send anything back." in text
    assert "€16.00 within 14 days" in text
    assert not list(peer.messages[0].iter_attachments())


def test_a_declined_customer_reads_why(
    session: Session, settings: ShopSettings, order: Any, read: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    decline_return(
        shop=settings, return_id=asked.id, actor=SANNE, reason="Gedragen <b>buiten</b>\nen gewassen"
    )
    text = read()
    assert "Je retour is afgewezen" in text
    assert "> Gedragen <b>buiten</b>\n   > en gewassen" in text


def test_each_step_to_the_money_is_told_with_its_amount_and_day(
    session: Session, settings: ShopSettings, order: Any, read: Any
) -> None:
    here = new_return(session, order, quantity=2)
    receive_lines(
        shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 2, 1)]
    )
    text = read()
    assert "2 van 2 ontvangen" in text
    assert "1 niet geaccepteerd" in text
    assert "Je krijgt uiterlijk donderdag 26 november € 16,00." in text

    pay(settings, here, 1000, "a", reference="NL12 3456")
    text = read()
    assert "We hebben je terugbetaald" in text
    assert "€ 10,00" in text
    assert "NL12 3456" in text
    assert "Je krijgt nog € 6,00." in text

    correct_amount(
        shop=settings, return_id=here.id, actor=SANNE, line_id=None, delta=250, reason="Excuses"
    )
    text = read()
    assert "Wijziging: € 2,50" in text
    assert "€ 18,50" in text
    assert "> Excuses" in text

    pay(settings, here, 850, "b")
    assert "Je krijgt nog" not in read()


def test_the_credits_code_is_in_its_mail_and_nowhere_else(
    session: Session, settings: ShopSettings, order: Any, read: Any
) -> None:
    here = new_return(session, order, resolution="credit")
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    done = issue_credit(shop=settings, return_id=here.id, actor=SANNE)
    text = read()
    code = next(line.split(": ")[1] for line in text.splitlines() if line.startswith("Je code"))
    found = find_credit(shop=settings, code=code.lower().replace("-", " "))
    assert found is not None
    assert (found.balance, found.end) == (1600, code[-4:])
    assert "€ 16,00" in text
    assert done.status == "closed"
    stored = [str(row) for row in session.execute(select(StoreCredit.__table__))]
    stored += [str(row) for row in session.execute(select(Outbox.__table__))]
    assert not [row for row in stored if code in row or code.replace("-", "") in row]


def test_an_exchange_a_note_and_more_time_are_told(
    session: Session, settings: ShopSettings, order: Any, read: Any, clock: Any
) -> None:
    here = new_return(session, order, resolution="exchange", locale="en")
    mark_exchange_sent(shop=settings, return_id=here.id, actor=SANNE, reference="3SNEW")
    assert "Your exchange is on its way" in (text := read())
    assert "3SNEW" in text

    add_note(shop=settings, return_id=here.id, actor=SANNE, text="secret", to_customer=False)
    add_note(shop=settings, return_id=here.id, actor=SANNE, text="We found it", to_customer=True)
    assert "> We found it" in (text := read())
    assert "secret" not in text

    override_window(shop=settings, return_id=here.id, actor=SANNE, reason="Holiday", days=5)
    assert "You have more time for your return" in (text := read())
    assert "Tuesday 17 November" in text
    assert "Holiday" not in text, "why staff did it is for staff"


def test_a_parcel_on_its_way_and_then_lost_is_told_with_what_happens_next(
    session: Session, settings: ShopSettings, order: Any, read: Any, peer: Peer
) -> None:
    here = new_return(session, order, quantity=2, locale="en")
    mark_in_transit(shop=settings, return_id=here.id, actor=SANNE)
    mark_in_transit(shop=settings, return_id=here.id, actor=SANNE)
    text = read()
    assert "Your parcel is on its way" in text
    assert "we write as soon as it is here" in text
    assert len(peer.messages) == 1, "said again, it is no news"

    mark_lost(shop=settings, return_id=here.id, actor=SANNE)
    text = read()
    assert "Your parcel got lost" in text
    assert "For you it counts as if it had arrived." in text
    assert "You get €35.95 by Thursday 26 November at the latest." in text
    assert "Did the parcel come back to you? Then tell us." in text


def test_a_lost_parcel_is_told_in_dutch_and_an_undone_loss_not_at_all(
    app: Flask, session: Session, settings: ShopSettings, order: Any, read: Any, peer: Peer
) -> None:
    here = new_return(session, order, status="in_transit", resolution="exchange")
    lost = mark_lost(shop=settings, return_id=here.id, actor=SANNE)
    undo(shop=settings, return_id=here.id, actor=SANNE, event_id=lost.event_id)
    drain(app)
    assert peer.messages == []
    mark_lost(shop=settings, return_id=here.id, actor=SANNE)
    text = read()
    assert "Je pakket is kwijtgeraakt" in text
    assert "We sturen je ruilartikel snel op." in text


def test_units_that_will_not_come_and_a_rest_that_is_not_paid_are_told(
    session: Session, settings: ShopSettings, order: Any, read: Any
) -> None:
    here = new_return(session, order, quantity=2, locale="en")
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    read()
    close_short(shop=settings, return_id=here.id, actor=SANNE)
    text = read()
    assert "Not everything has come" in text
    assert "1 of 2 received" in text
    assert "We no longer wait for the rest." in text
    assert "You get €16.00 by" in text

    pay(settings, here, 1000)
    read()
    close_return(
        shop=settings, return_id=here.id, actor=SANNE, waive_reason="Agreed by phone, 26 November"
    )
    text = read()
    assert "Your return is completed" in text
    assert "You do not get the remaining €6.00." in text
    assert "> Agreed by phone, 26 November" in text


def test_every_step_that_concerns_the_customer_has_its_mail() -> None:
    """Events without one are named here, so that a new one has to be thought about."""
    silent = {
        Event.CLOSE: "everything was given, and each payment was told; unless something is waived",
    }
    mails = {
        Event.APPROVE: "customer_approved",
        Event.DECLINE: "customer_declined",
        Event.CANCEL: "customer_cancelled",
        Event.EXPIRE: "customer_expired",
        Event.REOPEN: "customer_reopened",
        Event.SCAN: "customer_on_the_way",
        Event.RECEIVE: "customer_received",
        Event.SHORT: "customer_short",
        Event.LOSE: "customer_lost",
    }
    assert set(Event) == silent.keys() | mails.keys()
    assert set(mails.values()) <= SENDERS.keys() | NEWS_SENDERS.keys()


def test_a_customer_is_reminded_and_told_of_the_end(
    app: Flask, session: Session, settings: ShopSettings, order: Any, read: Any, clock: Any
) -> None:
    new_return(session, order)
    clock.advance(days=12)
    remind_customers()
    assert "Vergeet niet je retour in te leveren" in read()
    clock.advance(days=30)
    drain(app)
    assert "Je retour is verlopen" in read()


def test_a_reminder_that_comes_too_late_is_not_sent(
    session: Session, settings: ShopSettings, order: Any, peer: Peer, app: Flask, clock: Any
) -> None:
    here = new_return(session, order)
    clock.advance(days=12)
    remind_customers()
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    drain(app)
    assert [m["Subject"].split(":")[0] for m in peer.messages] == ["We hebben je pakket"]


def test_a_mail_that_is_sent_again_says_the_same_whatever_happened_since(
    app: Flask, session: Session, settings: ShopSettings, order: Any, peer: Peer, clock: Any
) -> None:
    here = new_return(session, order)
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    drain(app)
    pay(settings, here, 1000)
    session.execute(
        Outbox.__table__.update()
        .where(Outbox.kind == "customer_received")
        .values(state="pending", sent_at=None)
    )
    session.commit()
    drain(app)
    first, second = peer.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert plain_text(first) == plain_text(second)


# the shop's own mail


def test_the_digest_tells_once_a_morning_what_is_late_and_due(
    app: Flask, session: Session, settings: ShopSettings, shop: Any, peer: Peer, clock: Any
) -> None:
    late = new_return(session, make_order(session, shop))
    today = new_return(session, make_order(session, shop), country="CH")
    receive_lines(shop=settings, return_id=late.id, actor=SANNE, counts=[count(late.lines[0], 1)])
    clock.advance(days=1)
    receive_lines(shop=settings, return_id=today.id, actor=SANNE, counts=[count(today.lines[0], 1)])
    clock.advance(days=14)
    clock.set(PLACED.replace(day=27, hour=5, minute=30))
    drain(app)
    drain(app)
    before = len(peer.to(shop.notification_email))
    clock.advance(hours=1)
    for _ in range(3):
        drain(app)
    mails = peer.to(shop.notification_email)
    assert (before, len(mails)) == (0, 1)
    text = plain_text(mails[0]).replace("\xa0", " ")
    assert "Terugbetalingen: 1 retour is te laat. 1 moet vandaag" in mails[0]["Subject"]
    assert f"{late.number}, Anna de Vries: € 16,00" in text
    assert "Had op donderdag 26 november gemoeten" in text
    assert f"/shops/{shop.slug}/returns" in text


@pytest.mark.parametrize("address", [None, ""])
def test_a_shop_without_an_address_gets_no_digest(
    app: Flask, session: Session, settings: ShopSettings, shop: Any, peer: Peer, clock: Any,
    address: str | None,
) -> None:  # fmt: skip
    late = new_return(session, make_order(session, shop))
    receive_lines(shop=settings, return_id=late.id, actor=SANNE, counts=[count(late.lines[0], 1)])
    shop.notification_email = address
    session.commit()
    clock.set(PLACED.replace(month=12, day=12, hour=8))
    drain(app)
    drain(app)
    assert session.scalars(select(Outbox).where(Outbox.kind == "refund_digest")).all() == []


def test_a_shop_that_owes_nothing_gets_no_digest(
    app: Flask, session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    new_return(session, order)
    clock.set(PLACED.replace(day=13, hour=8))
    drain(app)
    assert session.scalars(select(Outbox).where(Outbox.kind == "refund_digest")).all() == []
