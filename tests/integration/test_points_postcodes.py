"""Postcodes: importing where they lie, and finding what people type."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.domain.geo import distance_m
from returnsite.models import Postcode
from returnsite.services.import_postcodes import (
    PostcodesImport,
    UnreadableFileError,
    import_postcodes,
)
from returnsite.services.queries.locate_place import Location, locate_place

DELFT = (52.0067, 4.3556)


def run(*paths: Path, dry_run: bool = False) -> PostcodesImport:
    return import_postcodes(paths=paths, dry_run=dry_run)


def counts(summary: PostcodesImport) -> tuple[int, int, int, int]:
    return summary.added, summary.updated, summary.unchanged, summary.set_aside


def dump_line(country: str, code: str, place: str, latitude: str, longitude: str) -> str:
    return "\t".join(
        [country, code, place, "Zuid-Holland", "11", "", "", "", "", latitude, longitude, "6"]
    )


def stored(session: Session, country: str, code: str) -> Postcode:
    session.expire_all()
    return session.scalars(
        select(Postcode).where(Postcode.country == country, Postcode.code_norm == code)
    ).one()


NEEDED = {
    "nl": ("10", "25", "26"), "gb": ("SW", "W", "EC", "SE", "N", "E"), "de": ("101", "35"),
    "lu": ("L-11",), "ch": ("80",), "ie": ("D",), "be": ("20",),
}  # fmt: skip


@pytest.fixture
def imported(session: Session, shared_data: Path, tmp_path: Path) -> None:
    """The real positions of the postcodes that the tests below look for, and those around."""
    path = tmp_path / "postcodes.csv"
    with path.open("w", encoding="utf-8") as chosen:
        chosen.write("country,postal_code,place,region,lat,lon,n,spread_km\n")
        for country, starts in NEEDED.items():
            lines = (shared_data / "postcodes" / f"{country}.csv").read_text(encoding="utf-8")
            wanted = tuple(f"{country.upper()},{start}" for start in starts)
            chosen.writelines(
                line for line in lines.splitlines(keepends=True) if line.startswith(wanted)
            )
    assert run(path).set_aside == 0


def test_real_tables_are_imported_once(session: Session, shared_data: Path) -> None:
    files = [shared_data / "postcodes" / f"{country}.csv" for country in ("fr", "nl", "gb", "lu")]
    first = run(*files)
    assert first.read == 31_836
    # four French bulk-mail codes (CEDEX) have the number of an ordinary one, which counts
    assert counts(first) == (31_832, 0, 0, 0)
    assert first.countries == {"FR": 20_414, "NL": 4_086, "GB": 3_002, "LU": 4_330}
    assert counts(run(*files)) == (0, 0, 31_832, 0)


def test_a_dump_gives_each_postcode_its_median_and_its_spread(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "NL.txt"
    path.write_text(
        "\n".join(
            [
                dump_line("NL", "2611 AA", "Delft", "52.010", "4.350"),
                dump_line("NL", "2611 AB", "Delft", "52.012", "4.356"),
                dump_line("NL", "2611 ZZ", "Den Hoorn", "52.020", "4.357"),
                dump_line("NL", "2628", "Delft", "52.00", "4.37"),
            ]
        ),
        encoding="utf-8",
    )
    assert counts(run(path)) == (2, 0, 0, 0)
    area = stored(session, "NL", "2611")
    assert (area.latitude, area.longitude) == (52.012, 4.356)
    assert area.spread_km == pytest.approx(distance_m(52.02, 4.357, 52.012, 4.356) / 1000, abs=0.05)
    assert (area.place, area.place_key) == ("Delft / Den Hoorn", "/delft/den hoorn/")
    assert stored(session, "NL", "2628").spread_km == 0
    assert counts(run(path)) == (0, 0, 2, 0)


def test_the_dump_is_read_from_its_zip_and_a_moved_postcode_is_updated(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "NL.zip"
    for latitude, expected in (("52.01", (1, 0, 0, 0)), ("52.02", (0, 1, 0, 0))):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "This is about the data")
            archive.writestr("NL.txt", dump_line("NL", "2611", "Delft", latitude, "4.36") + "\n")
        assert counts(run(path)) == expected
    assert stored(session, "NL", "2611").latitude == 52.02


def test_rows_with_a_fault_are_named_and_the_rest_imported(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "all.txt"
    lines = [
        dump_line("NL", "2611", "Delft", "52.01", "4.36"),
        dump_line("Nederland", "2612", "Delft", "52.01", "4.36"),
        dump_line("NL", "none", "Delft", "52.01", "4.36"),
        dump_line("NL", "2613", "Delft", "", "4.36"),
        dump_line("NL", "2614", "Delft", "0", "0"),
        dump_line("NL", "2615", "Delft", "91", "4.36"),
        dump_line("BE", "2000", 'Antwerpen "Zuid', "51.2", "4.4"),
        dump_line("NL", "2616", "Delft", "52.01", "4.36"),
        "NL\t2617",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    summary = run(path)
    assert counts(summary) == (2, 0, 0, 7)
    assert [(problem.row, problem.column) for problem in summary.problems] == [
        (2, "country"), (3, "postal_code"), (4, "lat"), (5, "lat"), (6, "lat"), (8, "country"),
        (9, "lat"),
    ]  # fmt: skip
    assert stored(session, "BE", "2000").place == 'Antwerpen "Zuid'


def test_a_dry_run_writes_nothing_and_an_unknown_file_is_refused(
    session: Session, tmp_path: Path, shared_data: Path
) -> None:
    path = shared_data / "postcodes" / "ie.csv"
    assert counts(run(path, dry_run=True)) == (139, 0, 0, 0)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=r"other\.csv"):
        run(path, other)
    assert session.scalar(select(func.count(Postcode.id))) == 0


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    ("text", "country", "label", "precision"),
    [
        ("2611 GX", "NL", "2611 GX", "postcode"),
        ("2611gx", "nl", "2611GX", "postcode"),
        ("NL-2611 GX Delft", "NL", "NL-2611 GX", "postcode"),
        ("Markt 11, 2611 GX Delft", "NL", "2611 GX", "postcode"),
        ("delft", "NL", "Delft", "place"),
        ("  DELFT  ", "NL", "Delft", "place"),
        ("9999 ZZ Delft", "NL", "Delft", "place"),
        ("Brabantse Turfmarkt 61, Delft", "NL", "Delft", "place"),
        ("Delft Nederland", "NL", "Delft", "place"),
    ],
)
def test_what_people_type_for_delft_finds_delft(
    text: str, country: str, label: str, precision: str
) -> None:
    found = locate_place(text=text, country=country)
    assert (found.label, found.precision) == (label, precision)
    assert distance_m(found.latitude, found.longitude, *DELFT) < 1_500


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    ("text", "country", "position"),
    [
        ("SW1A 1AA", "GB", (51.501, -0.142)),
        ("sw1a", "GB", (51.501, -0.142)),
        ("L-1111", "LU", (49.6008, 6.1169)),
        ("CH-8001 Zürich", "CH", (47.3721, 8.5417)),
        ("D02 X285", "IE", (53.34, -6.2543)),
        ("10115 Berlin", "DE", (52.5323, 13.3846)),
        ("zurich", "CH", (47.3769, 8.5417)),
        ("Gießen", "DE", (50.584, 8.678)),
        ("GIESSEN", "DE", (50.584, 8.678)),
        ("london", "GB", (51.5074, -0.1278)),
        ("luik", "BE", (50.6337, 5.5675)),
        ("Den Haag", "NL", (52.0767, 4.2986)),
        ("Berlin", "NL", (52.52, 13.40)),
    ],
)
def test_places_and_postcodes_of_other_countries_are_found(
    text: str, country: str, position: tuple[float, float]
) -> None:
    found = locate_place(text=text, country=country)
    assert found.precision != "none"
    assert distance_m(found.latitude, found.longitude, *position) < 3_000


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    "text",
    ["9999 ZZ", "0000", "", "   ", "%", "%%%", "/", "xyzzy", "x" * 5_000, "\x00", "1 " * 500],
)
def test_what_is_not_known_is_not_guessed(text: str) -> None:
    assert locate_place(text=text, country="NL").precision == "none"


def test_bulk_mail_codes_with_a_useless_position_are_not_used(session: Session) -> None:
    for code, spread in (("10115", 0.0), ("11055", 538.0)):
        session.add(
            Postcode(
                country="DE",
                code_norm=code,
                latitude=52.5,
                longitude=13.4,
                spread_km=spread,
                place="Nowhereburg",
                place_key="/nowhereburg/",
            )
        )
    session.commit()
    assert locate_place(text="10115", country="DE").precision == "postcode"
    assert locate_place(text="11055", country="DE").precision == "none"


def test_without_a_table_the_town_beside_the_postcode_serves(session: Session) -> None:
    found = locate_place(text="2611 GX Delft", country="NL")
    assert (found.label, found.precision) == ("Delft", "place")
    assert distance_m(found.latitude, found.longitude, *DELFT) < 100
    assert locate_place(text="2611 GX", country="NL").precision == "none"
    assert locate_place(text="den haag", country="NL").label == "den haag"


def test_of_several_towns_with_a_name_the_one_with_most_postcodes_is_meant(
    session: Session,
) -> None:
    for number, (latitude, longitude) in enumerate(
        [(49.35, 8.14), (54.1, 10.8), (54.11, 10.82), (54.09, 10.81), (50.7, 11.7)]
    ):
        session.add(
            Postcode(
                country="DE",
                code_norm=f"1000{number}",
                latitude=latitude,
                longitude=longitude,
                place="Irgendwo / Neustädtchen",
                place_key="/irgendwo/neustadtchen/",
            )
        )
    session.commit()
    assert locate_place(text="neustädtchen", country="DE") == Location(
        pytest.approx(54.1), pytest.approx(10.81), "Neustädtchen", "place"
    )


@pytest.mark.usefixtures("imported")
def test_finding_a_place_by_name_is_quick_once_the_towns_are_loaded() -> None:
    locate_place(text="den haag", country="NL")
    start = time.process_time()
    for _ in range(20):
        locate_place(text="den haag", country="NL")
        locate_place(text="rotterdam", country="NL")
    assert (time.process_time() - start) / 40 < 0.05
