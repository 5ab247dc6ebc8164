"""What a return costs: the schedule, the rules, the waivers and the cap."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.errors import UnknownResolution
from returnsite.domain.facts import Basket, Choice
from returnsite.domain.fees import FeeQuote, quote_fee, settled_resolution
from returnsite.domain.policy import FeeEntry, FeeSchedule, Method, Policy, Resolution
from tests.unit.domain.builders import (
    DELIVERED,
    FLAT_FEE,
    NOW,
    make_line,
    make_order,
    make_policy,
    make_rule,
    take,
)

SCHEDULE = FeeSchedule(
    entries=(
        FeeEntry(395),
        FeeEntry(595, country="DE"),
        FeeEntry(495, method=Method.PICKUP),
        FeeEntry(695, method=Method.PICKUP, country="DE"),
    )
)
LINES = (make_line(1), make_line(2, category="Sokken"))


def quote(
    *choices: Choice,
    policy: Policy | None = None,
    method: str | None = "drop_off_point",
    country: str = "NL",
    value: int = 7_190,
    refundable: int = 100_000,
    now: datetime = NOW,
) -> FeeQuote:
    return quote_fee(
        policy or make_policy(fees=FLAT_FEE),
        make_order(country=country, value=value),
        LINES,
        Basket(choices or (take(1),), method),
        method=method,
        refundable=refundable,
        now=now,
    )


@pytest.mark.parametrize(
    ("method", "country", "amount"),
    [
        ("drop_off_point", "NL", 395),
        ("drop_off_labelless", "NL", 395),
        ("drop_off_point", "DE", 595),
        ("pickup", "NL", 495),
        ("pickup", "DE", 695),
        (None, "NL", 395),
        (None, "DE", 595),
        ("in_store", "NL", 0),
        ("in_store", "DE", 0),
    ],
)
def test_the_most_specific_fee_counts(method: str | None, country: str, amount: int) -> None:
    assert quote(policy=make_policy(fees=SCHEDULE), method=method, country=country) == FeeQuote(
        amount, amount, None, ()
    )


def test_the_method_is_more_specific_than_the_country() -> None:
    fees = FeeSchedule(entries=(FeeEntry(1, country="DE"), FeeEntry(2, method=Method.PICKUP)))

    assert quote(policy=make_policy(fees=fees), method="pickup", country="DE").amount == 2


def test_a_shop_without_fees_charges_nothing() -> None:
    assert quote(policy=make_policy()) == FeeQuote(0, 0, None, ())


def test_a_store_visit_costs_what_its_own_entry_says() -> None:
    fees = FeeSchedule(entries=(FeeEntry(395), FeeEntry(100, method=Method.IN_STORE)))
    rule = make_rule(fee=695)

    assert quote(policy=make_policy(fees=fees), method="in_store").amount == 100
    assert quote(policy=make_policy(rule, fees=FLAT_FEE), method="in_store").amount == 0
    assert quote(policy=make_policy(rule, fees=fees), method="in_store").amount == 695


def test_museum_24_the_fee_is_taken_once_a_return_and_never_beyond_the_refund() -> None:
    assert quote(take(1)).amount == 395
    assert quote(take(1), take(2)).amount == 395
    assert quote(take(1), refundable=395) == FeeQuote(395, 395, None, ())
    assert quote(take(1), refundable=394) == FeeQuote(394, 395, "nothing_to_deduct", ())
    assert quote(take(1), refundable=0) == FeeQuote(0, 395, "nothing_to_deduct", ())
    assert quote(take(1), refundable=-5).amount == 0


def test_museum_24_the_fee_is_free_from_the_order_value_the_shop_set() -> None:
    fees = FeeSchedule(entries=(FeeEntry(395),), free_from_order_value=7_500)
    policy = make_policy(fees=fees)

    assert quote(policy=policy, value=7_499).amount == 395
    assert quote(policy=policy, value=7_500) == FeeQuote(0, 395, "order_value", ())


def test_one_line_through_the_shops_fault_makes_the_whole_return_free() -> None:
    answer = quote(take(1), take(2, reason="wrong_item"))

    assert answer == FeeQuote(0, 395, "shop_fault", ())
    strict = make_policy(fees=FeeSchedule((FeeEntry(395),), free_for_shop_fault=False))
    assert quote(take(2, reason="wrong_item"), policy=strict).amount == 395


def test_a_rules_fee_replaces_the_schedules() -> None:
    policy = make_policy(make_rule(("country", "is", "BE"), fee=695), fees=FLAT_FEE)

    belgian = quote(policy=policy, country="BE")
    assert (belgian.amount, belgian.base, belgian.waived_by) == (695, 695, None)
    assert [(d.rule_id, d.line_id, d.value) for d in belgian.decisions] == [(1, 1, 695)]
    assert quote(policy=policy).amount == 395


def test_a_return_costs_as_much_as_its_dearest_line() -> None:
    policy = make_policy(
        make_rule(("category", "is", "Sokken"), fee=150),
        make_rule(("reason", "is", "changed_mind"), rule_id=2, fee=900),
        fees=FLAT_FEE,
    )

    assert quote(take(2), policy=policy).amount == 150
    assert quote(take(1), take(2), policy=policy).amount == 395, "line 1 keeps the schedule's"
    dearest = quote(take(1, reason="changed_mind"), take(2), policy=policy)
    assert dearest.amount == 900
    assert [decision.value for decision in dearest.decisions] == [900, 150]


def test_a_rule_that_makes_a_return_free_says_so() -> None:
    policy = make_policy(make_rule(("category", "is", "Sokken"), fee=0), fees=FLAT_FEE)

    answer = quote(take(2), policy=policy)

    assert (answer.amount, answer.base, answer.waived_by) == (0, 395, "rule")


def test_a_cheaper_rule_shows_what_it_would_have_been() -> None:
    policy = make_policy(make_rule(fee=200), fees=FLAT_FEE)

    answer = quote(policy=policy)

    assert (answer.amount, answer.base, answer.waived_by) == (200, 395, None)


def test_a_malformed_fee_rule_charges_what_the_schedule_says() -> None:
    for bad in (-1, 3.95, "free", None, True):
        assert quote(policy=make_policy(make_rule(fee=bad), fees=FLAT_FEE)).amount == 395


def test_a_rule_can_ask_for_more_from_a_late_return() -> None:
    policy = make_policy(make_rule(("days_since_delivery", "at_least", 10), fee=900), fees=FLAT_FEE)

    assert quote(policy=policy, now=DELIVERED + timedelta(days=9)).amount == 395
    assert quote(policy=policy, now=DELIVERED + timedelta(days=10)).amount == 900


RESOLUTIONS = ("money", "exchange", "credit")
REASON_CODES = ("too_small", "damaged")
METHODS = ("drop_off_point", "pickup", "in_store")
COUNTRIES = ("NL", "DE")


@pytest.mark.parametrize("free_for_exchange", [False, True])
@pytest.mark.parametrize("free_for_credit", [False, True])
@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("reason", REASON_CODES)
@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("method", METHODS)
def test_museum_25_fee_matrix_of_resolution_reason_country_and_method(
    method: str,
    country: str,
    reason: str,
    resolution: str,
    free_for_credit: bool,
    free_for_exchange: bool,
) -> None:
    fees = FeeSchedule(
        entries=SCHEDULE.entries,
        free_for_exchange=free_for_exchange,
        free_for_credit=free_for_credit,
    )
    base = {
        ("drop_off_point", "NL"): 395,
        ("drop_off_point", "DE"): 595,
        ("pickup", "NL"): 495,
        ("pickup", "DE"): 695,
    }.get((method, country), 0)
    waived_by = None
    if base and reason == "damaged":
        waived_by = "shop_fault"
    elif base and (
        (resolution == "exchange" and free_for_exchange)
        or (resolution == "credit" and free_for_credit)
    ):
        waived_by = resolution

    answer = quote(
        take(1, reason=reason, resolution=resolution),
        policy=make_policy(fees=fees),
        method=method,
        country=country,
    )

    assert answer == FeeQuote(0 if waived_by else base, base, waived_by, ())


@pytest.mark.parametrize(
    ("resolutions", "waived_by"),
    [
        (("exchange", "exchange"), "exchange"),
        (("credit", "credit"), "credit"),
        (("exchange", "credit"), "exchange"),
        (("exchange", "money"), None),
        (("money", "money"), None),
        ((None, "exchange"), None),
    ],
)
def test_every_line_must_be_exchanged_or_credited_for_the_waiver(
    resolutions: tuple[str | None, str], waived_by: str | None
) -> None:
    policy = make_policy(
        fees=FeeSchedule((FeeEntry(395),), free_for_exchange=True, free_for_credit=True)
    )
    choices = [take(i, resolution=one) for i, one in enumerate(resolutions, start=1)]

    assert quote(*choices, policy=policy).waived_by == waived_by


def test_a_choice_of_somebody_elses_line_costs_and_waives_nothing() -> None:
    assert quote(take(1), take(99, reason="damaged")).amount == 395


@pytest.mark.parametrize(
    ("offered", "assumed"),
    [
        (tuple(Resolution), Resolution.MONEY),
        ((Resolution.CREDIT, Resolution.MONEY), Resolution.MONEY),
        ((Resolution.EXCHANGE, Resolution.CREDIT), Resolution.EXCHANGE),
        ((), Resolution.MONEY),
    ],
)
def test_until_a_resolution_is_chosen_money_is_assumed(
    offered: tuple[Resolution, ...], assumed: Resolution
) -> None:
    assert settled_resolution(make_policy(resolutions=offered), Choice(1, 1)) is assumed


def test_a_resolution_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownResolution):
        quote(take(1, resolution="gold"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, *Method]),
            st.sampled_from([None, "NL", "DE"]),
            st.integers(0, 999),
        ),
        max_size=6,
    ),
    st.sampled_from([None, *Method]),
    st.sampled_from(RESOLUTIONS),
    st.sampled_from(["too_small", "damaged", "wrong_item", None]),
    st.integers(0, 1200),
)
def test_no_fee_is_negative_or_beyond_the_refund_or_dearer_than_any_entry(
    entries: list[tuple[Method | None, str | None, int]],
    method: Method | None,
    resolution: str,
    reason: str | None,
    refundable: int,
) -> None:
    fees = FeeSchedule(tuple(FeeEntry(amount, m, c) for m, c, amount in entries))
    answer = quote(
        take(1, reason=reason, resolution=resolution),
        policy=make_policy(fees=fees),
        method=method,
        refundable=refundable,
    )

    assert 0 <= answer.amount <= min(answer.base, refundable)
    assert answer.base in {0, *(amount for _, _, amount in entries)}
    assert (answer.waived_by is not None) == (answer.amount < answer.base)


def test_an_order_in_another_currency_is_not_charged_the_shops_amounts() -> None:
    found = quote_fee(
        make_policy(fees=FLAT_FEE),
        make_order(currency="GBP"),
        LINES,
        Basket((take(1),), "drop_off_point"),
        method="drop_off_point",
        refundable=100_000,
        now=NOW,
    )
    assert found == FeeQuote(0, 0, None, ())
