"""CSV files in the encodings and with the separators that shops export."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from returnsite.orders.base import UnusableFile
from returnsite.orders.tables import Row, column_name, open_dialect, rows

TEXT = "order_number,title,city\n1001,Größe “M” – café,Łódź\n"


def table(path: Path, content: bytes) -> list[Row]:
    path.write_bytes(content)
    return list(rows(path, open_dialect(path)))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_usual_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    text = TEXT.replace("Łódź", "Zürich") if encoding == "cp1252" else TEXT
    if encoding in ("utf-16-le", "utf-16-be"):
        text = "\ufeff" + text if encoding == "utf-16-le" else text
    (row,) = table(tmp_path / "t.csv", text.encode(encoding))
    assert row.get("title") == "Größe “M” – café"
    assert row.get("city") in ("Łódź", "Zürich")
    assert row.get("order_number") == "1001"


def test_a_letter_that_breaks_utf8_far_down_the_file_changes_how_all_of_it_is_read(
    tmp_path: Path,
) -> None:
    head = b"order_number,title\n" + b"1,plain\n" * 20_000
    found = table(tmp_path / "t.csv", head + "2,Größe\n".encode("cp1252"))
    assert found[-1].get("title") == "Größe"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_separator_is_recognised(tmp_path: Path, separator: str) -> None:
    lines = [["order_number", "title", "note, long; with | all"], ["1", "a,b;c", "x"]]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    (row,) = table(tmp_path / "t.csv", text.encode())
    assert row.get("title") == "a,b;c"


def test_the_separator_line_that_excel_writes_is_understood(tmp_path: Path) -> None:
    (row,) = table(tmp_path / "t.csv", b"sep=;\r\norder_number;title\r\n1;a,b\r\n")
    assert row.get("title") == "a,b"


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    content = b'order_number,note\n1,"two\nlines"\n\n ,\n2,x\n'
    found = table(tmp_path / "t.csv", content)
    assert [(row.number, row.get("order_number")) for row in found] == [(2, "1"), (4, ""), (5, "2")]


def test_headings_are_compared_without_case_and_punctuation() -> None:
    assert column_name(" Order-Number ") == "order_number"
    assert column_name("Lineitem fulfillment status") == "lineitem_fulfillment_status"


def test_a_row_with_too_many_cells_says_so(tmp_path: Path) -> None:
    (row,) = table(tmp_path / "t.csv", b"order_number,price\n1,4,95\n")
    assert "more cells" in row.fault


def test_a_quotation_mark_left_open_does_not_swallow_rows_unnoticed(tmp_path: Path) -> None:
    content = b'order_number,title,x\n1,"open,y\n2,b,y\n3,c,y\n4,"d",y\n5,e,y\n'
    found = table(tmp_path / "t.csv", content)
    assert "not closed" in found[0].fault
    assert found[-1].get("order_number") == "5"


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0", b"one column\n1\n", b"PK\x03\x04\0"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnusableFile, match="not a table"):
        table(tmp_path / "t.csv", content)


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    (row,) = table(tmp_path / "t.csv", codecs.BOM_UTF8 + b"order_number;title\n1;a\n")
    assert row.get("order_number") == "1"
