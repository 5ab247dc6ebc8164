"""Another address to sign in with: proved by mail, and the old one is told."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from returnsite.models import User
from tests.harness import CheckedClient
from tests.people import (
    NEW_PASSWORD,
    ask_reset,
    link_in,
    mails,
    make_person,
    other_browser,
)


def test_another_address_is_proved_by_mail_and_the_old_one_is_told(
    app: Flask, me: CheckedClient, person: User, session: Session
) -> None:
    form = me.get("/account/email")
    done = me.submit(form, {"email": "New@Shop.example"}, action="/account/email")
    assert "Waits for confirmation: new@shop.example" in me.follow(done).text
    to_new, to_old = sorted(mails(app))
    assert "To: new@shop.example" in to_new
    assert "To: sanne@shop.example" in to_old
    assert "about to change" in to_old
    link = link_in(to_new)
    for _ in range(2):
        proof = other_browser(app).get(link)
    assert "new@shop.example" in proof.text
    session.refresh(person)
    assert person.email == "sanne@shop.example"
    me.submit(me.get(link), action=link)
    session.refresh(person)
    assert person.email == "new@shop.example"
    (told,) = mails(app)
    assert "To: sanne@shop.example" in told
    me.get(link, status=410)


def test_a_new_password_ends_the_change_of_address_somebody_else_asked_for(
    app: Flask, me: CheckedClient, person: User, session: Session
) -> None:
    me.submit(me.get("/account/email"), {"email": "thief@else.example"}, action="/account/email")
    link = link_in(sorted(mails(app))[1])
    browser = other_browser(app)
    ask_reset(browser, person.email)
    form = browser.get(link_in(mails(app)[0]))
    browser.submit(form, {"password": NEW_PASSWORD})
    other_browser(app).get(link, status=410)
    session.refresh(person)
    assert person.email == "sanne@shop.example"


def test_a_changed_address_ends_links_to_a_new_password_that_went_to_the_old_one(
    app: Flask, me: CheckedClient
) -> None:
    me.submit(me.get("/account/email"), {"email": "new@shop.example"}, action="/account/email")
    proof = link_in(sorted(mails(app))[0])
    ask_reset(other_browser(app), "sanne@shop.example")
    reset = link_in(mails(app)[0])
    me.submit(me.get(proof), action=proof)
    other_browser(app).get(reset, status=410)


def test_an_address_somebody_has_gets_no_link_and_nobody_is_told(
    app: Flask, me: CheckedClient, session: Session
) -> None:
    make_person(session, email="taken@shop.example")
    me.submit(me.get("/account/email"), {"email": "taken@shop.example"}, action="/account/email")
    assert [mail.splitlines()[0] for mail in mails(app)] == ["To: sanne@shop.example"]


def test_an_address_taken_meanwhile_is_not_taken_twice(
    app: Flask, me: CheckedClient, session: Session
) -> None:
    me.submit(me.get("/account/email"), {"email": "new@shop.example"}, action="/account/email")
    link = link_in(sorted(mails(app))[0])
    form = me.get(link)
    make_person(session, email="new@shop.example")
    me.submit(form, action=link, status=410)
