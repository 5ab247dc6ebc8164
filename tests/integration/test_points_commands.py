"""`flask points import` and `flask postcodes import` as an operator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import Postcode, ServicePoint


def invoke(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=[str(each) for each in arguments])
    return result.exit_code, result.output


def test_points_are_imported_with_a_summary_of_what_was_set_aside(
    app: Flask, session: Session, shared_data: Path
) -> None:
    folder = shared_data / "service_points"
    files = (folder / "gb_inpost_sample.csv", folder / "raw/postnl_nearest_delft.json")
    code, output = invoke(app, "points", "import", *files)
    assert code == 0
    assert "gb_inpost_sample.csv: Returnsite CSV" in output
    assert "postnl_nearest_delft.json: PostNL locations JSON" in output
    assert "520 rows read. added: 460, updated: 0, closed: 0. Unchanged: 0." in output
    assert "Set aside: 60." in output
    assert "  32 × not in operation" in output
    assert "  28 × position 0,0" in output
    assert "  gb_inpost_sample.csv row 10, lat: position 0,0 (0, 0)" in output
    assert "… and 40 more." in output
    assert session.scalar(select(func.count(ServicePoint.id))) == 460
    _, output = invoke(app, "points", "import", "--verbose", *files)
    assert "added: 0, updated: 0, closed: 0. Unchanged: 460." in output
    assert "more." not in output


def test_options_reach_the_import(app: Flask, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("id,carrier,name,lat,lon\n1,gls,Kiosk,52.0,4.3\n", encoding="utf-8")
    assert "added: 0" in invoke(app, "points", "import", path)[1]
    _, output = invoke(app, "points", "import", "--country", "nl", "--dry-run", path)
    assert "Would be added: 1" in output
    assert session.scalar(select(func.count(ServicePoint.id))) == 0
    session.rollback()
    options = ["--country", "nl", "--demo", "--fetched", "2026-03-01", "--format", "csv"]
    assert invoke(app, "points", "import", *options, path)[0] == 0
    point = session.scalars(select(ServicePoint)).one()
    assert (point.country, point.is_demo, f"{point.fetched_at:%Y-%m-%d}") == (
        *("NL", True, "2026-03-01"),
    )


def test_a_shut_point_of_a_complete_list_is_closed(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    head = "id,carrier,name,country,lat,lon\n"
    rows = ["1,gls,Kiosk,NL,52.0,4.3\n", "2,gls,Shop,NL,52.0,4.3\n"]
    path.write_text(head + "".join(rows), encoding="utf-8")
    invoke(app, "points", "import", path)
    path.write_text(head + rows[0], encoding="utf-8")
    assert "closed: 0" in invoke(app, "points", "import", path)[1]
    assert "closed: 1" in invoke(app, "points", "import", "--complete", path)[1]


def test_postcodes_are_imported_with_a_summary(
    app: Flask, session: Session, shared_data: Path
) -> None:
    path = shared_data / "postcodes" / "ie.csv"
    code, output = invoke(app, "postcodes", "import", path)
    assert code == 0
    assert "139 rows read, 139 postcodes in 1 countries. added: 139" in output
    assert session.scalar(select(func.count(Postcode.id))) == 139
    assert "Unchanged: 139" in invoke(app, "postcodes", "import", path)[1]


@pytest.mark.parametrize("command", ["points", "postcodes"])
def test_a_file_of_no_known_format_is_refused_in_words(
    app: Flask, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir", encoding="utf-8")
    code, output = invoke(app, command, "import", path)
    assert code == 1
    assert "Cannot read letter.txt" in output
    assert "Traceback" not in output
