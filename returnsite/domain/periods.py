"""Days as a shop counts them: periods, what they are compared with, and how a chart cuts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST_DAYS = 366 * 5
DAILY_UP_TO, WEEKLY_UP_TO = 31, 98
"""Days of a period that a chart still shows by day, and by week; longer ones go by month."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has; a night in which the clock changes is still one of them."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


class Preset(StrEnum):
    """Periods one press away."""

    DAYS_30 = "30d"
    DAYS_90 = "90d"
    YEAR = "year"
    LAST_YEAR = "last-year"
    CUSTOM = "custom"


class Comparison(StrEnum):
    """What a period is held against."""

    BEFORE = "before"
    YEAR_AGO = "year-ago"
    NONE = "none"


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The shop's day a moment falls on."""
    return moment.astimezone(zone).date()


def utc_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of the local day and the first after it: 23, 24 or 25 hours apart."""
    ends = (day, day + timedelta(days=1))
    start, end = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in ends)
    return start, end


def preset_period(preset: Preset, today: date) -> Period:
    """The days of a preset as of today, today included."""
    if preset is Preset.YEAR:
        return Period(date(today.year, 1, 1), today)
    if preset is Preset.LAST_YEAR:
        return Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    days = 30 if preset is Preset.DAYS_30 else 90
    return Period(today - timedelta(days=days - 1), today)


def compared(period: Period, comparison: Comparison) -> Period | None:
    """As many days right before, or the same days a year ago; None for no comparison."""
    if comparison is Comparison.NONE:
        return None
    if comparison is Comparison.BEFORE:
        length = timedelta(days=period.days)
        return Period(period.first - length, period.last - length)
    return Period(_year_ago(period.first), _year_ago(period.last))


def _year_ago(day: date) -> date:
    # 29 February has no counterpart; the last of the month stands in for it.
    leap = day.month == 2 and day.day == 29
    return date(day.year - 1, 2, 28) if leap else day.replace(year=day.year - 1)


class Grain(StrEnum):
    """How finely pre-added figures are kept."""

    DAY = "d"
    MONTH = "m"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Buckets of one grain, first and last included."""

    grain: Grain
    first: int
    last: int


def day_number(day: date) -> int:
    """A day as a number that rises by one a day."""
    return day.toordinal()


def month_number(day: date) -> int:
    """A month as a number that rises by one a month."""
    return day.year * 12 + day.month - 1


def month_of_day(number: int) -> int:
    """The month's number of a day's number."""
    return month_number(date.fromordinal(number))


def first_of_month(number: int) -> date:
    """The first day of a numbered month."""
    return date(number // 12, number % 12 + 1, 1)


def days_of_month(number: int) -> tuple[int, int]:
    """The numbers of its first and last day."""
    return day_number(first_of_month(number)), day_number(first_of_month(number + 1)) - 1


def cover(period: Period) -> list[Stretch]:
    """The period as whole months and the days that stick out: each day in exactly one stretch."""
    first, last = day_number(period.first), day_number(period.last)
    month = month_number(period.first)
    from_month = month if days_of_month(month)[0] == first else month + 1
    month = month_number(period.last)
    to_month = month if days_of_month(month)[1] == last else month - 1
    if from_month > to_month:
        return [Stretch(Grain.DAY, first, last)]
    start, end = days_of_month(from_month)[0], days_of_month(to_month)[1]
    parts = [Stretch(Grain.MONTH, from_month, to_month)]
    if first < start:
        parts.insert(0, Stretch(Grain.DAY, first, start - 1))
    if end < last:
        parts.append(Stretch(Grain.DAY, end + 1, last))
    return parts


class Step(StrEnum):
    """How a chart cuts a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def step_for(period: Period) -> Step:
    """Small enough to see movement, large enough not to see noise only."""
    if period.days <= DAILY_UP_TO:
        return Step.DAY
    return Step.WEEK if period.days <= WEEKLY_UP_TO else Step.MONTH


def slices(period: Period, step: Step) -> list[Period]:
    """The period cut in order: weeks are seven days from its first day, months are calendar's."""
    cut, start = [], period.first
    while start <= period.last:
        if step is Step.MONTH:
            end = first_of_month(month_number(start) + 1) - timedelta(days=1)
        else:
            end = start + timedelta(days=0 if step is Step.DAY else 6)
        cut.append(Period(start, min(end, period.last)))
        start = end + timedelta(days=1)
    return cut
