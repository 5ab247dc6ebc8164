"""The forms before and after the wizard: find, the link's press, cancel, and status addresses."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from returnsite.jobs.worker import drain
from returnsite.models import RateCounter, Return, ReturnEvent
from tests.harness import FRAGMENT_HEADERS, IsolatedClient
from tests.html_checks import check_fragment, check_page
from tests.nasty import ANSWERED, NASTY, assert_harmless
from tests.walk import SAME_ORIGIN, returns_of, row_counts

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def return_(app: Flask, session: Session, shop: Any, factories: ModuleType) -> Return:
    made = factories.make_return(session, factories.make_order(session, shop))
    session.commit()
    drain(app)
    session.expire_all()
    return made


def token_on(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found
    return found[1]


def send(client: IsolatedClient, url: str, body: str, *, fragment: bool) -> TestResponse:
    headers = {**SAME_ORIGIN, **(FRAGMENT_HEADERS if fragment else {})}
    return client.post(url, data=body, headers=headers, content_type=FORM)


@pytest.mark.parametrize("field", ["number", "postcode", "form_token"])
def test_no_value_in_the_find_form_does_harm(
    client: IsolatedClient, shop: Any, return_: Return, session: Session, field: str
) -> None:
    url = f"/p/{shop.slug}/"
    right = {"number": "1001", "postcode": "1012+JS", "form_token": token_on(client.get(url).text)}
    before = row_counts()
    for fragment in (False, True):
        for kind, value in {**NASTY, "a million": "x" * 1_000_000}.items():
            body = "&".join(f"{n}={v}" for n, v in {**right, field: value}.items())
            answer = send(client, url, body, fragment=fragment)
            what = f"{field}={kind}"
            assert_harmless(answer, ANSWERED, fragment=fragment, what=what)
            if answer.status_code == 422:
                (check_fragment if fragment else check_page)(what, answer.text)
            session.query(RateCounter).delete()
            session.commit()
    assert row_counts() == before


def test_what_find_was_sent_twice_or_not_at_all_is_answered(
    client: IsolatedClient, shop: Any
) -> None:
    url = f"/p/{shop.slug}/"
    token = token_on(client.get(url).text)
    for body in (
        "",
        f"form_token={token}",
        f"form_token={token}&number=1&number=2&postcode=1&postcode=2",
        f"form_token={token}&number[]=1&postcode[$ne]=1",
        f"form_token={token}&form_token=x&number=1&postcode=1",
    ):
        assert send(client, url, body, fragment=False).status_code == 422
    answer = client.post(url, data=b'{"number": {"$gt": ""}}', headers=SAME_ORIGIN)
    assert answer.status_code == 422


@pytest.mark.parametrize("place", ["", "/done", "/_handoff", "/code.svg", "/label.pdf"])
def test_no_status_token_but_the_right_one_opens_anything(
    client: IsolatedClient, shop: Any, return_: Return, place: str
) -> None:
    right = return_.status_token
    wrong = [right[:-1], right + "x", right.upper(), "%", "%25", "_", right[:-1] + "%25"]
    for token in [*wrong, *(v for v in NASTY.values() if v not in {"", "/"})]:
        for headers in ({}, FRAGMENT_HEADERS):
            answer = client.get(f"/p/{shop.slug}/s/{token}{place}", headers=headers)
            assert answer.status_code in {404, 308}, token


def test_cancelling_needs_its_own_form_token(
    client: IsolatedClient, shop: Any, return_: Return, session: Session, factories: ModuleType
) -> None:
    sibling = factories.make_return(session, factories.make_order(session, shop))
    session.commit()
    other = token_on(client.get(f"/p/{shop.slug}/s/{sibling.status_token}").text)
    url = f"/p/{shop.slug}/s/{return_.status_token}/cancel"
    before = row_counts()
    for value in (*NASTY.values(), other):
        for fragment in (False, True):
            answer = send(client, url, f"form_token={value}", fragment=fragment)
            assert_harmless(answer, {413, 422}, fragment=fragment, what=value[:40])
    assert client.post(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get(url).status_code == 405
    session.expire_all()
    assert return_.status == "approved"
    assert row_counts() == before


@pytest.mark.parametrize(
    "status",
    ["in_transit", "received", "closed", "declined", "cancelled", "expired", "lost"],
)
def test_a_return_that_is_past_cancelling_says_so_and_stays(
    client: IsolatedClient, shop: Any, return_: Return, session: Session, status: str
) -> None:
    page = client.get(f"/p/{shop.slug}/s/{return_.status_token}").text
    body = f"form_token={token_on(page)}"
    session.execute(update(Return).values(status=status))
    events = session.query(ReturnEvent).count()
    session.commit()
    before = row_counts()
    for fragment in (False, True):
        url = f"/p/{shop.slug}/s/{return_.status_token}/cancel"
        answer = send(client, url, body, fragment=fragment)
        assert answer.status_code == 409
        (check_fragment if fragment else check_page)(status, answer.text)
    assert row_counts() == before
    assert session.query(ReturnEvent).count() == events
    assert returns_of(session, shop)[0].status == status


def test_a_language_can_be_chosen_on_a_page_that_refused_a_form(
    client: IsolatedClient, shop: Any, return_: Return
) -> None:
    url = f"/p/{shop.slug}/s/{return_.status_token}/cancel"
    refused = send(client, url, "form_token=x", fragment=False)
    links = re.findall(r'href="([^"]+)" lang="en"', refused.text)
    assert links
    assert client.get(links[0]).status_code == 200
