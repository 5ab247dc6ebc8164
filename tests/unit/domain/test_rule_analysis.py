"""Comparing rules: what is reported is so for every order, and what is plain is reported."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.policy import Condition, Rule
from returnsite.domain.rule_analysis import Finding, Known, analyse, named_words
from returnsite.domain.rule_logic import Reach
from returnsite.domain.rules import Facts, compile_rules, match
from tests.unit.domain.builders import make_rule

KNOWN = Known(
    reasons=frozenset({"damaged", "wrong_item", "too_small"}),
    fault_reasons=("damaged", "wrong_item"),
)

# Every combination of these is an order; `z` stands for all words no rule names.
WORLD: dict[str, list[Any]] = {
    "country": ["be", "nl", "z"],
    "title": ["", "sock", "socks", "big sock", "z"],
    "reason": [None, "damaged", "too_small"],
    "price": [0, 1, 2, 3, 4],
    "days_since_delivery": [None, -1, 0, 1, 2, 3, 4],
    "tag": [set(some) for size in range(5) for some in combinations(["a", "b", "ab", "z"], size)],
    "final_sale": [True, False],
}
WORDS = {
    "country": ["BE", "NL"],
    "title": ["sock", "socks", "big", "z"],
    "reason": ["damaged", "too_small"],
    "tag": ["a", "b", "ab"],
}


def several(field: str) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(WORDS[field]), min_size=1, max_size=2, unique=True).map(tuple)


def coded(field: str) -> st.SearchStrategy[Condition]:
    one = st.builds(
        Condition, st.just(field), st.sampled_from(["is", "is_not"]), st.sampled_from(WORDS[field])
    )
    more = st.builds(Condition, st.just(field), st.sampled_from(["in", "not_in"]), several(field))
    return one | more


def searched(field: str) -> st.SearchStrategy[Condition]:
    ops = st.sampled_from(["contains", "starts_with"])
    return st.builds(Condition, st.just(field), ops, st.sampled_from(WORDS[field]))


def numbered(field: str) -> st.SearchStrategy[Condition]:
    ops = st.sampled_from(["at_least", "at_most"])
    return st.builds(Condition, st.just(field), ops, st.integers(0, 3))


CONDITIONS = st.one_of(
    coded("country"),
    coded("title"),
    searched("title"),
    coded("reason"),
    numbered("price"),
    numbered("days_since_delivery"),
    coded("tag"),
    searched("tag"),
    st.builds(Condition, st.just("final_sale"), st.just("is"), st.booleans()),
)
LISTS = st.lists(CONDITIONS, max_size=4).map(tuple)


def worlds(*lists: tuple[Condition, ...]) -> list[Facts]:
    """All orders that differ in what the conditions look at."""
    fields = sorted({one.field for conditions in lists for one in conditions})
    return [dict(zip(fields, row, strict=True)) for row in product(*(WORLD[f] for f in fields))]


def applies(conditions: tuple[Condition, ...], facts: Facts) -> bool:
    rule = Rule(1, "r", conditions, make_rule(fee=1).effects)
    return bool(match(compile_rules((rule,)).rules, facts, 1))


@given(LISTS)
def test_what_is_called_impossible_never_applies(conditions: tuple[Condition, ...]) -> None:
    if not Reach(conditions).possible:
        assert not any(applies(conditions, facts) for facts in worlds(conditions))


@given(LISTS, LISTS)
def test_what_is_called_implied_is_so_for_every_order(
    one: tuple[Condition, ...], other: tuple[Condition, ...]
) -> None:
    if Reach(one).implies(other):
        for facts in worlds(one, other):
            assert not applies(one, facts) or applies(other, facts), facts


EXACT = st.one_of(
    coded("country"), numbered("price"), numbered("days_since_delivery"), coded("tag")
)
EXACT_LISTS = st.lists(EXACT, max_size=3).map(tuple)


@given(EXACT_LISTS)
def test_without_searches_every_rule_that_cannot_apply_is_found(
    conditions: tuple[Condition, ...],
) -> None:
    if not any(applies(conditions, facts) for facts in worlds(conditions)):
        assert not Reach(conditions).possible


@given(EXACT_LISTS, EXACT_LISTS)
def test_without_searches_every_implication_is_found(
    one: tuple[Condition, ...], other: tuple[Condition, ...]
) -> None:
    if all(not applies(one, facts) or applies(other, facts) for facts in worlds(one, other)):
        assert Reach(one).implies(other)


RULES = st.lists(
    st.builds(
        lambda conditions, fee, days: Rule(
            1,
            "r",
            conditions,
            make_rule(**({"fee": fee} | ({"window_days": days} if days else {}))).effects,
        ),
        LISTS,
        st.integers(0, 2),
        st.sampled_from([0, 20]),
    ),
    min_size=2,
    max_size=4,
).map(lambda rules: [Rule(n, r.name, r.conditions, r.effects) for n, r in enumerate(rules, 1)])


@given(RULES)
def test_a_rule_called_unreachable_or_never_decides_nothing_for_any_order(
    rules: list[Rule],
) -> None:
    dead = {f.rule_id for f in analyse(rules, Known()) if f.code in {"unreachable", "never"}}
    if not dead:
        return
    book = compile_rules(tuple(rules)).rules
    for facts in worlds(*(rule.conditions for rule in rules)):
        deciding = {decision.rule_id for decision in match(book, facts, 1).values()}
        assert not deciding & dead


@given(RULES)
def test_a_rule_called_contradicted_loses_to_those_named_and_a_shadowed_effect_never_counts(
    rules: list[Rule],
) -> None:
    book = compile_rules(tuple(rules)).rules
    orders = None
    for finding in analyse(rules, Known()):
        if finding.code != "shadowed":
            assert all(winner < finding.rule_id for winner in finding.rules)
            continue
        orders = orders or worlds(*(rule.conditions for rule in rules))
        for facts in orders:
            decided = match(book, facts, 1).get(finding.effect)
            assert decided is None or decided.rule_id != finding.rule_id


def codes(*rules: Rule, known: Known | None = None) -> list[tuple[str, int]]:
    numbered_rules = [Rule(n, r.name, r.conditions, r.effects) for n, r in enumerate(rules, 1)]
    return [
        (finding.code, finding.rule_id) for finding in analyse(numbered_rules, known or Known())
    ]


@pytest.mark.parametrize(
    "conditions",
    [
        [("price", "at_least", 5000), ("price", "at_most", 2000)],
        [("country", "is", "NL"), ("country", "is", "BE")],
        [("country", "in", ("NL",)), ("country", "is_not", "nl")],
        [("sku", "starts_with", "A"), ("sku", "starts_with", "B")],
        [("sku", "is", "SOCK-1"), ("sku", "contains", "shirt")],
        [("tag", "is", "wool"), ("tag", "not_in", ("wool", "cotton"))],
        [("discount_percent", "at_least", 100), ("discount_percent", "at_most", 99)],
        [("final_sale", "is", True), ("final_sale", "is", False)],
        [("resolution", "not_in", ("money", "exchange", "credit"))],
    ],
)
def test_conditions_that_exclude_each_other_never_apply(conditions: list[Any]) -> None:
    assert codes(make_rule(*conditions, fee=1)) == [("never", 1)]


def test_a_rule_behind_a_wider_one_that_decides_the_same_is_unreachable() -> None:
    wide = make_rule(("country", "in", ("BE", "DE")), fee=500)
    narrow = make_rule(("country", "is", "be"), ("price", "at_most", 2000), fee=0)

    assert codes(wide, narrow) == [("unreachable", 2)]
    assert codes(narrow, wide) == []


def test_an_effect_the_wider_rule_leaves_alone_is_still_reached() -> None:
    wide = make_rule(("country", "is", "BE"), fee=500)
    narrow = make_rule(("country", "is", "BE"), ("price", "at_most", 1), fee=0, window_days=60)

    assert codes(wide, narrow) == [("shadowed", 2)]


def test_rules_that_overlap_and_disagree_contradict_each_other_and_the_first_wins() -> None:
    belgium = make_rule(("country", "is", "BE"), rule_id=7, fee=500)
    damaged = make_rule(("reason", "is", "damaged"), rule_id=9, fee=0)
    same = make_rule(("reason", "is", "damaged"), rule_id=9, fee=500)

    (finding,) = analyse([belgium, damaged], KNOWN)

    assert finding == Finding("contradiction", 9, "fee", (7,))
    assert analyse([belgium, same], KNOWN) == []


def test_what_a_rule_names_must_exist() -> None:
    known = Known(
        reasons=KNOWN.reasons,
        others={"country": frozenset({"nl"}), "category": frozenset({"socks"})},
    )
    rule = make_rule(
        ("reason", "not_in", ("damaged", "too_blue")),
        ("country", "in", ("NL", "XX")),
        ("category", "is", "Hats"),
        ("category", "contains", "Shoe"),
        ("sku", "is", "A-1"),
        fee=1,
    )

    found = [(f.field, f.words) for f in analyse([rule], known) if f.code == "gone"]

    assert found == [("reason", ("too_blue",)), ("country", ("XX",)), ("category", ("Hats",))]
    assert named_words([rule], "category") == {"hats"}


def test_a_rule_that_refuses_what_is_the_shops_fault_says_for_which_reasons() -> None:
    socks = make_rule(("category", "is", "Socks"), rule_id=2, returnable=False)
    welcome = make_rule(("reason", "is", "damaged"), returnable=True)

    (alone,) = analyse([socks], KNOWN)
    contradiction, behind = analyse([welcome, socks], KNOWN)
    careful = make_rule(
        ("category", "is", "Socks"), ("reason", "not_in", KNOWN.fault_reasons), returnable=False
    )

    assert (alone.code, alone.words) == ("refuses_faulty", ("damaged", "wrong_item"))
    assert (contradiction.code, contradiction.rules) == ("contradiction", (1,))
    assert behind.words == ("wrong_item",)
    assert analyse([careful], KNOWN) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (make_rule(("category", "is", "Socks"), returnable=False), "refuses_withdrawal"),
        (make_rule(("country", "is", "BE"), country_closed=True), "refuses_withdrawal"),
        (make_rule(window_days=13), "short_window"),
        (make_rule(("discount_percent", "at_least", 40), resolutions=("credit",)), "no_money"),
        (make_rule(("country", "is", "CH"), country_closed=True), None),
        (make_rule(("days_since_delivery", "at_least", 15), returnable=False), None),
        (make_rule(window_days=14), None),
        (make_rule(resolutions=("credit", "money")), None),
        (make_rule(returnable={"returnable": True, "text": ""}), None),
    ],
)
def test_less_than_consumers_may_ask_for_is_pointed_out(rule: Rule, code: str | None) -> None:
    known = Known(consumer_countries=frozenset({"NL", "BE"}))

    assert [finding.code for finding in analyse([rule], known)] == ([code] if code else [])


def test_a_malformed_rule_is_passed_over() -> None:
    assert codes(make_rule(("colour", "is", "red"), fee=1), make_rule(fee="x"), known=KNOWN) == []
