"""The password is asked again where it matters, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.harness import FRAGMENT_HEADERS, CheckedClient, Page
from tests.people import (
    PASSWORD,
    mails,
)


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
