"""Service points as OpenStreetMap and the carriers describe them in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from returnsite.points.base import PointRecord, Reason, Row, RowProblem
from tests.unit.points.reading import only, points_of, read, write_json


def feature(**tags: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": "node/42",
        "geometry": {"type": "Point", "coordinates": [4.36, 52.01]},
        "properties": {"addr:country": "NL", "name": "Kiosk"} | tags,
    }


def read_features(folder: Path, *features: object, country: str = "") -> list[Row]:
    return read(
        write_json(folder, {"type": "FeatureCollection", "features": features}), country=country
    )


def test_a_locker_mapped_in_openstreetmap(tmp_path: Path) -> None:
    tags = {
        "amenity": "parcel_locker",
        "brand": "DHL Packstation",
        "ref": "107",
        "name": "Packstation",
        "opening_hours": "24/7",
        "parcel_mail_in": "returns_only",
        "addr:street": "Markt",
        "addr:housenumber": "1",
    }
    point = only(read_features(tmp_path, feature(**tags)))
    assert (point.carrier, point.code, point.type) == ("dhl", "osm-n42", "locker")
    assert (point.name, point.source) == ("Packstation 107", "openstreetmap")
    assert (point.latitude, point.longitude) == (52.01, 4.36)
    assert point.services == ("pickup", "returns")
    assert point.accepts_returns
    assert not point.accepts_labelless
    assert point.hours["sun"] == [["00:00", "24:00"]]


@pytest.mark.parametrize(
    ("tags", "returns"),
    [
        ({"amenity": "parcel_locker"}, False),
        ({"amenity": "parcel_locker", "parcel_mail_in": "yes"}, True),
        ({"amenity": "parcel_locker", "parcel_mail_in": "no"}, False),
        ({"amenity": "vending_machine", "vending": "parcel_pickup;parcel_mail_in"}, True),
        ({"amenity": "vending_machine", "vending": "parcel_pickup"}, False),
        ({"amenity": "post_office"}, True),
        ({"post_office": "post_partner", "shop": "kiosk"}, True),
    ],
)
def test_counters_take_returns_and_lockers_only_where_it_is_said(
    tmp_path: Path, tags: dict[str, str], returns: bool
) -> None:
    point = only(read_features(tmp_path, feature(operator="Deutsche Post DHL", **tags)))
    assert point.accepts_returns is returns


def test_a_shop_that_serves_two_carriers_is_two_points(tmp_path: Path) -> None:
    tags = {
        "shop": "kiosk",
        "brand": "Shell",
        "post_office": "post_partner",
        "post_office:brand": "DHL Paketshop;Hermes PaketShop",
    }
    points = points_of(read_features(tmp_path, feature(**tags)))
    assert [point.carrier for point in points] == ["dhl", "hermes"]
    assert {(point.code, point.type) for point in points} == {("osm-n42", "shop")}


def test_all_the_places_delivers_its_own_references_and_areas(tmp_path: Path) -> None:
    area = [[[4.0, 52.0], [4.2, 52.0], [4.2, 52.4], [4.0, 52.4], [4.0, 52.0]]]
    shape = feature(
        **{"@spider": "postnl", "ref": "173187", "brand": "PostNL", "amenity": "post_office"},
        **{"addr:street_address": "Markt 11-13"},
    ) | {"id": "abc", "geometry": {"type": "Polygon", "coordinates": area}}
    point = only(read_features(tmp_path, shape))
    assert (point.carrier, point.code, point.source) == ("postnl", "173187", "alltheplaces:postnl")
    assert (point.street, point.house_number) == ("Markt", "11-13")
    assert (point.latitude, point.longitude) == pytest.approx((52.2, 4.1))


def test_overpass_elements_take_the_country_that_is_given(tmp_path: Path) -> None:
    answer = {
        "version": 0.6,
        "elements": [
            {"type": "node", "id": 5, "lat": 49.51, "lon": 11.27},
            {
                "type": "way",
                "id": 6,
                "center": {"lat": 49.5, "lon": 11.28},
                "tags": {"amenity": "post_office", "name": "Deutsche Post Filiale"},
            },
            {"type": "node", "id": 7, "lat": 49.5, "lon": 11.2, "tags": {"amenity": "bench"}},
        ],
    }
    path = write_json(tmp_path, answer)
    point, bench = read(path, country="DE")
    assert isinstance(point, PointRecord)
    assert (point.carrier, point.code, point.country) == ("dhl", "osm-w6", "DE")
    assert isinstance(bench, RowProblem)
    assert (bench.row, bench.column, bench.value) == (3, "amenity", "bench")
    missing, _ = read(path)
    assert isinstance(missing, RowProblem)
    assert (missing.column, missing.reason) == ("addr:country", Reason.MISSING)


def test_a_shop_marked_as_gone_is_shut(tmp_path: Path) -> None:
    gone = feature(amenity="post_office", brand="PostNL", end_date="yes")
    [problem] = read_features(tmp_path, gone)
    assert isinstance(problem, RowProblem)
    assert problem.shut


def test_an_inpost_province_called_test_is_a_test_record(tmp_path: Path, shared_data: Path) -> None:
    page = json.loads(
        (shared_data / "service_points/raw/inpost_PL_first10.json").read_text(encoding="utf-8")
    )
    page["items"][0]["address_details"]["province"] = "test"
    page["items"][1]["operating_hours_extended"]["customer"] = {"monday": [{"start": 540}]}
    page["items"][2] = "not a point"
    rows = read(write_json(tmp_path, page))
    assert isinstance(rows[0], RowProblem)
    assert (rows[0].reason, rows[0].column) == (Reason.TEST, "address_details.province")
    assert isinstance(rows[2], RowProblem)
    assert rows[2].reason is Reason.UNREADABLE
    assert len(points_of(rows)) == 7


def test_a_file_that_breaks_off_keeps_the_rows_before_and_says_so(
    tmp_path: Path, shared_data: Path
) -> None:
    whole = (shared_data / "service_points/raw/inpost_PL_first10.json").read_text(encoding="utf-8")
    path = tmp_path / "broken.json"
    path.write_text(whole[: len(whole) // 2], encoding="utf-8")
    rows = read(path)
    assert len(points_of(rows)) == 4
    last = rows[-1]
    assert isinstance(last, RowProblem)
    assert (last.reason, last.row) == (Reason.BROKEN_FILE, 6)
