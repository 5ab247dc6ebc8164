"""Who sees an account, what is on record of it, and what goes when it is over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import AuditEntry, Outbox, UserSession, UserToken
from returnsite.services.accounts.housekeeping import clear_accounts
from tests.harness import CheckedClient
from tests.people import (
    NEW_PASSWORD,
    PASSWORD,
    ask_reset,
    other_browser,
    sign_in,
    switch_on,
)


def test_what_is_over_is_thrown_away_and_the_rest_kept(
    app: Flask, me: CheckedClient, session: Session, clock: Any
) -> None:
    ask_reset(other_browser(app), "sanne@shop.example")
    ask_reset(other_browser(app), "nobody@shop.example")
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
    switch_on(me)
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
