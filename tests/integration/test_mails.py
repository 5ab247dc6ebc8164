"""The mails, as they arrive at a real mail server: who gets what, when, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from babel.numbers import parse_decimal
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import MoneyEntry, Outbox, Return, ReturnLine
from returnsite.services.outbox import cancellation_rows, confirmation_rows, enqueue, handoff_row
from tests import pdf
from tests.conftest import Kept, on_one_database
from tests.html_checks import elements, parse
from tests.smtp import Peer, html_text, mail_server, plain_text

pytestmark = on_one_database

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def peer(app: Flask) -> Iterator[Peer]:
    with mail_server() as server:
        app.config.update(
            MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, PUBLIC_URL="https://returns.example"
        )
        yield server
    app.config.update(MAIL_SERVER="", MAIL_PORT=25, PUBLIC_URL="")


@pytest.fixture
def shop(session: Session, factories: Any, kept: Kept) -> Any:
    return kept(
        lambda: factories.make_shop(
            session,
            name="Noorderlicht",
            slug="noorderlicht",
            notification_email="boss@noorderlicht.example",
            support_email="hulp@noorderlicht.example",
        )
    )


@pytest.fixture
def announce(session: Session, shop: Any, factories: Any, clock: Any) -> Any:
    """Make a confirmed return with its outbox rows, the way confirming does."""
    clock.set(START)

    def make(
        *, prepare: bool = True, order: dict[str, Any] | None = None, **columns: Any
    ) -> Return:
        ordered = factories.make_order(session, shop, **(order or {}))
        made: Return = factories.make_return(session, ordered, **columns)
        enqueue(
            confirmation_rows(
                shop_id=shop.id,
                return_id=made.id,
                customer=made.email,
                merchant=shop.notification_email,
                prepare_handoff=prepare,
                now=START,
            )
        )
        session.commit()
        return made

    return make


def only(messages: list[EmailMessage]) -> EmailMessage:
    assert len(messages) == 1, [message["Subject"] for message in messages]
    return messages[0]


def words(message: EmailMessage) -> str:
    """Text of the HTML part, spaces made single."""
    body = parse(html_text(message)).find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def test_the_confirmation_brings_label_reference_and_status_page(
    app: Flask, announce: Any, peer: Peer
) -> None:
    return_ = announce()
    drain(app)
    mail = only(peer.to(return_.email))
    assert return_.number in mail["Subject"]
    assert mail["From"].addresses[0].display_name == "Noorderlicht"
    assert mail["Reply-To"] == "hulp@noorderlicht.example"
    (label,) = mail.iter_attachments()
    data = label.get_content()
    assert ("QR Code", return_.number) in pdf.codes(pdf.pages(data)[0])
    link = f"https://returns.example/p/noorderlicht/s/{return_.status_token}"
    for body in (plain_text(mail), words(mail)):
        assert return_.number in body
        assert link in body
        assert "https://shop.example/returns" in body
        assert "hulp@noorderlicht.example" in body
        assert "TEST-POSTNL-" in body


def test_a_labelless_return_shows_its_code_inline_and_as_text(
    app: Flask, announce: Any, peer: Peer
) -> None:
    return_ = announce(kind="qr_code", method="drop_off_labelless", carrier="dhl", country="DE")
    drain(app)
    mail = only(peer.to(return_.email))
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    cid = picture["Content-ID"].strip("<>")
    assert f'src="cid:{cid}"' in html_text(mail)
    ((format_, code),) = pdf.codes(Image.open(BytesIO(picture.get_content())))
    assert format_ == "QR Code"
    assert code in plain_text(mail)
    assert code in words(mail)
    assert not list(mail.iter_attachments())


def test_both_forms_of_a_mail_say_the_same(app: Flask, announce: Any, peer: Peer) -> None:
    announce(comment="Te kort\nbij de mouwen")
    drain(app)
    assert len(peer.messages) == 2
    for mail in peer.messages:
        html = words(mail).lower().replace("\xa0", " ")
        for line in plain_text(mail).splitlines():
            said = re.sub(r"^(\d+\. |> )", "", line.strip()).rstrip(":").lower()
            for part in re.split(r": (?!//)", said.replace("\xa0", " ")):
                assert " ".join(part.split()) in html, part


@pytest.mark.parametrize(("locale", "separator"), [("nl", ","), ("en", ".")])
def test_museum_18_every_amount_is_the_stored_one(
    app: Flask, session: Session, announce: Any, peer: Peer, locale: str, separator: str
) -> None:
    return_ = announce(locale=locale)
    drain(app)
    mail = only(peer.to(return_.email))
    expected = sorted([return_.lines[0].refund_amount, -return_.fee, return_.refund_total])
    for body in (plain_text(mail), words(mail)):
        shown = re.findall(r"(-?)€\s*(-?[\d.,]+\d)", body)
        values = [
            int(parse_decimal(number, locale=locale) * 100) * (-1 if sign else 1)
            for sign, number in shown
        ]
        assert sorted(values) == expected
        assert separator in shown[0][1]


def test_museum_5_amounts_of_other_currencies_keep_their_digits(
    app: Flask, session: Session, announce: Any, peer: Peer
) -> None:
    return_ = announce(currency="JPY", locale="en")
    drain(app)
    assert f"¥{return_.refund_total:,}" in words(only(peer.to(return_.email)))


def test_credit_with_bonus_and_an_exchange_are_told_apart(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any
) -> None:
    return_ = announce(resolution="credit", locale="en", prepare=False)
    return_.credit_total += 200
    return_.refund_total += 200
    session.add(MoneyEntry(return_id=return_.id, type="bonus", amount=200, created_at=START))
    line = return_.order.parcels[0].lines[1]
    session.add(
        ReturnLine(
            return_id=return_.id,
            parcel_line_id=line.id,
            order_line_id=line.order_line_id,
            quantity=1,
            reason_code="too_small",
            reason_text="Too small",
            fault="customer",
            resolution="exchange",
            share=7995,
            exchange_title="Running shoe, 43",
        )
    )
    session.commit()
    drain(app)
    clock.advance(minutes=10)
    drain(app)
    text = plain_text(only(peer.to(return_.email)))
    assert "Extra store credit: €2.00" in text
    assert "Exchange for: Running shoe, 43" in text
    assert "store credit by e-mail" in text
    assert "We send your exchange" in text
    assert "money back within" not in text
    assert f"You get: €{return_.refund_total / 100:.2f}" in text


def test_the_last_day_to_hand_in_is_a_day_of_the_shop(
    app: Flask, announce: Any, peer: Peer
) -> None:
    # The first moment after Monday 7 December in Amsterdam.
    return_ = announce(locale="en", hand_in_by=datetime(2026, 12, 7, 23, 0, tzinfo=UTC))
    drain(app)
    assert "Monday 7 December" in plain_text(only(peer.to(return_.email)))


def test_the_merchant_reads_lines_reasons_and_the_comment_unharmed(
    app: Flask, announce: Any, peer: Peer, shop: Any
) -> None:
    return_ = announce(comment="<script>alert('x')</script> & mouwen")
    drain(app)
    mail = only(peer.to("boss@noorderlicht.example"))
    assert "<script" not in html_text(mail)
    for body in (plain_text(mail), words(mail)):
        assert "<script>alert('x')</script> & mouwen" in body
        assert "Linen shirt" in body
        assert "Te klein" in body
        assert return_.order.number in body


def test_the_customer_never_sees_the_merchants_address(
    app: Flask, announce: Any, peer: Peer
) -> None:
    return_ = announce()
    drain(app)
    for envelope in peer.envelopes:
        assert len(envelope.rcpt_tos) == 1
        if envelope.rcpt_tos == [return_.email]:
            assert b"boss@" not in bytes(envelope.content or b"")  # type: ignore[arg-type]


def test_without_notification_address_the_merchant_gets_no_mail(
    app: Flask, session: Session, announce: Any, peer: Peer, shop: Any
) -> None:
    shop.notification_email = None
    session.commit()
    return_ = announce()
    drain(app)
    assert [envelope.rcpt_tos for envelope in peer.envelopes] == [[return_.email]]


def test_a_name_with_line_breaks_changes_no_header_and_adds_no_line(
    app: Flask, session: Session, announce: Any, peer: Peer, shop: Any
) -> None:
    shop.name = "Noord\r\nBcc: victim@example.com"
    return_ = announce(order={"customer_name": "Eve\r\nRefund: € 999,00", "number": "#1\r\nX: y"})
    drain(app)
    assert {tuple(e.rcpt_tos) for e in peer.envelopes} == {
        (return_.email,),
        ("boss@noorderlicht.example",),
    }
    for mail in peer.messages:
        assert mail["Bcc"] is None
        assert mail["X"] is None
        assert not any(line.startswith("Refund: € 999") for line in plain_text(mail).splitlines())


def test_a_broken_recipient_fails_visibly_and_holds_up_nobody(
    app: Flask, session: Session, announce: Any, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    broken = announce(email="anna@customer.example\r\nBcc: victim@example.com")
    fine = announce()
    drain(app)
    session.rollback()
    states = {
        row.event: row.state
        for row in session.scalars(select(Outbox).where(Outbox.kind == "customer_confirmation"))
    }
    assert states[f"return.confirmed:{broken.id}"] == "failed"
    assert len(peer.to(fine.email)) == 1
    assert "anna" not in caplog.text
    assert "for good" in caplog.text


def test_the_confirmation_waits_for_the_label_and_goes_the_moment_it_is_there(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any, shop: Any
) -> None:
    return_ = announce(prepare=False)
    drain(app)
    clock.advance(minutes=5)
    drain(app)
    assert peer.to(return_.email) == []
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    assert len(list(only(peer.to(return_.email)).iter_attachments())) == 1


def test_after_ten_minutes_it_goes_without_and_the_label_follows_once(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any, shop: Any
) -> None:
    return_ = announce(prepare=False, locale="en")
    drain(app)
    clock.advance(minutes=10)
    drain(app)
    first = only(peer.to(return_.email))
    assert not list(first.iter_attachments())
    assert "not there yet" in plain_text(first)
    assert return_.status_token in plain_text(first)
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    clock.advance(days=1)
    drain(app)
    _, second = peer.to(return_.email)
    assert len(list(second.iter_attachments())) == 1
    assert second["Message-ID"] != first["Message-ID"]


def test_a_mail_sent_again_says_what_it_said_although_the_label_came_meanwhile(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any, shop: Any
) -> None:
    return_ = announce(prepare=False)
    clock.advance(minutes=10)
    peer.answers = ["451 later"] * 2  # whatever is tried now: customer's and merchant's
    drain(app)
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    clock.advance(minutes=30)
    drain(app)
    confirmation, handoff = sorted(peer.to(return_.email), key=lambda m: len(m.as_bytes()))
    assert not list(confirmation.iter_attachments())
    assert list(handoff.iter_attachments())


def test_a_return_that_waits_for_approval_says_so_and_gets_its_label_after(
    app: Flask, session: Session, announce: Any, peer: Peer, shop: Any
) -> None:
    return_ = announce(prepare=False, status="requested", locale="en")
    drain(app)
    first = only(peer.to(return_.email))
    assert "look at your request first" in plain_text(first)
    return_.status = "approved"
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    assert len(peer.to(return_.email)) == 2


def test_a_refused_label_lets_the_confirmation_go_without_promises(
    app: Flask, session: Session, announce: Any, peer: Peer
) -> None:
    return_ = announce(carrier="pigeon_post", locale="en")
    drain(app)
    assert "could not make" in plain_text(only(peer.to(return_.email)))


def test_museum_34_the_outbox_run_twice_mails_once(app: Flask, announce: Any, peer: Peer) -> None:
    announce()
    drain(app)
    drain(app)
    assert len(peer.envelopes) == 2


def test_cancelling_is_mailed(app: Flask, session: Session, announce: Any, peer: Peer) -> None:
    return_ = announce(locale="en")
    drain(app)
    return_.status = "cancelled"
    enqueue(
        cancellation_rows(
            shop_id=return_.shop_id, return_id=return_.id, customer=return_.email, now=START
        )
    )
    session.commit()
    drain(app)
    assert "cancelled" in peer.to(return_.email)[1]["Subject"]


def test_forty_lines_with_long_names_stay_below_what_mail_programs_cut(
    app: Flask, session: Session, announce: Any, peer: Peer, shop: Any
) -> None:
    title = "Überlange Produktbezeichnung & 'Größe' <XL> " * 11
    lines = [{"title": title, "quantity": 1, "line_paid": 1000 + n} for n in range(90)]
    return_ = announce(order={"lines": lines}, comment="&" * 2000, prepare=False)
    for line in return_.order.parcels[0].lines[1:]:
        session.add(
            ReturnLine(
                return_id=return_.id,
                parcel_line_id=line.id,
                order_line_id=line.order_line_id,
                quantity=1,
                reason_code="other",
                reason_text="Anders " * 20,
                fault="customer",
                comment="<&>" * 600,
                resolution="money",
            )
        )
    return_.status = "requested"
    session.commit()
    drain(app)
    assert len(peer.envelopes) == 2
    for mail in peer.messages:
        assert len(html_text(mail).encode()) <= 100_000
        assert re.search(r"(and|en|nog) \d+", words(mail))


def test_html_is_valid_has_a_language_and_asks_nothing_from_outside(
    app: Flask, announce: Any, peer: Peer
) -> None:
    announce(kind="qr_code", method="drop_off_labelless", carrier="dhl")
    drain(app)
    for mail in peer.messages:
        root = parse(html_text(mail))
        assert root.get("lang") in ("nl", "en")
        assert root.get("dir") == "ltr"
        metas = {each.get("name") for each in elements(root) if each.tag == "meta"}
        assert "color-scheme" in metas
        for each in elements(root):
            assert each.tag not in ("script", "link", "iframe", "form")
            assert not each.get("src") or each.get("src", "").startswith("cid:")
        assert "url(" not in html_text(mail)


def test_the_servers_refusal_of_an_address_is_final_other_refusals_are_not(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any
) -> None:
    gone, full = announce(), announce()
    peer.refused = {
        gone.email: "550 5.1.1 no such user here",
        full.email: "550 5.7.1 relaying denied",
    }
    drain(app)
    session.rollback()
    rows = {
        row.recipient: row
        for row in session.scalars(select(Outbox).where(Outbox.kind == "customer_confirmation"))
        if row.recipient in peer.refused
    }
    assert rows[gone.email].state == "failed"
    assert rows[full.email].state == "pending"
    assert rows[full.email].last_error == "SMTPRecipientsRefused 550"
    peer.refused = {}
    clock.advance(minutes=1)
    drain(app)
    assert len(peer.to(full.email)) == 1


def test_a_server_that_never_answers_costs_the_time_out_only(
    app: Flask, session: Session, announce: Any
) -> None:
    import socket
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.config.update(
            MAIL_SERVER="127.0.0.1", MAIL_PORT=silent.getsockname()[1], MAIL_TIMEOUT=0.3
        )
        try:
            announce(prepare=False, status="requested")
            started = time.monotonic()
            drain(app)
            assert time.monotonic() - started < 5
        finally:
            app.config.update(MAIL_SERVER="", MAIL_PORT=25, MAIL_TIMEOUT=10)
    session.rollback()
    errors = {row.last_error for row in session.scalars(select(Outbox)) if row.attempts}
    assert errors == {"SMTPServerDisconnected"}


def test_without_a_mail_server_mails_become_files_that_a_second_run_replaces(
    app: Flask, session: Session, announce: Any, tmp_path: Any
) -> None:
    before, app.config["DATA_DIR"] = app.config["DATA_DIR"], str(tmp_path)
    try:
        announce()
        drain(app)
        files = sorted((tmp_path / "mail").iterdir())
        assert [path.suffix for path in files] == [".eml", ".eml"]
        contents = [path.read_bytes() for path in files]
        session.rollback()
        for row in session.scalars(select(Outbox).where(Outbox.channel == "mail")):
            row.state, row.next_try_at = "pending", START - timedelta(1)
        session.commit()
        drain(app)
        assert sorted((tmp_path / "mail").iterdir()) == files
        assert [path.read_bytes() for path in files] == contents
    finally:
        app.config["DATA_DIR"] = before
