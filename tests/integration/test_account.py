"""One's own account: password, address, second factor, sessions, and the password asked again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.jobs.worker import drain
from returnsite.models import AuditEntry, Outbox, RecoveryCode, User, UserSession, UserToken
from returnsite.services.accounts.housekeeping import clear_accounts
from returnsite.services.secrets import decrypt_secret
from tests.harness import FRAGMENT_HEADERS, CheckedClient, Page
from tests.people import (
    NEW_PASSWORD,
    PASSWORD,
    forget_mails,
    link_in,
    mails,
    make_person,
    other_browser,
    sign_in,
    totp_now,
)


@pytest.fixture(autouse=True)
def person(app: Flask, session: Session, shop: Any, clock: Any) -> User:
    clock.set(product_clock.now())
    forget_mails(app)
    return make_person(session, shop, email="sanne@shop.example", name="Sanne")


@pytest.fixture
def me(checked: CheckedClient, person: User) -> CheckedClient:
    """Signed in as the person."""
    sign_in(checked, person.email)
    return checked


def _ask_reset(checked: CheckedClient, email: str) -> Page:
    return checked.submit(checked.get("/forgot-password"), {"email": email}, status=200)


def test_a_forgotten_password_is_replaced_by_a_mailed_link(
    app: Flask, me: CheckedClient, person: User, session: Session
) -> None:
    browser = other_browser(app)
    assert "a link is on its way" in _ask_reset(browser, "Sanne@Shop.example ").text
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
    known = _ask_reset(other_browser(app), "sanne@shop.example").text
    unknown = _ask_reset(other_browser(app), "nobody@shop.example").text
    assert known.replace("sanne@", "") == unknown.replace("nobody@", "")
    assert [mail.splitlines()[0] for mail in mails(app)] == ["To: sanne@shop.example"]


def test_asking_for_a_link_costs_the_same_queries_for_any_address(app: Flask) -> None:
    counts = {
        len(_ask_reset(other_browser(app), email).queries)
        for email in ("sanne@shop.example", "nobody@shop.example")
    }
    assert len(counts) == 1


def test_a_reset_link_lasts_half_an_hour_and_the_newest_counts(app: Flask, clock: Any) -> None:
    browser = other_browser(app)
    _ask_reset(browser, "sanne@shop.example")
    first = link_in(mails(app)[0])
    _ask_reset(browser, "sanne@shop.example")
    second = link_in(mails(app)[0])
    browser.get(first, status=410)
    clock.advance(minutes=29)
    browser.get(second)
    clock.advance(minutes=1)
    browser.get(second, status=410)


def test_links_are_mailed_a_few_times_an_hour_and_nobody_is_told(app: Flask) -> None:
    for _ in range(5):
        assert "on its way" in _ask_reset(other_browser(app), "sanne@shop.example").text
    assert len(mails(app)) == 3


def test_a_reset_link_does_not_step_past_the_second_factor(
    app: Flask, me: CheckedClient, person: User
) -> None:
    secret, _codes = _switch_on(me)
    browser = other_browser(app)
    mails(app)
    _ask_reset(browser, person.email)
    browser.submit(browser.get(link_in(mails(app)[0])), {"password": NEW_PASSWORD})
    asked = browser.follow(sign_in(browser, person.email, NEW_PASSWORD))
    assert "code of your app" in asked.text
    assert browser.client.get("/account/").status_code == 303
    assert secret


def test_a_weak_new_password_keeps_the_link(app: Flask) -> None:
    browser = other_browser(app)
    _ask_reset(browser, "sanne@shop.example")
    form = browser.get(link_in(mails(app)[0]))
    again = browser.submit(form, {"password": "password1234"}, status=422)
    assert "guessed too easily" in again.text
    browser.submit(again, {"password": NEW_PASSWORD})


def test_a_mail_sent_twice_carries_the_same_link(app: Flask, session: Session) -> None:
    _ask_reset(other_browser(app), "sanne@shop.example")
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
    _ask_reset(browser, person.email)
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
    _ask_reset(other_browser(app), "sanne@shop.example")
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


def _secret_on(page: Page) -> str:
    found = re.search(r'class="setup-key">([A-Z2-7 ]+)<', page.html)
    assert found
    return found[1].replace(" ", "")


def _switch_on(me: CheckedClient) -> tuple[str, list[str]]:
    form = me.get("/account/two-factor")
    secret = _secret_on(form)
    page = me.submit(form, {"code": totp_now(secret)}, action="/account/two-factor", status=200)
    return secret, re.findall(r"<li><code>([a-z2-9-]+)</code>", page.html)


def test_two_factor_sign_in_is_switched_on_with_a_code_of_the_app(
    app: Flask, me: CheckedClient, person: User, session: Session
) -> None:
    elsewhere = other_browser(app)
    sign_in(elsewhere, person.email)
    form = me.get("/account/two-factor")
    secret = _secret_on(form)
    refused = me.submit(form, {"code": "000000"}, action="/account/two-factor", status=422)
    assert _secret_on(refused) == secret
    _, codes = _switch_on(me)
    assert len(set(codes)) == 10
    session.refresh(person)
    assert person.totp_secret is not None
    assert secret not in person.totp_secret
    assert decrypt_secret(person.totp_secret) == secret
    hashes = set(session.scalars(select(RecoveryCode.code_hash)))
    assert len(hashes) == 10
    assert not hashes & set(codes)
    assert elsewhere.client.get("/account/").status_code == 303
    assert "10 recovery codes left" in me.get("/account/").text
    assert "Two-factor sign-in is on" in mails(app)[-1]


def test_the_picture_holds_what_an_authenticator_app_reads(me: CheckedClient) -> None:
    import base64

    from returnsite.documents.qr import qr_png

    secret = _secret_on(me.get("/account/two-factor"))
    answer = me.client.get("/account/two-factor/code.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    address = f"otpauth://totp/Returnsite:sanne%40shop.example?secret={secret}&issuer=Returnsite"
    from returnsite.documents.qr import qr_svg

    assert answer.text == qr_svg(address)
    from io import BytesIO

    from PIL import Image

    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(qr_png(address))).convert("L"))
    assert read.text == address
    assert base64.b32decode(secret)


def test_the_cookie_keeps_the_new_secret_encrypted(me: CheckedClient) -> None:
    secret = _secret_on(me.get("/account/two-factor"))
    with me.client.session_transaction() as cookie:
        assert secret not in repr(dict(cookie))


def test_the_code_that_switched_it_on_does_not_sign_in_as_well(
    app: Flask, me: CheckedClient, person: User
) -> None:
    secret, _codes = _switch_on(me)
    browser = other_browser(app)
    asked = browser.follow(sign_in(browser, person.email))
    browser.submit(asked, {"code": totp_now(secret)}, status=422)


def test_new_recovery_codes_replace_the_old_ones(
    app: Flask, me: CheckedClient, person: User
) -> None:
    _secret, old = _switch_on(me)
    page = me.submit(me.get("/account/two-factor"), action="/account/two-factor/codes", status=200)
    new = re.findall(r"<li><code>([a-z2-9-]+)</code>", page.html)
    assert not set(new) & set(old)
    browser = other_browser(app)
    sign_in(browser, person.email)
    browser.submit(browser.get("/sign-in/recovery"), {"code": old[0]}, status=422)
    browser.submit(browser.get("/sign-in/recovery"), {"code": new[0]})


def test_two_factor_sign_in_is_switched_off_again(
    app: Flask, me: CheckedClient, person: User
) -> None:
    _switch_on(me)
    me.submit(me.get("/account/two-factor"), action="/account/two-factor/off")
    browser = other_browser(app)
    assert sign_in(browser, person.email).location.startswith("/shops/")


def test_without_an_encryption_key_the_page_says_what_to_set(
    app: Flask, me: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", ())
    assert "RETURNSITE_ENCRYPTION_KEYS" in me.get("/account/two-factor").text


def test_a_secret_no_key_fits_leaves_the_recovery_codes(
    app: Flask, me: CheckedClient, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, codes = _switch_on(me)
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", ("a" * 43 + "=",))
    browser = other_browser(app)
    asked = browser.follow(sign_in(browser, person.email))
    browser.submit(asked, {"code": totp_now(secret, 1)}, status=422)
    browser.submit(browser.get("/sign-in/recovery"), {"code": codes[0]})


def _guarded_post(me: CheckedClient, page: Page, **fields: str) -> Page:
    return me.submit(page, fields, action="/account/email", status=422)


def test_the_password_is_asked_again_after_a_while_and_nothing_typed_is_lost(
    app: Flask, me: CheckedClient, clock: Any
) -> None:
    form = me.get("/account/email")
    clock.advance(minutes=11)
    asked = _guarded_post(me, form, email="new@shop.example")
    assert "Confirm that it is you" in asked.text
    assert mails(app) == []
    wrong = me.submit(asked, {"confirm_password": "wrong"}, form="confirm-form", status=422)
    assert "That is not your password" in wrong.text
    before = me.client.get_cookie("returnsite")
    done = me.submit(wrong, {"confirm_password": PASSWORD}, form="confirm-form")
    assert done.location == "/account/?saved=about.email#card-about"
    assert len(mails(app)) == 2
    # The session got a new token, and is good for a while.
    assert me.client.get_cookie("returnsite") != before
    me.get("/account/email")


def test_a_page_that_asks_for_the_password_leads_back_to_itself(
    me: CheckedClient, clock: Any
) -> None:
    clock.advance(minutes=11)
    asked = me.follow(me.get("/account/two-factor", status=303))
    done = me.submit(asked, {"confirm_password": PASSWORD}, form="confirm-form")
    assert done.location == "/account/two-factor"
    me.follow(done)


def test_htmx_gets_the_form_for_the_password_in_its_own_place(
    me: CheckedClient, shop: Any, clock: Any
) -> None:
    page = me.get(f"/shops/{shop.slug}/team")
    clock.advance(minutes=11)
    data = dict(page.form(action="/team/invite").data) | {"email": "kim@shop.example"}
    answer = me.client.post(
        f"/shops/{shop.slug}/team/invite",
        data=data,
        headers={**FRAGMENT_HEADERS, "HX-Target": "div#some-section"},
    )
    assert answer.status_code == 422
    assert 'data-hx-target="#some-section"' in answer.text
    assert 'name="email" value="kim@shop.example"' in answer.text


def test_guessing_in_the_form_for_the_password_is_slowed(me: CheckedClient, clock: Any) -> None:
    clock.advance(minutes=11)
    page = me.follow(me.get("/account/two-factor", status=303))
    for _ in range(5):
        page = me.submit(page, {"confirm_password": "x"}, form="confirm-form", status=422)
    assert "Too many attempts" in page.text


def test_what_is_over_is_thrown_away_and_the_rest_kept(
    app: Flask, me: CheckedClient, session: Session, clock: Any
) -> None:
    _ask_reset(other_browser(app), "sanne@shop.example")
    _ask_reset(other_browser(app), "nobody@shop.example")
    drain(app)
    clear_accounts()
    counts = [len(session.scalars(select(m)).all()) for m in (UserSession, UserToken, Outbox)]
    assert counts == [1, 1, 2]
    clock.advance(days=31)
    sign_in(other_browser(app), "sanne@shop.example")
    clear_accounts()
    session.expire_all()
    counts = [len(session.scalars(select(m)).all()) for m in (UserSession, UserToken, Outbox)]
    assert counts == [1, 0, 0]


def test_changes_of_an_account_are_on_record(
    app: Flask, me: CheckedClient, session: Session
) -> None:
    _switch_on(me)
    me.submit(
        me.get("/account/password"),
        {"current": PASSWORD, "password": NEW_PASSWORD},
        action="/account/password",
    )
    events = list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))
    assert events == ["signed_in", "two_factor_on", "password_changed"]
    stored = repr([vars(entry) for entry in session.scalars(select(AuditEntry))])
    assert PASSWORD not in stored
    assert NEW_PASSWORD not in stored


@pytest.mark.parametrize(
    "path",
    ["/account/", "/account/profile", "/account/password", "/account/email", "/account/two-factor",
     "/account/two-factor/code.svg", "/account/shops", "/account/new-shop", "/account/confirm"],
)  # fmt: skip
def test_a_stranger_is_led_to_the_sign_in_page(checked: CheckedClient, path: str) -> None:
    answer = checked.client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_every_view_of_people_says_who_may_see_it(built_app: Flask) -> None:
    without = [
        endpoint
        for endpoint, view in built_app.view_functions.items()
        if endpoint.startswith("account.")
        and getattr(view, "access", None) not in {"anybody", "signed_in"}
    ]
    assert not without


def test_every_post_of_people_needs_the_sessions_token(app: Flask, me: CheckedClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("account.") and "POST" in (rule.methods or ()):
            url = re.sub(r"<[^>]+>", "1", rule.rule)
            assert me.client.post(url).status_code == 400, url
    me.get("/account/")


def test_the_account_page_takes_few_queries(me: CheckedClient) -> None:
    me.get("/account/", max_queries=8)


def test_a_session_outlives_its_last_minute_by_none(
    me: CheckedClient, session: Session, clock: Any
) -> None:
    ends = session.scalars(select(UserSession.ends_at)).one()
    session.execute(update(UserSession).values(last_seen_at=ends - timedelta(minutes=1)))
    session.commit()
    clock.set(ends - timedelta(seconds=1))
    me.get("/account/")
    clock.set(ends)
    assert me.client.get("/account/").status_code == 303
