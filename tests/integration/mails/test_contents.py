"""What the mails say, as they arrive at a real mail server."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from babel.numbers import parse_decimal
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import MoneyEntry, ReturnLine
from tests import pdf
from tests.conftest import on_one_database
from tests.html_checks import elements, parse
from tests.smtp import Peer, html_text, only, plain_text, words

pytestmark = on_one_database


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
    session.add(
        MoneyEntry(return_id=return_.id, type="bonus", amount=200, created_at=return_.created_at)
    )
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
