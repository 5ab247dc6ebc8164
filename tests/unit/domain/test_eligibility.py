"""May this line come back? Every reason why not, which one counts, and what a reason changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.eligibility import LineAssessment, assess_line
from returnsite.domain.facts import Choice, LineFacts, OrderFacts
from returnsite.domain.policy import Method, Policy, Resolution, UnknownDelivery
from tests.unit.domain.builders import (
    DELIVERED,
    NOW,
    REASONS,
    make_line,
    make_order,
    make_policy,
    make_rule,
    take,
)

DAMAGED_ALWAYS = make_rule(
    ("reason", "in", ("damaged", "wrong_item")), rule_id=9, returnable=True, window_days=730
)


def assess(
    line: LineFacts | None = None,
    policy: Policy | None = None,
    *,
    order: OrderFacts | None = None,
    choice: Choice | None = None,
    now: datetime = NOW,
) -> LineAssessment:
    return assess_line(
        policy or make_policy(), order or make_order(), line or make_line(), choice, now=now
    )


def test_a_line_inside_the_window_is_open_with_everything_the_shop_offers() -> None:
    answer = assess(make_line(7, quantity=3, qty_shipped=3, qty_claimed=1))

    assert answer == LineAssessment(
        line_id=7,
        status="open",
        max_quantity=2,
        why=None,
        params={},
        deadline=datetime(2026, 12, 12, 23, 0, tzinfo=UTC),
        last_day=date(2026, 12, 12),
        allowed_reasons=None,
        resolutions=tuple(Resolution),
        methods=tuple(Method),
        manual_approval=False,
        decisions=(),
    )


@pytest.mark.parametrize(
    ("line", "order", "settings", "why"),
    [
        ({}, {"cancelled": True}, {}, "cancelled"),
        ({"is_goods": False}, {}, {}, "not_goods"),
        ({"quantity": 2, "qty_shipped": 0}, {}, {}, "not_shipped"),
        ({"quantity": 2, "qty_shipped": 1, "qty_claimed": 1}, {}, {}, "all_returned"),
        ({"final_sale": True}, {}, {}, "not_returnable"),
        ({}, {}, {"window_days": 5}, "window_over"),
        (
            {"delivered_at": None},
            {},
            {"unknown_delivery": UnknownDelivery.CLOSED},
            "window_unknown_closed",
        ),
    ],
)
def test_a_closed_line_says_why(
    line: dict[str, Any], order: dict[str, Any], settings: dict[str, Any], why: str
) -> None:
    answer = assess(make_line(**line), make_policy(**settings), order=make_order(**order))

    assert (answer.status, answer.why, answer.max_quantity) == ("closed", why, 0)


def test_the_gravest_reason_is_the_one_given() -> None:
    rules = (
        make_rule(("country", "is", "NL"), country_closed=True),
        make_rule(rule_id=2, returnable=False),
    )
    worst = {"is_goods": False, "qty_claimed": 1, "final_sale": True}
    ladder: list[tuple[str, dict[str, Any], dict[str, Any], Any]] = [
        ("cancelled", worst, {"cancelled": True}, rules),
        ("not_goods", worst, {}, rules),
        ("country_closed", worst | {"is_goods": True}, {}, rules),
        ("all_returned", worst | {"is_goods": True}, {}, rules[1:]),
        ("not_returnable", {"final_sale": True}, {}, rules[1:]),
        ("window_over", {}, {}, ()),
    ]
    for why, line, order, active in ladder:
        answer = assess(
            make_line(**line), make_policy(*active, window_days=1), order=make_order(**order)
        )
        assert answer.why == why


def test_museum_11_a_cancelled_order_is_never_returnable() -> None:
    order = make_order(cancelled=True)
    policy = make_policy(make_rule(returnable=True, window_days=3650))

    assert assess(policy=policy, order=order).why == "cancelled"
    assert assess(policy=policy, order=order, choice=take(reason="damaged")).status == "closed"


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (13, "open"),
        (14, "open"),
        (15, "closed"),
        (31, "closed"),
        (45, "closed"),
        (61, "closed"),
        (366, "closed"),
    ],
)
def test_museum_08_a_window_does_not_open_again_after_a_month(days: int, status: str) -> None:
    answer = assess(policy=make_policy(window_days=14), now=DELIVERED + timedelta(days=days))

    assert answer.status == status
    assert answer.last_day == date(2026, 11, 26)
    if status == "closed":
        assert (answer.why, answer.params) == ("window_over", {"last_day": date(2026, 11, 26)})


def test_museum_10_without_a_delivery_date_no_order_stays_open_for_ever() -> None:
    shipped = NOW - timedelta(days=400)
    line = make_line(delivered_at=None, shipped_at=shipped)

    assert assess(line).why == "window_over"
    assert assess(line, make_policy(unknown_delivery=UnknownDelivery.OPEN)).status == "open"
    assert assess(line, make_policy(unknown_delivery=UnknownDelivery.CLOSED)).status == "closed"


def test_goods_without_any_date_are_open_until_one_is_known() -> None:
    answer = assess(make_line(delivered_at=None, shipped_at=None))

    assert (answer.status, answer.deadline, answer.last_day) == ("open", None, None)


def test_the_window_is_that_of_each_parcel() -> None:
    late = make_line(1, delivered_at=NOW - timedelta(days=40))
    early = make_line(2, delivered_at=NOW - timedelta(days=4))

    assert [assess(line).status for line in (late, early)] == ["closed", "open"]


def test_a_rule_gives_some_customers_longer() -> None:
    policy = make_policy(make_rule(("customer_tag", "is", "VIP"), window_days=60), window_days=7)
    regular = make_order(customer_tags=frozenset({"vip"}))

    assert assess(policy=policy).status == "closed"
    answer = assess(policy=policy, order=regular)
    assert (answer.status, answer.last_day) == ("open", date(2027, 1, 11))
    assert [decision.rule_id for decision in answer.decisions] == [1]


def test_a_refusal_passes_on_the_merchants_words() -> None:
    rule = make_rule(
        ("category", "is", "Sokken"), returnable={"returnable": False, "text": "Hygiëne"}
    )
    answer = assess(make_line(category="Sokken"), make_policy(rule))

    assert answer.why == "not_returnable"
    assert answer.params == {"rule": "Rule 1", "text": "Hygiëne"}


def test_final_sale_is_lifted_by_a_rule_that_says_returnable() -> None:
    rule = make_rule(("country", "is", "NL"), returnable=True)

    assert assess(make_line(final_sale=True)).params == {"final_sale": True}
    assert assess(make_line(final_sale=True), make_policy(rule)).status == "open"


def test_final_sale_is_conditional_when_damage_makes_it_returnable() -> None:
    policy = make_policy(DAMAGED_ALWAYS)
    line = make_line(final_sale=True, quantity=2)

    answer = assess(line, policy)

    assert (answer.status, answer.why) == ("conditional", "not_returnable")
    assert answer.allowed_reasons == ("wrong_item", "damaged")
    assert answer.max_quantity == 2
    assert assess(line, policy, choice=Choice(1, 1)).status == "conditional"


def test_with_a_reason_the_answer_is_exact() -> None:
    policy = make_policy(DAMAGED_ALWAYS)
    line = make_line(final_sale=True)

    refused = assess(line, policy, choice=take(reason="too_small"))
    allowed = assess(line, policy, choice=take(reason="damaged"))

    assert (refused.status, refused.why) == ("closed", "not_returnable")
    assert refused.allowed_reasons == ("wrong_item", "damaged")
    assert (allowed.status, allowed.why) == ("open", None)


def test_damage_is_not_bound_to_the_shops_window_when_a_rule_says_so() -> None:
    policy = make_policy(DAMAGED_ALWAYS, window_days=5)

    assert assess(policy=policy).status == "conditional"
    assert assess(policy=policy).last_day == date(2026, 11, 17)
    assert assess(policy=policy, choice=take(reason="damaged")).last_day == date(2028, 11, 11)


def test_a_closed_country_can_be_open_for_a_reason() -> None:
    policy = make_policy(
        make_rule(("reason", "is", "wrong_item"), country_closed=False),
        make_rule(("country", "is", "CH"), rule_id=2, country_closed=True),
    )
    swiss = make_order(country="CH")

    answer = assess(policy=policy, order=swiss)

    assert (answer.status, answer.why) == ("conditional", "country_closed")
    assert answer.params == {"country": "CH", "rule": "Rule 2"}
    assert answer.allowed_reasons == ("wrong_item",)
    assert assess(policy=policy).allowed_reasons is None


def test_a_reason_that_closes_an_open_line_is_left_out_of_those_allowed() -> None:
    policy = make_policy(make_rule(("reason", "is", "changed_mind"), returnable=False))

    answer = assess(policy=policy)

    assert answer.status == "open"
    assert answer.allowed_reasons == ("too_small", "wrong_item", "damaged")


def test_a_rule_about_every_other_reason_is_understood() -> None:
    policy = make_policy(make_rule(("reason", "is_not", "damaged"), returnable=False))

    assert assess(policy=policy).allowed_reasons == ("damaged",)


def test_each_named_reason_is_judged_by_its_own_rule() -> None:
    policy = make_policy(
        make_rule(("reason", "is", "damaged"), returnable=True),
        make_rule(("reason", "is", "wrong_item"), rule_id=2, returnable=False),
        make_rule(("reason", "is", "changed_mind"), rule_id=3, window_days=0),
    )

    assert assess(policy=policy).allowed_reasons == ("too_small", "damaged")
    assert assess(make_line(final_sale=True), policy).allowed_reasons == ("damaged",)


def test_a_shop_without_reasons_can_have_rules_about_them() -> None:
    answer = assess(make_line(final_sale=True), make_policy(DAMAGED_ALWAYS, reasons=()))

    assert (answer.status, answer.allowed_reasons) == ("closed", None)


def test_a_line_no_reason_opens_is_closed_from_the_start() -> None:
    codes = tuple(reason.code for reason in REASONS)
    policy = make_policy(make_rule(("reason", "in", codes), returnable=False))

    answer = assess(policy=policy)

    assert (answer.status, answer.why, answer.allowed_reasons) == ("closed", "not_returnable", ())


def test_reasons_do_not_bring_back_what_is_gone() -> None:
    policy = make_policy(DAMAGED_ALWAYS)
    gone = make_line(qty_claimed=1)

    assert assess(gone, policy).status == "closed"
    assert assess(gone, policy).allowed_reasons is None


def test_a_fee_for_a_reason_leaves_all_reasons_allowed() -> None:
    policy = make_policy(make_rule(("reason", "is", "damaged"), fee=0))

    answer = assess(policy=policy, choice=take(reason="damaged"))

    assert answer.allowed_reasons is None
    assert answer.decisions == (), "the fee is decided for the return as a whole"


def test_rules_narrow_resolutions_and_methods_to_what_the_shop_offers() -> None:
    policy = make_policy(
        make_rule(
            ("discount_percent", "at_least", 40),
            resolutions=["exchange", "credit"],
            methods=["in_store", "pickup"],
        ),
        resolutions=(Resolution.MONEY, Resolution.CREDIT),
        methods=(Method.PICKUP, Method.DROP_OFF_POINT),
    )
    on_sale = make_line(list_price=10_000, line_paid=5_000)

    answer = assess(on_sale, policy)

    assert answer.resolutions == (Resolution.CREDIT,)
    assert answer.methods == (Method.PICKUP,)
    assert assess(make_line(), policy).resolutions == policy.resolutions


def test_a_rule_that_would_leave_nothing_to_choose_is_passed_over() -> None:
    policy = make_policy(
        make_rule(resolutions=["exchange"], methods=["in_store"]),
        resolutions=(Resolution.MONEY,),
        methods=(Method.PICKUP,),
    )
    answer = assess(policy=policy)

    assert answer.resolutions == (Resolution.MONEY,)
    assert answer.methods == (Method.PICKUP,)


@pytest.mark.parametrize(
    ("shop", "rule", "review"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
def test_a_rules_word_on_approval_counts_above_the_shops_setting(
    shop: bool, rule: bool | None, review: bool
) -> None:
    rules = () if rule is None else (make_rule(manual_approval=rule),)

    assert assess(policy=make_policy(*rules, manual_approval=shop)).manual_approval is review


@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.booleans(),
    st.booleans(),
    st.integers(0, 90),
    st.sampled_from([None, *(reason.code for reason in REASONS)]),
)
def test_what_can_be_returned_is_never_more_than_what_is_open(
    shipped: int, claimed: int, final_sale: bool, cancelled: bool, age: int, reason: str | None
) -> None:
    line = make_line(
        quantity=5,
        qty_shipped=shipped,
        qty_claimed=min(claimed, shipped),
        final_sale=final_sale,
        delivered_at=NOW - timedelta(days=age),
    )
    answer = assess(
        line,
        make_policy(DAMAGED_ALWAYS),
        order=make_order(cancelled=cancelled),
        choice=Choice(1, 1, reason),
    )

    assert 0 <= answer.max_quantity <= line.qty_open
    assert (answer.max_quantity == 0) == (answer.status == "closed")
    assert (answer.why is None) == (answer.status == "open")
    if reason:
        assert answer.status != "conditional"


@given(
    st.integers(0, 90),
    st.booleans(),
    st.sampled_from(["is", "is_not"]),
    st.sampled_from([reason.code for reason in REASONS]),
    st.booleans(),
)
def test_the_allowed_reasons_are_exactly_those_that_get_an_open_answer(
    age: int, final_sale: bool, op: str, named: str, verdict: bool
) -> None:
    policy = make_policy(make_rule(("reason", op, named), returnable=verdict, window_days=45))
    line = make_line(final_sale=final_sale, delivered_at=NOW - timedelta(days=age))

    answer = assess(line, policy)
    exact = [
        reason.code
        for reason in REASONS
        if assess(line, policy, choice=take(reason=reason.code)).status == "open"
    ]

    if answer.allowed_reasons is None:
        assert exact == ([] if answer.why else [reason.code for reason in REASONS])
    else:
        assert list(answer.allowed_reasons) == exact
    assert (answer.status != "closed") == bool(exact)
