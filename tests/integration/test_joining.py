"""How people come in: the first owner, invitations, the demo, further shops, the command line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.jobs.worker import drain
from returnsite.models import AuditEntry, Membership, Shop, User, UserToken
from returnsite.services.accounts.start_links import (
    LIFETIMES,
    make_start_token,
    sign_start_token,
    start_token_works,
)
from returnsite.services.create_shop import NewShop, add_shop
from returnsite.services.demo import load_demo
from scripts import start_link
from tests.harness import CheckedClient, Page, text_of
from tests.merchant import Merchant
from tests.people import (
    NEW_PASSWORD,
    PASSWORD,
    forget_mails,
    link_in,
    mails,
    make_person,
    other_browser,
    sign_in,
)

OWNER = {
    "name": "Sanne de Vries",
    "email": "sanne@fietsen.example",
    "password": PASSWORD,
    "shop_name": "Fietsen & Zo",
    "country": "BE",
    "language": "nl",
    "currency": "EUR",
    "time_zone": "Europe/Brussels",
}


@pytest.fixture(autouse=True)
def _held_clock(app: Flask, clock: Any) -> None:
    clock.set(product_clock.now())
    forget_mails(app)


@pytest.fixture
def nobody(session: Session) -> None:
    """The unrelated shop of every test has people too."""
    session.execute(delete(Membership))
    session.execute(delete(User))
    session.commit()


@pytest.fixture
def first_run(nobody: None) -> str:
    return f"/first-run/{make_start_token('first_run')}"


def test_scripts_and_program_sign_start_links_alike(app: Flask) -> None:
    same = ("key", "demo", 1_800_000_000, "nonce")
    assert start_link.sign(*same) == sign_start_token(*same)
    assert {k: v.total_seconds() for k, v in LIFETIMES.items()} == start_link.LIFETIMES
    path = start_link.start_path(str(app.secret_key), "first_run")
    with app.app_context():
        assert start_token_works("first_run", path.removeprefix("first-run/"))


def test_the_first_link_makes_an_owner_with_a_shop_and_signs_in(
    checked: CheckedClient, first_run: str, session: Session
) -> None:
    answer = checked.submit(checked.get(first_run), OWNER)
    assert answer.location == "/shops/fietsen-zo/settings"
    assert "Fietsen" in checked.follow(answer).text
    user = session.scalars(select(User)).one()
    assert (user.email, user.memberships[0].role) == ("sanne@fietsen.example", "owner")
    shop = user.memberships[0].shop
    assert (shop.country, shop.time_zone, shop.default_locale) == ("BE", "Europe/Brussels", "nl")
    assert not shop.active


def test_the_first_link_works_once_and_only_while_there_is_nobody(
    app: Flask, checked: CheckedClient, first_run: str, session: Session
) -> None:
    form = checked.get(first_run)
    spare = f"/first-run/{make_start_token('first_run')}"
    checked.get(spare)
    checked.submit(form, OWNER)
    again = other_browser(app)
    again.get(first_run, status=410)
    again.get(spare, status=410)
    with again.client.session_transaction() as cookie:
        cookie["csrf_token"] = "0" * 40
    again.get("/sign-in")
    filled = {**OWNER, "email": "mallory@evil.example", "shop_name": "Evil"}
    sent = again.post(spare, {**filled, "csrf_token": _token(again)}, status=410)
    assert "does not work any more" in sent.text
    assert session.scalar(select(func.count(User.id))) == 1


def _token(checked: CheckedClient) -> str:
    return checked.get("/sign-in").find("input", name="csrf_token").get("value", "")


def test_the_first_form_says_everything_that_is_wrong_at_once(
    checked: CheckedClient, first_run: str
) -> None:
    wrong = {"email": "sanne", "password": "short", "slug": "No Spaces", "country": "XX"}
    wrong["currency"] = "eur"
    page = checked.submit(checked.get(first_run), {**OWNER, **wrong}, status=422)
    for field in wrong:
        assert page.find(id=field).get("aria-invalid") == "true", field
    summary = text_of(page.find(id="error-summary"))
    assert "Country: Choose one of the list." in summary
    assert "Currency: Choose one of the list." in summary


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": " "}, "name", "Enter your name"),
        ({"email": "sanne"}, "email", "like sanne@shop.example"),
        ({"email": "sanne@fietsen"}, "email", "like sanne@shop.example"),
        ({"email": "a@b.example\r\nBcc: x@y.example"}, "email", "like sanne@shop.example"),
        ({"password": "short"}, "password", "at least 12"),
        ({"password": "Fietsen en Zo!"}, "password", "too close"),
        ({"shop_name": ""}, "shop_name", "name of your shop"),
        ({"slug": "No Spaces"}, "slug", "small letters"),
        ({"slug": "other"}, "slug", "has this address already"),
        ({"country": "XX"}, "country", "one of the list"),
        ({"currency": "eur"}, "currency", "one of the list"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "one of the list"),
        ({"language": "tlh"}, "language", "one of the list"),
        ({"shop_name": "雨"}, "slug", "small letters"),
        ({"shop_name": "x" * 300}, "shop_name", "too long"),
        ({"name": "nul\x00nul", "email": ""}, "email", "Enter your e-mail"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_everything_else_kept(
    checked: CheckedClient, first_run: str, change: dict[str, str], field: str, words: str
) -> None:
    page = checked.submit(checked.get(first_run), {**OWNER, **change}, status=422)
    assert words in page.text
    assert page.find(id=field).get("aria-invalid") == "true"
    kept = {"name", "email", "shop_name"} - set(change)
    for name in kept:
        assert page.find("input", id=name).get("value") == OWNER[name]
    assert page.find("input", id="password").get("value") == ""
    checked.submit(page, {**OWNER, "slug": ""})


def test_a_start_link_that_is_not_ours_or_too_old_opens_nothing(
    checked: CheckedClient, first_run: str, clock: Any
) -> None:
    ends, nonce, proof = first_run.rsplit("/", 1)[1].split(".")
    later = f"{int(ends, 16) + 99999:x}"
    spoilt = ("B" if proof[0] == "A" else "A") + proof[1:]
    for token in (f"{later}.{nonce}.{proof}", f"{ends}.{nonce}.{spoilt}", "x", "a.b.c"):
        checked.get(f"/first-run/{token}", status=410)
    checked.get(first_run.replace("/first-run/", "/demo/"), status=410)
    clock.advance(hours=24)
    checked.get(first_run, status=410)


def test_the_sign_in_page_says_how_to_begin_while_there_is_nobody(
    checked: CheckedClient, first_run: str
) -> None:
    assert "flask user first-run" in checked.get("/sign-in").text
    checked.submit(checked.get(first_run), OWNER)
    checked.client.delete_cookie("returnsite")
    assert "flask user first-run" not in checked.get("/sign-in").text


def test_the_demo_link_leads_into_the_demo_shop_once(
    app: Flask, checked: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)
    load_demo()
    url = f"/demo/{make_start_token('demo')}"
    for _ in range(2):
        form = checked.get(url)
    answer = checked.submit(form)
    assert answer.location == "/shops/demo/"
    assert "Demo" in checked.get("/account/").text
    again = other_browser(app)
    again.get(url, status=410)
    again.get("/sign-in")
    again.post(url, {"csrf_token": _token(again)}, status=410)


def test_the_demo_owner_is_not_the_first_owner(nobody: None, checked: CheckedClient) -> None:
    load_demo()
    checked.get(f"/first-run/{make_start_token('first_run')}")


def _invite(merchant: Merchant, email: str = "kim@shop.example", role: str = "staff") -> Page:
    page = merchant.get("/team")
    return merchant.submit(page, {"email": email, "role": role}, action="/team/invite", status=200)


def test_an_invitation_is_mailed_and_makes_a_colleague(
    app: Flask, merchant: Merchant, session: Session
) -> None:
    listed = _invite(merchant, "Kim@Shop.example")
    assert "kim@shop.example" in listed.text
    (mail,) = mails(app)
    assert "To: kim@shop.example" in mail
    assert merchant.shop.name in mail
    kim = other_browser(app)
    link = link_in(mail)
    for _ in range(2):
        form = kim.get(link)
    answer = kim.submit(form, {"name": "Kim", "password": NEW_PASSWORD})
    assert answer.location == f"{merchant.base}/"
    kim.get(f"{merchant.base}/team")
    kim.get(link, status=410)
    assert "Kim" in merchant.get("/team").text
    made = session.scalars(select(Membership).join(User).where(User.name == "Kim")).one()
    assert made.role == "staff"


def test_without_a_mail_server_the_link_is_shown_once_and_works(
    app: Flask, merchant: Merchant
) -> None:
    page = _invite(merchant)
    assert "nothing was mailed" in page.text
    assert "on its way" not in page.text
    link = page.find("input", id="invite-link").get("value") or ""
    assert not merchant.get("/team").find_all("input", id="invite-link")
    again = merchant.submit(merchant.get("/team"), action="/resend", status=200)
    newer = again.find("input", id="invite-link").get("value") or ""
    stranger = other_browser(app)
    path = link.removeprefix("http://localhost:8000")
    stranger.get(path, status=410)
    answer = stranger.submit(
        stranger.get(newer.removeprefix("http://localhost:8000")),
        {"name": "Kim", "password": NEW_PASSWORD},
    )
    assert answer.location == f"{merchant.base}/"


@pytest.mark.parametrize("server", ["installation", "shop"])
def test_with_a_mail_server_no_link_is_shown(
    app: Flask, merchant: Merchant, session: Session, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    if server == "shop":
        session.get_one(Shop, merchant.shop.id).mail = {"host": "mail.shop.example"}
        session.commit()
    else:
        monkeypatch.setitem(app.config, "MAIL_SERVER", "mail.example")
    page = merchant.get("/team")
    listed = merchant.follow(
        merchant.submit(page, {"email": "kim@shop.example"}, action="/team/invite")
    )
    assert "on its way to kim@shop.example" in listed.text
    assert not listed.find_all("input", id="invite-link")


def test_the_outbox_gives_no_usable_link_away(
    app: Flask, merchant: Merchant, session: Session
) -> None:
    from returnsite.models import Outbox

    _invite(merchant)
    rows = session.scalars(select(Outbox)).all()
    stored = repr([(row.event, row.payload, row.recipient) for row in rows])
    hashes = repr(list(session.scalars(select(UserToken.token_hash))))
    token = link_in(mails(app)[0]).rsplit("/", 1)[1]
    assert len(token) >= 43
    assert token not in stored
    assert token not in hashes


def test_an_invitation_lasts_a_day(app: Flask, merchant: Merchant, clock: Any) -> None:
    _invite(merchant)
    link = link_in(mails(app)[0])
    clock.advance(hours=23, minutes=59)
    other_browser(app).get(link)
    clock.advance(minutes=1)
    other_browser(app).get(link, status=410)


def test_sending_again_replaces_the_link_and_taking_back_ends_it(
    app: Flask, merchant: Merchant
) -> None:
    _invite(merchant)
    first = link_in(mails(app)[0])
    merchant.submit(merchant.get("/team"), action="/resend", status=200)
    second = link_in(mails(app)[0])
    stranger = other_browser(app)
    stranger.get(first, status=410)
    stranger.get(second)
    merchant.submit(merchant.get("/team"), action="/revoke")
    stranger.get(second, status=410)


def test_a_revoked_invitation_is_not_mailed_any_more(app: Flask, merchant: Merchant) -> None:
    _invite(merchant)
    merchant.submit(merchant.get("/team"), action="/revoke")
    assert mails(app) == []


def test_who_has_an_account_signs_in_and_joins(
    app: Flask, merchant: Merchant, session: Session, factories: Any
) -> None:
    second = factories.make_shop(session, name="Second")
    kim = make_person(session, second, email="kim@shop.example", name="Kim")
    _invite(merchant, role="read_only")
    link = link_in(mails(app)[0])
    browser = other_browser(app)
    asked = browser.submit(browser.get(link))
    signed = browser.submit(browser.follow(asked), {"email": kim.email, "password": PASSWORD})
    assert signed.location == link
    joined = browser.submit(browser.follow(signed), action=link)
    assert joined.location == f"{merchant.base}/"
    session.expire_all()
    assert {(each.shop.name, each.role) for each in kim.memberships} == {
        ("Second", "owner"),
        (merchant.shop.name, "read_only"),
    }
    assert browser.get("/account/shops").find_all("a", href=f"/shops/{second.slug}/")


def test_an_invitation_is_for_its_address_only(
    app: Flask, merchant: Merchant, session: Session
) -> None:
    make_person(session, email="kim@shop.example")
    other = make_person(session, email="mallory@shop.example")
    _invite(merchant)
    link = link_in(mails(app)[0])
    browser = other_browser(app)
    sign_in(browser, other.email)
    refused = browser.submit(browser.get(link), action=link, status=422)
    assert "another e-mail address" in refused.text
    assert browser.client.get(f"{merchant.base}/team").status_code == 404


def test_of_two_who_use_one_invitation_one_gets_in(app: Flask, merchant: Merchant) -> None:
    _invite(merchant)
    link = link_in(mails(app)[0])
    first, second = other_browser(app), other_browser(app)
    forms = [browser.get(link) for browser in (first, second)]
    first.submit(forms[0], {"name": "Kim", "password": NEW_PASSWORD})
    second.submit(forms[1], {"name": "Mallory", "password": NEW_PASSWORD}, status=410)


def test_a_further_shop_belongs_to_who_makes_it(merchant: Merchant, session: Session) -> None:
    page = merchant.checked.get("/account/new-shop")
    fields = {name: OWNER[name] for name in ("shop_name", "country", "currency", "time_zone")}
    answer = merchant.checked.submit(page, fields, action="/account/new-shop")
    assert answer.location == "/shops/fietsen-zo/settings"
    merchant.checked.follow(answer)
    made = session.scalars(select(Shop).where(Shop.slug == "fietsen-zo")).one()
    role = session.scalar(select(Membership.role).where(Membership.shop_id == made.id))
    assert role == "owner"
    again = merchant.checked.submit(page, fields, action="/account/new-shop", status=422)
    assert "has this address already" in again.text


def test_an_address_taken_between_the_look_and_the_writing_is_told(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_somebody_else(new: NewShop) -> Shop:
        add_shop(new)
        return add_shop(new)

    monkeypatch.setattr("returnsite.services.accounts.joining.add_shop", after_somebody_else)
    page = merchant.checked.get("/account/new-shop")
    fields = {name: OWNER[name] for name in ("shop_name", "country", "currency", "time_zone")}
    told = merchant.checked.submit(page, fields, action="/account/new-shop", status=422)
    assert "has this address already" in told.text


def _run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["user", *arguments])


def _path(output: str) -> str:
    found = re.search(r"/(?:first-run|invite|reset)/\S+", output)
    assert found, output
    return found[0]


def test_the_command_line_lets_people_in(
    app: Flask, nobody: None, checked: CheckedClient, shop: Any, session: Session
) -> None:
    checked.get(_path(_run(app, "first-run").output))
    invited = _run(app, "invite", shop.slug, "Kim@shop.example")
    checked.submit(checked.get(_path(invited.output)), {"name": "Kim", "password": PASSWORD})
    listed = _run(app, "list").output
    assert re.search(rf"kim@shop\.example +Kim +password only +{shop.slug} \(owner\)", listed)
    assert "there are users already" in _run(app, "first-run").output
    reset = _run(app, "reset-link", "kim@shop.example")
    browser = other_browser(app)
    browser.submit(browser.get(_path(reset.output)), {"password": NEW_PASSWORD})
    sign_in(browser, "kim@shop.example", NEW_PASSWORD)
    assert _run(app, "two-factor-off", "kim@shop.example").exit_code == 0
    assert browser.client.get("/account/").status_code == 303
    actors = set(session.scalars(select(AuditEntry.actor)))
    assert "command line" in actors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("invite", "no-such-shop", "kim@shop.example"), "no such shop"),
        (("invite", "other", "kim"), "no e-mail address"),
        (("reset-link", "nobody@shop.example"), "nobody with this address"),
        (("two-factor-off", "nobody@shop.example"), "nobody with this address"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    app: Flask, arguments: tuple[str, ...], words: str
) -> None:
    done = _run(app, *arguments)
    assert done.exit_code != 0
    assert words in done.output


def test_the_demos_mailbox_shows_mails_about_accounts_to_its_owner_only(
    app: Flask, checked: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)
    load_demo()
    drain(app)
    stranger = other_browser(app)
    stranger.submit(stranger.get("/forgot-password"), {"email": "owner@demo.example"}, status=200)
    drain(app)
    subject = "Choose a new password"
    assert subject not in stranger.get("/mailbox").text
    checked.submit(checked.get(f"/demo/{make_start_token('demo')}"))
    listed = checked.get("/mailbox")
    assert subject in listed.text
    links = [a for a in listed.find_all("a") if subject in "".join(a.itertext())]
    path = links[0].get("href", "")
    assert checked.client.get(path).status_code == 200
    assert stranger.client.get(path).status_code == 404
