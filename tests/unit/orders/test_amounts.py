"""What was paid for each line: rounded once, and summing to what was paid for the order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.orders.amounts import minor, settle
from returnsite.orders.base import BadValue

prices = st.decimals(min_value=0, max_value=10_000, places=6, allow_nan=False)
currencies = st.sampled_from(["EUR", "JPY", "KWD"])


def test_exact_amounts_stay_as_they_are() -> None:
    settled = settle([Decimal("19.95"), Decimal("5")], currency="EUR", shipping=Decimal("4.95"))
    assert settled.lines == (1995, 500)
    assert settled.shipping == 495


def test_a_voucher_for_the_whole_order_is_shared_by_its_lines() -> None:
    settled = settle(
        [Decimal(80), Decimal(20)], currency="EUR", shipping=Decimal(5), paid=Decimal(55)
    )
    assert settled.lines == (4000, 1000)
    assert settled.shipping == 500


def test_an_order_paid_by_voucher_alone_leaves_nothing_to_refund() -> None:
    settled = settle([Decimal(80), Decimal(20)], currency="EUR", shipping=5, paid=Decimal(0))
    assert settled.lines == (0, 0)
    assert settled.shipping == 0


def test_rounding_differences_of_a_few_cents_are_spread() -> None:
    settled = settle([Decimal("33.333")] * 3, currency="EUR", paid=Decimal("100.00"))
    assert sum(settled.lines) == 10000
    assert set(settled.lines) <= {3333, 3334}


def test_a_total_above_the_lines_says_nothing_about_them() -> None:
    settled = settle([Decimal(10)], currency="EUR", paid=Decimal(25))
    assert settled.lines == (1000,)


def test_where_the_file_gives_final_amounts_a_contradiction_is_refused() -> None:
    with pytest.raises(BadValue, match=r"add up to 10\.00, but the order says that 8\.00"):
        settle([Decimal(10)], currency="EUR", paid=Decimal(8), strict=True)


@pytest.mark.parametrize("amounts", [[Decimal(-1)], [Decimal(5), Decimal("-0.01")]])
def test_negative_amounts_are_refused(amounts: list[Decimal]) -> None:
    with pytest.raises(BadValue, match="below zero"):
        settle(amounts, currency="EUR")


def test_an_amount_no_order_has_is_refused() -> None:
    with pytest.raises(BadValue, match="too large"):
        minor(Decimal("1e15"), "EUR")


@given(st.lists(prices, min_size=1, max_size=12), prices, currencies)
def test_without_a_total_lines_and_shipping_are_the_sum_rounded_once(
    amounts: list[Decimal], shipping: Decimal, currency: str
) -> None:
    settled = settle(amounts, currency=currency, shipping=shipping)
    exact = [minor(amount, currency) for amount in amounts]
    assert sum(settled.lines) == minor(sum(map(Fraction, amounts), Fraction(0)), currency)
    assert all(abs(got - want) <= 1 for got, want in zip(settled.lines, exact, strict=True))


@given(
    st.lists(prices, min_size=1, max_size=12),
    st.integers(min_value=0, max_value=2000),
    st.fractions(min_value=0, max_value=1),
    currencies,
)
def test_lines_and_shipping_sum_to_what_was_paid_whatever_the_discount(
    amounts: list[Decimal], shipping: int, kept: Fraction, currency: str
) -> None:
    listed = sum(map(Fraction, amounts), Fraction(0))
    paid = listed * kept + shipping
    settled = settle(amounts, currency=currency, shipping=shipping, paid=paid)
    assert sum(settled.lines) + settled.shipping == minor(paid, currency)
    assert all(line >= 0 for line in settled.lines)
    for line, amount in zip(settled.lines, amounts, strict=True):
        assert line <= minor(amount, currency) + 1
