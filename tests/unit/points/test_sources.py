"""Every source of service points on real files, and on what is no such file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from returnsite.points.base import Reason, RowProblem
from returnsite.points.registry import SOURCES, UnknownFormatError, find_source, read_points
from tests.unit.points.reading import points_of, read, reasons_of


@pytest.mark.parametrize(
    ("name", "key", "points", "returns", "labelless", "hours", "reasons"),
    [
        ("nl_postnl_sample.csv", "csv", 51, 30, 0, 51, {}),
        ("de_dhl_leipzig_sample.csv", "csv", 70, 70, 70, 70, {}),
        ("de_inpost_sample.csv", "csv", 493, 493, 0, 487, {Reason.NOT_OPERATING: 7}),
        (
            *("gb_inpost_sample.csv", "csv", 440, 2, 0, 440),
            {Reason.NO_POSITION: 28, Reason.NOT_OPERATING: 32},
        ),
        (
            *("pl_inpost_sample.csv", "csv", 476, 476, 0, 476),
            {Reason.NO_POSITION: 7, Reason.NOT_OPERATING: 17},
        ),
        ("de_osm_sample.csv", "csv", 17, 16, 0, 9, {Reason.UNKNOWN_CARRIER: 3}),
        ("fr_laposte.csv", "laposte", 17971, 17971, 0, 0, {Reason.SWAPPED: 1}),
        ("raw/postnl_nearest_delft.json", "postnl", 20, 15, 0, 20, {}),
        ("raw/postnl_singlelocation.json", "postnl", 1, 1, 0, 1, {}),
        ("raw/dhl_location_finder_leipzig_first12.json", "dhl", 12, 12, 12, 12, {}),
        ("raw/inpost_DE_first10.json", "inpost", 10, 10, 0, 10, {}),
        ("raw/inpost_GB_first10.json", "inpost", 9, 0, 0, 9, {Reason.NO_POSITION: 1}),
        ("raw/inpost_PL_first10.json", "inpost", 9, 9, 0, 9, {Reason.NOT_OPERATING: 1}),
        ("raw/inpost_BE_sample.json", "inpost", 1, 1, 0, 1, {}),
        ("raw/inpost_NL_sample.json", "inpost", 0, 0, 0, 0, {Reason.NOT_OPERATING: 1}),
    ],
)
def test_real_files_are_recognised_and_read(
    shared_data: Path,
    name: str,
    key: str,
    points: int,
    returns: int,
    labelless: int,
    hours: int,
    reasons: dict[Reason, int],
) -> None:
    path = shared_data / "service_points" / name
    assert find_source(path).key == key
    rows = read(path)
    found = points_of(rows)
    assert len(found) == points
    assert sum(point.accepts_returns for point in found) == returns
    assert sum(point.accepts_labelless for point in found) == labelless
    assert sum(bool(point.hours) for point in found) == hours
    assert reasons_of(rows) == reasons
    assert len({(point.carrier, point.code) for point in found}) == points


@pytest.mark.parametrize(
    ("raw", "table", "shared"),
    [
        ("postnl_nearest_delft.json", "nl_postnl_sample.csv", 20),
        ("dhl_location_finder_leipzig_first12.json", "de_dhl_leipzig_sample.csv", 12),
        ("inpost_PL_first10.json", "pl_inpost_sample.csv", 9),
        ("inpost_DE_first10.json", "de_inpost_sample.csv", 10),
    ],
)
def test_a_carriers_answer_and_the_table_made_of_it_say_the_same(
    shared_data: Path, raw: str, table: str, shared: int
) -> None:
    folder = shared_data / "service_points"
    by_code = {point.code: point for point in points_of(read(folder / table))}
    compared = 0
    for point in points_of(read(folder / "raw" / raw)):
        other = by_code[point.code]
        for name in ("carrier", "type", "name", "country", "hours", "services", "closures"):
            assert getattr(point, name) == getattr(other, name), (point.code, name)
        address = f"{point.street} {point.house_number}".strip()
        assert address == f"{other.street} {other.house_number}".strip()
        assert point.postcode.replace(" ", "") == other.postcode.replace(" ", "")
        assert point.accepts_returns == other.accepts_returns
        assert point.latitude == pytest.approx(other.latitude, abs=1e-5)
        compared += 1
    assert compared == shared


def test_the_swapped_post_office_is_named_by_row_and_column(shared_data: Path) -> None:
    [problem] = [
        row
        for row in read(shared_data / "service_points" / "fr_laposte.csv")
        if isinstance(row, RowProblem)
    ]
    assert (problem.row, problem.column, problem.code) == (4962, "lat", "06086A")


def test_closures_are_instants_on_the_clock_of_the_point(shared_data: Path) -> None:
    points = points_of(read(shared_data / "service_points" / "de_dhl_leipzig_sample.csv"))
    shut = [point.closures for point in points if point.closures]
    assert len(shut) == 4
    # 6 May, midnight in Leipzig, to the end of 3 September
    assert shut[0][0].start == datetime(2020, 5, 5, 22, tzinfo=UTC)
    assert shut[0][0].until == datetime(2020, 9, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", "{}", "id,name\n1,2\n", '{"items": []}', "\x00\x01", "a" * 70_000]
)
def test_what_no_source_knows_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnknownFormatError):
        find_source(path)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.key)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        '{"items": [{}, [], null, 3, "x", {"location": 5}], "x": 1}',
        '{"locations": [{}, {"openingHours": 3, "location": {"ids": [{}]}}]}',
        '{"ResponseLocation": {"Address": [], "OpeningHours": {"Monday": 1}}}',
        '{"features": [{"properties": {"amenity": "post_office"}, "geometry": {"type": 1}}',
        '{"elements": [{"tags": {"amenity": ["a"]}}, {"tags": []}]}',
        'id,lat,lon,carrier,subtype,insee\n"unclosed,1,2\n',
        "id,lat,lon,carrier,subtype,insee\n1\n,,,,,,,,,\n",
    ],
)
def test_no_source_falls_over_what_is_in_a_file(tmp_path: Path, source: Any, text: str) -> None:
    path = tmp_path / "odd"
    path.write_text(text, encoding="utf-8")
    assert points_of(list(read_points(path, source))) == []
