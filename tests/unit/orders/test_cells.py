"""Numbers, dates and yes/no as files write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.orders.base import BadValue
from returnsite.orders.cells import (
    HabitFinder,
    read_decimal,
    read_flag,
    read_moment,
    read_quantity,
)

AMSTERDAM = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.95", "4.95"),
        ("4,95", "4.95"),
        ("1234,5", "1234.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("12.345.678,90", "12345678.90"),
        ("€ 4,95", "4.95"),
        ("€4.95", "4.95"),
        ("4,95 €", "4.95"),
        ("EUR 4.95", "4.95"),
        ("4.95 EUR", "4.95"),
        ("4,-", "4"),
        ("4,--", "4"),
        ("-4,95", "-4.95"),
        ("4,95-", "-4.95"),
        ("\u22124,95", "-4.95"),
        ("13.956300", "13.956300"),
        ("0.125", "0.125"),
        (".5", "0.5"),
        ("1234.567", "1234.567"),
        ("0", "0"),
        ("12", "12"),
    ],
)
def test_amounts_of_several_countries_are_read(text: str, expected: str) -> None:
    assert read_decimal(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "123,456"])
def test_an_amount_that_can_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="two amounts"):
        read_decimal(text)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("12.50", ",", "12.50"),
    ],
)
def test_the_habit_of_the_file_decides_what_an_amount_means(
    text: str, mark: str, expected: str
) -> None:
    assert read_decimal(text, mark) == Decimal(expected)


def test_three_digits_are_decimals_in_a_currency_that_has_three() -> None:
    assert read_decimal("1.234", None, 3) == Decimal("1.234")


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1.2.3", "1,23,4", "12.34.567", "1e3", "NaN", "Infinity", "٢", "--1", "9" * 41]
    + ["1.23,45.6", "0x10", "1_000"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_decimal(text)


@given(
    st.integers(min_value=0, max_value=10**11),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (".", ""), (",", "")]),
)
def test_any_amount_with_cents_survives_writing_and_reading(
    cents: int, marks: tuple[str, str]
) -> None:
    decimal_mark, group = marks
    written = f"{cents // 100:,}".replace(",", group) + f"{decimal_mark}{cents % 100:02}"
    assert read_decimal(written) == Decimal(cents) / 100


def test_the_decimal_mark_is_learnt_from_amounts_beyond_doubt() -> None:
    finder = HabitFinder()
    finder.see_amount("1.234")
    assert finder.habits().decimal_mark is None
    finder.see_amount("12,50")
    assert finder.habits().decimal_mark == ","
    finder.see_amount("3.5")
    assert finder.habits().decimal_mark is None


@pytest.mark.parametrize(("text", "units"), [("1", 1), ("12", 12), ("2.0", 2), ("2,00", 2)])
def test_units_are_whole_numbers(text: str, units: int) -> None:
    assert read_quantity(text) == units


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "1e1", "٢", "", "10" * 20, "2.000", "1,000", "two"]
)
def test_what_is_no_whole_number_of_units_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="whole number"):
        read_quantity(text)


@pytest.mark.parametrize("text", ["yes", "TRUE", "1", "Ja", "oui", "x"])
def test_yes_is_read_in_several_languages(text: str) -> None:
    assert read_flag(text, default=False) is True


@pytest.mark.parametrize("text", ["no", "False", "0", "Nee", "nein"])
def test_no_is_read_in_several_languages(text: str) -> None:
    assert read_flag(text, default=True) is False


def test_an_empty_cell_is_the_default_and_nonsense_is_refused() -> None:
    assert read_flag("", default=True) is True
    with pytest.raises(BadValue, match="neither"):
        read_flag("perhaps", default=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02", "2026-11-01T23:00"),
        ("2026-07-02", "2026-07-01T22:00"),
        ("2026-11-02 10:30", "2026-11-02T09:30"),
        ("2026-11-02T10:30:00", "2026-11-02T09:30"),
        ("2026-11-02T10:30:00Z", "2026-11-02T10:30"),
        ("2026-11-02T10:30:00.123456Z", "2026-11-02T10:30"),
        ("2026-11-02T10:30:00+05:30", "2026-11-02T05:00"),
        ("2026-11-02 10:30:00 -0500", "2026-11-02T15:30"),
        ("2026-11-02 10:30:00 UTC", "2026-11-02T10:30"),
        ("02-11-2026", "2026-11-01T23:00"),
        ("2.11.2026", "2026-11-01T23:00"),
        ("2/11/2026 10:30", "2026-11-02T09:30"),
        ("11/13/2026 1:05 PM", "2026-11-13T12:05"),
        ("02-11-2026 12:05 AM", "2026-11-01T23:05"),
        ("31-12-2026 23:59:59", "2026-12-31T22:59"),
    ],
)
def test_dates_are_read_as_local_time_of_the_shop_unless_they_say_otherwise(
    text: str, expected: str
) -> None:
    read = read_moment(text, AMSTERDAM)
    assert read.tzinfo == UTC
    assert read.replace(second=0, microsecond=0, tzinfo=None) == datetime.fromisoformat(expected)


def test_the_month_comes_first_where_the_file_writes_so() -> None:
    assert read_moment("11/02/2026", "UTC", False) == datetime(2026, 11, 2, tzinfo=UTC)
    assert read_moment("11/02/2026", "UTC", True) == datetime(2026, 2, 11, tzinfo=UTC)
    finder = HabitFinder()
    finder.see_date("11/02/2026")
    assert finder.habits().day_first is None
    finder.see_date("11/25/2026")
    assert finder.habits().day_first is False


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-13-01", "2026-02-30", "31-02-2026", "1/2/26", "0001-01-01", "9999-12-31"]
    + ["", "12345", "2026-11-02T25:00:00", "2026-11-02T10:30:00+99:00"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_moment(text, AMSTERDAM)


def test_an_hour_that_does_not_exist_or_exists_twice_is_still_a_moment() -> None:
    skipped = read_moment("2026-03-29 02:30", AMSTERDAM)
    doubled = read_moment("2026-10-25 02:30", AMSTERDAM)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert doubled == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
