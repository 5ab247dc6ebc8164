"""Prices, discounts, taxes and rounding of the own CSV; tests name the bug they keep out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEADER = "order_number,placed_at,postcode,title,quantity,unit_price"
START = "1,2026-11-02,1012JS"


def paid(order: Any) -> list[int]:
    return [line.line_paid for line in order.lines]


def test_discounted_tax_medusa_14936_golden_case_100x2_less_20_at_10_percent(read: Any) -> None:
    """2 × 100 net, 20 off the order, 10 % tax: one unit is worth 99.00, not 97.90."""
    order = read(
        f"{HEADER},order_discount,prices_include_tax,tax_rate\n{START},A,2,100,20,no,10\n"
    ).only
    assert paid(order) == [19800]


def test_net_and_gross_priced_baskets_are_paid_alike_medusa_14136(read: Any) -> None:
    net = read(
        f"{HEADER},prices_include_tax,tax_rate,order_discount\n"
        f"{START},A,2,100,no,21,20\n{START},B,1,50,no,9,20\n"
    ).only
    gross = read(
        f"{HEADER},prices_include_tax,tax_rate,order_paid\n"
        f"{START},A,2,121.00,yes,21,272.78\n{START},B,1,54.50,yes,9,272.78\n"
    ).only
    assert paid(net) == paid(gross) == [22264, 5014]
    plain_net = read(f"{HEADER},prices_include_tax,tax_rate\n{START},A,2,100,no,21\n").only
    plain_gross = read(f"{HEADER}\n{START},A,2,121.00\n").only
    assert paid(plain_net) == paid(plain_gross) == [24200]


def test_full_refund_of_179_25_is_possible_woocommerce_64668(read: Any) -> None:
    """10 × 23.90 with 25 % off and tax included."""
    order = read(f"{HEADER},order_paid\n{START},A,10,23.90,179.25\n").only
    assert paid(order) == [17925]


def test_mixed_precision_is_rounded_once_woocommerce_ios_6885(read: Any) -> None:
    """Six decimals net plus two decimals tax must not exceed what was paid."""
    order = read(
        f"{HEADER},prices_include_tax,line_tax,order_paid\n"
        f"{START},A,3,8.264463,no,5.21,60.00\n{START},B,3,8.264463,no,5.21,60.00\n"
    ).only
    assert sum(paid(order)) == 6000
    assert paid(order) == [3000, 3000]


def test_unit_price_with_six_decimals_times_nine_prestashop_40271(read: Any) -> None:
    assert paid(read(f"{HEADER}\n{START},A,9,13.956300\n").only) == [12561]


def test_a_voucher_is_shared_by_all_items_prestashop_28284(read: Any) -> None:
    """The cheap item gives back its share: never nothing, never below zero, never all of it."""
    order = read(f"{HEADER},order_paid\n{START},Cheap,1,10,60\n{START},Dear,1,90,60\n").only
    assert paid(order) == [600, 5400]


def test_an_order_wide_discount_is_shared_solidus_512(read: Any) -> None:
    order = read(f"{HEADER},order_discount\n{START},A,1,6,1\n{START},B,1,4,1\n").only
    assert paid(order) == [540, 360]


def test_shipping_is_neither_lost_nor_part_of_the_lines_shopware_14237(read: Any) -> None:
    order = read(f"{HEADER},shipping_paid,order_paid\n{START},A,1,20,4.95,24.95\n").only
    assert (paid(order), order.shipping_paid) == ([2000], 495)


def test_a_free_item_is_worth_nothing(read: Any) -> None:
    assert paid(read(f"{HEADER}\n{START},A,1,0\n{START},B,1,5\n").only) == [0, 500]


def test_line_discounts_may_be_written_with_a_minus_sign(read: Any) -> None:
    text = f"{HEADER},line_discount\n{START},A,2,10,-3\n{START},B,2,10,3\n"
    assert paid(read(text).only) == [1700, 1700]


@pytest.mark.parametrize("column", ["line_discount", "order_discount"])
def test_a_discount_above_the_price_is_refused(read: Any, column: str) -> None:
    assert read(f"{HEADER},{column}\n{START},A,1,10,11\n").problem.column == column


def test_net_prices_without_tax_are_refused(read: Any) -> None:
    assert read(f"{HEADER},prices_include_tax\n{START},A,1,10,no\n").problem.column == "tax_rate"


def test_yen_and_dinars_have_their_own_decimals_gumroad_3749(read: Any) -> None:
    text = f"{HEADER},currency\n{START},A,1,5800,JPY\n2,2026-11-02,1012JS,B,1,1.234,KWD\n"
    assert [paid(order) for order in read(text).orders] == [[5800], [1234]]


rows_strategy = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.decimals(min_value=0, max_value=500, places=3, allow_nan=False),
        st.sampled_from([0, 9, 21]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows_strategy, st.integers(0, 1500), st.integers(50, 100))
def test_lines_and_shipping_sum_to_what_was_paid(
    read: Any, rows: list[tuple[int, Decimal, int]], shipping: int, percent: int
) -> None:
    listed = sum((quantity * price for quantity, price, _rate in rows), Decimal(0))
    total = (listed * percent / 100 + Decimal(shipping) / 100).quantize(Decimal("0.01"))
    lines = "".join(
        f"{START},Article {index},{quantity},{price:.4f},{rate},{Decimal(shipping) / 100},{total}\n"
        for index, (quantity, price, rate) in enumerate(rows)
    )
    order = read(f"{HEADER},tax_rate,shipping_paid,order_paid\n{lines}").only
    assert sum(paid(order)) + (order.shipping_paid or 0) == total * 100
    assert all(line >= 0 for line in paid(order))
