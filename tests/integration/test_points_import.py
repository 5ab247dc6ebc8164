"""Importing service points: what is added, updated, closed, set aside, and what is left alone."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import Postcode, ServicePoint
from returnsite.services.import_points import (
    Options,
    PointsImport,
    UnreadableFileError,
    import_points,
)

HEADER = (
    "id", "source", "carrier", "name", "type", "street", "house_number", "postal_code", "city",
    "country", "lat", "lon", "opening_hours", "services", "status", "closures", "snapshot",
)  # fmt: skip


def point(code: str, **changes: str) -> dict[str, str]:
    """A row of our CSV: an open shop in Delft."""
    row = dict.fromkeys(HEADER, "") | {
        "id": code,
        "source": "list",
        "carrier": "postnl",
        "name": f"Shop {code}",
        "type": "shop",
        "postal_code": "2611 GX",
        "city": "Delft",
        "country": "NL",
        "lat": "52.01",
        "lon": "4.36",
        "opening_hours": "Mo-Fr 09:00-18:00",
        "services": "dropoff;returns",
        "snapshot": "2026-05-01",
    }
    return row | changes


def write(folder: Path, *rows: dict[str, str], name: str = "points.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(*paths: Path, **options: Any) -> PointsImport:
    return import_points(paths=paths, options=Options(**options))


def counts(summary: PointsImport) -> tuple[int, int, int, int]:
    return summary.added, summary.updated, summary.closed, summary.unchanged


def stored(session: Session, code: str) -> ServicePoint:
    session.expire_all()
    return session.scalars(select(ServicePoint).where(ServicePoint.code == code)).one()


def add_postcode(
    session: Session, country: str, code: str, latitude: float, longitude: float, **columns: Any
) -> None:
    session.add(
        Postcode(country=country, code_norm=code, latitude=latitude, longitude=longitude, **columns)
    )
    session.commit()


def test_all_real_files_are_imported_and_the_same_again_changes_nothing(
    session: Session, shared_data: Path
) -> None:
    files = sorted((shared_data / "service_points").glob("*.csv"))
    first = run(*files)
    assert (first.read, counts(first)) == (19_613, (19_518, 0, 0, 0))
    assert first.set_aside == {
        "not_operating": 56, "no_position": 35, "unknown_carrier": 3, "swapped": 1,
    }  # fmt: skip
    assert session.scalar(select(func.count(ServicePoint.id))) == 19_518
    again = run(*files)
    assert counts(again) == (0, 0, 0, 19_518)
    assert again.set_aside == first.set_aside


def test_a_table_and_the_carriers_own_answer_are_the_same_points(
    session: Session, shared_data: Path
) -> None:
    folder = shared_data / "service_points"
    run(folder / "nl_postnl_sample.csv")
    summary = run(folder / "raw/postnl_nearest_delft.json")
    assert (summary.added, summary.updated) == (0, 20)


def test_a_newer_file_updates_and_an_older_one_does_not(session: Session, tmp_path: Path) -> None:
    run(write(tmp_path, point("1"), point("2")))
    newer = write(
        tmp_path, point("1", name="New name", snapshot="2026-06-01"), point("2"), name="newer.csv"
    )
    assert counts(run(newer)) == (0, 1, 0, 1)
    older = run(write(tmp_path, point("1"), name="older.csv"))
    assert (counts(older), older.older) == ((0, 0, 0, 0), 1)
    found = stored(session, "1")
    assert found.name == "New name"
    assert found.fetched_at == datetime(2026, 6, 1, tzinfo=UTC)


def test_what_is_stored_is_complete(session: Session, tmp_path: Path) -> None:
    closures = json.dumps([{"fromDate": "2026-07-01", "toDate": "2026-07-14"}, {"x": 1}])
    run(write(tmp_path, point("1", street="Markt", house_number="1-3", closures=closures)))
    found = stored(session, "1")
    assert (found.carrier, found.street, found.house_number) == ("postnl", "Markt", "1-3")
    assert (found.postcode, found.city, found.country) == ("2611 GX", "Delft", "NL")
    assert found.hours["mon"] == [["09:00", "18:00"]]
    assert found.hours_text == "Mo-Fr 09:00-18:00"
    assert found.services == ["dropoff", "returns"]
    assert (found.accepts_returns, found.accepts_labelless) == (True, False)
    assert found.closures == [
        {"from": "2026-06-30T22:00:00+00:00", "until": "2026-07-14T22:00:00+00:00"}
    ]
    assert (found.status, found.source, found.is_demo) == ("open", "list", False)


def test_hours_that_say_too_much_are_not_known_but_kept_in_words(
    session: Session, tmp_path: Path
) -> None:
    run(write(tmp_path, point("1", opening_hours="Apr-Oct 10:00-18:00")))
    found = stored(session, "1")
    assert (found.hours, found.hours_text) == ({}, "Apr-Oct 10:00-18:00")


def test_a_point_its_source_calls_shut_is_closed_and_may_open_again(
    session: Session, tmp_path: Path
) -> None:
    run(write(tmp_path, point("1"), point("2")))
    shut = write(tmp_path, point("1", status="disabled", lat="0", lon="0"), name="shut.csv")
    summary = run(shut)
    assert counts(summary) == (0, 0, 1, 0)
    assert summary.set_aside == {"no_position": 1}
    assert stored(session, "1").status == "closed"
    assert stored(session, "1").closed_at is not None
    assert counts(run(shut)) == (0, 0, 0, 0)
    assert counts(run(write(tmp_path, point("1"), name="open.csv"))) == (0, 1, 0, 0)
    assert stored(session, "1").status == "open"
    assert stored(session, "1").closed_at is None


def test_a_complete_import_closes_what_is_missing_of_its_own_kind_only(
    session: Session, tmp_path: Path
) -> None:
    run(
        write(
            tmp_path,
            point("here"),
            point("gone"),
            point("bad"),
            point("other-source", source="another"),
            point("other-carrier", carrier="gls"),
            point("other-country", country="BE", lat="51.2", lon="4.4", postal_code="2000"),
        )
    )
    part = write(tmp_path, point("here"), point("bad", lat="x"), name="part.csv")
    assert counts(run(part)) == (0, 0, 0, 1)
    assert counts(run(part, complete=True, dry_run=True)) == (0, 0, 1, 1)
    assert stored(session, "gone").status == "open"
    assert counts(run(part, complete=True)) == (0, 0, 1, 1)
    statuses = {row.code: row.status for row in session.scalars(select(ServicePoint))}
    assert {code for code, status in statuses.items() if status == "closed"} == {"gone"}
    assert counts(run(part, complete=True)) == (0, 0, 0, 1)


def test_a_file_that_breaks_off_closes_nothing(
    session: Session, tmp_path: Path, shared_data: Path
) -> None:
    whole = (shared_data / "service_points/raw/inpost_DE_first10.json").read_text(encoding="utf-8")
    complete, broken = tmp_path / "complete.json", tmp_path / "broken.json"
    complete.write_text(whole, encoding="utf-8")
    broken.write_text(whole[: len(whole) // 2], encoding="utf-8")
    assert run(complete).added == 10
    summary = run(broken, complete=True)
    assert summary.complete_refused
    assert summary.closed == 0
    assert session.scalar(select(func.count()).where(ServicePoint.status == "open")) == 10


def test_points_far_from_their_postcode_are_set_aside_and_those_overseas_are_not(
    session: Session, tmp_path: Path
) -> None:
    add_postcode(session, "NL", "2611", 52.0115, 4.3595)
    add_postcode(session, "NL", "9401", 52.99, 6.56, spread_km=40)
    summary = run(
        write(
            tmp_path,
            point("near"),
            point("far", lat="50.85", lon="5.69"),
            point("vague", lat="51.5", lon="4.0", postal_code="9401 AB"),
            point("unknown", lat="50.85", lon="5.69", postal_code="6211 AA"),
            point(
                "overseas",
                carrier="laposte",
                country="FR",
                lat="-20.88",
                lon="55.45",
                postal_code="97400",
            ),
        )
    )
    assert summary.added == 4
    [problem] = summary.problems
    assert (problem.row, problem.column, problem.reason) == (3, "lat", "far")
    assert problem.value == "50.85, 5.69: 159 km from 2611 GX"


def test_a_position_swapped_within_the_country_shows_against_its_postcode(
    session: Session, tmp_path: Path
) -> None:
    add_postcode(session, "XK", "10000", 42.66, 21.16)
    row = point("1", country="XK", postal_code="10000", lat="21.16", lon="42.66")
    [problem] = run(write(tmp_path, row)).problems
    assert problem.reason == "swapped"


def test_a_point_that_stands_twice_in_the_files_is_taken_once(
    session: Session, tmp_path: Path
) -> None:
    first = write(tmp_path, point("1", name="First"), point("1", name="Second"))
    second = write(tmp_path, point("1", name="Third"), name="second.csv")
    for expected in ((1, 0, 0, 0), (0, 0, 0, 1)):
        summary = run(first, second)
        assert counts(summary) == expected
        assert summary.set_aside == {"duplicate": 2}
    assert stored(session, "1").name == "First"


def test_a_dry_run_counts_and_writes_nothing(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path, point("1"), point("2", lat="x"))
    summary = run(path, dry_run=True)
    assert counts(summary) == (1, 0, 0, 0)
    assert summary.set_aside == {"unreadable": 1}
    assert session.scalar(select(func.count(ServicePoint.id))) == 0


def test_made_up_points_are_marked(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path, point("1"))
    run(path, demo=True)
    assert stored(session, "1").is_demo
    run(path)
    assert not stored(session, "1").is_demo


def test_more_rows_than_a_batch_with_faults_between_are_all_dealt_with(
    session: Session, tmp_path: Path
) -> None:
    rows = [point(str(n), lat="north" if n % 1000 == 999 else "52.01") for n in range(2_500)]
    told: list[int] = []
    summary = import_points(paths=[write(tmp_path, *rows)], options=Options(), progress=told.append)
    assert (summary.added, dict(summary.set_aside)) == (2_498, {"unreadable": 2})
    assert [problem.row for problem in summary.problems] == [1_001, 2_001]
    assert told == [1_000, 2_000, 2_500]


def test_nothing_is_imported_when_one_of_the_files_is_not_known(
    session: Session, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("hello", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=r"other\.txt"):
        run(write(tmp_path, point("1")), other)
    assert session.scalar(select(func.count(ServicePoint.id))) == 0
