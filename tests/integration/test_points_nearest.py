"""The nearest service points: the same as a scan of all of them would give, and open ones only."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from returnsite.domain.geo import distance_m
from returnsite.extensions import db
from returnsite.models import ServicePoint
from returnsite.services.queries.nearest_points import nearest_points
from tests.conftest import TestClock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DELFT = (52.0116, 4.3571)


def row(number: int, latitude: float, longitude: float, **columns: Any) -> dict[str, Any]:
    return {
        "id": number,
        "carrier": "postnl",
        "code": f"p{number}",
        "name": f"Point {number}",
        "type": "shop",
        "country": "NL",
        "latitude": latitude,
        "longitude": longitude,
        "hours": {"mon": [["09:00", "18:00"]]},
        "services": [],
        "closures": [],
        "source": "test",
        "fetched_at": NOW,
    } | columns


def save(session: Session, *rows: dict[str, Any]) -> None:
    session.execute(insert(ServicePoint), list(rows))
    session.commit()


def near_delft(**options: Any) -> list[int]:
    return [point.id for point in nearest_points(latitude=DELFT[0], longitude=DELFT[1], **options)]


def test_answers_equal_a_scan_of_all_points(session: Session) -> None:
    """4,000 points in towns, on one spot, and far out; searches in towns, at their edge, at sea."""
    rng = random.Random(5)
    towns = [(rng.uniform(36, 69), rng.uniform(-10, 24)) for _ in range(40)]
    rows = [
        row(
            number,
            rng.gauss(towns[number % 40][0], 0.3 if number % 3 else 0.01),
            rng.gauss(towns[number % 40][1], 0.4 if number % 3 else 0.01),
            carrier=("postnl", "dhl", "gls")[number % 7 % 3],
            country=("NL", "DE")[number % 5 == 0],
            accepts_returns=number % 11 != 0,
            accepts_labelless=number % 4 == 0,
            status="closed" if number % 13 == 0 else "open",
        )
        for number in range(1, 3_801)
    ]
    rows += [row(number, *towns[0]) for number in range(3_801, 4_001)]
    save(session, *rows)
    searches = [(rng.gauss(lat, 0.2), rng.gauss(lon, 0.3)) for lat, lon in towns]
    searches += [towns[0], (rows[1]["latitude"], rows[1]["longitude"])]
    searches += [(rng.uniform(36, 69), rng.uniform(-10, 24)) for _ in range(20)]
    options: list[dict[str, Any]] = [
        {},
        {"carriers": ["dhl"], "country": "DE", "limit": 3},
        {"carriers": {"gls", "postnl"}, "labelless": True, "limit": 25},
        {"country": "NL", "radius_m": 1_500},
    ]
    compared = 0
    for latitude, longitude in searches:
        for chosen in options:
            found = nearest_points(latitude=latitude, longitude=longitude, **chosen)
            expected = scan(rows, latitude, longitude, **chosen)
            assert [(point.id, point.distance_m) for point in found] == expected
            compared += len(found)
    assert compared > 700


def scan(
    rows: list[dict[str, Any]],
    latitude: float,
    longitude: float,
    *,
    country: str | None = None,
    carriers: Any = None,
    labelless: bool = False,
    limit: int = 10,
    radius_m: int = 50_000,
) -> list[tuple[int, int]]:
    service = "accepts_labelless" if labelless else "accepts_returns"
    suitable = (
        each
        for each in rows
        if each.get("status", "open") == "open"
        and each.get(service, not labelless)
        and (country is None or each["country"] == country)
        and (carriers is None or each["carrier"] in carriers)
    )
    found = sorted(
        (distance_m(latitude, longitude, each["latitude"], each["longitude"]), each["id"])
        for each in suitable
    )
    return [(number, round(away)) for away, number in found[:limit] if away <= radius_m]


def test_a_point_that_is_nearer_on_the_globe_than_on_a_flat_map_is_not_missed(
    session: Session,
) -> None:
    """Towards the pole meridians draw together: 100 points due east are farther than one north."""
    save(
        session,
        *[row(number, 60.0, 24.7195) for number in range(1, 101)],
        row(101, 60.2, 24.5987),
    )
    found = nearest_points(latitude=60.0, longitude=24.0, limit=3)
    assert [point.id for point in found] == [101, 1, 2]


def test_a_point_comes_with_all_a_page_shows(session: Session) -> None:
    save(
        session,
        row(
            1,
            52.0125,
            4.3571,
            street="Markt",
            house_number="1",
            postcode="2611 GX",
            city="Delft",
            hours_text="Mo 09:00-18:00",
        ),
    )
    [point] = nearest_points(
        latitude=DELFT[0], longitude=DELFT[1], country="nl", carriers=["postnl"]
    )
    assert (point.carrier, point.code, point.name, point.type) == (
        *("postnl", "p1", "Point 1", "shop"),
    )
    assert (point.street, point.house_number, point.postcode) == ("Markt", "1", "2611 GX")
    assert (point.city, point.country) == ("Delft", "NL")
    assert (point.latitude, point.longitude, point.distance_m) == (52.0125, 4.3571, 100)
    assert (point.hours, point.hours_text) == ({"mon": [["09:00", "18:00"]]}, "Mo 09:00-18:00")
    assert (point.accepts_returns, point.accepts_labelless) == (True, False)
    assert (point.source, point.fetched_at, point.is_demo) == ("test", NOW, False)


def test_points_in_one_place_come_in_a_stable_order(session: Session) -> None:
    save(session, *[row(number, *DELFT) for number in range(200, 100, -1)])
    assert near_delft(limit=30) == list(range(101, 131))


@pytest.mark.parametrize("status", ["closed", "overloaded", "created"])
def test_only_open_points_are_suggested(session: Session, status: str) -> None:
    save(session, row(1, *DELFT, status=status), row(2, 52.02, 4.36))
    assert near_delft() == [2]


def test_a_point_shut_for_a_while_is_left_out_until_it_opens(
    session: Session, clock: TestClock
) -> None:
    def closure(start: str, until: str | None) -> list[dict[str, Any]]:
        return [{"from": start, "until": until}]

    save(
        session,
        row(1, *DELFT, closures=closure("2026-11-20T23:00:00+00:00", "2026-11-24T23:00:00+00:00")),
        row(2, *DELFT, closures=closure("2026-11-30T23:00:00+00:00", None)),
        row(3, *DELFT, closures=closure("2026-10-30T23:00:00+00:00", None)),
        row(4, *DELFT, closures=closure("2026-10-01T22:00:00+00:00", "2026-10-02T22:00:00+00:00")),
    )
    clock.set(NOW)
    assert near_delft() == [2, 4]
    clock.set(datetime(2026, 11, 24, 23, 0, tzinfo=UTC))
    assert near_delft() == [1, 2, 4]
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assert near_delft() == [1, 4]


def test_many_shut_points_do_not_hide_the_open_one_behind_them(
    session: Session, clock: TestClock
) -> None:
    shut = [{"from": "2026-01-01T00:00:00+00:00", "until": None}]
    save(
        session,
        *[row(number, *DELFT, closures=shut) for number in range(1, 101)],
        row(101, 52.02, 4.36),
    )
    clock.set(NOW)
    assert near_delft(limit=5) == [101]


def test_nothing_within_the_radius_is_an_empty_answer(session: Session) -> None:
    save(session, row(1, 52.5, 4.36))
    assert near_delft() == []
    assert near_delft(radius_m=60_000) == [1]


def test_no_carrier_means_no_point_and_a_carriers_name_is_only_a_value(session: Session) -> None:
    save(session, row(1, *DELFT))
    assert near_delft(carriers=[]) == []
    assert near_delft(carriers=["postnl') OR ('1'='1", "%"]) == []


def test_a_search_takes_few_statements(session: Session) -> None:
    save(session, *[row(number, 52 + number / 1_000, 4.36) for number in range(1, 50)])
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert len(near_delft(carriers=["postnl"])) == 10
        found = len(statements)
        assert near_delft(carriers=["gls"]) == []
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert found <= 4
    assert len(statements) - found <= 4


def test_the_search_uses_an_index(session: Session, analyse: Callable[[str], None]) -> None:
    save(session, *[row(n, 52 + n / 1_000, 4.36, carrier=f"c{n % 9}") for n in range(1, 2_000)])
    planned: list[str] = []

    def explain(c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "ORDER BY flat" in statement and not statement.startswith("EXPLAIN"):
            prefix = "EXPLAIN QUERY PLAN " if c.dialect.name == "sqlite" else "EXPLAIN "
            plan = c.exec_driver_sql(prefix + statement, parameters).all()
            planned.append("\n".join(str(tuple(line)) for line in plan))

    analyse("service_point")
    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        near_delft(carriers=["c1", "c2"], limit=1)
        near_delft(limit=1)
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    assert "ix_service_point_carrier_position" in planned[0]
    assert "ix_service_point_position" in planned[-1]
