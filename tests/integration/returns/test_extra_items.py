"""What is in a box and not in the return: written down by what, how many and where it goes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Return, ReturnEvent, ReturnExtra
from tests.merchant import Merchant
from tests.smtp import Peer, plain_text

SOCK = {"extra-what-1": "Sock, grey", "extra-quantity-1": "3"}


def written(session: Session, made: Return) -> list[tuple[str, int, str | None]]:
    session.rollback()
    query = select(ReturnExtra).where(ReturnExtra.return_id == made.id).order_by(ReturnExtra.id)
    return [(each.what, each.quantity, each.disposition) for each in session.scalars(query)]


def save(merchant: Merchant, made: Return, changes: dict[str, Any], status: int = 303) -> Any:
    page = merchant.get(f"/returns/{made.number}")
    return merchant.submit(page, changes, form="count-form", status=status)


def test_an_extra_item_is_on_the_page_in_the_story_and_in_the_file(
    session: Session, merchant: Merchant, made: Return
) -> None:
    save(merchant, made, {**SOCK, "extra-disposition-1": "back_to_customer"})
    assert written(session, made) == [("Sock, grey", 3, "back_to_customer")]
    page = merchant.get(f"/returns/{made.number}")
    assert "Also in the box 3 × Sock, grey Back to the customer" in page.text
    event = session.scalars(select(ReturnEvent).where(ReturnEvent.event == "receive")).one()
    assert event.data["extras"] == [
        {"what": "Sock, grey", "quantity": 3, "disposition": "back_to_customer"}
    ]
    assert page.text.count("3 × Sock, grey") == 2, "in the lines and in the story"
    file = merchant.get("/returns/export").body.decode()
    assert "3 × Sock, grey" in file
    assert file.splitlines()[0].endswith('"Also in the box"')


def test_a_count_names_all_there_is_so_a_row_emptied_is_gone(
    session: Session, merchant: Merchant, made: Return
) -> None:
    save(merchant, made, {**SOCK, "extra-what-2": "Belt", "extra-quantity-2": "1"})
    assert written(session, made) == [("Sock, grey", 3, None), ("Belt", 1, None)]
    save(merchant, made, {"extra-what-1": "", "extra-quantity-1": "1"})
    assert written(session, made) == [("Belt", 1, None)]
    events = len(session.scalars(select(ReturnEvent)).all())
    save(merchant, made, {})
    session.rollback()
    assert len(session.scalars(select(ReturnEvent)).all()) == events, "the same says nothing new"


def test_a_box_with_nothing_but_something_else_in_it_is_counted(
    session: Session, merchant: Merchant, made: Return
) -> None:
    nothing = {f"received-{made.lines[0].id}": "0"}
    page = save(merchant, made, nothing, status=422)
    assert "Count at least one item." in page.text
    save(merchant, made, {**SOCK, **nothing})
    assert written(session, made) == [("Sock, grey", 3, None)]
    session.expire_all()
    found = session.get_one(Return, made.id)
    assert (found.status, found.lines[0].received) == ("received", 0)

    page = merchant.get(f"/returns/{made.number}")
    page = merchant.follow(merchant.submit(page, action="/short"))
    merchant.submit(page, action="/close")
    session.expire_all()
    found = session.get_one(Return, made.id)
    claimed = found.lines[0].parcel_line.qty_claimed
    assert (found.status, found.refund_total, claimed) == ("closed", 0, 0)


def test_one_more_row_keeps_what_was_typed_and_writes_nothing(
    session: Session, merchant: Merchant, made: Return
) -> None:
    page = save(merchant, made, {**SOCK, "another": "1"}, status=200)
    assert page.find("input", id="extra-what-1").get("value") == "Sock, grey"
    assert page.find("input", id="extra-what-2").get("autofocus") is not None
    assert written(session, made) == []
    dock = merchant.get(f"/dock/{made.number}")
    more = merchant.submit(dock, {**SOCK, "another": "1"}, form="count-form", status=200)
    assert more.find("input", id="extra-what-2") is not None


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"extra-quantity-1": "1.5"}, "extra-quantity-1", "Enter a number from 1 to 999."),
        ({"extra-quantity-1": "1000"}, "extra-quantity-1", "Enter a number from 1 to 999."),
        ({"extra-what-1": " "}, "extra-what-1", "Say what it is."),
        ({"extra-what-1": "x" * 201}, "extra-what-1", "Use at most 200 characters."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_counted(
    session: Session,
    merchant: Merchant,
    made: Return,
    typed: dict[str, str],
    field: str,
    words: str,
) -> None:
    page = save(merchant, made, {**SOCK, **typed}, status=422)
    assert page.find("input", id=field).get("aria-invalid") == "true"
    assert words in page.text
    session.expire_all()
    assert session.get_one(Return, made.id).status == "approved"


@pytest.mark.parametrize(
    "typed", [{"extra-disposition-1": "moon"}, {"extra-what-1": "a\x00b", "extra-quantity-1": "٢"}]
)
def test_what_no_form_sends_is_refused_and_never_an_error_of_ours(
    session: Session, merchant: Merchant, made: Return, typed: dict[str, str]
) -> None:
    save(merchant, made, {**SOCK, **typed}, status=422)
    assert written(session, made) == []


def test_a_form_that_knows_no_extras_leaves_them(
    session: Session, merchant: Merchant, made: Return
) -> None:
    save(merchant, made, SOCK)
    page = merchant.get(f"/returns/{made.number}")
    none = {name: None for name in page.form("count-form").data if name.startswith("extra-")}
    merchant.submit(page, none, form="count-form")
    assert written(session, made) == [("Sock, grey", 3, None)]


def test_the_customer_reads_what_else_was_in_the_box_and_what_becomes_of_it(
    app: Flask, session: Session, merchant: Merchant, made: Return, peer: Peer
) -> None:
    save(
        merchant,
        made,
        {**SOCK, "extra-disposition-1": "back_to_customer", "extra-what-2": "Belt",
         "extra-quantity-2": "1", "extra-disposition-2": "dispose"},
    )  # fmt: skip
    drain(app)
    (message,) = peer.messages
    text = " ".join(plain_text(message).split())
    assert "Also in your parcel: 3 × Sock, grey. We send that back to you." in text
    assert "Also in your parcel: 1 × Belt. That is not part of this return." in text


def test_somebody_who_counted_first_is_not_overwritten(
    session: Session, merchant: Merchant, made: Return
) -> None:
    old = merchant.get(f"/returns/{made.number}")
    save(merchant, made, SOCK)
    merchant.as_role("staff")
    merchant.submit(old, {"extra-what-1": "Belt", "csrf_token": merchant.csrf()},
                    form="count-form", status=409)  # fmt: skip
    assert written(session, made) == [("Sock, grey", 3, None)]
