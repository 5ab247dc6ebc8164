"""What other rules would have changed, item by item."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.eligibility import assess_line, judge_line
from returnsite.domain.facts import Choice
from returnsite.domain.policy import Policy, Resolution, Rule
from returnsite.domain.rule_logic import Sieve
from returnsite.domain.rule_trial import Case, Outcome, Trial
from returnsite.domain.rules import compile_rules, decide, facts_of, match
from returnsite.domain.window import days_since_delivery
from tests.unit.domain.builders import (
    DELIVERED,
    FLAT_FEE,
    make_line,
    make_order,
    make_policy,
    make_rule,
    take,
)

SOCK = make_line(sku="SOCK", title="Socks", category="Socks", line_paid=1999)
ASKED = Choice(1, 1)
WEEK_LATER = DELIVERED + timedelta(days=7)


def policy(*rules: Rule, **settings: Any) -> Policy:
    return make_policy(*rules, fees=FLAT_FEE, **settings)


def case(choice: Choice = ASKED, *, line: Any = SOCK, **facts: Any) -> Case:
    return Case(make_order(**facts), line, choice, WEEK_LATER, "drop_off_point")


REFUSE = make_rule(("category", "is", "Socks"), rule_id=2, returnable=False)
FREE = make_rule(("reason", "is", "damaged"), rule_id=1, fee=0)


def test_equal_outcomes_are_no_difference_whoever_decides() -> None:
    same = make_rule(("category", "is", "Socks"), rule_id=9, fee=395)

    assert Trial(policy(), policy()).judge(case()) is None
    assert Trial(policy(), policy(same)).judge(case()) is None


def test_an_item_that_would_be_refused_names_the_rule() -> None:
    found = Trial(policy(), policy(REFUSE)).judge(case())

    assert found is not None
    assert (found.kind, found.reason) == ("refused", None)
    assert (found.now, found.then) == (
        Outcome("open", None),
        Outcome("closed", "not_returnable", 2),
    )


def test_an_item_that_would_be_accepted_names_the_rule_that_refused_it() -> None:
    found = Trial(policy(REFUSE), policy()).judge(case())

    assert found is not None
    assert (found.kind, found.now.rule_id, found.then.rule_id) == ("accepted", 2, 0)


def test_a_real_return_is_judged_by_its_own_reason() -> None:
    trial = Trial(policy(), policy(FREE, REFUSE))

    damaged = trial.judge(case(take(reason="damaged")))
    excused = Trial(
        policy(),
        policy(
            make_rule(
                ("category", "is", "Socks"), ("reason", "is_not", "damaged"), returnable=False
            )
        ),
    )

    assert damaged is not None
    assert (damaged.kind, damaged.reason, damaged.fault) == ("refused", "damaged", "carrier")
    assert excused.judge(case(take(reason="damaged"))) is None


def test_without_a_return_each_reason_that_rules_tell_apart_is_tried() -> None:
    only_small = make_rule(("reason", "is", "too_small"), rule_id=3, returnable=False)
    found = Trial(policy(), policy(only_small)).judge(case())

    assert found is not None
    assert (found.kind, found.reason, found.then.rule_id) == ("refused", "too_small", 3)


def test_the_weightiest_difference_of_all_reasons_is_told() -> None:
    dearer = make_rule(("category", "is", "Socks"), rule_id=4, fee=695)
    refused = make_rule(("reason", "is", "changed_mind"), rule_id=5, returnable=False)

    found = Trial(policy(), policy(dearer, refused)).judge(case())

    assert found is not None
    assert found.kind == "refused"


@pytest.mark.parametrize(
    ("rule", "now", "then"),
    [
        (make_rule(rule_id=3, fee=695), Outcome("fee", 395), Outcome("fee", 695, 3)),
        (make_rule(rule_id=3, fee=0), Outcome("fee", 395), Outcome("fee", 0, 3)),
        (
            make_rule(rule_id=3, window_days=60),
            Outcome("last_day", date(2026, 12, 12)),
            Outcome("last_day", date(2027, 1, 11), 3),
        ),
        (
            make_rule(rule_id=3, resolutions=("credit",)),
            Outcome("resolutions", tuple(Resolution)),
            Outcome("resolutions", (Resolution.CREDIT,), 3),
        ),
        (
            make_rule(rule_id=3, manual_approval=True),
            Outcome("manual_approval", False),
            Outcome("manual_approval", True, 3),
        ),
    ],
)
def test_what_else_differs_is_told_with_its_rule(rule: Rule, now: Outcome, then: Outcome) -> None:
    found = Trial(policy(), policy(rule)).judge(case())

    assert found is not None
    assert (found.now, found.then) == (now, then)


def test_a_shorter_window_refuses_what_came_back_later() -> None:
    late = Case(make_order(), SOCK, take(), DELIVERED + timedelta(days=20), "pickup")
    short = make_rule(rule_id=6, window_days=14)

    found = Trial(policy(), policy(short)).judge(late)

    assert found is not None
    assert found.then == Outcome("closed", "window_over", 6)


def test_a_fee_the_shops_fault_waives_anyway_is_no_difference() -> None:
    dearer = make_rule(rule_id=3, fee=695)

    assert Trial(policy(), policy(dearer)).judge(case(take(reason="damaged"))) is None


def test_items_of_one_return_cost_one_fee() -> None:
    dearer = make_rule(("category", "is", "Socks"), fee=695)
    shirt = make_line(2, category="Shirts")
    cases = [case(take(1)), case(take(2), line=shirt)]

    assert Trial(policy(), policy(dearer)).fees(cases) == (395, 695)
    assert Trial(policy(), policy(dearer)).fees(cases[1:]) == (395, 395)


FACTS = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["Socks", "Shirts"]),
        "line_paid": st.sampled_from([100, 1999, 5000]),
        "final_sale": st.booleans(),
        "is_goods": st.booleans(),
        "delivered_at": st.sampled_from([None, DELIVERED, DELIVERED - timedelta(days=40)]),
    }
)
RULE_PARTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                ("category", "is", "Socks"),
                ("reason", "is", "damaged"),
                ("price", "at_most", 1999),
                ("days_since_delivery", "at_least", 8),
                ("country", "is_not", "NL"),
            ]
        ),
        st.sampled_from(
            [
                {"returnable": False},
                {"returnable": True},
                {"fee": 695},
                {"fee": 0},
                {"window_days": 3},
                {"country_closed": True},
                {"resolutions": ("credit",)},
                {"methods": ("pickup",)},
                {"manual_approval": True},
            ]
        ),
    ),
    max_size=4,
)


def rules_of(parts: list[Any]) -> tuple[Rule, ...]:
    return tuple(make_rule(one, rule_id=n, **does) for n, (one, does) in enumerate(parts, 1))


@given(RULE_PARTS, FACTS, st.sampled_from(["damaged", "too_small"]))
def test_the_short_judgement_is_that_of_the_portal(
    parts: list[Any], facts: dict[str, Any], reason: str
) -> None:
    shop, order, line = policy(*rules_of(parts)), make_order(), make_line(**facts)
    choice = take(reason=reason)
    days = days_since_delivery(line, WEEK_LATER, shop.time_zone)
    decided = decide(shop.rules, order, line, choice, days_since_delivery=days)

    short = judge_line(shop, order, line, decided, now=WEEK_LATER)
    full = assess_line(shop, order, line, choice, now=WEEK_LATER)

    assert (short.why is None) is (full.status != "closed")
    for name in ("last_day", "resolutions", "methods", "manual_approval"):
        assert getattr(short, name) == getattr(full, name)


@given(RULE_PARTS, RULE_PARTS, st.lists(FACTS, min_size=2, max_size=5))
def test_a_trial_that_remembers_finds_what_a_new_one_finds(
    live: list[Any], draft: list[Any], many: list[dict[str, Any]]
) -> None:
    before, after = policy(*rules_of(live)), policy(*rules_of(draft))
    remembering = Trial(before, after)
    for facts in many:
        item = case(line=make_line(**facts))
        assert remembering.judge(item) == Trial(before, after).judge(item)


@given(RULE_PARTS, FACTS, FACTS)
def test_what_the_sieve_does_not_tell_apart_no_rule_does(
    parts: list[Any], one: dict[str, Any], other: dict[str, Any]
) -> None:
    rules = rules_of(parts)
    sieve, book = Sieve(rules), compile_rules(rules).rules
    first, second = (
        facts_of(make_order(), make_line(**facts), ASKED, days)
        for facts, days in ((one, 7), (other, 8))
    )
    if sieve.key(first) == sieve.key(second):
        assert match(book, first, 1) == match(book, second, 1)
