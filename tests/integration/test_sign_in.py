"""Signing in and out: who gets in, what strangers learn, and what guessing costs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.models import AuditEntry, User, UserSession
from returnsite.services.accounts import passwords
from returnsite.services.accounts.passwords import hash_password
from returnsite.services.accounts.two_factor import turn_on
from returnsite.services.audit import Actor
from returnsite.web.account.guard import own_path
from returnsite.web.sign_in_limits import LONGEST_WAIT, delay_after
from tests.harness import CheckedClient, IsolatedClient
from tests.merchant import Merchant
from tests.people import PASSWORD, mails, make_person, other_browser, sign_in, totp_now

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def person(session: Session, shop: Any, clock: Any) -> User:
    clock.set(product_clock.now())
    return make_person(session, shop, email="sanne@shop.example", name="Sanne")


@pytest.fixture
def guarded(person: User, session: Session) -> User:
    """The same with two-factor sign-in."""
    code = totp_now(SECRET, -5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("returnsite.services.accounts.two_factor._matching_step", lambda *_: 1)
        turn_on(user_id=person.id, secret=SECRET, code=code, keep=0, actor=Actor(person.id, "x"))
    session.commit()
    return person


def events(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))


def test_the_right_password_leads_to_the_shop(checked: CheckedClient, person: User) -> None:
    answer = sign_in(checked, " Sanne@SHOP.example ")
    assert answer.location.startswith("/shops/")
    assert checked.follow(answer, status=303).location.startswith(answer.location)
    assert checked.get("/account/").find("h1").text == "My account"


def test_who_was_on_the_way_somewhere_arrives_there(
    checked: CheckedClient, person: User, shop: Any
) -> None:
    wanted = f"/shops/{shop.slug}/team"
    form = checked.follow(checked.get(wanted, status=303))
    answer = checked.submit(form, {"email": person.email, "password": PASSWORD})
    assert answer.location == wanted


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "/a b",
        "",
    ],
)
def test_next_leads_to_paths_of_ours_only(
    checked: CheckedClient, person: User, target: str
) -> None:
    assert own_path(target) == ""
    form = checked.get("/sign-in")
    answer = checked.submit(form, {"email": person.email, "password": PASSWORD, "next": target})
    assert answer.location.startswith("/shops/")


def test_next_keeps_a_query() -> None:
    assert own_path("/shops/a/returns?status=open&page=2") == "/shops/a/returns?status=open&page=2"


def test_unknown_address_and_wrong_password_read_the_same(
    app: Flask, checked: CheckedClient, person: User
) -> None:
    wrong = sign_in(checked, person.email, "not the password", status=422)
    unknown = sign_in(other_browser(app), "nobody@shop.example", "not the password", status=422)
    strip = [("sanne@shop.example", ""), ("nobody@shop.example", "")]
    texts = []
    for page in (wrong, unknown):
        text = page.html
        for old, new in strip:
            text = text.replace(old, new)
        texts.append(re.sub(r'name="csrf_token" value="[^"]+"', "", text))
    assert texts[0] == texts[1]
    assert "is not right" in wrong.text
    assert wrong.find("input", id="email").get("value") == person.email
    assert wrong.find("input", id="password").get("value") == ""


def test_a_password_is_checked_for_unknown_addresses_too(
    checked: CheckedClient, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str | None] = []
    real = passwords.password_fits
    monkeypatch.setattr(
        "returnsite.services.accounts.sign_in.password_fits",
        lambda stored, password: checks.append(stored) or real(stored, password),
    )
    sign_in(checked, "nobody@shop.example", status=422)
    assert checks == [None]


def test_somebody_without_a_password_cannot_sign_in(
    checked: CheckedClient, session: Session, shop: Any, factories: Any
) -> None:
    user = factories.make_user(session, shop)
    session.commit()
    for attempt in ("", "None", "nobody has this password"):
        sign_in(checked, user.email, attempt, status=422)


def test_a_form_without_its_token_signs_nobody_in(client: IsolatedClient, person: User) -> None:
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/account/").status_code == 303


def test_guessing_takes_longer_and_longer_but_never_locks(
    app: Flask, checked: CheckedClient, person: User, clock: Any
) -> None:
    for _ in range(4):
        sign_in(checked, person.email, "wrong", status=422)
    refused = sign_in(checked, person.email, status=429)
    assert "Too many attempts" in refused.text
    assert int(refused.headers["Retry-After"]) == 2
    clock.advance(seconds=2)
    sign_in(checked, person.email, "wrong", status=422)
    clock.advance(seconds=3)
    sign_in(checked, person.email, status=429)
    clock.advance(seconds=1)
    assert sign_in(checked, person.email).location.startswith("/shops/")
    # The right password wiped the slate.
    sign_in(other_browser(app), person.email, "wrong", status=422)
    sign_in(other_browser(app), person.email)


def test_the_wait_grows_to_a_quarter_of_an_hour_and_no_further() -> None:
    waits = [delay_after(tries) for tries in range(1, 40)]
    assert waits[:6] == [0, 0, 0, 2, 4, 8]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT == 900


def test_a_stranger_who_guesses_does_not_keep_the_owner_out(
    app: Flask, checked: CheckedClient, person: User
) -> None:
    stranger = other_browser(app)
    stranger.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _ in range(5):
        form = stranger.get("/sign-in")
        stranger.client.post(
            "/sign-in", data=dict(form.form().data) | {"email": person.email, "password": "x"}
        )
    sign_in(stranger, person.email, status=429)
    assert sign_in(checked, person.email).location.startswith("/shops/")


def test_many_networks_together_are_slowed_but_not_the_one_that_is_known(
    app: Flask, person: User, checked: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SIGN_IN_LIMIT_ACCOUNT", "4 per hour")
    sign_in(checked, person.email)
    for number in range(4):
        stranger = other_browser(app)
        stranger.client.environ_base["REMOTE_ADDR"] = f"203.0.{number}.9"
        sign_in(stranger, person.email, "wrong", status=422 if number < 3 else 429)
    sign_in(other_browser(app), person.email)


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(
    checked: CheckedClient, person: User, session: Session
) -> None:
    sign_in(checked, person.email)
    with checked.client.session_transaction() as cookie:
        kept = dict(cookie)
    page = checked.get("/account/")
    out = checked.submit(page, action="/sign-out")
    assert out.location == "/sign-in?signed=out"
    assert out.headers["Clear-Site-Data"] == '"cookies", "storage"'
    assert "You are signed out" in checked.follow(out).text
    # Even the old cookie, had somebody kept it, opens nothing.
    with checked.client.session_transaction() as cookie:
        cookie.update(kept)
    assert checked.client.get("/account/").status_code == 303
    assert session.scalars(select(UserSession.revoked_at)).one() is not None
    assert events(session) == ["signed_in", "signed_out"]


def test_what_the_cookie_held_before_is_gone_after_signing_in(
    checked: CheckedClient, person: User
) -> None:
    with checked.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["sid"] = "fixed"
    sign_in(checked, person.email)
    with checked.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["sid"] != "fixed"


def test_failed_attempts_are_on_record_without_what_was_typed(
    checked: CheckedClient, person: User, session: Session
) -> None:
    sign_in(checked, person.email, "a secret typo", status=422)
    sign_in(checked, "my-password-in-the-wrong-field@x.example", status=422)
    first, second = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert (first.event, first.user_id, first.actor) == ("sign_in_failed", person.id, "Sanne")
    assert (second.event, second.user_id, second.actor) == ("sign_in_failed", None, "unknown")
    assert "typo" not in repr([vars(first), vars(second)])
    assert "wrong-field" not in repr([vars(first), vars(second)])


def test_a_password_is_hashed_anew_when_the_parameters_change(
    app: Flask, checked: CheckedClient, person: User, session: Session, monkeypatch: Any
) -> None:
    before = person.password_hash
    monkeypatch.setitem(app.config, "PASSWORD_MEMORY_KIB", 16)
    sign_in(checked, person.email)
    session.refresh(person)
    assert person.password_hash != before
    assert "m=16," in (person.password_hash or "")
    sign_in(other_browser(app), person.email)


def test_a_code_is_asked_for_after_the_password_and_works_once(
    app: Flask, checked: CheckedClient, guarded: User, clock: Any
) -> None:
    asked = checked.follow(sign_in(checked, guarded.email))
    assert checked.client.get("/account/").status_code == 303
    wrong = checked.submit(asked, {"code": "000000"}, status=422)
    assert "not right" in wrong.text
    code = totp_now(SECRET)
    assert checked.submit(wrong, {"code": f"{code[:3]} {code[3:]}"}).location.startswith("/shops/")
    again = other_browser(app)
    asked = again.follow(sign_in(again, guarded.email))
    again.submit(asked, {"code": code}, status=422)
    clock.advance(seconds=30)
    again.submit(asked, {"code": totp_now(SECRET)})


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (1, 303), (2, 422)])
def test_codes_of_the_steps_beside_are_right_and_no_others(
    checked: CheckedClient, guarded: User, steps: int, status: int
) -> None:
    asked = checked.follow(sign_in(checked, guarded.email))
    checked.submit(asked, {"code": totp_now(SECRET, steps)}, status=status)


def test_an_earlier_code_is_refused_after_a_later_one(
    app: Flask, checked: CheckedClient, guarded: User
) -> None:
    asked = checked.follow(sign_in(checked, guarded.email))
    checked.submit(asked, {"code": totp_now(SECRET, 1)})
    again = other_browser(app)
    asked = again.follow(sign_in(again, guarded.email))
    again.submit(asked, {"code": totp_now(SECRET)}, status=422)


def test_guessing_codes_is_slowed_wherever_it_comes_from(
    app: Flask, checked: CheckedClient, guarded: User
) -> None:
    for number in range(5):
        guesser = other_browser(app)
        guesser.client.environ_base["REMOTE_ADDR"] = f"203.0.{number}.9"
        asked = guesser.follow(sign_in(guesser, guarded.email))
        page = guesser.submit(asked, {"code": f"00000{number}"}, status=422)
        assert ("Too many attempts" in page.text) is (number == 4)


def test_a_code_is_asked_for_only_a_while_after_the_password(
    checked: CheckedClient, guarded: User, clock: Any
) -> None:
    asked = checked.follow(sign_in(checked, guarded.email))
    clock.advance(minutes=11)
    assert checked.submit(asked, {"code": totp_now(SECRET)}).location == "/sign-in"
    assert checked.client.get("/sign-in/code").status_code == 303


def test_a_recovery_code_lets_in_once_and_says_so_by_mail(
    app: Flask, checked: CheckedClient, person: User, clock: Any
) -> None:
    actor = Actor(person.id, "Sanne")
    codes = turn_on(user_id=person.id, secret=SECRET, code=totp_now(SECRET), keep=0, actor=actor)
    mails(app)
    checked.follow(sign_in(checked, person.email))
    form = checked.get("/sign-in/recovery")
    checked.submit(form, {"code": codes[3].upper().replace("-", " ")})
    (mail,) = mails(app)
    assert "A recovery code was used" in mail
    again = other_browser(app)
    again.follow(sign_in(again, person.email))
    again.submit(again.get("/sign-in/recovery"), {"code": codes[3]}, status=422)
    again.submit(again.get("/sign-in/recovery"), {"code": codes[4]})


def test_who_is_signed_out_by_waiting_reads_why_at_the_form(
    checked: CheckedClient, person: User, clock: Any
) -> None:
    assert "You were signed out" not in checked.get("/sign-in").text
    sign_in(checked, person.email)
    clock.advance(minutes=31)
    sent = checked.get("/account/", status=303)
    assert "You were signed out" in checked.get(sent.location).text


def test_a_session_ends_when_it_is_idle_and_at_last_in_any_case(
    app: Flask, checked: CheckedClient, person: User, clock: Any, monkeypatch: Any
) -> None:
    sign_in(checked, person.email)
    for _ in range(3):
        clock.advance(minutes=29)
        checked.get("/account/")
    clock.advance(minutes=31)
    assert checked.client.get("/account/").status_code == 303
    sign_in(checked, person.email)
    for _ in range(25):
        clock.advance(minutes=29)
        alive = checked.client.get("/account/").status_code
    assert alive == 303
    monkeypatch.setitem(app.config, "SESSION_IDLE_MINUTES", 60)
    sign_in(checked, person.email)
    clock.advance(minutes=59)
    checked.get("/account/")


@pytest.mark.parametrize(
    ("url", "name", "secure"),
    [("https://returns.example", "__Host-returnsite", True), ("", "returnsite", False)],
)
def test_the_cookie_is_bound_to_the_host_over_https(
    tmp_path: Any, url: str, name: str, secure: bool
) -> None:
    from returnsite import create_app

    app = create_app(
        {
            "SECRET_KEY": "k" * 32,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'x.db'}",
            "DATA_DIR": str(tmp_path),
            "PUBLIC_URL": url,
        }
    )
    with app.test_request_context(base_url=url or None):
        from flask import session as cookie

        cookie["sid"] = "x"
        response = app.response_class()
        app.session_interface.save_session(app, cookie, response)  # type: ignore[arg-type]
    header = response.headers["Set-Cookie"]
    assert header.startswith(f"{name}=")
    assert ("Secure" in header) is secure
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Domain" not in header


def test_pages_of_people_are_in_no_frame_and_in_no_cache(merchant: Merchant) -> None:
    for url in ("/sign-in", "/account/", "/forgot-password"):
        answer = merchant.checked.client.get(url)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_sign_in_from_elsewhere_is_worth_a_mail(
    app: Flask, checked: CheckedClient, person: User
) -> None:
    sign_in(checked, person.email)
    sign_in(other_browser(app), person.email)
    assert mails(app) == []
    stranger = other_browser(app)
    stranger.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    stranger.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux) Firefox/140.0"
    sign_in(stranger, person.email)
    (mail,) = mails(app)
    assert "Somebody signed in to your account" in mail


def test_hashes_differ_for_one_password_and_hold_no_trace_of_it(app: Flask) -> None:
    with app.app_context():
        one, other = hash_password(PASSWORD), hash_password(PASSWORD)
    assert one != other
    assert one.startswith("$argon2id$")
    assert PASSWORD not in one
