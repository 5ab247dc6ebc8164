"""Periods of local days: presets, comparisons, and how they are cut and covered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.periods import (
    Comparison,
    Grain,
    Period,
    Preset,
    Step,
    compared,
    cover,
    day_number,
    days_of_month,
    local_day,
    preset_period,
    slices,
    step_for,
    utc_bounds,
)

DAYS = st.dates(date(2019, 12, 1), date(2026, 12, 31))
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@given(DAYS, st.integers(0, 800))
def test_a_cover_holds_every_day_once(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days=days))
    covered: list[int] = []
    for part in cover(period):
        if part.grain is Grain.DAY:
            covered += range(part.first, part.last + 1)
        else:
            for month in range(part.first, part.last + 1):
                start, end = days_of_month(month)
                covered += range(start, end + 1)
    assert sorted(covered) == list(range(day_number(period.first), day_number(period.last) + 1))


@given(DAYS, st.integers(0, 800), st.sampled_from(Step))
def test_slices_follow_each_other_and_hold_every_day(first: date, days: int, step: Step) -> None:
    period = Period(first, first + timedelta(days=days))
    cut = slices(period, step)
    assert cut[0].first == period.first
    assert cut[-1].last == period.last
    for before, after in pairwise(cut):
        assert after.first == before.last + timedelta(days=1)


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        (Preset.DAYS_30, "2024-02-01", "2024-03-01"),
        (Preset.DAYS_90, "2023-12-03", "2024-03-01"),
        (Preset.YEAR, "2024-01-01", "2024-03-01"),
        (Preset.LAST_YEAR, "2023-01-01", "2023-12-31"),
    ],
)
def test_presets_end_today_or_with_last_year(preset: Preset, first: str, last: str) -> None:
    period = preset_period(preset, date(2024, 3, 1))
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


def test_a_period_is_compared_with_as_many_days_before_or_the_same_a_year_ago() -> None:
    period = Period(date(2024, 2, 29), date(2024, 3, 29))
    before = compared(period, Comparison.BEFORE)
    assert before == Period(date(2024, 1, 30), date(2024, 2, 28))
    assert before.days == period.days
    assert compared(period, Comparison.YEAR_AGO) == Period(date(2023, 2, 28), date(2023, 3, 29))
    assert compared(period, Comparison.NONE) is None


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_day_is_as_long_as_the_clock_says(day: date, hours: int) -> None:
    start, end = utc_bounds(day, AMSTERDAM)
    assert end - start == timedelta(hours=hours)
    assert local_day(start, AMSTERDAM) == day
    assert local_day(end - timedelta(microseconds=1), AMSTERDAM) == day
    assert local_day(start - timedelta(microseconds=1), AMSTERDAM) == day - timedelta(days=1)


def test_a_midnight_that_does_not_exist_begins_the_day_after_the_gap() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # clocks go from 00:00 to 01:00
    start, end = utc_bounds(date(2024, 3, 31), beirut)
    assert start == datetime(2024, 3, 30, 22, 0, tzinfo=UTC)
    assert end - start == timedelta(hours=23)


@pytest.mark.parametrize(("days", "step"), [(31, Step.DAY), (90, Step.WEEK), (365, Step.MONTH)])
def test_longer_periods_are_cut_coarser(days: int, step: Step) -> None:
    first = date(2026, 1, 1)
    assert step_for(Period(first, first + timedelta(days=days - 1))) is step
