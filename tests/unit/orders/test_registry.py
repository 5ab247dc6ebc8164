"""What holds for every registered order source, and how a file's format is recognised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from returnsite.orders.base import OrderSource, UnusableFile
from returnsite.orders.registry import SOURCES, detect, find_source

OWN = (
    "order_number,placed_at,postcode,title,quantity,line_paid\n"
    "1001,2026-11-02,1012JS,Shirt,2,39.90\n"
)
SHOPIFY_CSV = (
    "Name,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Shipping Zip\n"
    "#1001,paid,2026-11-02 10:00:00 +0100,2,Shirt,19.95,1012JS\n"
)
SHOPIFY_JSON = {
    "id": 1, "name": "#1001", "financial_status": "paid", "fulfillments": [],
    "created_at": "2026-11-02T10:00:00Z",
    "line_items": [{"id": 1, "title": "Shirt", "quantity": 2, "price": "19.95"}],
}  # fmt: skip
WOOCOMMERCE = {
    "id": 1, "number": "1001", "order_key": "wc_x", "billing": {"postcode": "1012JS"},
    "date_created_gmt": "2026-11-02T10:00:00",
    "line_items": [{"id": 1, "name": "Shirt", "quantity": 2, "total": "39.90"}],
}  # fmt: skip
SAMPLES: dict[str, str] = {
    "csv": OWN,
    "shopify-csv": SHOPIFY_CSV,
    "shopify-json": json.dumps(SHOPIFY_JSON),
    "woocommerce-json": json.dumps(WOOCOMMERCE),
}

each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


@each
def test_every_source_recognises_its_own_files_and_no_others(
    source: OrderSource, read: Any
) -> None:
    assert read(SAMPLES[source.name]).source is source


@each
def test_every_source_gives_the_same_order_each_time(source: OrderSource, read: Any) -> None:
    first, second = read(SAMPLES[source.name]).only, read(SAMPLES[source.name]).only
    assert first == second
    assert first.number in ("1001", "#1001")
    (line,) = first.lines
    assert (line.title, line.quantity, line.line_paid) == ("Shirt", 2, 3990)
    assert first.placed_at.tzinfo is not None


@each
def test_every_source_has_a_name_that_finds_it(source: OrderSource) -> None:
    assert find_source(source.name) is source
    assert source.label


@each
@pytest.mark.parametrize(
    "junk", [b"", b"\0" * 500, b"\xff\xfe\xfd", b"{", b"[[[[", b"a,b\n1,2\n", b"x" * 70_000]
)
def test_no_source_falls_over_junk(source: OrderSource, junk: bytes, read: Any) -> None:
    try:
        found = read(junk, format_name=source.name)
    except UnusableFile:
        return
    assert found.orders == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"PK\x03\x04....", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0....", "spreadsheet"),
        (b"name,mail\na,b\n", "not recognised"),
        (b'{"products": []}', "not recognised"),
        (b"%PDF-1.7", "not recognised"),
    ],
)
def test_a_file_nobody_knows_is_refused_with_a_reason(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(UnusableFile, match=message):
        detect(tmp_path / "file")


def test_a_file_that_is_not_there_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="No such file"):
        detect(tmp_path / "nowhere.csv")
    with pytest.raises(UnusableFile, match="directory"):
        detect(tmp_path)


def test_half_an_own_csv_is_told_which_columns_are_missing(read: Any) -> None:
    with pytest.raises(UnusableFile, match="quantity"):
        read("order_number,placed_at,postcode,title,line_paid\n")
