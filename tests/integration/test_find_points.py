"""Which service point is suggested, and which are listed with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.models import ServicePoint
from returnsite.services.find_points import find_points

DELFT = (52.0116, 4.3571)
DAYTIME = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MONDAY_NIGHT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)

Place = Callable[..., None]


@pytest.fixture
def place(session: Session) -> Place:
    def add(name: str, north_km: float, hours: dict[str, Any]) -> None:
        session.add(
            ServicePoint(
                carrier="postnl",
                code=name,
                name=name,
                type="shop",
                postcode="2611 GX",
                city="Delft",
                country="NL",
                latitude=DELFT[0] + north_km / 111.2,
                longitude=DELFT[1],
                hours=hours,
                services=[],
                closures=[],
                source="test",
                fetched_at=MONDAY_NOON,
            )
        )
        session.commit()

    return add


def search() -> Any:
    return find_points(near="Delft", country="NL", carriers={"postnl"}, labelless=False)


def test_by_day_the_nearest_shop_is_suggested(place: Place) -> None:
    place("shop", 1, DAYTIME)
    place("locker", 3, ALWAYS)
    assert search().suggested(MONDAY_NOON).name == "shop"


def test_at_night_the_nearest_that_is_open_is_suggested(place: Place) -> None:
    place("shop", 1, DAYTIME)
    place("locker", 3, ALWAYS)
    assert search().suggested(MONDAY_NIGHT).name == "locker"


def test_where_nothing_is_open_or_known_the_nearest_is_suggested(place: Place) -> None:
    place("unknown", 1, {})
    place("shop", 3, DAYTIME)
    assert search().suggested(MONDAY_NIGHT).name == "unknown"


def test_nothing_is_suggested_where_there_is_nothing(session: Session) -> None:
    assert search().suggested(MONDAY_NOON) is None


def test_far_points_are_left_out_where_three_are_near(place: Place) -> None:
    for n in range(3):
        place(f"near {n}", n + 1, DAYTIME)
    place("far", 30, DAYTIME)
    assert [point.name for point in search().points] == ["near 0", "near 1", "near 2"]


def test_far_points_are_listed_where_few_are_near(place: Place) -> None:
    place("near", 1, DAYTIME)
    place("far", 30, DAYTIME)
    assert [point.name for point in search().points] == ["near", "far"]
