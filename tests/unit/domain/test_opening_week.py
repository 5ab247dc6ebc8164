"""Opening hours as shopkeepers type them."""

from __future__ import annotations

import pytest

from returnsite.domain.opening_hours import parse_osm
from returnsite.domain.opening_week import HoursInvalid, day_texts, read_day, week_to_osm


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("9-18", [(540, 1080)]),
        ("9:00–17:30", [(540, 1050)]),
        ("09.30 - 12 en 13h00-18", [(570, 720), (780, 1080)]),
        ("13-18, 9-12", [(540, 720), (780, 1080)]),
        ("9 tot 17", [(540, 1020)]),
        ("9 to 17", [(540, 1020)]),
        ("22:00-02:00", [(1320, 1560)]),
        ("0-24", [(0, 1440)]),
        ("closed", []),
        ("Gesloten", []),
        ("  ", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, spans: object) -> None:
    assert read_day(text) == spans


@pytest.mark.parametrize(
    "text", ["open", "9", "25-26", "9:75-10", "9-9", "9-12, 11-13", "9-12-13", "٩-١٨", "9--12"]
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(HoursInvalid):
        read_day(text)


def test_a_week_becomes_few_rules_and_comes_back() -> None:
    texts = ["9-18"] * 5 + ["10-17", "", "closed"]
    osm = week_to_osm([read_day(text) for text in texts])
    assert osm == "Mo-Fr 09:00-18:00; Sa 10:00-17:00; PH off"
    assert day_texts(osm) == ["09:00–18:00"] * 5 + ["10:00–17:00", "", "closed"]
    again = day_texts(osm) or []
    assert week_to_osm([read_day(text) for text in again]) == osm


@pytest.mark.parametrize(
    "texts",
    [
        ["9-12, 13-18", "", "22-2", "0-24", "", "", "11-15", ""],
        ["9-18"] * 7 + ["10-12"],
        ["closed"] + [""] * 7,
    ],
)
def test_what_is_written_is_read_by_the_portal(texts: list[str]) -> None:
    osm = week_to_osm([read_day(text) for text in texts])
    assert parse_osm(osm) is not None


def test_nothing_filled_in_is_not_known_and_hours_that_say_more_are_left_alone() -> None:
    assert week_to_osm([None] * 8) == ""
    assert day_texts("") == [""] * 8
    assert day_texts("Apr-Oct Mo-Fr 09:00-18:00") is None
