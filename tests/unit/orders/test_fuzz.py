"""Junk in any place of a file: an order is read whole or set aside, nothing falls over."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returnsite.orders.base import UnusableFile
from tests.unit.orders.samples import OWN_ROW, SHOPIFY_ORDER, WOOCOMMERCE_ORDER

JUNK = st.sampled_from(
    [None, "", "x", "\x00", "é" * 3000, -1, 0, 1.5, 10**30, "1e999", "NaN", "-5.00", True, [], {}]
    + [[None], [[]], {"a": None}, "2026-99-99", "٢", "=1+1", "'; DROP TABLE", "0001-01-01", "1.234"]
    + ["9999-12-31T23:59:59-12:00", "12345678901234567890", "\ud800", " ", "|", "[", '{"a":1}']
)
slow = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in nested lists and objects."""
    found = [at] if at else []
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*at, key))
    return found


def replaced(value: Any, place: tuple[Any, ...], junk: Any) -> Any:
    changed = copy.deepcopy(value)
    target = changed
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = junk
    return changed


def check(found: Any) -> None:
    for order in found.orders:
        assert order.number
        assert order.placed_at.tzinfo is not None
        assert all(line.quantity >= 1 and line.line_paid >= 0 for line in order.lines)
        assert all(0 <= line.qty_elsewhere <= line.quantity for line in order.lines)
        assert all(0 <= line.amount_elsewhere <= line.line_paid for line in order.lines)
        texts = [order.number, order.email, order.customer_name, order.delivery.postcode]
        texts += [text for line in order.lines for text in (line.title, line.variant, line.sku)]
        assert not any("\x00" in text or "\ud800" in text for text in texts)
    assert all(problem.message for problem in found.problems)


@pytest.mark.parametrize(
    ("name", "sample"), [("shopify-json", SHOPIFY_ORDER), ("woocommerce-json", WOOCOMMERCE_ORDER)]
)
@slow
@given(data=st.data())
def test_json_with_junk_anywhere(read: Any, name: str, sample: Any, data: Any) -> None:
    changed = sample
    for _time in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(changed)))
        changed = replaced(changed, place, data.draw(JUNK))
    try:
        check(read([sample, changed], format_name=name))
    except UnusableFile as error:
        pytest.fail(f"the first order is whole: {error}")


@slow
@given(data=st.data())
def test_own_csv_with_junk_anywhere(read: Any, data: Any) -> None:
    row = dict(OWN_ROW)
    for column in data.draw(st.lists(st.sampled_from(sorted(OWN_ROW)), min_size=1, max_size=3)):
        junk = data.draw(JUNK | st.text(max_size=30))
        row[column] = "" if junk is None else str(junk).encode("utf-8", "replace").decode()
    out = io.StringIO()
    writer = csv.DictWriter(out, list(OWN_ROW))
    writer.writeheader()
    writer.writerow(row)
    writer.writerow(OWN_ROW | {"order_number": "whole"})
    found = read(out.getvalue(), format_name="csv")
    check(found)
    assert "whole" in {order.number for order in found.orders}


@slow
@given(content=st.binary(max_size=400))
def test_any_bytes_at_all(read: Any, content: bytes) -> None:
    try:
        found = read(content)
    except UnusableFile as error:
        assert str(error)
        return
    check(found)
