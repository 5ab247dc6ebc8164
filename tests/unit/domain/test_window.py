"""The return window on the calendar of the shop, through clock changes and odd time zones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.policy import UnknownDelivery
from returnsite.domain.window import (
    closed_by_unknown_delivery,
    days_since_delivery,
    deadline,
    is_open,
    last_day,
    line_window,
)
from tests.unit.domain.builders import DELIVERED, make_line, make_policy

AMSTERDAM = "Europe/Amsterdam"
ZONES = [
    AMSTERDAM,
    "UTC",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
]
SECOND = timedelta(seconds=1)
moments = st.integers(946_684_800, 2_208_988_800).map(lambda s: datetime.fromtimestamp(s, UTC))
"""Any second from 2000 to 2040."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("delivered", "days", "end", "last"),
    [
        # Winter, and the examples of the item page.
        ("2026-11-12T09:30", 30, "2026-12-12T23:00", date(2026, 12, 12)),
        ("2026-10-19T12:00", 30, "2026-11-18T23:00", date(2026, 11, 18)),
        # Delivered at 23:30 UTC is the next day in Amsterdam.
        ("2026-11-12T23:30", 14, "2026-11-27T23:00", date(2026, 11, 27)),
        # Into summer time in the night of 29 March 2026, and out of it on 25 October 2026.
        ("2026-03-15T12:00", 14, "2026-03-29T22:00", date(2026, 3, 29)),
        ("2026-03-14T12:00", 14, "2026-03-28T23:00", date(2026, 3, 28)),
        ("2026-10-11T12:00", 14, "2026-10-25T23:00", date(2026, 10, 25)),
        ("2026-10-10T12:00", 14, "2026-10-24T22:00", date(2026, 10, 24)),
        # A leap day, and no days at all.
        ("2028-02-14T12:00", 15, "2028-02-29T23:00", date(2028, 2, 29)),
        ("2026-11-12T09:30", 0, "2026-11-12T23:00", date(2026, 11, 12)),
    ],
)
def test_museum_09_the_window_ends_with_the_local_day(
    server_zone: str, delivered: str, days: int, end: str, last: date
) -> None:
    given_ = {"delivered_at": utc(delivered), "days": days, "time_zone": AMSTERDAM}

    assert deadline(**given_) == utc(end)
    assert last_day(**given_) == last


@pytest.mark.parametrize("delivered", ["2026-11-09T12:00", "2026-03-15T12:00", "2026-10-11T12:00"])
def test_museum_09_one_second_before_midnight_is_in_time_and_midnight_is_late(
    server_zone: str, delivered: str
) -> None:
    end = deadline(delivered_at=utc(delivered), days=14, time_zone=AMSTERDAM)
    midnight = end.astimezone(ZoneInfo(AMSTERDAM))

    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)
    assert is_open(end - SECOND, end)
    assert not is_open(end, end)


@pytest.mark.parametrize(
    ("zone", "delivered", "days", "end"),
    [
        # Kiritimati is fourteen hours ahead, Los Angeles eight behind.
        ("Pacific/Kiritimati", "2026-11-12T12:00", 14, "2026-11-27T10:00"),
        ("America/Los_Angeles", "2026-11-12T03:00", 14, "2026-11-26T08:00"),
        # Clocks went forward at midnight: 4 November 2018 began at 01:00.
        ("America/Sao_Paulo", "2018-11-02T15:00", 1, "2018-11-04T03:00"),
        # Samoa left out 30 December 2011 altogether: the 29th ended into the 31st.
        ("Pacific/Apia", "2011-12-28T22:00", 1, "2011-12-30T10:00"),
        # Havana repeats the hour after midnight when summer time ends.
        ("America/Havana", "2025-10-31T16:00", 1, "2025-11-02T04:00"),
    ],
)
def test_museum_09_odd_time_zones_have_ends_of_days_too(
    zone: str, delivered: str, days: int, end: str
) -> None:
    assert deadline(delivered_at=utc(delivered), days=days, time_zone=zone) == utc(end)


@given(
    moments,
    st.integers(0, 800),
    st.sampled_from(ZONES),
)
def test_the_last_second_belongs_to_the_last_day_and_the_end_does_not(
    delivered: datetime, days: int, zone: str
) -> None:
    end = deadline(delivered_at=delivered, days=days, time_zone=zone)
    last = last_day(delivered_at=delivered, days=days, time_zone=zone)
    local = ZoneInfo(zone)

    assert last == delivered.astimezone(local).date() + timedelta(days=days)
    assert end.astimezone(local).date() > last
    assert (end - SECOND).astimezone(local).date() <= last
    assert is_open(delivered, end)


@given(
    moments,
    st.integers(0, 400),
    st.integers(1, 30),
    st.sampled_from(ZONES),
)
def test_more_days_never_end_earlier(delivered: datetime, days: int, more: int, zone: str) -> None:
    sooner = deadline(delivered_at=delivered, days=days, time_zone=zone)
    later = deadline(delivered_at=delivered, days=days + more, time_zone=zone)

    assert later > sooner


def test_a_moment_without_time_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        deadline(delivered_at=datetime(2026, 1, 1), days=1, time_zone="UTC")


def test_a_date_beyond_the_calendar_never_ends() -> None:
    far = utc("9999-12-31T12:00")

    assert is_open(utc("2026-11-23T12:00"), deadline(delivered_at=far, days=30, time_zone="UTC"))
    assert last_day(delivered_at=far, days=30, time_zone="UTC") == date.max


@pytest.mark.parametrize("days", [0, 1, 13, 14, 15, 31, 45, 61, 366])
def test_museum_08_days_since_delivery_are_counted_over_months(days: int) -> None:
    now = DELIVERED + timedelta(days=days)

    assert days_since_delivery(make_line(), now, AMSTERDAM) == days


def test_days_since_delivery_turn_at_local_midnight() -> None:
    line = make_line(delivered_at=utc("2026-11-12T22:30"))

    assert days_since_delivery(line, utc("2026-11-12T22:59"), AMSTERDAM) == 0
    assert days_since_delivery(line, utc("2026-11-12T23:00"), AMSTERDAM) == 1


def test_days_since_an_unknown_delivery_are_not_known() -> None:
    assert days_since_delivery(make_line(delivered_at=None), DELIVERED, AMSTERDAM) is None


def test_museum_10_an_unknown_delivery_date_follows_the_shops_choice() -> None:
    line = make_line(delivered_at=None, shipped_at=utc("2026-11-10T12:00"))
    estimate = make_policy(unknown_delivery_days=7)
    open_ = make_policy(unknown_delivery=UnknownDelivery.OPEN)
    closed = make_policy(unknown_delivery=UnknownDelivery.CLOSED)

    assert line_window(estimate, line, 30) == (utc("2026-12-17T23:00"), date(2026, 12, 17))
    assert line_window(open_, line, 30) is None
    assert not closed_by_unknown_delivery(estimate, line)
    assert not closed_by_unknown_delivery(open_, line)
    assert closed_by_unknown_delivery(closed, line)
    assert not closed_by_unknown_delivery(closed, make_line())


def test_without_even_a_shipping_date_there_is_no_end_yet() -> None:
    assert line_window(make_policy(), make_line(delivered_at=None, shipped_at=None), 30) is None
    assert is_open(DELIVERED, None)
