"""Return rules: what conditions mean, which rule wins, and that a bad rule harms nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.facts import Choice, LineFacts, OrderFacts
from returnsite.domain.policy import Condition, Effect, Method, Resolution, Rule
from returnsite.domain.rules import (
    FIELD_OPS,
    Decision,
    EffectKind,
    compile_rules,
    decide,
    decision_to_json,
    explain,
    rule_from_json,
    rule_to_json,
    validate_rule,
)
from tests.unit.domain.builders import make_line, make_order, make_rule, take

ORDER = make_order(country="BE", value=4_999, customer_tags=frozenset({"VIP"}))
LINE = make_line(
    sku="SOCK-41",
    title="Wandelsokken Ull",
    category="Sokken",
    tags=frozenset({"Wol", "Buiten"}),
    quantity=2,
    line_paid=2398,
    list_price=1998,
    final_sale=False,
)
CHOICE = take(reason="damaged", resolution="credit")


def met(
    field: str,
    op: str,
    value: Any,
    *,
    choice: Choice | None = CHOICE,
    line: LineFacts = LINE,
    days: int | None = 20,
) -> bool:
    rules = (make_rule((field, op, value), fee=1),)
    return bool(decide(rules, ORDER, line, choice, days_since_delivery=days))


@pytest.mark.parametrize(
    ("field", "op", "value", "yes"),
    [
        ("country", "is", "be", True),
        ("country", "is", "NL", False),
        ("country", "is_not", "NL", True),
        ("country", "in", ("BE", "DE"), True),
        ("country", "in", ["BE", "DE"], True),
        ("country", "not_in", ("BE", "DE"), False),
        ("sku", "starts_with", "sock-", True),
        ("sku", "contains", "41", True),
        ("sku", "is", "SOCK", False),
        ("title", "contains", "SOKKEN", True),
        ("title", "starts_with", "ull", False),
        ("category", "is", " sokken ", True),
        ("category", "in", ("Ondergoed", "Sokken"), True),
        ("category", "is_not", "Sokken", False),
        ("tag", "is", "wol", True),
        ("tag", "is_not", "wol", False),
        ("tag", "is_not", "katoen", True),
        ("tag", "in", ("katoen", "buiten"), True),
        ("tag", "not_in", ("katoen", "linnen"), True),
        ("tag", "contains", "uit", True),
        ("tag", "starts_with", "uit", False),
        ("price", "at_least", 1199, True),
        ("price", "at_least", 1200, False),
        ("price", "at_most", 1199, True),
        ("discount_percent", "at_least", 40, True),
        ("discount_percent", "at_least", 41, False),
        ("days_since_delivery", "at_least", 20, True),
        ("days_since_delivery", "at_most", 19, False),
        ("reason", "is", "damaged", True),
        ("reason", "in", ("wrong_item", "damaged"), True),
        ("reason", "is_not", "damaged", False),
        ("resolution", "is", "credit", True),
        ("resolution", "not_in", ("credit", "exchange"), False),
        ("order_value", "at_most", 4999, True),
        ("order_value", "at_least", 5000, False),
        ("customer_tag", "is", "vip", True),
        ("customer_tag", "in", ("gold",), False),
        ("final_sale", "is", False, True),
        ("final_sale", "is", True, False),
    ],
)
def test_a_condition_is_met_by_the_fact_it_names(
    field: str, op: str, value: Any, yes: bool
) -> None:
    assert met(field, op, value) is yes


@pytest.mark.parametrize("op", ["is", "is_not", "in", "not_in"])
@pytest.mark.parametrize("field", ["reason", "resolution"])
def test_a_condition_about_what_is_not_chosen_yet_is_not_met(field: str, op: str) -> None:
    value = ("money",) if op.endswith("in") else "money"

    assert not met(field, op, value, choice=None)
    assert not met(field, op, value, choice=Choice(1, 1))


def test_a_condition_about_an_unknown_delivery_or_list_price_is_not_met() -> None:
    for op in ("at_least", "at_most"):
        assert not met("days_since_delivery", op, 10, days=None)
        assert not met("discount_percent", op, 10, line=make_line(list_price=None))


def test_forty_per_cent_off_counts_as_forty_whatever_the_cents() -> None:
    line = make_line(list_price=1998, line_paid=1199)

    assert met("discount_percent", "at_least", 40, line=line)


def test_a_line_dearer_than_its_list_price_has_no_discount() -> None:
    line = make_line(list_price=1000, line_paid=1500)

    assert met("discount_percent", "at_most", 0, line=line)


def test_all_conditions_must_be_met() -> None:
    both = make_rule(("country", "is", "BE"), ("order_value", "at_most", 5000), fee=695)
    one = make_rule(("country", "is", "BE"), ("order_value", "at_most", 4000), fee=695)

    assert decide((both,), ORDER, LINE, None, days_since_delivery=None)
    assert not decide((one,), ORDER, LINE, None, days_since_delivery=None)


def test_a_rule_without_conditions_always_applies() -> None:
    decided = decide((make_rule(fee=100),), ORDER, LINE, None, days_since_delivery=None)

    assert decided["fee"].value == 100


def test_the_first_matching_rule_wins_for_each_effect_on_its_own() -> None:
    rules = (
        make_rule(("country", "is", "NL"), rule_id=1, fee=1),
        make_rule(("country", "is", "BE"), rule_id=2, fee=2),
        make_rule(("reason", "is", "damaged"), rule_id=3, fee=3, window_days=60),
        make_rule(rule_id=4, window_days=14),
    )

    decided = decide(rules, ORDER, LINE, CHOICE, days_since_delivery=3)

    assert {kind: (d.rule_id, d.value) for kind, d in decided.items()} == {
        "fee": (2, 2),
        "window_days": (3, 60),
    }
    assert decided["fee"] == Decision("fee", 2, 2, "Rule 2", LINE.line_id)


def test_a_refusal_can_carry_the_merchants_words() -> None:
    rule = make_rule(returnable={"returnable": False, "text": "Hygiëne"})

    decision = decide((rule,), ORDER, LINE, None, days_since_delivery=None)["returnable"]

    assert (decision.value, decision.text) == (False, "Hygiëne")
    assert explain(decision) == ("rule_not_returnable", {"rule": "Rule 1", "text": "Hygiëne"})


@pytest.mark.parametrize(
    ("kind", "value", "code", "params"),
    [
        ("returnable", True, "rule_returnable", {"text": ""}),
        ("country_closed", True, "rule_country_closed", {"text": ""}),
        ("country_closed", False, "rule_country_open", {"text": ""}),
        ("fee", 695, "rule_fee", {"amount": 695}),
        ("fee", 0, "rule_fee_free", {}),
        ("window_days", 60, "rule_window_days", {"days": 60}),
        ("resolutions", ("credit",), "rule_resolutions", {"resolutions": ("credit",)}),
        ("methods", ("in_store",), "rule_methods", {"methods": ("in_store",)}),
        ("manual_approval", True, "rule_manual_approval", {"text": ""}),
        ("manual_approval", False, "rule_automatic_approval", {"text": ""}),
    ],
)
def test_every_effect_can_be_explained(
    kind: str, value: Any, code: str, params: dict[str, Any]
) -> None:
    decided = decide((make_rule(**{kind: value}),), ORDER, LINE, None, days_since_delivery=None)

    assert explain(decided[kind]) == (code, {"rule": "Rule 1", **params})


def test_a_decision_is_kept_as_plain_json() -> None:
    rule = make_rule(methods=[Method.IN_STORE, Method.PICKUP])

    kept = decision_to_json(decide((rule,), ORDER, LINE, None, days_since_delivery=None)["methods"])

    assert json.loads(json.dumps(kept)) == {
        "effect": "methods",
        "value": ["in_store", "pickup"],
        "rule_id": 1,
        "rule_name": "Rule 1",
        "line_id": 1,
        "text": "",
    }


@pytest.mark.parametrize(("kind", "value"), [("fee", 695), ("returnable", False)])
def test_numbers_and_verdicts_are_kept_as_they_are(kind: str, value: Any) -> None:
    decided = decide((make_rule(**{kind: value}),), ORDER, LINE, None, days_since_delivery=None)

    assert decision_to_json(decided[kind])["value"] is value


@pytest.mark.parametrize(
    ("rule", "problems"),
    [
        (make_rule(("country", "is", "BE"), fee=695), []),
        (make_rule(("category", "in", ["Sokken"]), returnable=False), []),
        (make_rule(fee=0), []),
        (make_rule(("discount_percent", "at_most", 100), window_days=3650), []),
        (make_rule(("resolution", "in", [*Resolution]), methods=[*Method]), []),
        (make_rule(*[("country", "is", "BE")] * 20, fee=1), []),
        (make_rule(resolutions=["exchange", "credit"], methods=["pickup"]), []),
        (make_rule(returnable={"returnable": False, "text": "Nee"}), []),
        (Rule(1, " ", (), (Effect("fee", 1),)), ["no_name"]),
        (make_rule(("country", "is", "BE")), ["no_effects"]),
        (make_rule(("colour", "is", "red"), fee=1), ["unknown_field"]),
        (make_rule(("price", "contains", "1"), fee=1), ["op_not_for_field"]),
        (make_rule(("country", "at_least", 3), fee=1), ["op_not_for_field"]),
        (make_rule(("country", "is", "Belgium"), fee=1), ["bad_value"]),
        (make_rule(("country", "in", []), fee=1), ["bad_value"]),
        (make_rule(("country", "in", "BE"), fee=1), ["bad_value"]),
        (make_rule(("sku", "is", ["a"]), fee=1), ["bad_value"]),
        (make_rule(("sku", "contains", "  "), fee=1), ["bad_value"]),
        (make_rule(("price", "at_least", "10"), fee=1), ["bad_value"]),
        (make_rule(("price", "at_least", 9.99), fee=1), ["bad_value"]),
        (make_rule(("price", "at_least", True), fee=1), ["bad_value"]),
        (make_rule(("price", "at_least", -1), fee=1), ["bad_value"]),
        (make_rule(("discount_percent", "at_least", 101), fee=1), ["bad_value"]),
        (make_rule(("final_sale", "is", "yes"), fee=1), ["bad_value"]),
        (make_rule(("resolution", "is", "gold"), fee=1), ["bad_value"]),
        (make_rule(colour="red"), ["unknown_effect"]),
        (make_rule(fee=-1), ["bad_effect_value"]),
        (make_rule(fee=3.95), ["bad_effect_value"]),
        (make_rule(fee=True), ["bad_effect_value"]),
        (make_rule(window_days=100_000), ["bad_effect_value"]),
        (make_rule(resolutions=[]), ["bad_effect_value"]),
        (make_rule(resolutions=["gold"]), ["bad_effect_value"]),
        (make_rule(methods="pickup"), ["bad_effect_value"]),
        (make_rule(returnable="no"), ["bad_effect_value"]),
        (make_rule(returnable={"text": "no"}), ["bad_effect_value"]),
        (make_rule(manual_approval=1), ["bad_effect_value"]),
        (Rule(1, "x", (), (Effect("fee", 1), Effect("fee", 2))), ["duplicate_effect"]),
        (make_rule(*[("country", "is", "BE")] * 21, fee=1), ["too_many_conditions"]),
        (
            make_rule(("colour", "is", "red"), ("price", "is", 1), fee=-1),
            ["unknown_field", "op_not_for_field", "bad_effect_value"],
        ),
    ],
)
def test_a_rule_is_checked_before_it_is_published(rule: Rule, problems: list[str]) -> None:
    assert validate_rule(rule) == problems


@pytest.mark.parametrize(
    "condition",
    [
        ("colour", "is", "red"),
        ("price", "contains", "1"),
        ("price", "at_least", "10"),
        ("price", "at_least", None),
        ("country", "in", "BE"),
        ("country", "in", [3]),
        ("sku", "contains", ["SOCK"]),
        ("title", "contains", None),
        ("final_sale", "is", 0),
        (None, "is", "x"),
        (["sku"], "is", "x"),
        ("sku", None, "x"),
        ("sku", ["is"], "x"),
        ("sku", "is", {"a": 1}),
    ],
)
def test_a_malformed_condition_is_never_met(condition: tuple[Any, Any, Any]) -> None:
    rules = (make_rule(condition, fee=1), make_rule(rule_id=2, fee=2))

    assert decide(rules, ORDER, LINE, CHOICE, days_since_delivery=3)["fee"].rule_id == 2


def test_a_malformed_effect_leaves_the_rules_other_effects_standing() -> None:
    rules = (make_rule(fee="free", window_days=60),)

    assert [*decide(rules, ORDER, LINE, CHOICE, days_since_delivery=3)] == ["window_days"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
any_conditions = st.builds(
    Condition,
    st.sampled_from([*FIELD_OPS, "colour"]) | anything,
    st.sampled_from(["is", "in", "not_in", "contains", "at_least", "nope"]) | anything,
    anything,
)
any_effects = st.builds(Effect, st.sampled_from([*EffectKind, "nope"]) | anything, anything)
any_rules = st.builds(
    Rule,
    st.integers(1, 99),
    st.text(max_size=9),
    st.lists(any_conditions, max_size=3).map(tuple),
    st.lists(any_effects, max_size=3).map(tuple),
)


@given(st.lists(any_rules, max_size=4).map(tuple), st.booleans())
def test_a_malformed_rule_never_raises_and_never_decides(
    rules: tuple[Rule, ...], answered: bool
) -> None:
    decided = decide(
        rules, ORDER, LINE, CHOICE if answered else None, days_since_delivery=answered or None
    )

    for decision in decided.values():
        assert validate_rule(make_rule(**{decision.effect: decision.value})) == []
    for rule in rules:
        assert all(isinstance(code, str) for code in validate_rule(rule))


@st.composite
def _good_rules(draw: st.DrawFn) -> Rule:
    word = st.text("abcXYZ é", min_size=1, max_size=6).filter(str.strip)
    values: dict[str, st.SearchStrategy[Any]] = {
        "country": st.sampled_from(["NL", "BE", "DE"]),
        "resolution": st.sampled_from(Resolution),
        "final_sale": st.booleans(),
    }
    conditions = []
    for field in draw(st.lists(st.sampled_from([*FIELD_OPS]), max_size=4)):
        op = draw(st.sampled_from(FIELD_OPS[field]))
        one = st.integers(0, 100) if op.startswith("at_") else values.get(field, word)
        many = op in {"in", "not_in"}
        conditions.append((field, op, draw(st.lists(one, min_size=1)) if many else draw(one)))
    effects: dict[str, st.SearchStrategy[Any]] = {
        "returnable": st.booleans() | st.just({"returnable": False, "text": "no"}),
        "country_closed": st.booleans(),
        "fee": st.integers(0, 10_000),
        "window_days": st.integers(0, 800),
        "resolutions": st.lists(st.sampled_from(Resolution), min_size=1),
        "methods": st.lists(st.sampled_from(Method), min_size=1),
        "manual_approval": st.booleans(),
    }
    kinds = draw(st.sets(st.sampled_from([*effects]), min_size=1))
    return make_rule(*conditions, **{kind: draw(effects[kind]) for kind in sorted(kinds)})


@given(_good_rules())
def test_a_good_rule_survives_being_stored(rule: Rule) -> None:
    stored = json.loads(json.dumps(rule_to_json(rule)))
    read = rule_from_json(stored)

    assert validate_rule(rule) == []
    assert validate_rule(read) == []
    assert rule_to_json(read) == stored
    assert decide((read,), ORDER, LINE, CHOICE, days_since_delivery=5) == decide(
        (rule,), ORDER, LINE, CHOICE, days_since_delivery=5
    )


@given(st.lists(_good_rules(), max_size=6))
def test_a_rule_put_last_changes_nothing_that_was_decided(rules: list[Rule]) -> None:
    before = decide(tuple(rules[:-1]), ORDER, LINE, CHOICE, days_since_delivery=5)
    after = decide(tuple(rules), ORDER, LINE, CHOICE, days_since_delivery=5)

    assert before.items() <= after.items()


@pytest.mark.parametrize(
    "data",
    [
        {"version": 2, "id": 1, "name": "x", "conditions": [], "effects": []},
        {"id": 1, "name": "x", "conditions": []},
        {"id": None, "name": "x", "conditions": [], "effects": []},
        {"id": 1, "name": "x", "conditions": [3], "effects": []},
        {"id": 1, "name": "x", "conditions": 3, "effects": []},
    ],
)
def test_something_that_is_no_rule_is_not_read_as_one(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="rule"):
        rule_from_json(data)


def test_rules_are_made_ready_once_and_never_mixed_up() -> None:
    rules = (make_rule(fee=1),)
    assert compile_rules(rules) is compile_rules(rules)

    for fee in range(200):
        other = (make_rule(fee=fee),)
        assert decide(other, ORDER, LINE, None, days_since_delivery=None)["fee"].value == fee


def test_nothing_of_another_order_is_looked_at() -> None:
    rules = (make_rule(("customer_tag", "is", "vip"), fee=0),)
    stranger: OrderFacts = make_order(customer_tags=frozenset())

    assert decide(rules, ORDER, LINE, None, days_since_delivery=None)
    assert not decide(rules, stranger, LINE, None, days_since_delivery=None)
