"""Numbers of units, as customers post them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.errors import QuantityInvalid
from returnsite.domain.quantity import parse_quantity


@pytest.mark.parametrize(
    ("text", "units"), [("1", 1), ("12", 12), ("007", 7), ("9" * 9, 10**9 - 1)]
)
def test_a_whole_number_of_units_is_read(text: str, units: int) -> None:
    assert parse_quantity(text) == units


@pytest.mark.parametrize(
    "text",
    [
        *("1.5", "1,5", "1e1", "-1", "+1", "٢", "²", "", " ", " 1", "1\n", "0", "000"),
        *("1_0", "0x1", "one", str(10**30), "9" * 10_000),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(QuantityInvalid) as refusal:
        parse_quantity(text)

    assert refusal.value.code == "quantity_invalid"
    assert len(refusal.value.params["text"]) <= 20


@given(st.text(max_size=12))
def test_only_plain_digits_are_ever_read(text: str) -> None:
    try:
        units = parse_quantity(text)
    except QuantityInvalid:
        return
    assert units >= 1
    assert text.lstrip("0") == str(units)
