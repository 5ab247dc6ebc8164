"""Forged posts, masked personal data, logs that tell nobody anything, and a start without a key."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from returnsite.extensions import db
from returnsite.jobs.worker import drain
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import FRAGMENT_HEADERS, IsolatedClient
from tests.walk import (
    SAME_ORIGIN,
    STEPS,
    Walk,
    answers_for,
    lines_of,
    make_photo,
    make_point,
    multi,
    returns_of,
    row_counts,
    start,
)

ROOT = Path(__file__).parents[2]
PERSON = {
    "name": "Wilhelmina Kruisbergen",
    "street": "Oudegracht",
    "house number": "318-bis",
    "e-mail": "w.kruisbergen@private.example",
    "phone": "0612345678",
}


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> Any:
    """An order with a customer whose every detail is easy to recognise."""

    def make() -> Any:
        address = {
            "name": PERSON["name"],
            "street": PERSON["street"],
            "house_number": PERSON["house number"],
            "postcode": "3511 AB",
            "city": "Utrecht",
            "country": "NL",
            "phone": PERSON["phone"],
        }
        made = factories.make_order(
            session,
            shop,
            number="48217",
            customer_name=PERSON["name"],
            email=PERSON["e-mail"],
            delivery_address=address,
            billing_address=dict(address),
        )
        make_point(session, code="P1")
        factories.make_address(session, shop, is_store=True, name="Store Delft")
        return made

    return kept(make)


@pytest.fixture
def walk(client: IsolatedClient, shop: Any, order: Any) -> Walk:
    return start(client, shop, order, answers_for({lines_of(order)[0]: 1}))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
@pytest.mark.parametrize("step", STEPS)
def test_a_post_from_another_site_is_refused_though_its_token_fits(
    client: IsolatedClient, walk: Walk, step: str, site: str
) -> None:
    kept, before = walk.answers(), row_counts()
    body = {"form_token": walk.form_token(step), "seen": walk.seen()}
    for headers in ({}, FRAGMENT_HEADERS):
        answer = client.post(walk.url(step), data=body, headers={**headers, "Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert "<h1" in answer.text
    assert walk.answers() == kept
    assert row_counts() == before


def test_an_old_browser_is_judged_by_its_origin(client: IsolatedClient, walk: Walk) -> None:
    body = {"form_token": walk.form_token("items")}
    for origin, status in (
        ("https://evil.example", 403),
        ("http://localhost:81", 403),
        ("null", 403),
        ("http://localhost", 422),
        (None, 422),
    ):
        headers = {"Origin": origin} if origin else {}
        assert client.post(walk.url("items"), data=body, headers=headers).status_code == status


def test_a_frame_on_another_site_may_ask_pages(client: IsolatedClient, walk: Walk) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}
    assert client.get(walk.url("items"), headers=headers).status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_the_form_token_of_another_step_or_draft_is_refused_and_the_input_kept(
    client: IsolatedClient, walk: Walk, shop: Any, order: Any, session: Session, step: str
) -> None:
    first, second = lines_of(order)
    other = start(client, shop, order, answers_for({first: 1}))
    wrong = [other.form_token(step), "", "x" * 300, "ü", "\ud800".encode("utf-8", "surrogatepass")]
    wrong += [walk.form_token(each) for each in STEPS if each != step]
    typed = {
        "items": {"line": str(second), f"quantity-{second}": "1"},
        "reasons": {f"reason-{first}": "other", f"comment-{first}": "Ruikt naar vis"},
        "refund": {"all": "exchange", f"wish-{first}": "Maat XXL"},
        "shipment": {"method": "in_store"},
        "review": {"seen": walk.seen()},
    }[step]
    kept, before = walk.answers(), row_counts()
    for token in wrong:
        body = multi([*typed.items(), ("form_token", token)])
        answer = client.post(walk.url(step), data=body, headers=SAME_ORIGIN)
        assert answer.status_code == 422, token
        for value in typed.values():
            assert value in answer.text, (step, value)
        if step == "items":
            assert re.search(rf'id="line-{second}"[^>]* checked', answer.text)
        fresh = re.search(r'name="form_token" value="([^"]+)"', answer.text)
        assert fresh
        assert fresh[1] == walk.form_token(step)
    assert walk.answers() == kept
    assert row_counts() == before
    assert returns_of(session, shop) == []


def test_nothing_in_the_wizard_or_after_it_sets_a_cookie(
    app: Flask, client: IsolatedClient, walk: Walk
) -> None:
    done = walk.confirm()
    drain(app)
    status = done.headers["Location"].removesuffix("/done")
    for path in (done.headers["Location"], status, f"{status}/_handoff"):
        assert "Set-Cookie" not in client.get(path).headers
    assert "Set-Cookie" not in done.headers
    assert client.get_cookie("returnsite") is None


def test_every_page_after_finding_the_order_masks_who_the_customer_is(
    app: Flask, client: IsolatedClient, walk: Walk, order: Any
) -> None:
    line = lines_of(order)[0]
    pages = {step: walk.get(step).text for step in STEPS}
    pages |= {f"{step} refused": walk.post(step, {"line": ""}).text for step in STEPS[:-1]}
    for step in STEPS[:-1]:
        pages[f"{step} quote"] = walk.get(f"{step}/_quote?line={line}", fragment=True).text
    for method in ("drop_off_point", "in_store", "pickup"):
        pages[f"shipment {method}"] = walk.get("shipment", query=f"?method={method}").text
    pages["points"] = walk.get("shipment/_points?method=drop_off_point", fragment=True).text
    done = walk.confirm().headers["Location"]
    drain(app)
    status = done.removesuffix("/done")
    pages |= {path: client.get(path).text for path in (done, status, f"{status}/_handoff")}
    pages["back in the wizard"] = walk.get("items").text
    for where, html in pages.items():
        assert "<" in html, where
        for what, value in PERSON.items():
            assert value not in html, f"{what} on {where}"
            assert value.split(" ")[-1] not in html, f"{what} on {where}"
    assert "W. K•••" in pages["items"]
    assert "w•••@" in pages[done]


def test_logs_name_no_person_and_no_token(
    app: Flask,
    client: IsolatedClient,
    walk: Walk,
    shop: Any,
    order: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    make_photo(walk, lines_of(order)[0], name="Wilhelmina.png")
    for step in STEPS:
        walk.get(step)
        walk.get(f"{step}/_quote", fragment=True)
        walk.post(step, {"line": "x"})
    done = walk.confirm().headers["Location"]
    status = done.removesuffix("/done")
    client.get(status)
    client.post(f"{status}/cancel", headers=SAME_ORIGIN)
    client.get(f"{status}-not")
    drain(app)
    secrets = [*PERSON.values(), walk.token, status.rpartition("/")[2], "3511"]
    for secret in secrets:
        assert secret not in caplog.text


@pytest.fixture
def broken_table(app: Flask, session: Session) -> Iterator[None]:
    """A database that refuses every return, naming the row where it is PostgreSQL."""
    postgres = db.engine.dialect.name == "postgresql"
    breaking, mending = (
        ("ALTER TABLE return ADD CONSTRAINT broken CHECK (id < 0) NOT VALID", _MENDED)
        if postgres
        else (
            "CREATE TRIGGER broken BEFORE INSERT ON return "
            "BEGIN SELECT RAISE(ABORT, 'broken'); END",
            "DROP TRIGGER broken",
        )
    )
    with db.engine.begin() as connection:
        connection.execute(text(breaking))
    yield
    session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text(mending))


_MENDED = "ALTER TABLE return DROP CONSTRAINT broken"


@pytest.mark.usefixtures("broken_table")
def test_an_error_of_the_database_is_logged_without_the_values(
    walk: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = row_counts()
    answer = walk.confirm()
    assert answer.status_code == 500
    assert row_counts() == before
    code = re.search(r"<code>([0-9a-f]{8})|\b([0-9a-f]{8})\b(?=</p>)", answer.text)
    assert code
    assert (code[1] or code[2]) in caplog.text
    assert "IntegrityError" in caplog.text
    assert "confirm_return.py" in caplog.text
    assert walk.token not in caplog.text
    for secret in PERSON.values():
        assert secret not in caplog.text
        assert secret not in answer.text


def start_with(tmp_path: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    keep = {k: v for k, v in os.environ.items() if k not in {"SECRET_KEY", "RETURNSITE_DEMO"}}
    return subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT,
        env={**keep, "RETURNSITE_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "at least 32"),
    ],
    ids=["unset", "empty", "short"],
)
def test_a_production_start_without_a_secret_key_refuses_and_says_what_to_set(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    done = start_with(tmp_path, environment)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_production_start_with_a_secret_key_works(tmp_path: Path) -> None:
    done = start_with(tmp_path, {"SECRET_KEY": "k" * 40})
    assert done.returncode == 0, done.stderr
