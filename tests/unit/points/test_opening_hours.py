"""Opening hours: the notation as people mean it, and the state at a moment."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime, time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from returnsite.domain.opening_hours import (
    DAYS,
    HoursRow,
    OpenState,
    parse_osm,
    rows,
    state_at,
    weekly_from,
)

WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = (datetime(2026, 10, day) for day in (21, 23, 24, 25))


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return day.replace(hour=hour, minute=minute)


def is_open(text: str, local: datetime, *, holiday: bool = False) -> bool | None:
    weekly = parse_osm(text)
    assert weekly is not None, text
    return state_at(weekly, local, holiday=holiday).open


def test_simple_real_values_read_as_the_reference_library_reads_them(shared_data: Path) -> None:
    """873 values at six moments; the two that differ are differences on purpose."""
    path = shared_data / "opening_hours" / "osm_opening_hours_cases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        cases = [
            case
            for case in csv.DictReader(file)
            if case["simple"] == "1" and case["ambiguous"] == "0"
        ]
    counts, differing = Counter[str](), set[str]()
    for case in cases:
        weekly = parse_osm(case["opening_hours"])
        for moment in (key for key in case if key.startswith("2026-")):
            if weekly is None:
                counts["not known"] += 1
                differing.add(case["opening_hours"])
                continue
            local = datetime.fromisoformat(moment)
            state = state_at(weekly, local, holiday=moment.startswith("2026-12-25"))
            agrees = {"open": True, "closed": False}[case[moment]] == state.open
            counts["agree" if agrees else "differ"] += 1
            if not agrees:
                differing.add(case["opening_hours"])
    assert len(cases) == 873
    assert counts == {"agree": 5231, "differ": 1, "not known": 6}
    # by the letter the later rule opens on holidays again, and 12:00-12:00 lasts a day
    assert differing == {"Su,PH off; Mo-Sa 07:00-20:00", "Mo-Su,PH 12:00-12:00"}


def test_a_space_in_a_list_of_days_means_both_days() -> None:
    assert is_open("Mo-Fr 07:00-21:00; Sa, Su 09:00-15:00", at(SATURDAY, 22)) is False
    assert is_open("Mo-Fr 07:00-21:00; Sa, Su 09:00-15:00", at(SATURDAY, 10)) is True
    assert is_open("Mo-Sa 07:00-20:00; Su, PH off", at(SUNDAY, 12)) is False
    assert is_open("Mo-Sa 07:00-20:00; Su, PH off", at(FRIDAY, 12), holiday=True) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "by appointment",
        '"nach Vereinbarung"',
        "Mo-Fr 18:00+",
        "Apr-Oct 10:00-18:00",
        "Mo-Sa 10:00-20:00; Dec 24 10:00-14:00",
        "sunrise-sunset",
        "Mo-Fr 08:00-12:00; 13:00-18:00",
        "Mo-Fr",
        "Mo-Fr 8-22h",
        "08.00 bis 22.00",
        "Fr-So 11:00-19:00",
        "SH off; Mo-Fr 09:00-18:00",
        "Mo-PH 09:00-18:00",
        "Mo[1] 09:00-18:00",
        "Mo 09:00-25:00",
        "Mo 09:61-10:00",
        "Mo 09:00",
        "Mo,",
        "Mo-Fr 09:00-18:00; Sa-Su 12: Tu off",
    ],
)
def test_what_says_more_than_a_week_is_not_known(text: str) -> None:
    assert parse_osm(text) is None


@pytest.mark.parametrize(
    ("text", "monday", "saturday"),
    [
        ("Mo-Fr 09:00-18:00", [["09:00", "18:00"]], []),
        ("mo-sa 9:00 - 12:30 , 13:30-18:00", [["09:00", "12:30"], ["13:30", "18:00"]], None),
        ("10:00-19:00; Sa closed", [["10:00", "19:00"]], []),
        ("Mo-Fr 08:00-12:00, Mo 14:00-16:00", [["08:00", "12:00"], ["14:00", "16:00"]], []),
        ("Mo-Su 18:00-01:00", [["18:00", "01:00"]], None),
        ("Sa-Mo 10:00-00:00", [["10:00", "24:00"]], None),
        (
            "Mo-Fr 09:00–18:00; Sa 10:00-12:00, 11:00-14:00",
            [["09:00", "18:00"]],
            [["10:00", "14:00"]],
        ),
        ("24/7", [["00:00", "24:00"]], None),
        ("Mo-Su 00:00-23:59", [["00:00", "24:00"]], None),
    ],
)
def test_the_week_is_written_in_order(
    text: str, monday: list[list[str]], saturday: list[list[str]] | None
) -> None:
    weekly = parse_osm(text)
    assert weekly is not None
    assert weekly["mon"] == monday
    assert weekly["sat"] == (monday if saturday is None else saturday)
    assert list(weekly) == list(DAYS[:7])


def test_open_says_until_when_and_closed_says_from_when() -> None:
    weekly = parse_osm("Mo-Fr 09:00-12:00, 13:00-18:00; Sa 10:00-16:00") or {}
    assert state_at(weekly, at(WEDNESDAY, 9)) == OpenState(open=True, until=time(12))
    assert state_at(weekly, at(WEDNESDAY, 12)) == OpenState(open=False, opens=(2, time(13)))
    assert state_at(weekly, at(WEDNESDAY, 17, 59)) == OpenState(open=True, until=time(18))
    assert state_at(weekly, at(WEDNESDAY, 18)) == OpenState(open=False, opens=(3, time(9)))
    assert state_at(weekly, at(SATURDAY, 20)) == OpenState(open=False, opens=(0, time(9)))


def test_hours_past_midnight_belong_to_the_evening_before() -> None:
    weekly = parse_osm("Fr,Sa 18:00-03:00") or {}
    assert state_at(weekly, at(FRIDAY, 23)) == OpenState(open=True, until=time(3))
    assert state_at(weekly, at(SUNDAY, 2, 59)) == OpenState(open=True, until=time(3))
    assert state_at(weekly, at(SUNDAY, 3)) == OpenState(open=False, opens=(4, time(18)))
    assert state_at(weekly, at(FRIDAY, 2)) == OpenState(open=False, opens=(4, time(18)))


def test_open_round_the_clock_is_said_as_such() -> None:
    assert state_at(parse_osm("24/7") or {}, at(SUNDAY, 4)) == OpenState(open=True, always=True)
    with_holidays = parse_osm("24/7; PH off") or {}
    assert state_at(with_holidays, at(SUNDAY, 4)).always
    assert state_at(with_holidays, at(SUNDAY, 4), holiday=True) == OpenState(
        open=False, opens=(0, time(0))
    )


def test_a_closing_time_more_than_a_day_away_is_left_out() -> None:
    weekly = parse_osm("Mo-Sa 00:00-24:00") or {}
    assert state_at(weekly, at(WEDNESDAY, 4)) == OpenState(open=True)
    assert state_at(weekly, at(SATURDAY, 4)) == OpenState(open=True, until=time(0))


def test_hours_not_known_are_neither_open_nor_closed() -> None:
    assert state_at({}, at(WEDNESDAY, 12)) == OpenState(open=None)
    assert rows({}) == []


def test_always_closed_is_known() -> None:
    weekly = parse_osm("Mo-Su off")
    assert weekly
    assert state_at(weekly, at(WEDNESDAY, 12)) == OpenState(open=False)
    assert rows(weekly) == [HoursRow(0, 6, ())]


def test_rows_group_neighbouring_days_and_put_holidays_last() -> None:
    weekly = parse_osm("Mo 11:00-18:00; Tu-Th 09:00-18:00; Fr 09:00-21:00; PH 12:00-17:00") or {}
    assert rows(weekly) == [
        HoursRow(0, 0, (("11:00", "18:00"),)),
        HoursRow(1, 3, (("09:00", "18:00"),)),
        HoursRow(4, 4, (("09:00", "21:00"),)),
        HoursRow(5, 6, ()),
        HoursRow(7, 7, (("12:00", "17:00"),)),
    ]


def test_carriers_tables_become_weeks_and_empty_spans_are_closed_days() -> None:
    weekly = weekly_from({0: [(540, 720), (780, 1080)], 6: [(0, 0)], 5: [(0, 1439)]})
    assert weekly["mon"] == [["09:00", "12:00"], ["13:00", "18:00"]]
    assert weekly["sat"] == [["00:00", "24:00"]]
    assert weekly["sun"] == weekly["tue"] == []
    assert weekly_from({}) == {}


@given(st.text(alphabet='MoTuWeThFrSaSuPH0123456789:-,; offclosed+24/7"', max_size=40))
def test_any_text_is_read_or_refused_and_what_is_read_can_be_asked(text: str) -> None:
    weekly = parse_osm(text)
    if weekly is not None:
        assert set(weekly) <= set(DAYS)
        assert state_at(weekly, at(WEDNESDAY, 12)).open in (True, False)
        assert rows(weekly)


minute = st.integers(0, 1440)


@given(
    st.dictionaries(st.integers(0, 6), st.lists(st.tuples(minute, minute), max_size=3), min_size=1),
    st.integers(0, 7 * 1440 - 1),
)
@example({6: [(1, 0), (3, 2)]}, 1)
def test_the_state_is_what_minute_by_minute_reckoning_says(
    table: dict[int, list[tuple[int, int]]], moment: int
) -> None:
    inside = any(
        start <= moment - day * 1440 - week < (end if end > start else end + 1440)
        or (end == 1439 and moment - day * 1440 - week == 1439)
        for day, spans in table.items()
        for start, end in spans
        if start != end and start < 1440
        for week in (-7 * 1440, 0, 7 * 1440)
    )
    known = {d: [(s, e) for s, e in spans if s < 1440] for d, spans in table.items()}
    local = datetime(2026, 10, 19 + moment // 1440, moment % 1440 // 60, moment % 60)
    assert state_at(weekly_from(known), local).open == inside
