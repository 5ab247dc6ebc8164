"""Our own CSV of service points: faults, and what office programs make of such files."""

from __future__ import annotations

from pathlib import Path

import pytest

from returnsite.points.base import PointRecord, Reason, RowProblem
from tests.unit.points.reading import only, read

HEADER = "id,carrier,name,type,street,house_number,postal_code,city,country,lat,lon,status"
GOOD = "postnl-1,postnl,Shop,shop,Markt,1,2611 GX,Delft,NL,52.01,4.36,operating"


def write_csv(folder: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "points.csv"
    path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({0: ""}, "id", Reason.MISSING),
        ({0: "x" * 201}, "id", Reason.TOO_LONG),
        ({1: "Bakery Jansen & Sons"}, "carrier", Reason.UNKNOWN_CARRIER),
        ({1: ""}, "carrier", Reason.UNKNOWN_CARRIER),
        ({2: " "}, "name", Reason.MISSING),
        ({2: "TEST"}, "name", Reason.TEST),
        ({2: "test locker 3"}, "name", Reason.TEST),
        ({7: "Test"}, "city", Reason.TEST),
        ({3: "kiosk"}, "type", Reason.UNREADABLE),
        ({6: "9" * 65}, "postal_code", Reason.TOO_LONG),
        ({8: ""}, "country", Reason.MISSING),
        ({8: "Nederland"}, "country", Reason.UNREADABLE),
        ({9: "0", 10: "0.0"}, "lat", Reason.NO_POSITION),
        ({9: ""}, "lat", Reason.MISSING),
        ({9: "north"}, "lat", Reason.UNREADABLE),
        ({9: "nan"}, "lat", Reason.UNREADABLE),
        ({10: "inf"}, "lon", Reason.UNREADABLE),
        ({9: "4.36", 10: "52.01"}, "lat", Reason.SWAPPED),
        ({9: "48.2", 10: "16.4"}, "lat", Reason.OUT_OF_RANGE),
        ({8: "US", 9: "91"}, "lat", Reason.OUT_OF_RANGE),
        ({11: "disabled"}, "status", Reason.NOT_OPERATING),
        ({11: "NonOperating"}, "status", Reason.NOT_OPERATING),
        ({11: "maybe"}, "status", Reason.UNREADABLE),
    ],
)
def test_a_row_with_a_fault_is_set_aside_with_its_column_and_the_next_one_read(
    tmp_path: Path, change: dict[int, str], column: str, reason: Reason
) -> None:
    values = GOOD.split(",")
    for at, value in change.items():
        values[at] = value
    problem, good = read(write_csv(tmp_path, ",".join(values), GOOD.replace("-1", "-2")))
    assert isinstance(problem, RowProblem)
    assert (problem.row, problem.column, problem.reason) == (2, column, reason)
    assert problem.shut == (reason is Reason.NOT_OPERATING)
    assert isinstance(good, PointRecord)
    assert good.code == "2"


def test_a_shut_point_without_position_still_counts_as_shut(tmp_path: Path) -> None:
    row = GOOD.replace("52.01,4.36,operating", "0,0,disabled")
    [problem] = read(write_csv(tmp_path, row))
    assert isinstance(problem, RowProblem)
    assert (problem.reason, problem.shut, problem.code) == (Reason.NO_POSITION, True, "1")


@pytest.mark.parametrize("name", ["Testa & Co", "Warentest", "Test Valley Stores", "Contest"])
def test_a_name_that_only_contains_test_is_a_real_shop(tmp_path: Path, name: str) -> None:
    assert only(read(write_csv(tmp_path, GOOD.replace("Shop", name)))).name == name


def test_an_overloaded_locker_is_kept_but_not_open(tmp_path: Path) -> None:
    assert only(read(write_csv(tmp_path, GOOD.replace("operating", "Overloaded")))).status == (
        "overloaded"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_separators_encodings_and_decimal_commas_of_office_programs_work(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    names = ["ID", "Carrier", "Name", "City", "Country", "Latitude", "Longitude"]
    values = ["7", "DHL", "Café Müller", "Köln", "de", '"50,94"', '"6,96"']
    path = write_csv(
        tmp_path, separator.join(values), header=separator.join(names), encoding=encoding
    )
    point = only(read(path))
    assert (point.name, point.city, point.country) == ("Café Müller", "Köln", "DE")
    assert (point.latitude, point.longitude, point.type) == (50.94, 6.96, "shop")


def test_a_description_in_place_of_a_house_number_moves_to_the_street(tmp_path: Path) -> None:
    long = "24/7 locker beside the entrance of the library of the university"
    point = only(read(write_csv(tmp_path, GOOD.replace("Markt,1", f"Campus,{long}"))))
    assert (point.street, point.house_number) == (f"Campus, {long}", "")


def test_long_and_dirty_texts_fit_their_columns(tmp_path: Path) -> None:
    name = "A\x00b\u200b\t" + "c" * 300
    point = only(read(write_csv(tmp_path, GOOD.replace("Shop", name))))
    assert point.name.startswith("A b cc")
    assert len(point.name) == 200
