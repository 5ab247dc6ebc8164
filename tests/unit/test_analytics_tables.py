"""What leaves the shop: groups that could point at one person are not in it."""

from __future__ import annotations

import pytest

from returnsite.web.merchant.analytics.charts import count_scale, line, scale_for
from returnsite.web.merchant.analytics.tables import Cell, Row, Table


def _table(*sizes: int) -> list[object]:
    rows = [Row((Cell("a", "a"), Cell(str(n), n)), n) for n in sizes]
    return [line[1] for line in Table("t", "T", ("A", "B"), rows).for_files()[1:]]


@pytest.mark.parametrize(
    ("sizes", "written"),
    [
        ((9, 4, 3), [9, "<5", "<5"]),
        # One alone could be reckoned from the total: the next smallest goes with it.
        ((9, 7, 4), [9, "<5", "<5"]),
        ((9, 7, 0), [9, 7, 0]),
        ((5, 6), [5, 6]),
        ((4,), ["<5"]),
    ],
)
def test_small_groups_are_not_in_files(sizes: tuple[int, ...], written: list[object]) -> None:
    assert _table(*sizes) == written


def test_what_was_sold_stays_in_files_beside_a_small_group() -> None:
    rows = [Row((Cell("a", "a"), Cell("31", 31, is_sale=True), Cell("4", 4)), 4)]
    assert Table("t", "T", ("A", "Sold", "Back"), rows).for_files()[1] == ["a", 31, "<5"]


@pytest.mark.parametrize(
    ("highest", "end"), [(0, 4), (3, 4), (5, 8), (13, 20), (21, 40), (99, 120), (1000, 1200)]
)
def test_an_axis_of_counts_ends_at_a_number_with_whole_quarters(highest: int, end: int) -> None:
    assert count_scale([highest]) == end
    assert end % 4 == 0


def test_an_axis_of_shares_holds_the_highest() -> None:
    assert scale_for([]) == 0.02
    assert scale_for([0.31]) == 0.4
    assert scale_for([1.0]) == 1.0


def test_a_line_has_a_gap_where_nothing_was_sold() -> None:
    assert line([0.1, None, 0.2, 0.4], 0.4) == ["0.00,75.00 0.00,75.00", "66.67,50.00 100.00,0.00"]
