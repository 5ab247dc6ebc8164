"""My account: a page of cards, each part of which is changed in its place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import AuditEntry, User, UserSession
from tests.harness import CheckedClient, Page, text_of
from tests.people import (
    NEW_PASSWORD,
    PASSWORD,
    make_person,
    other_browser,
    setup_key,
    sign_in,
    totp_now,
)


def test_name_and_language_are_saved_and_the_pages_follow(
    me: CheckedClient, session: Session
) -> None:
    form = me.get("/account/name")
    refused = me.submit(form, {"name": ""}, action="/name", status=422)
    assert "Enter your name" in refused.text
    done = me.submit(refused, {"name": "Sanne de Vries"}, action="/name")
    assert done.location == "/account/?saved=about.name#card-about"
    assert "Sanne de Vries" in text_of(me.follow(done).find("div", id="about-name"))
    form = me.get("/account/language")
    refused = me.submit(form, {"language": "tlh"}, action="/language", status=422)
    assert "Choose one of the list" in refused.text
    me.submit(form, {"language": "nl"}, action="/language")
    assert "Mijn account" in me.get("/account/").text
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.event == "profile_changed"
    assert {"field": "locale", "old": "en", "new": "nl"} in entry.changes


def _in_place(me: CheckedClient, url: str, card: str) -> Page:
    """A part opened by htmx: one card, as small as its sections elsewhere."""
    answer = me.get_fragment(url)
    assert answer.find_all("h2")[0].get("id") == f"{card}-heading"
    assert len(answer.find_all("h2")) == 1
    assert len(answer.body) < 10_000
    return answer


def test_each_part_is_changed_in_its_card_and_says_that_it_is_saved(me: CheckedClient) -> None:
    form = _in_place(me, "/account/name", "about")
    wrong = me.submit(form, {"name": " "}, action="/name", status=422, fragment=True)
    assert "Enter your name" in wrong.text
    saved = me.submit(wrong, {"name": "Sanne B."}, action="/name", status=200, fragment=True)
    assert len(saved.find_all("h2")) == 1
    assert len(saved.queries) <= 12
    assert saved.find("span", class_="saved").get("data-announce") == "Name: Sanne B.. Saved"
    form = _in_place(me, "/account/email", "about")
    asked = me.submit(
        form, {"email": "new@shop.example"}, action="/email", status=200, fragment=True
    )
    assert "Waits for confirmation: new@shop.example" in asked.text
    assert "Link made" in asked.text
    form = _in_place(me, "/account/language", "about")
    whole = me.submit(form, {"language": "nl"}, action="/language", status=204, fragment=True)
    assert whole.location == "/account/?saved=about.language"
    assert "Taal: Nederlands. Bewaard" in me.get(whole.location).html


def test_a_new_address_says_where_its_link_is_mailed_or_written(
    app: Flask, me: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = "the link is written into mail/accounts of the data folder"
    assert written in _in_place(me, "/account/email", "about").text
    monkeypatch.setitem(app.config, "MAIL_SERVER", "smtp.shop.example")
    form = _in_place(me, "/account/email", "about")
    assert written not in form.text
    new = {"email": "new@shop.example"}
    asked = me.submit(form, new, action="/email", status=200, fragment=True)
    assert "Link sent" in asked.text
    assert written not in asked.text


def test_a_new_password_in_place_also_shows_that_the_other_browsers_are_out(
    app: Flask, me: CheckedClient, person: User
) -> None:
    sign_in(other_browser(app), person.email)
    form = _in_place(me, "/account/password", "signing-in")
    values = {"current": PASSWORD, "password": NEW_PASSWORD}
    saved = me.submit(form, values, action="/password", status=200, fragment=True)
    assert "All other browsers are signed out" in saved.text
    beside = saved.find("div", id="card-browsers")
    assert beside.get("data-hx-swap-oob") == "innerHTML"
    assert "Sign out all" not in text_of(beside)


def test_passwords_are_never_sent_back_to_the_page(me: CheckedClient) -> None:
    values = {"current": "not mine at all", "password": "short"}
    refused = me.submit(me.get("/account/password"), values, action="/password", status=422)
    assert "not mine at all" not in refused.html
    assert 'value="short"' not in refused.html


def test_two_factor_sign_in_is_switched_on_and_off_in_its_card(me: CheckedClient) -> None:
    form = _in_place(me, "/account/two-factor", "signing-in")
    code = {"code": totp_now(setup_key(form))}
    kept = me.submit(form, code, action="/two-factor", status=200, fragment=True)
    assert len(re.findall(r"<li><code>", kept.html)) == 10
    is_on = _in_place(me, "/account/two-factor", "signing-in")
    off = me.submit(is_on, action="/two-factor/off", status=200, fragment=True)
    assert "Two-factor sign-in is off" in off.text
    assert "Switch on" in off.text


def test_a_second_factor_is_set_up_anew_when_the_key_changed_meanwhile(
    app: Flask, me: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = _in_place(me, "/account/two-factor", "signing-in")
    before = setup_key(form)
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", (Fernet.generate_key().decode(),))
    me.get("/account/two-factor/code.svg", status=404)
    back = me.submit(form, {"code": totp_now(before)}, action="/two-factor", status=303)
    assert back.location == "/account/two-factor"
    again = _in_place(me, "/account/two-factor", "signing-in")
    assert setup_key(again) != before
    code = {"code": totp_now(setup_key(again))}
    assert (
        "<li><code>" in me.submit(again, code, action="/two-factor", fragment=True, status=200).html
    )


def test_what_cancel_leads_to_is_the_card_as_saved(me: CheckedClient) -> None:
    _in_place(me, "/account/card/about", "about")
    assert me.get("/account/card/about", status=303).location == "/account/#card-about"
    me.get("/account/card/nothing", status=404)


def test_the_old_address_of_name_and_language_leads_to_them(me: CheckedClient) -> None:
    assert me.get("/account/profile", status=303).location == "/account/#card-about"


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(
    app: Flask, me: CheckedClient, person: User
) -> None:
    others = [other_browser(app) for _ in range(3)]
    for number, browser in enumerate(others):
        browser.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux) Firefox/140.0"
        browser.client.environ_base["REMOTE_ADDR"] = f"198.51.{number}.7"
        sign_in(browser, person.email)
    page = me.get("/account/")
    assert page.text.count("Firefox, Linux") >= 3
    assert "network 198.51.2.0" in page.text
    assert "198.51.2.7" not in page.text
    ends = [form for form in page.find_all("form") if "/end" in form.get("action", "")]
    assert len(ends) == 4
    me.submit(page, action=ends[0].get("action"))
    assert [b.client.get("/account/").status_code for b in others].count(303) == 1
    me.submit(me.get("/account/"), action="/account/sessions/end-others")
    assert [b.client.get("/account/").status_code for b in others] == [303] * 3
    me.get("/account/")


def test_nobody_ends_the_session_of_somebody_else(
    app: Flask, me: CheckedClient, session: Session
) -> None:
    other = make_person(session, email="other@shop.example")
    browser = other_browser(app)
    sign_in(browser, other.email)
    theirs = session.scalar(select(UserSession.id).where(UserSession.user_id == other.id))
    token = me.get("/account/").find_all("input", name="csrf_token")[0].get("value")
    me.post(f"/account/sessions/{theirs}/end", {"csrf_token": token})
    browser.get("/account/")


def test_a_card_asks_for_the_password_in_its_place_and_goes_on_there(
    me: CheckedClient, clock: Any
) -> None:
    clock.advance(minutes=11)
    me.client.environ_base["HTTP_HX_TARGET"] = "section#card-signing-in"
    around = "http://localhost/account/?saved=about.name#card-about"
    me.client.environ_base["HTTP_HX_CURRENT_URL"] = around
    asked = me.get_fragment("/account/two-factor")
    form = asked.form("confirm-form")
    assert form.element.get("data-hx-target") == "#card-signing-in"
    assert form.data["next"] == "/account/two-factor"
    assert asked.find_all("h2", id="signing-in-heading")
    assert asked.find("a", class_="button-quiet").get("href") == "/account/?saved=about.name"
    wrong = me.submit(asked, {"confirm_password": "wrong"}, status=422, fragment=True)
    assert not wrong.find_all("h1")
    done = me.submit(wrong, {"confirm_password": PASSWORD}, status=303, fragment=True)
    assert done.location == "/account/two-factor"
    assert setup_key(me.get_fragment(done.location))


def test_the_page_that_asks_for_the_password_is_left_whole(me: CheckedClient, clock: Any) -> None:
    clock.advance(minutes=11)
    asked = me.follow(me.get("/account/two-factor", status=303))
    done = me.submit(
        asked, {"confirm_password": PASSWORD}, form="confirm-form", status=204, fragment=True
    )
    assert done.headers["HX-Redirect"] == "/account/two-factor"


def test_recent_sign_ins_say_when_how_and_from_where(app: Flask, person: User) -> None:
    browser = other_browser(app)
    browser.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux) Firefox/140.0"
    browser.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    sign_in(browser, person.email, "not mine at all", status=422)
    sign_in(browser, "nobody@shop.example", "not mine at all", status=422)
    sign_in(browser, person.email)
    card = text_of(browser.get("/account/").find("section", id="card-sign-ins"))
    assert "Signed in with the password Firefox, Linux · network 198.51.100.0" in card
    assert card.count("Wrong password") == 1
    assert card.index("Signed in with") < card.index("Wrong password")


def test_sign_ins_of_others_are_not_among_ones_own(
    app: Flask, me: CheckedClient, session: Session, shop: Any
) -> None:
    other = make_person(session, shop, email="other@shop.example")
    sign_in(other_browser(app), other.email)
    card = me.get("/account/").find("section", id="card-sign-ins")
    assert text_of(card).count("Signed in with") == 1
