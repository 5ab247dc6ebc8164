"""From pressing Confirm in the wizard to the mail in the customer's hands."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from tests import pdf
from tests.conftest import Kept
from tests.factories import make_order
from tests.harness import IsolatedClient
from tests.smtp import Peer, html_text, plain_text
from tests.walk import Walk, answers_for, lines_of, returns_of, start

POINT = {"method": "drop_off_point", "carrier": "postnl"}


Begin = Callable[..., Walk]


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    """Two shirts and a shoe of `shop`, delivered."""
    return kept(lambda: make_order(session, shop))


@pytest.fixture
def begin(client: IsolatedClient, shop: Any) -> Begin:
    """Answer everything about an order, by default one unit to a service point: `begin(order)`."""

    def begin(order: Any, *, units: dict[int, int] | None = None, shipment: Any = POINT) -> Walk:
        chosen = units or {lines_of(order)[0]: 1}
        return start(client, shop, order, answers_for(chosen, shipment=shipment))

    return begin


def euros(text: str) -> set[str]:
    return set(re.findall(r"€\s?-?[\d.,]+\d", text.replace("&nbsp;", " ").replace("\xa0", " ")))


def euro(cents: int) -> str:
    return f"€ {cents / 100:.2f}".replace(".", ",")


def test_museum_18_review_page_database_and_mail_name_the_same_refund(
    app: Flask,
    session: Session,
    shop: Any,
    order: Any,
    begin: Begin,
    peer: Peer,
) -> None:
    walk = begin(order, units=dict.fromkeys(lines_of(order), 1))
    review = euros(walk.get("review").text)
    assert walk.confirm().status_code == 303
    drain(app)
    (return_,) = returns_of(session, shop)
    agreed = {euro(return_.refund_total), euro(-return_.fee)}
    # The page takes the discount off in a row of its own; the mail names what is left.
    lines = {euro(line.refund_amount) for line in return_.lines}
    (mail,) = peer.to(order.email)
    assert agreed <= review
    for body in (plain_text(mail), html_text(mail)):
        assert euros(body) == agreed | lines


def test_the_link_in_the_mail_opens_the_return_with_the_label_of_the_mail(
    app: Flask,
    client: IsolatedClient,
    session: Session,
    shop: Any,
    order: Any,
    begin: Begin,
    peer: Peer,
) -> None:
    walk = begin(order)
    walk.confirm()
    drain(app)
    (mail,) = peer.to(order.email)
    found = re.search(r"https://returns\.example(/p/\S+)", plain_text(mail))
    assert found is not None
    path = found[1]
    for _ in range(2):  # mail programs look at links before people do
        assert client.get(path).status_code == 200
    (label,) = mail.iter_attachments()
    assert client.get(f"{path}/label.pdf").data == label.get_content()
    (return_,) = returns_of(session, shop)
    assert return_.status == "approved"
    assert ("Code 128", return_.number) in pdf.codes(pdf.pages(label.get_content())[0])


def test_the_code_in_the_mail_is_the_code_on_the_page(
    app: Flask,
    client: IsolatedClient,
    session: Session,
    shop: Any,
    begin: Begin,
    peer: Peer,
) -> None:
    order = make_order(session, shop, country="DE", postcode="04109")
    session.commit()
    walk = begin(order, shipment={"method": "drop_off_labelless", "carrier": "dhl"})
    done = walk.confirm().location
    drain(app)
    (mail,) = peer.to(order.email)
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    ((_, code),) = pdf.codes(Image.open(BytesIO(picture.get_content())))
    assert code in client.get(done).text
    assert code.startswith("TEST")


def test_confirming_twice_mails_once(app: Flask, order: Any, begin: Begin, peer: Peer) -> None:
    walk = begin(order)
    seen = walk.seen()
    for _ in range(2):
        assert walk.post("review", {"seen": seen}).status_code == 303
        drain(app)
    assert len(peer.to(order.email)) == 1
    assert len(peer.envelopes) == 2


def test_cancelling_on_the_page_withdraws_the_label_and_is_mailed(
    app: Flask,
    client: IsolatedClient,
    session: Session,
    shop: Any,
    order: Any,
    begin: Begin,
    peer: Peer,
) -> None:
    walk = begin(order)
    walk.confirm()
    drain(app)
    (return_,) = returns_of(session, shop)
    path = f"/p/{shop.slug}/s/{return_.status_token}"
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert token is not None
    client.post(f"{path}/cancel", data={"form_token": token[1]})
    drain(app)
    assert len(peer.to(order.email)) == 2
    assert client.get(f"{path}/label.pdf").status_code == 404
