"""The refund statement: right to the cent, never negative, never more than was paid."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.facts import LineFacts
from returnsite.domain.money import allocate, from_decimal, round_half_up
from returnsite.domain.policy import FeeEntry, FeeSchedule, Resolution
from returnsite.domain.refunds import EntryType, LedgerEntry, Statement, entries, fingerprint
from tests.unit.domain.builders import (
    FLAT_FEE,
    make_line,
    make_order,
    make_policy,
    make_rule,
    make_statement,
    take,
)

SHIRT = make_line(1, quantity=3, line_paid=10_785, list_price=3_995)
COAT = make_line(2, line_paid=14_900, list_price=14_900)
BONUS = make_policy(credit_bonus_bp=1_000)


def balance(statement: Statement) -> int:
    return sum(entry.amount for entry in entries(statement))


def test_the_review_page_of_the_design_adds_up() -> None:
    result = make_statement(
        take(2, resolution="exchange", exchange_price=14_900),
        take(1, resolution="credit", reason="damaged"),
        lines=(SHIRT, COAT),
        policy=make_policy(credit_bonus_bp=1_000, fees=FLAT_FEE),
    )
    coat, shirt = result.lines

    assert (shirt.list_amount, shirt.discount_share, shirt.paid_amount) == (3_995, 400, 3_595)
    assert (shirt.refund_amount, shirt.bonus, shirt.exchange_difference) == (3_595, 360, 0)
    assert (coat.refund_amount, coat.exchange_difference) == (0, 0)
    assert result.fee is not None
    assert (result.fee.amount, result.fee.base, result.fee.waived_by) == (0, 395, "shop_fault")
    assert (result.money_total, result.credit_total, result.bonus_total) == (0, 3_955, 360)
    assert (result.to_pay, result.total, result.currency) == (0, 3_955, "EUR")


def test_museum_30_three_units_refund_three_units_not_nine() -> None:
    result = make_statement(take(1, 3), lines=(SHIRT,))

    assert result.total == 10_785
    assert make_statement(take(1, 1), lines=(SHIRT,)).total == 3_595


def test_museum_14_the_discount_is_taxed_once() -> None:
    """Two at 100 net, 20 off the order, 10 % tax: one unit back is 99.00, not 97.90."""
    line_paid = from_decimal((Decimal(200) - Decimal(20)) * Decimal("1.10"), "EUR")
    lines = (make_line(1, quantity=2, line_paid=line_paid),)

    assert make_statement(take(1, 1), lines=lines).total == 9_900
    assert make_statement(take(1, 2), lines=lines).total == 19_800


def test_museum_15_net_and_gross_prices_refund_the_same() -> None:
    gross = from_decimal(Decimal("36.30") * 3, "EUR")
    net = from_decimal(Decimal("30.00") * 3 * Decimal("1.21"), "EUR")

    totals = {
        make_statement(take(1, 2), lines=(make_line(1, quantity=3, line_paid=paid),)).total
        for paid in (gross, net)
    }

    assert totals == {7_260}


def test_museum_17_returning_one_line_never_changes_another() -> None:
    paid = allocate(10_000, [3_333, 3_333, 3_334])
    lines = tuple(make_line(i, line_paid=amount) for i, amount in enumerate(paid, start=1))

    alone = make_statement(take(2), lines=lines)
    gone = replace(lines[0], qty_claimed=1, returned_before=1, amount_before=paid[0])
    after = make_statement(take(2), lines=(gone, *lines[1:]))

    assert alone.lines == after.lines
    assert sum(make_statement(take(i), lines=lines).total for i in (1, 2, 3)) == 10_000


def test_museum_18_statement_ledger_and_fingerprint_tell_one_amount() -> None:
    result = make_statement(take(1, 2), lines=(SHIRT,), policy=make_policy(fees=FLAT_FEE))

    assert result.total == 7_190 - 395
    assert balance(result) == result.total == result.money_total
    assert entries(result) == (
        LedgerEntry(EntryType.ITEMS, 7_190, 1),
        LedgerEntry(EntryType.FEE, -395, None),
    )


def test_museum_23_an_order_paid_by_voucher_refunds_the_share_and_no_less_than_nothing() -> None:
    """A voucher of 45 on goods of 50: the socks of 5 were paid with 0.50."""
    cheap, dear = allocate(500, [500, 4_500])
    lines = (make_line(1, line_paid=cheap, list_price=500), make_line(2, line_paid=dear))

    result = make_statement(take(1), lines=lines, policy=make_policy(fees=FLAT_FEE))

    assert (result.lines[0].paid_amount, result.lines[0].discount_share) == (50, 450)
    assert result.fee is not None
    assert (result.fee.amount, result.fee.waived_by) == (50, "nothing_to_deduct")
    assert (result.total, result.to_pay, balance(result)) == (0, 0, 0)


def test_a_line_that_cost_nothing_refunds_nothing() -> None:
    result = make_statement(take(1), lines=(make_line(line_paid=0, list_price=0),))

    assert (result.total, entries(result)) == (0, ())


@pytest.mark.parametrize(
    ("before", "refunded_before", "shipping"),
    [(0, False, 0), (2, False, 495), (2, True, 0)],
)
def test_museum_26_outbound_shipping_comes_back_once_with_the_last_unit(
    before: int, refunded_before: bool, shipping: int
) -> None:
    line = replace(SHIRT, returned_before=before, amount_before=3_595 * before)
    result = make_statement(
        take(1),
        lines=(line,),
        order=make_order(shipping_paid=495),
        units_total=3,
        units_back_before=before,
        shipping_refunded_before=refunded_before,
    )

    assert result.outbound_shipping == shipping
    assert result.total == 3_595 + shipping


@pytest.mark.parametrize("shipping_paid", [0, -495])
def test_an_order_sent_for_free_has_no_shipping_to_give_back(shipping_paid: int) -> None:
    result = make_statement(take(1), order=make_order(shipping_paid=shipping_paid), units_total=1)

    assert (result.outbound_shipping, result.total) == (0, 3_595)


def test_museum_26_a_shop_may_keep_the_outbound_shipping() -> None:
    result = make_statement(
        take(1),
        order=make_order(shipping_paid=495),
        policy=make_policy(refund_outbound_shipping=False),
        units_total=1,
    )

    assert result.outbound_shipping == 0


def test_museum_26_exchanged_goods_are_not_back_and_other_lines_are_not_goods() -> None:
    order = make_order(shipping_paid=495)
    lines = (make_line(1), make_line(2), make_line(3, is_goods=False))
    known: dict[str, Any] = {"lines": lines, "order": order, "units_total": 2}

    exchanged = make_statement(take(1), take(2, resolution="exchange"), **known)
    both = make_statement(take(1), take(2, resolution="credit"), **known)

    assert exchanged.outbound_shipping == 0
    assert both.outbound_shipping == 495
    assert (both.money_total, both.credit_total) == (3_595 + 495, 3_595)


def test_shipping_is_credited_when_everything_is() -> None:
    result = make_statement(
        take(1, resolution="credit"), order=make_order(shipping_paid=495), units_total=1
    )

    assert (result.money_total, result.credit_total, result.bonus_total) == (0, 4_090, 0)


def test_museum_28_second_and_third_return_work_after_shipping_went_back() -> None:
    order = make_order(shipping_paid=495)
    total = units = amount = 0
    shipped_back = False
    # One unit, then the rest with the shipping, then one again after a cancelled return.
    for returning in (1, 2):
        line = replace(SHIRT, returned_before=units, amount_before=amount)
        result = make_statement(
            take(1, returning),
            lines=(line,),
            order=order,
            units_total=3,
            units_back_before=units,
            shipping_refunded_before=shipped_back,
        )
        units, amount = units + returning, amount + result.lines[0].paid_amount
        shipped_back = shipped_back or result.outbound_shipping > 0
        total += result.total

    assert total == 10_785 + 495
    line = replace(SHIRT, returned_before=2, amount_before=7_190)
    again = make_statement(
        take(1),
        lines=(line,),
        order=order,
        units_total=3,
        units_back_before=2,
        shipping_refunded_before=True,
    )
    assert (again.outbound_shipping, again.total) == (0, 3_595)


def test_the_bonus_is_rounded_half_up_for_each_line() -> None:
    lines = tuple(make_line(i, line_paid=1_005) for i in (1, 2))

    result = make_statement(
        take(1, resolution="credit"), take(2, resolution="credit"), lines=lines, policy=BONUS
    )

    assert [line.bonus for line in result.lines] == [101, 101]
    assert (result.credit_total, result.bonus_total) == (2_212, 202)


@pytest.mark.parametrize(
    ("price", "difference", "money", "to_pay"),
    [
        (3_595, 0, 0, 0),
        (None, 0, 0, 0),
        (4_000, 405, 0, 405),
        (3_000, -595, 595, 0),
        (0, -3_595, 3_595, 0),
    ],
)
def test_an_exchange_settles_only_the_difference(
    price: int | None, difference: int, money: int, to_pay: int
) -> None:
    result = make_statement(take(1, resolution="exchange", exchange_price=price))

    assert result.lines[0].exchange_difference == difference
    assert (result.money_total, result.to_pay, result.total) == (money, to_pay, money)
    assert balance(result) == money - to_pay


def test_an_exchange_price_counts_for_every_unit_and_only_for_exchanges() -> None:
    exchanged = make_statement(
        take(1, 2, resolution="exchange", exchange_price=4_000), lines=(SHIRT,)
    )
    refunded = make_statement(take(1, 2, exchange_price=4_000), lines=(SHIRT,))

    assert exchanged.lines[0].exchange_difference == 8_000 - 7_190
    assert refunded.lines[0].exchange_difference == 0


def test_what_an_exchange_costs_more_is_taken_off_money_then_credit() -> None:
    lines = (make_line(1, line_paid=1_000), make_line(2, line_paid=500), make_line(3))
    choices = (take(1), take(2, resolution="credit"))

    def with_exchange(price: int) -> tuple[int, int, int]:
        swap = take(3, resolution="exchange", exchange_price=3_595 + price)
        result = make_statement(*choices, swap, lines=lines)
        assert balance(result) == result.total - result.to_pay
        return result.money_total, result.credit_total, result.to_pay

    assert with_exchange(400) == (600, 500, 0)
    assert with_exchange(1_200) == (0, 300, 0)
    assert with_exchange(2_000) == (0, 0, 500)


def test_the_fee_is_taken_off_money_first_then_off_credit() -> None:
    lines = (make_line(1, line_paid=300), make_line(2, line_paid=1_000))
    result = make_statement(
        take(1), take(2, resolution="credit"), lines=lines, policy=make_policy(fees=FLAT_FEE)
    )

    assert (result.money_total, result.credit_total) == (0, 905)


def test_an_exchange_alone_is_never_charged_a_fee_it_cannot_take_off() -> None:
    result = make_statement(
        take(1, resolution="exchange", exchange_price=4_000), policy=make_policy(fees=FLAT_FEE)
    )

    assert result.fee is not None
    assert (result.fee.amount, result.fee.waived_by) == (0, "nothing_to_deduct")
    assert result.to_pay == 405


def test_units_of_one_order_line_in_two_parcels_share_its_price() -> None:
    first = make_line(1, order_line_id=7, quantity=3, line_paid=100, qty_shipped=2)
    second = make_line(2, order_line_id=7, quantity=3, line_paid=100, qty_shipped=1)

    result = make_statement(take(1, 2), take(2), lines=(first, second))

    assert [line.refund_amount for line in result.lines] == [67, 33]
    assert result.total == 100


def test_a_line_dearer_than_its_list_price_shows_no_discount() -> None:
    result = make_statement(take(1), lines=(make_line(line_paid=1_500, list_price=1_000),))

    assert (result.lines[0].list_amount, result.lines[0].discount_share) == (None, 0)


def test_a_line_paid_in_full_shows_its_price_without_a_discount() -> None:
    (line,) = make_statement(take(2), lines=(COAT,)).lines

    assert (line.list_amount, line.discount_share, line.paid_amount) == (14_900, 0, 14_900)


def test_a_choice_of_somebody_elses_line_is_not_refunded() -> None:
    assert make_statement(take(1), take(99)).total == 3_595
    assert make_statement(take(99)).lines == ()


def test_before_anything_is_chosen_there_is_no_fee_to_show() -> None:
    result = make_statement(policy=make_policy(fees=FLAT_FEE))

    assert (result.total, result.lines, result.fee) == (0, (), None)


def test_a_rule_about_days_reaches_the_statement() -> None:
    rule = make_rule(("days_since_delivery", "at_least", 10), fee=900)

    assert make_statement(take(1), policy=make_policy(rule)).total == 3_595 - 900


def test_the_fingerprint_follows_every_amount_and_nothing_else() -> None:
    policy = make_policy(fees=FLAT_FEE)
    base = make_statement(take(1), policy=policy)
    others = [
        make_statement(take(1), policy=make_policy(fees=FeeSchedule((FeeEntry(396),)))),
        make_statement(take(1, resolution="credit"), policy=policy),
        make_statement(take(1, reason="damaged"), policy=policy),
        make_statement(take(1), lines=(make_line(line_paid=3_596),), policy=policy),
        make_statement(take(1), policy=policy, order=make_order(currency="PLN")),
    ]

    assert fingerprint(base) == fingerprint(make_statement(take(1), policy=policy))
    dearer = make_policy(fees=FeeSchedule((FeeEntry(396),)))
    others.append(make_statement(take(1, reason="damaged"), policy=dearer))
    assert len({fingerprint(one) for one in [base, *others]}) == 7
    renamed = replace(make_rule(fee=395), name="New name")
    by_rule = make_statement(take(1), policy=make_policy(renamed, fees=FLAT_FEE))
    assert fingerprint(by_rule) == fingerprint(base)


choices_strategy = st.lists(
    st.tuples(
        st.sampled_from(["money", "exchange", "credit", None]),
        st.integers(1, 4),
        st.none() | st.integers(0, 50_000),
        st.sampled_from(["too_small", "damaged", None]),
    ),
    min_size=1,
    max_size=5,
)


@given(
    choices_strategy,
    st.lists(st.integers(0, 40_000), min_size=5, max_size=5),
    st.integers(0, 2_000),
    st.integers(0, 3_000),
    st.booleans(),
    st.integers(0, 2_000),
)
def test_whatever_is_chosen_the_statement_is_sound(
    answers: list[tuple[Any, ...]],
    paid: list[int],
    fee: int,
    bonus_bp: int,
    last: bool,
    shipping: int,
) -> None:
    lines = tuple(make_line(i, quantity=4, line_paid=paid[i - 1]) for i in range(1, 6))
    choices = [
        take(i, quantity, resolution=resolution, exchange_price=price, reason=reason)
        for i, (resolution, quantity, price, reason) in enumerate(answers, start=1)
    ]
    result = make_statement(
        *choices,
        lines=lines,
        policy=make_policy(fees=FeeSchedule((FeeEntry(fee),)), credit_bonus_bp=bonus_bp),
        order=make_order(shipping_paid=shipping),
        units_total=sum(choice.quantity for choice in choices) if last else 99,
    )

    assert result.fee is not None
    amounts = [result.money_total, result.credit_total, result.bonus_total, result.to_pay]
    assert min([*amounts, result.total, result.outbound_shipping, result.fee.amount]) >= 0
    assert result.total == result.money_total + result.credit_total
    assert balance(result) == result.total - result.to_pay
    assert not (result.total and result.to_pay), "nobody pays and is paid at once"
    most = sum(line.paid_amount for line in result.lines) + result.outbound_shipping
    assert result.total <= most + result.bonus_total
    assert [line.paid_amount for line in result.lines] == [
        round_half_up(Fraction(line.line_paid * choice.quantity, 4))
        for line, choice in zip(lines, choices, strict=False)
    ]


@given(st.integers(0, 99_999), st.integers(1, 12), st.data())
def test_any_sequence_of_returns_refunds_exactly_what_was_paid(
    line_paid: int, quantity: int, data: st.DataObject
) -> None:
    line: LineFacts = make_line(quantity=quantity, line_paid=line_paid)
    order = make_order(shipping_paid=495)
    units = amount = refunded = 0
    while units < quantity:
        returning = data.draw(st.integers(1, quantity - units))
        resolution = data.draw(st.sampled_from([Resolution.MONEY, Resolution.CREDIT]))
        result = make_statement(
            take(1, returning, resolution=resolution),
            lines=(replace(line, returned_before=units, amount_before=amount),),
            order=order,
            units_total=quantity,
            units_back_before=units,
        )
        units, amount = units + returning, amount + result.lines[0].paid_amount
        refunded += result.total

    assert amount == line_paid
    assert refunded == line_paid + 495
