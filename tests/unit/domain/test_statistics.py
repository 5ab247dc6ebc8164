"""Shares with their margins, ranks that respect them, and middle values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.statistics import quantile, share_of, surely_differ


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Reckoned by hand from Wilson (1927), rounded to four digits.
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (3, 4, 0.3006, 0.9544),
        (300, 900, 0.3033, 0.3648),
        (61, 212, 0.2310, 0.3520),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_the_margin_is_that_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    share = share_of(part, whole)
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


def test_three_of_four_do_not_outrank_three_hundred_of_nine_hundred() -> None:
    few, many = share_of(3, 4), share_of(300, 900)
    assert few.share == 0.75
    assert few.low < many.low
    assert not few.is_enough
    assert many.is_enough


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_the_share_lies_in_its_margin_and_the_margin_in_nought_to_one(part: int, more: int) -> None:
    share = share_of(part, part + more - 1)
    if share.share is not None:
        assert 0 <= share.low <= share.share <= share.high <= 1


@given(st.integers(0, 100), st.integers(1, 100), st.integers(2, 50))
def test_more_cases_of_the_same_share_are_surer(part: int, rest: int, times: int) -> None:
    once, often = share_of(part, part + rest), share_of(part * times, (part + rest) * times)
    assert often.high - often.low < once.high - once.low


def test_nothing_has_no_share_and_more_than_all_counts_as_all() -> None:
    assert share_of(0, 0).share is None
    assert share_of(7, 5).high == 1


@pytest.mark.parametrize(
    ("a", "b", "differ"),
    [
        ((300, 900), (200, 900), True),
        ((3, 4), (300, 900), False),
        ((10, 100), (12, 100), False),
        ((0, 0), (5, 10), False),
    ],
)
def test_a_difference_counts_only_where_chance_does_not_explain_it(
    a: tuple[int, int], b: tuple[int, int], differ: bool
) -> None:
    assert surely_differ(share_of(*a), share_of(*b)) is differ
    assert surely_differ(share_of(*b), share_of(*a)) is differ


@given(st.lists(st.integers(0, 10_000), min_size=1), st.sampled_from([0.5, 0.9]))
def test_a_quantile_is_the_smallest_value_that_so_many_do_not_exceed(
    values: list[int], q: float
) -> None:
    middle = quantile(sorted(values), q)
    assert middle is not None
    assert sum(1 for value in values if value <= middle.value) >= q * len(values)
    assert sum(1 for value in values if value < middle.value) < q * len(values)
    assert middle.low <= middle.value <= middle.high


def test_no_values_have_no_middle() -> None:
    assert quantile([], 0.5) is None
