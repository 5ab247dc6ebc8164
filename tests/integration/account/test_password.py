"""Another password: by a mailed link, and while signed in."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite.models import Outbox, User, UserToken
from tests.harness import CheckedClient
from tests.people import (
    NEW_PASSWORD,
    PASSWORD,
    ask_reset,
    link_in,
    mails,
    other_browser,
    sign_in,
    switch_on,
)


def test_a_forgotten_password_is_replaced_by_a_mailed_link(
    app: Flask, me: CheckedClient, person: User, session: Session
) -> None:
    browser = other_browser(app)
    ask_reset(browser, "Sanne@Shop.example ")
    (mail,) = mails(app)
    assert "To: sanne@shop.example" in mail
    link = link_in(mail)
    for _ in range(2):
        form = browser.get(link)
    done = browser.submit(form, {"password": NEW_PASSWORD})
    assert done.location == "/sign-in?signed=reset"
    assert "Your password is changed" in browser.follow(done).text
    # Everybody is out, the old password is over, the link too, and the owner is told.
    assert me.client.get("/account/").status_code == 303
    sign_in(browser, person.email, PASSWORD, status=422)
    sign_in(browser, person.email, NEW_PASSWORD)
    other_browser(app).get(link, status=410)
    assert "Your password was changed" in mails(app)[0]


def test_an_address_that_is_nobodys_gets_the_same_answer_and_no_mail(app: Flask) -> None:
    known = ask_reset(other_browser(app), "sanne@shop.example").text
    unknown = ask_reset(other_browser(app), "nobody@shop.example").text
    assert known.replace("sanne@", "") == unknown.replace("nobody@", "")
    assert [mail.splitlines()[0] for mail in mails(app)] == ["To: sanne@shop.example"]


def test_where_no_mail_leaves_the_page_says_whom_to_ask_for_a_link(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = other_browser(app)
    for email in ("sanne@shop.example", "nobody@shop.example"):
        told = ask_reset(browser, email).text
        assert "Nothing was mailed" in told
        assert f"flask user reset-link {email}" in told
        assert "on its way" not in told
    monkeypatch.setitem(app.config, "MAIL_SERVER", "smtp.shop.example")
    assert "a link is on its way" in ask_reset(browser, "sanne@shop.example").text


def test_asking_for_a_link_costs_the_same_queries_for_any_address(app: Flask) -> None:
    counts = {
        len(ask_reset(other_browser(app), email).queries)
        for email in ("sanne@shop.example", "nobody@shop.example")
    }
    assert len(counts) == 1


def test_a_reset_link_lasts_half_an_hour_and_the_newest_counts(app: Flask, clock: Any) -> None:
    browser = other_browser(app)
    ask_reset(browser, "sanne@shop.example")
    first = link_in(mails(app)[0])
    ask_reset(browser, "sanne@shop.example")
    second = link_in(mails(app)[0])
    browser.get(first, status=410)
    clock.advance(minutes=29)
    browser.get(second)
    clock.advance(minutes=1)
    browser.get(second, status=410)


def test_links_are_mailed_a_few_times_an_hour_and_nobody_is_told(app: Flask) -> None:
    for _ in range(5):
        assert "Nothing was mailed" in ask_reset(other_browser(app), "sanne@shop.example").text
    assert len(mails(app)) == 3


def test_a_reset_link_does_not_step_past_the_second_factor(
    app: Flask, me: CheckedClient, person: User
) -> None:
    secret, _codes = switch_on(me)
    browser = other_browser(app)
    mails(app)
    ask_reset(browser, person.email)
    browser.submit(browser.get(link_in(mails(app)[0])), {"password": NEW_PASSWORD})
    asked = browser.follow(sign_in(browser, person.email, NEW_PASSWORD))
    assert "code of your app" in asked.text
    assert browser.client.get("/account/").status_code == 303
    assert secret


def test_a_weak_new_password_keeps_the_link(app: Flask) -> None:
    browser = other_browser(app)
    ask_reset(browser, "sanne@shop.example")
    form = browser.get(link_in(mails(app)[0]))
    again = browser.submit(form, {"password": "password1234"}, status=422)
    assert "guessed too easily" in again.text
    browser.submit(again, {"password": NEW_PASSWORD})


def test_a_mail_sent_twice_carries_the_same_link(app: Flask, session: Session) -> None:
    ask_reset(other_browser(app), "sanne@shop.example")
    first = link_in(mails(app)[0])
    session.execute(update(Outbox).values(state="pending", leased_until=None))
    session.commit()
    assert link_in(mails(app)[0]) == first
    assert len(session.scalars(select(UserToken)).all()) == 1


def test_changing_the_password_takes_the_old_one_and_signs_others_out(
    app: Flask, me: CheckedClient, person: User
) -> None:
    elsewhere = other_browser(app)
    sign_in(elsewhere, person.email)
    form = me.get("/account/password")
    wrong = me.submit(
        form,
        {"current": "wrong", "password": NEW_PASSWORD},
        action="/account/password",
        status=422,
    )
    assert "That is not your password" in wrong.text
    done = me.submit(
        wrong, {"current": PASSWORD, "password": NEW_PASSWORD}, action="/account/password"
    )
    assert "All other browsers are signed out" in me.client.get(done.location).text
    assert elsewhere.client.get("/account/").status_code == 303
    sign_in(elsewhere, person.email, NEW_PASSWORD)


def test_guessing_the_password_from_an_open_browser_is_slowed(me: CheckedClient) -> None:
    page = me.get("/account/password")
    guess = {"current": "wrong", "password": NEW_PASSWORD}
    for _ in range(5):
        page = me.submit(page, guess, action="/account/password", status=422)
    assert "Too many attempts" in page.text
