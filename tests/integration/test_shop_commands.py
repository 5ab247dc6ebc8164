"""Creating a shop by command line, and opening its portal."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.policy import Fault
from returnsite.domain.rules import validate_rule
from returnsite.models import Address, AuditEntry, Shop
from returnsite.services.shops import find_shop
from tests.harness import IsolatedClient
from tests.merchant import Merchant

ADDRESS = ["--company", "Mijn Winkel BV", "--street", "Pakhuisweg", "--house-number", "12-B"] + [
    "--postcode",
    "2611 GX",
    "--city",
    "Delft",
]


@pytest.fixture
def run(app: Flask) -> Any:
    def running(*args: str, expect: int = 0) -> str:
        result: Result = app.test_cli_runner().invoke(args=["shop", *args])
        assert result.exit_code == expect, result.output
        return result.output

    return running


def test_a_shop_without_a_return_address_is_created_closed(run: Any, session: Session) -> None:
    output = run("create", "mine", "--name", "Mijn winkel")
    assert "closed" in output
    shop = find_shop(slug="mine")
    assert shop is not None
    assert shop.active is False
    assert shop.return_address is None


def test_a_shop_with_a_complete_return_address_is_open_at_once(
    run: Any, client: IsolatedClient
) -> None:
    assert "open at /p/mine/" in run("create", "mine", "--name", "Mijn winkel", *ADDRESS)
    assert client.get("/p/mine/").status_code == 200


def test_opening_and_closing_is_on_record_once(run: Any, session: Session) -> None:
    run("create", "mine", "--name", "Mijn winkel")
    run("address", "mine", *ADDRESS)
    for command in ("activate", "activate", "deactivate", "deactivate"):
        run(command, "mine")
    query = select(AuditEntry).where(AuditEntry.section == "activation").order_by(AuditEntry.id)
    entries = session.scalars(query).all()
    assert [(each.event, each.actor, each.user_id) for each in entries] == [
        ("activate", "command line", None),
        ("deactivate", "command line", None),
    ]


def test_a_new_return_address_is_on_record_and_told_to_who_has_the_page_open(
    run: Any, merchant: Merchant, session: Session
) -> None:
    slug = merchant.shop.slug
    open_form = merchant.get("/settings/addresses/new")
    run("address", slug, *ADDRESS)
    session.expire_all()
    assert merchant.shop.return_address is not None
    assert merchant.shop.return_address.city == "Delft"
    history = merchant.get("/settings/addresses/history").text
    assert "the command line" in history
    assert "Street: Pakhuisweg" in history
    page = merchant.get("/settings")
    assert "Changed by the command line" in page.text
    typed = {"company": "Other", "street": "Kade", "postcode": "2611 GX", "city": "Delft"}
    told = merchant.submit(open_form, typed, action="/addresses/new", status=409, fragment=True)
    assert "the command line changed this" in told.text


def test_the_same_address_again_changes_nothing(run: Any, session: Session) -> None:
    run("create", "mine", "--name", "Mijn winkel", *ADDRESS)
    run("address", "mine", *ADDRESS)
    run("address", "mine", *ADDRESS)
    shop = session.scalars(select(Shop).where(Shop.slug == "mine")).one()
    query = select(Address).where(Address.shop_id == shop.id, Address.deleted_at.is_(None))
    assert len(session.scalars(query).all()) == 1


def test_creating_a_shop_twice_leaves_the_first_as_it_is(run: Any, session: Session) -> None:
    run("create", "mine", "--name", "First")
    assert "nothing was changed" in run("create", "mine", "--name", "Second", *ADDRESS)
    shop = find_shop(slug="mine")
    assert shop is not None
    assert (shop.name, shop.active) == ("First", False)


def test_a_portal_opens_only_with_a_complete_return_address(
    run: Any, session: Session, client: IsolatedClient
) -> None:
    run("create", "mine", "--name", "Mijn winkel")
    assert "return address: there is none" in run("activate", "mine", expect=1)
    assert "it has no name, no house number, no postcode, no city" in run(
        "address", "mine", "--street", "Pakhuisweg", expect=1
    )
    session.rollback()
    assert (
        session.scalar(select(Address).where(Address.street == "Pakhuisweg", Address.name == ""))
        is None
    )
    run("address", "mine", *ADDRESS)
    assert "open at /p/mine/" in run("activate", "mine")
    assert client.get("/p/mine/").status_code == 200
    run("deactivate", "mine")
    assert client.get("/p/mine/").status_code == 404


def test_a_new_return_address_keeps_the_portal_open_and_the_old_one_readable(
    run: Any, session: Session
) -> None:
    run("create", "mine", "--name", "Mijn winkel", *ADDRESS)
    run("address", "mine", "--company", "Elders", "--street", "Kade 1", "--postcode", "9711AA",
        "--city", "Groningen")  # fmt: skip
    shop = find_shop(slug="mine")
    assert shop is not None
    assert shop.return_address is not None
    assert (shop.active, shop.return_address.city) == (True, "Groningen")
    old = session.scalars(
        select(Address).where(Address.shop_id == shop.id, Address.city == "Delft")
    )
    assert old.one().deleted_at is not None


def test_the_default_reasons_do_not_overlap_and_are_in_both_languages(
    run: Any, session: Session
) -> None:
    run("create", "mine", "--name", "Mijn winkel")
    shop = find_shop(slug="mine")
    assert shop is not None
    reasons = shop.policy.reasons
    assert 10 <= len(reasons) <= 12
    for language in ("nl", "en"):
        labels = [reason.labels[language] for reason in reasons]
        assert len({label.casefold() for label in labels}) == len(reasons)
    faults = {reason.code: reason.fault for reason in reasons}
    assert faults["damaged"] is Fault.CARRIER
    assert faults["wrong_item"] is Fault.SHOP
    assert faults["too_small"] is Fault.CUSTOMER


def test_the_default_rules_are_valid_and_name_existing_reasons(run: Any, session: Session) -> None:
    run("create", "mine", "--name", "Mijn winkel")
    shop = find_shop(slug="mine")
    assert shop is not None
    assert shop.policy.rules
    codes = {reason.code for reason in shop.policy.reasons}
    for rule in shop.policy.rules:
        assert validate_rule(rule) == []
        for condition in rule.conditions:
            assert set(condition.value) <= codes


def test_options_end_where_they_belong(run: Any, session: Session) -> None:
    run("create", "mine", "--name", "Mine", "--country", "de", "--currency", "chf",
        "--time-zone", "Europe/Zurich", "--language", "en", "--window", "60", "--fee", "4.95",
        "--resolution", "credit", "--carrier", "dhl", "--own-contract", "gls",
        "--notify", "returns@merchant.example")  # fmt: skip
    shop = find_shop(slug="mine")
    assert shop is not None
    policy = shop.policy
    assert (policy.home_country, shop.currency, shop.time_zone) == ("DE", "CHF", "Europe/Zurich")
    assert (shop.locales, policy.window_days) == (("en",), 60)
    assert [(c.carrier, c.own) for c in policy.contracts] == [("dhl", False), ("gls", True)]
    assert [entry.amount for entry in policy.fees.entries if entry.method is None] == [495]
    assert list(policy.resolutions) == ["credit"]
    stored = session.scalars(select(Shop).where(Shop.slug == "mine")).one()
    assert stored.notification_email == "returns@merchant.example"
    output = run("show", "mine")
    assert "4.95 CHF" in output
    assert "portal           closed" in output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["Bad Slug", "--name", "x"], "slug"),
        (["-", "--name", "x"], "slug"),
        (["a" * 65, "--name", "x"], "slug"),
        (["mine", "--name", " "], "name"),
        (["mine", "--name", "x", "--country", "NLD"], "country"),
        (["mine", "--name", "x", "--currency", "E1R"], "currency"),
        (["mine", "--name", "x", "--time-zone", "Europe/Nowhere"], "time zone"),
        (["mine", "--name", "x", "--window", "-1"], "window"),
        (["mine", "--name", "x", "--carrier", "pigeon"], "carrier"),
        (["mine", "--name", "x", "--fee", "much"], "not an amount"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    run: Any, session: Session, args: list[str], message: str
) -> None:
    result = run("create", *args, expect=2 if message == "not an amount" else 1)
    assert message in result
    assert find_shop(slug="mine") is None


def test_an_unknown_shop_is_refused_in_words(run: Any) -> None:
    for command in ("activate", "deactivate", "show"):
        assert "there is no “nobody”" in run(command, "nobody", expect=1)


def test_pages_of_the_named_sites_can_frame_the_portal(run: Any, client: IsolatedClient) -> None:
    run("create", "mine", "--name", "Mijn winkel", *ADDRESS)
    output = run("embed", "mine", "https://Shop.example/", "http://localhost:3000")
    assert '<iframe src="/p/mine/?lang=nl"' in output
    policy = client.get("/p/mine/").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://shop.example http://localhost:3000" in policy
    assert "https://shop.example" in run("show", "mine")
    run("embed", "mine")
    policy = client.get("/p/mine/").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self'")


@pytest.mark.parametrize("origin", ["shop.example", "https://a.example; script-src *", "*", ""])
def test_what_is_no_site_is_refused(run: Any, client: IsolatedClient, origin: str) -> None:
    run("create", "mine", "--name", "Mijn winkel", *ADDRESS)
    assert "is not like https://shop.example" in run("embed", "mine", origin, expect=1)
    assert "there is no" in run("embed", "nobody", "https://shop.example", expect=1)
