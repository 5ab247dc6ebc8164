"""Distances, boxes, codes and names of places."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.geo import (
    _BOXES,
    _ISLAND_ZONES,
    _ZONES,
    about_distance,
    area_code,
    box_around,
    distance_m,
    place_key,
    time_zone,
)


def test_known_distances() -> None:
    assert distance_m(52.3676, 4.9041, 52.0116, 4.3571) == pytest.approx(54_400, rel=0.01)
    assert distance_m(0, 0, 0, 90) == pytest.approx(10_007_557, rel=1e-4)
    assert distance_m(52, 4, 52, 4) == 0
    assert distance_m(90, 0, -90, 0) == pytest.approx(20_015_115, rel=1e-4)


@given(
    st.floats(-80, 80),
    st.floats(-170, 170),
    st.floats(1, 100_000),
    st.floats(0, 1),
    st.floats(-1, 1),
)
def test_the_box_holds_every_point_of_the_circle(
    latitude: float, longitude: float, radius: float, up: float, right: float
) -> None:
    box = box_around(latitude, longitude, radius)
    other = (
        latitude + (box.north - latitude) * (2 * up - 1) * 1.2,
        longitude + (box.east - longitude) * right * 1.2,
    )
    if distance_m(latitude, longitude, *other) <= radius:
        assert box.holds(*other)


@pytest.mark.parametrize(
    ("metres", "about"),
    [(0, 10), (34, 30), (96, 100), (347, 350), (974, 950), (976, 1000), (1_234, 1_200),
     (9_949, 9_900), (9_960, 10_000), (14_499, 14_000), (49_900, 50_000)],
)  # fmt: skip
def test_distances_are_rounded_to_what_a_person_needs(metres: int, about: int) -> None:
    assert about_distance(metres) == about


@pytest.mark.parametrize(
    ("postcode", "country", "area"),
    [
        ("2611 GX", "NL", "2611"),
        ("nl-2611gx", "NL", "2611"),
        ("2611", "NL", "2611"),
        ("0611 GX", "NL", ""),
        ("10115", "NL", ""),
        ("SW1A 1AA", "GB", "SW1A"),
        ("sw1a", "GB", "SW1A"),
        ("M1 1AE", "GB", "M1"),
        ("1AA", "GB", ""),
        ("D02 X285", "IE", "D02"),
        ("L-1234", "LU", "1234"),
        ("CH-8001", "CH", "8001"),
        ("SE-100 04", "SE", "10004"),
        ("01001 CEDEX", "FR", "01001"),
        ("75008 CEDEX 08", "FR", "75008"),
        ("21-412", "PL", "21412"),
        ("04229", "DE", "04229"),
        ("Berlin", "DE", ""),
        ("", "DE", ""),
    ],
)
def test_postcodes_are_cut_to_what_tables_know(postcode: str, country: str, area: str) -> None:
    assert area_code(postcode, country) == area


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("'s-Gravenhage", "s gravenhage"),
        ("ŁÓDŹ", "lodz"),
        ("Gießen", "giessen"),
        ("Saint-Denis-lès-Bourg", "saint denis les bourg"),
        ("København", "kobenhavn"),
        ("  ", ""),
    ],
)
def test_place_names_compare_without_case_accents_and_punctuation(name: str, key: str) -> None:
    assert place_key(name) == key


def test_every_country_and_island_has_a_clock_that_exists() -> None:
    zones = {
        *_ZONES.values(),
        *(zone for table in _ISLAND_ZONES.values() for zone in table.values()),
    }
    for zone in zones:
        assert ZoneInfo(zone).key == zone
    assert time_zone("NL") == "Europe/Amsterdam"
    assert time_zone("FR", "97400") == "Indian/Reunion"
    assert time_zone("ES", "35001") == "Atlantic/Canary"
    assert time_zone("XX") == "UTC"
    assert set(_BOXES) <= set(_ZONES)
