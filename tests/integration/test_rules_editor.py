"""The editor of one rule: rows that come and go, what is typed, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.domain.policy import Condition, Effect, Rule
from returnsite.services.rules.draft import load_rules
from tests import factories
from tests.conftest import Kept, on_one_database
from tests.harness import Page, text_of
from tests.merchant import Merchant

pytestmark = on_one_database

EDITOR = "editor-0"


@pytest.fixture
def rule(session: Session, shop: Any, kept: Kept) -> int:
    """A live rule with one of each kind of input; its id."""

    def make() -> int:
        made = factories.make_rule(
            session,
            shop,
            ("country", "in", ["BE", "DE"]),
            ("order_value", "at_most", 7499),
            ("category", "in", ["Shoes", "Socks"]),
            ("reason", "is", "too_small"),
            fee=695,
            resolutions=["credit", "exchange"],
        )
        return made.id

    return kept(make)


def last(shop: Any) -> Rule:
    return load_rules(shop.id).entries[-1].rule


def fill(merchant: Merchant, status: int = 303, **fields: Any) -> Page:
    """Fill in the form of a new rule and save it; `c0_field` stands for `c0-field`."""
    page = merchant.get("/rules/new")
    typed = {name.replace("_", "-", 1): value for name, value in fields.items()}
    return merchant.submit(page, {**typed, "do": "save"}, form=EDITOR, status=status)


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ({"c0_field": "country", "c0_value": "BE"}, Condition("country", "is", "BE")),
        (
            {"c0_field": "country", "c0_op": "is_not", "c0_value": ["BE", "", "NL"]},
            Condition("country", "not_in", ("BE", "NL")),
        ),
        (
            {"c0_field": "sku", "c0_op": "is", "c0_value": " A-1 \n\nB-2\nA-1"},
            Condition("sku", "in", ("A-1", "B-2")),
        ),
        (
            {"c0_field": "title", "c0_op": "contains", "c0_value": "sock"},
            Condition("title", "contains", "sock"),
        ),
        (
            {"c0_field": "order_value", "c0_op": "less_than", "c0_value": "€ 75"},
            Condition("order_value", "at_most", 7499),
        ),
        (
            {"c0_field": "price", "c0_op": "at_most", "c0_value": "1,250.50"},
            Condition("price", "at_most", 125050),
        ),
        (
            {"c0_field": "discount_percent", "c0_op": "at_least", "c0_value": "40%"},
            Condition("discount_percent", "at_least", 40),
        ),
        (
            {"c0_field": "reason", "c0_op": "is", "c0_value": ["damaged", "other"]},
            Condition("reason", "in", ("damaged", "other")),
        ),
        ({"c0_field": "final_sale", "c0_value": "no"}, Condition("final_sale", "is", value=False)),
    ],
)
def test_what_is_typed_becomes_a_condition(
    merchant: Merchant, shop: Any, typed: dict[str, Any], condition: Condition
) -> None:
    fill(merchant, **typed, e0_kind="fee", e0_value="6.95")

    assert last(shop).conditions == (condition,)
    assert last(shop).effects == (Effect("fee", 695),)


@pytest.mark.parametrize(
    ("typed", "effect"),
    [
        ({"e0_kind": "refuse"}, Effect("returnable", value=False)),
        (
            {"e0_kind": "refuse", "e0_text": "Sorry,\r\nno."},
            Effect("returnable", {"returnable": False, "text": "Sorry, no."}),
        ),
        ({"e0_kind": "window_days", "e0_value": "60"}, Effect("window_days", 60)),
        (
            {"e0_kind": "resolutions", "e0_value": ["credit", "exchange"]},
            Effect("resolutions", ("exchange", "credit")),
        ),
        ({"e0_kind": "methods", "e0_value": "pickup"}, Effect("methods", ("pickup",))),
        ({"e0_kind": "review"}, Effect("manual_approval", value=True)),
        ({"e0_kind": "open"}, Effect("country_closed", value=False)),
    ],
)
def test_what_is_chosen_becomes_an_effect(
    merchant: Merchant, shop: Any, typed: dict[str, Any], effect: Effect
) -> None:
    fill(merchant, c0_field="sku", c0_value="A", **typed)

    assert last(shop).effects == (effect,)


def test_amounts_are_read_as_the_reader_writes_them(merchant: Merchant, shop: Any) -> None:
    page = merchant.get("/rules/new")
    typed = {"c0-field": "price", "c0-op": "at_least", "c0-value": "1.234,56"}
    data = {**typed, "e0-kind": "fee", "e0-value": "6,95", "version": "0", "do": "save"}
    merchant.user.locale = "nl"
    merchant.session.commit()
    merchant.post("/rules/new", data)

    assert page.form(EDITOR) is not None
    assert last(shop).conditions[0].value == 123456
    assert last(shop).effects[0].value == 695


@pytest.mark.parametrize(
    ("typed", "message", "field"),
    [
        ({}, "Choose what to look at, or take this condition out.", "r0-c0-field"),
        ({"c0_field": "country", "c0_value": ""}, "Choose a country.", "r0-c0-v0"),
        ({"c0_field": "country", "c0_value": "XX"}, "Choose a country.", "r0-c0-v0"),
        ({"c0_field": "reason"}, "Choose at least one.", "r0-c0-v0"),
        ({"c0_field": "sku", "c0_value": " \n "}, "Enter at least one", "r0-c0-value"),
        (
            {"c0_field": "sku", "c0_op": "contains", "c0_value": "a\nb"},
            "Enter one text here.",
            "r0-c0-value",
        ),
        ({"c0_field": "price", "c0_value": "abc"}, "Enter an amount, like 6.95.", "r0-c0-value"),
        ({"c0_field": "price", "c0_value": "1.2345"}, "digits behind", "r0-c0-value"),
        ({"c0_field": "price", "c0_value": "9" * 13}, "This amount is too large.", "r0-c0-value"),
        (
            {"c0_field": "price", "c0_op": "less_than", "c0_value": "0"},
            "nothing costs less than nothing",
            "r0-c0-value",
        ),
        (
            {"c0_field": "days_since_delivery", "c0_value": "٣"},
            "Enter a whole number from 0 to 3650.",
            "r0-c0-value",
        ),
        ({"e0_kind": ""}, "Choose what the rule does, or take this out.", "r0-e0-kind"),
        ({"e0_kind": "methods"}, "Choose at least one.", "r0-e0-v0"),
        ({"e0_kind": "window_days", "e0_value": "99999"}, "from 0 to 3650", "r0-e0-value"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_all_typed_is_kept(
    merchant: Merchant, shop: Any, typed: dict[str, Any], message: str, field: str
) -> None:
    good = {"c0_field": "sku", "c0_value": "A"} if "e0_kind" in typed else {"e0_kind": "review"}
    page = fill(merchant, status=422, **{**good, **typed}, name="My rule")

    links = {link.get("href"): link for link in page.find_all("a")}
    assert message in page.text
    assert f"#{field}" in links
    if "value" in field:
        assert page.find_all(id=field)
    assert page.find("input", id="r0-name").get("value") == "My rule"
    assert not load_rules(shop.id).is_open


def test_what_is_wrong_in_two_rows_is_told_apart_above_the_form(merchant: Merchant) -> None:
    typed = {"c0_field": "country", "c1_field": "country", "e0_kind": "review"}

    page = fill(merchant, status=422, **typed)

    told = [text_of(link) for link in page.find_all("a") if link.get("href", "").startswith("#r0-")]
    assert told == ["Condition 1: Choose a country.", "Condition 2: Choose a country."]


def test_two_effects_of_one_kind_are_one_too_many(merchant: Merchant) -> None:
    typed = {"c0_field": "sku", "c0_value": "A", "e0_kind": "refuse", "e1_kind": "allow"}

    page = fill(merchant, status=422, **typed)

    assert "The rule says this already." in page.text


@pytest.mark.parametrize("fragment", [False, True])
def test_rows_come_and_go_and_keep_what_is_typed(merchant: Merchant, fragment: bool) -> None:
    page = merchant.get("/rules/new")
    typed = {"c0-field": "price", "c0-value": "abc", "e0-kind": "fee", "e0-value": "x"}

    def press(page: Page, button: str, **more: str) -> Page:
        data = {**more, "do": button}
        return merchant.submit(page, data, form=EDITOR, status=200, fragment=fragment)

    page = press(page, "addcondition", **typed)
    page = press(page, "addeffect")
    assert page.find("input", id="r0-c0-value").get("value") == "abc"
    assert page.find("select", id="r0-c1-field") is not None
    page = press(page, "dropcondition-0", **{"c1-field": "sku"})
    assert page.find("textarea", id="r0-c0-value") is not None
    assert page.find("input", id="r0-e0-value").get("value") == "x"
    page = press(page, "dropeffect-1")
    page = press(page, "dropcondition-0")
    assert "Without a condition the rule counts for every return." in page.text


def test_another_country_can_be_added(merchant: Merchant) -> None:
    page = merchant.get("/rules/new")
    typed = {"c0-field": "country", "c0-value": "BE", "do": "addvalue-0"}

    page = merchant.submit(page, typed, form=EDITOR, status=200)

    assert page.find("select", id="r0-c0-v1") is not None


def test_the_fields_of_a_choice_come_with_and_without_scripts(merchant: Merchant) -> None:
    query = "row=c0&rule=0&c0-field=reason&c0-value=Socks"
    alone = merchant.get_fragment(f"/rules/_fields?{query}")
    shown = merchant.submit(
        merchant.get("/rules/new"),
        {"c0-field": "reason", "c0-value": "Socks", "do": "show"},
        form=EDITOR,
        status=200,
    )

    for page in (alone, shown):
        assert len(page.find_all("input", type="checkbox")) == len(factories.REASONS)
    assert "Socks" not in alone.text
    for bad in ("row=c0", "row=x0&rule=1", "row=c0&rule=%27", "row=c0&rule=" + "9" * 30):
        merchant.get_fragment(f"/rules/_fields?{bad}", status=400)
    effect = merchant.get_fragment("/rules/_fields?row=e0&rule=-1&e0-kind=fee")
    assert effect.find("input", id="r-1-e0-value") is not None


def test_a_rule_opens_as_it_was_saved_and_saving_it_changes_nothing(
    merchant: Merchant, shop: Any, rule: int
) -> None:
    page = merchant.get(f"/rules/{rule}/edit")
    form = page.form(f"editor-{rule}")
    assert form.data.getlist("c0-value") == ["BE", "DE"]
    assert (form.data["c1-op"], form.data["c1-value"]) == ("less_than", "75.00")
    assert form.data["c2-value"] == "Shoes\nSocks"

    merchant.submit(page, {"do": "save"}, form=f"editor-{rule}")

    assert not load_rules(shop.id).changes


def test_htmx_gets_the_rule_and_nothing_of_the_others(
    merchant: Merchant, session: Session, shop: Any, rule: int
) -> None:
    for number in range(40):
        factories.make_rule(session, shop, ("title", "is", f"S-{number}"), fee=1)
    session.commit()
    page = merchant.get(f"/rules/{rule}/edit")
    assert page.fragment is not None
    assert len(page.fragment.find_all("form")) == 1

    saved = merchant.submit(
        page, {"e0-value": "5", "do": "save"}, form=f"editor-{rule}", fragment=True, status=200
    )

    assert f"rule-{rule}-edit" in saved.html
    assert "S-7" not in saved.text
    assert len(saved.queries) <= 12
    assert len(saved.body) <= 10 * 1024
    closed = merchant.get_fragment(f"/rules/{rule}/_show")
    assert "return fee is €5.00" in closed.text


def test_a_rule_is_taken_out(merchant: Merchant, shop: Any, rule: int) -> None:
    page = merchant.get(f"/rules/{rule}/edit")

    page = merchant.follow(merchant.submit(page, {"do": "delete"}, form=f"editor-{rule}"))

    assert load_rules(shop.id).entries == ()
    assert "Taken out" in page.text


def test_what_one_typed_survives_what_another_saved(
    merchant: Merchant, shop: Any, rule: int
) -> None:
    mine = merchant.get(f"/rules/{rule}/edit")
    merchant.submit(mine, {"e0-value": "1", "do": "save"}, form=f"editor-{rule}")
    other = merchant.user.name
    merchant.as_role("owner")

    told = merchant.submit(
        mine, {"e0-value": "2", "do": "save", "csrf_token": merchant.csrf()},
        form=f"editor-{rule}", status=409,
    )  # fmt: skip
    assert f"{other} changed the rules" in told.text
    assert told.find("input", id=f"r{rule}-e0-value").get("value") == "2"
    assert last(shop).effects[0].value == 100
    merchant.submit(told, {"do": "save"}, form=f"editor-{rule}")

    assert last(shop).effects[0].value == 200


def test_what_one_typed_for_a_rule_another_took_out_becomes_a_new_one(
    merchant: Merchant, shop: Any, rule: int
) -> None:
    mine = merchant.get(f"/rules/{rule}/edit")
    merchant.submit(mine, {"do": "delete"}, form=f"editor-{rule}")

    told = merchant.submit(mine, {"do": "save"}, form=f"editor-{rule}", status=409)
    merchant.submit(told, {"do": "save"}, form=EDITOR)

    assert [entry.id for entry in load_rules(shop.id).entries] == [-1]


def test_a_rule_without_a_name_is_known_by_its_sentence(merchant: Merchant, shop: Any) -> None:
    fill(merchant, c0_field="country", c0_value="BE", e0_kind="refuse")
    assert last(shop).name == "Als het land België is, dan kan het niet retour"
    page = merchant.get("/rules/-1/edit")

    assert page.find("input", id="r-1-name").get("value") == ""


@pytest.mark.parametrize(
    "data",
    [
        {"c0-field": "\x00", "e0-kind": "💥"},
        {f"c{n}-field": "sku" for n in range(60)},
        {"c999-field": "sku", "c0-value": "x" * 50_000, "c0-field": "title"},
        {"e0-kind": "fee", "e0-value": "9" * 5000},
        {"name": "n" * 5000, "do": "addvalue-99"},
        {"do": "dropcondition-99999999999999999999"},
    ],
)
def test_nothing_that_is_sent_breaks_the_editor(merchant: Merchant, data: dict[str, str]) -> None:
    answer = merchant.checked.client.post(
        merchant.url("/rules/new"),
        data={"version": "0", "csrf_token": merchant.csrf(), **data},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code in {200, 422}


def test_characters_nobody_can_see_never_reach_a_rule(merchant: Merchant, shop: Any) -> None:
    fill(merchant, name="So\x00cks", c0_field="sku", c0_value="SOCK\x00-1", e0_kind="refuse")
    assert last(shop).name == "Socks"
    assert last(shop).conditions == (Condition("sku", "is", "SOCK-1"),)
    assert "SOCK-1" in merchant.get("/rules").text
    merchant.get("/rules/try?ask=item&country=NL&price=10&sku=SOCK%00-1&category=%07")
