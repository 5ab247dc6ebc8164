"""The documentation of the own CSV says what the product does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from returnsite.orders.base import ReadContext
from returnsite.orders.own_csv import columns
from returnsite.orders.registry import SOURCES, read_variants

TEXT = (Path(__file__).parents[3] / "docs/orders-csv.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_every_column_is_explained() -> None:
    names = {"order_number", *columns.ORDER, *columns.LINE, *columns.PARCEL}
    assert names - set(re.findall(r"`(\w+)`", TEXT)) == set()


def test_the_other_names_of_needed_columns_work() -> None:
    needed = TEXT.partition("### Needed columns")[2].partition("###")[0]
    rows = [line.split("|")[1:3] for line in needed.splitlines() if line.startswith("| `")]
    assert len(rows) == 6
    for names, others in rows:
        for other in re.findall(r"`(\w+)`", others):
            assert f"`{columns.ALIASES[other]}`" in names


def test_every_format_is_listed() -> None:
    for source in SOURCES:
        assert f"`{source.name}`" in TEXT


def test_the_examples_are_read_as_the_text_says(read: Any) -> None:
    _commands, small, full, variants = EXAMPLES
    assert read(small).only.parcels[0].shipped_at is not None
    first, second = read(full).orders
    assert [parcel.trackings for parcel in first.parcels] == [("3SDEVC1", "3SDEVC2"), ("3SDEVC3",)]
    assert [line.line_paid for line in first.lines] == [3990, 7995]
    assert first.shipping_paid == 495
    assert second.parcels == ()
    assert "option_size" in variants


def test_the_example_of_variants_is_read(tmp_path: Path) -> None:
    (tmp_path / "variants.csv").write_text(EXAMPLES[3], encoding="utf-8")
    context = ReadContext(currency="EUR", time_zone="Europe/Amsterdam")
    medium, large = read_variants(tmp_path / "variants.csv", context)
    assert (medium.price, medium.stock, large.stock) == (2495, 3, None)
    assert medium.options == {"size": "M", "colour": "Blue"}
