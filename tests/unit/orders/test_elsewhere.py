"""Money that went back outside the portal, line by line."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from returnsite.services.imports.elsewhere import GoneLine, amounts_elsewhere


def line(**values: Any) -> GoneLine:
    return GoneLine(
        **{
            "line_paid": 1000,
            "quantity": 2,
            "is_goods": True,
            "refunded": 0,
            "units_elsewhere": 0,
            **values,
        }
    )


def test_a_named_refund_belongs_to_its_line() -> None:
    assert amounts_elsewhere([line(refunded=300), line()]) == [300, 0]


def test_a_unit_that_came_back_takes_its_whole_share_even_when_less_was_refunded() -> None:
    assert amounts_elsewhere([line(refunded=100, units_elsewhere=1)]) == [500]


def test_a_refund_without_lines_is_spread_over_the_goods() -> None:
    lines = [line(), line(line_paid=3000), line(is_goods=False)]
    assert amounts_elsewhere(lines, loose=400) == [100, 300, 0]


def test_a_refund_of_a_return_made_here_takes_nothing_from_other_lines() -> None:
    """The feed reports our own return's refund, with the shipping, without naming lines."""
    lines = [line(own_share=1000), line()]
    assert amounts_elsewhere(lines, loose=1000 + 495, own_beside=495) == [0, 0]
    assert amounts_elsewhere([line(own_share=1000, refunded=1000), line()]) == [0, 0]


def test_what_a_refund_leaves_beyond_our_own_return_is_spread() -> None:
    lines = [line(own_share=1000), line()]
    assert amounts_elsewhere(lines, loose=1200) == [0, 200]


@given(
    st.lists(
        st.builds(
            line,
            line_paid=st.integers(0, 5000),
            quantity=st.integers(1, 5),
            refunded=st.integers(0, 6000),
            units_elsewhere=st.integers(0, 1),
            is_goods=st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 20_000),
)
def test_never_more_than_was_paid_and_the_same_again_when_seen_again(
    lines: list[GoneLine], loose: int
) -> None:
    amounts = amounts_elsewhere(lines, loose=loose)
    assert all(0 <= amount <= one.line_paid for amount, one in zip(amounts, lines, strict=True))
    again = [
        line(
            line_paid=one.line_paid,
            quantity=one.quantity,
            refunded=one.refunded,
            units_elsewhere=one.units_elsewhere,
            is_goods=one.is_goods,
            stored=amount,
        )
        for one, amount in zip(lines, amounts, strict=True)
    ]
    assert amounts_elsewhere(again, loose=loose) == amounts
