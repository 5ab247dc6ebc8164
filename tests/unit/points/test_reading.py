"""Files and streams under the sources of service points."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.points.carrier_names import carrier_code, carrier_in_name, strip_carrier
from returnsite.points.files import open_text
from returnsite.points.json_stream import BrokenJsonError, iter_records
from returnsite.points.records import read_day, split_house_number

values = st.recursive(
    st.none() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), max_size=20), st.booleans()
)
def test_streamed_records_are_those_of_the_whole_file(
    records: list[object], indented: bool
) -> None:
    text = json.dumps({"count": 3, "items": records}, indent=1 if indented else None)
    assert list(iter_records(io.StringIO(text), "items")) == records


def test_records_longer_than_a_chunk_and_cut_anywhere_are_read() -> None:
    records = [{"n": n, "text": "ä" * (n * 40_000)} for n in range(12)]
    text = json.dumps({"pad": "x" * 262_100, "items": records}, ensure_ascii=False)
    assert list(iter_records(io.StringIO(text), "items")) == records


@pytest.mark.parametrize(
    "text", ["", '{"other": []}', '{"items": [{"a": 1}', '{"items": [{"a": }]}']
)
def test_a_stream_that_is_no_json_says_so(text: str) -> None:
    with pytest.raises(BrokenJsonError):
        list(iter_records(io.StringIO(text), "items"))


def test_nesting_without_end_is_broken_and_not_a_crash() -> None:
    with pytest.raises(BrokenJsonError):
        list(iter_records(io.StringIO('{"items": [' + "[" * 200_000), "items"))


def test_the_data_file_of_a_zip_is_read_and_its_readme_passed(tmp_path: Path) -> None:
    path = tmp_path / "NL.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "about")
        archive.writestr("NL.txt", "NL\t1011")
    with open_text(path) as text:
        assert text.read() == "NL\t1011"


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        ("DHL", "dhl"),
        ("Deutsche Post", "dhl"),
        ("DHL Vertrieb", "dhl"),
        ("Hermes Logistik Gruppe Deutschland Europa: Hermes Europe", "hermes"),
        ("Paczkomat InPost", "inpost"),
        ("Mondial Relay", "mondial_relay"),
        ("Österreichische Post", "post_at"),
        ("mondial_relay", "mondial_relay"),
        ("Bäckerei Konditorei Wagner", ""),
        ("", ""),
    ],
)
def test_brands_and_operators_name_their_carrier(name: str, carrier: str) -> None:
    assert carrier_code(name, strict=True) == carrier


def test_a_shops_own_carrier_code_is_taken_as_it_is() -> None:
    assert carrier_code("fietskoerier-delft") == "fietskoerier-delft"
    assert carrier_code("fietskoerier-delft", strict=True) == ""


def test_a_points_name_may_name_the_carrier() -> None:
    assert carrier_in_name("Hermes PaketShop am Markt") == "hermes"
    assert carrier_in_name("DHL-Paketshop") == "dhl"
    assert carrier_in_name("Kiosk neben DHL") == ""


def test_only_a_carrier_is_cut_off_a_code() -> None:
    assert strip_carrier("dhl-8007-404229142") == "8007-404229142"
    assert strip_carrier("8007-404229142") == "8007-404229142"
    assert strip_carrier("postnl-") == "postnl-"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Zschochersche Str. 42", ("Zschochersche Str.", "42")),
        ("Neumuehler Str. 16-18", ("Neumuehler Str.", "16-18")),
        ("Straße des 17. Juni 5 a", ("Straße des 17. Juni", "5 a")),
        ("Markt", ("Markt", "")),
        ("", ("", "")),
    ],
)
def test_a_house_number_is_split_off_the_street(line: str, parts: tuple[str, str]) -> None:
    assert split_house_number(line) == parts


def test_days_of_snapshots_are_read_in_the_forms_that_occur() -> None:
    assert read_day("2020-04") == read_day("2020-04-01") == read_day("2020-04-01T00:00:00Z")
    assert read_day("2026-05-12T02:00:00+02:00") == read_day("2026-05-12")
    assert read_day("spring") is read_day("") is None
