"""What the customer reads of counts and money on the return's page: the same as in the mails."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Return
from returnsite.services.returns.approve_return import approve_return
from returnsite.services.returns.close_short import close_short
from returnsite.services.returns.correct_amount import correct_amount
from returnsite.services.returns.extras import Extra
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.shops import ShopSettings
from tests.harness import CheckedClient
from tests.returning import SANNE, count, pay
from tests.smtp import Peer, plain_text

REST = "You get another €19.95 once the rest is here."
SOCK = "Also in your parcel: 2 × Sock, grey. We send that back to you."


@pytest.fixture
def status(client: FlaskClient, settings: ShopSettings, made: Return) -> Any:
    """Reads the return's page."""
    page = CheckedClient(client)
    return lambda: page.get(f"/p/{settings.slug}/s/{made.status_token}").text


@pytest.fixture
def act(settings: ShopSettings, made: Return) -> Any:
    """Lets Sanne do something to the return."""
    return lambda verb, **more: partial(verb, shop=settings, return_id=made.id, actor=SANNE)(**more)


def test_page_and_mail_say_the_same_of_a_part_that_came(
    app: Flask, peer: Peer, made: Return, act: Any, status: Any
) -> None:
    extras = [Extra("Sock, grey", 2, "back_to_customer")]
    act(receive_lines, counts=[count(made.lines[0], 1)], extras=extras)
    drain(app)
    mail, page = plain_text(peer.messages[-1]).replace("\xa0", " "), status()
    for told in ("1 of 2 received", "€16.00", REST, SOCK):
        assert told in mail, told
        assert told in page, told
    assert f"Not here yet: 1 × {made.lines[0].order_line.title}." in page
    assert "€35.95" not in page
    assert "We check" not in page


def test_what_was_paid_and_what_follows_is_told_apart(
    settings: ShopSettings, made: Return, act: Any, status: Any
) -> None:
    act(receive_lines, counts=[count(made.lines[0], 1)])
    pay(settings, made, 1000)
    page = status()
    assert "You have got €10.00; €6.00 is still to come." in page
    assert REST in page
    act(receive_lines, counts=[count(made.lines[0], 2)])
    page = status()
    assert "You have got €10.00; €25.95 is still to come." in page
    assert REST not in page


def test_what_was_not_accepted_does_not_come_or_was_corrected_is_named_with_its_amount(
    settings: ShopSettings, made: Return, act: Any, status: Any
) -> None:
    act(receive_lines, counts=[count(made.lines[0], 1)])
    act(close_short)
    act(correct_amount, line_id=None, delta=-250, reason="A stain")
    page = status()
    assert "1 of 2 received, 1 not coming" in page
    for row in ("As you registered it €35.95", "Did not come -€19.95", "A stain -€2.50",
                "You get €13.50"):  # fmt: skip
        assert row in page.replace("−", "-"), row
    pay(settings, made, 1350)
    page = status().replace("−", "-")
    assert "Refunded -€13.50" in page
    assert "Still to come" not in page


def test_a_parcel_that_comes_although_it_might_be_kept_is_told_too(
    session: Session, made: Return, act: Any, status: Any
) -> None:
    made.status, made.approved_at = "requested", None
    session.commit()
    act(approve_return, with_label=False)
    act(receive_lines, counts=[count(made.lines[0], 2)])
    assert "We have your parcel" in status()
