"""JSON files: shapes, streaming, and what is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from returnsite.orders import documents
from returnsite.orders.base import UnusableFile


def values(path: Path, content: Any, encoding: str = "utf-8") -> list[object]:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode(encoding))
    return [found.value for found in documents.documents(path)]


ONE, TWO = {"id": 1, "text": 'é, ] } \\ " 1'}, {"id": 2, "list": [[{"a": "]"}]]}


@pytest.mark.parametrize(
    "content",
    [
        [ONE, TWO],
        {"orders": [ONE, TWO]},
        {"count": 2, "orders": [ONE, TWO]},
        [{"order": ONE}, TWO],
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n",
        f"\n\n{json.dumps(ONE)}\r\n\r\n{json.dumps({'order': TWO})}",
        json.dumps([ONE, TWO], indent=3),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_shape_gives_the_same_orders(tmp_path: Path, content: Any, encoding: str) -> None:
    assert values(tmp_path / "o.json", content, encoding) == [ONE, TWO]


@pytest.mark.parametrize("shape", ["list", "envelope", "lines"])
def test_orders_larger_than_the_buffer_and_across_its_edges_come_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    monkeypatch.setattr(documents, "_CHUNK", 64)
    orders = [{"id": number, "text": "x" * (number * 7 % 300)} for number in range(120)]
    content: Any = {"list": orders, "envelope": {"orders": orders}}.get(shape)
    if content is None:
        content = "\n".join(map(json.dumps, orders))
    assert values(tmp_path / "o.json", content) == orders


def test_a_broken_line_is_passed_over_and_the_next_ones_are_read(tmp_path: Path) -> None:
    content = f'{json.dumps(ONE)}\n{{"id": broken}}\n{json.dumps(TWO)}\n'
    assert values(tmp_path / "o.json", content) == [ONE, None, TWO]


def test_a_list_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    content = json.dumps([ONE, TWO])[:-20]
    assert values(tmp_path / "o.json", content) == [ONE, None]


def test_numbers_keep_their_decimals(tmp_path: Path) -> None:
    (found,) = values(tmp_path / "o.json", '{"price": 0.1, "big": 8.264463000}')
    assert str(found) == "{'price': Decimal('0.1'), 'big': Decimal('8.264463000')}"


@pytest.mark.parametrize("content", ['{"price": NaN}', '{"price": Infinity}', "{", "nothing"])
def test_what_is_no_json_is_told_apart(tmp_path: Path, content: str) -> None:
    assert values(tmp_path / "o.json", content) == [None]


def test_bottomless_nesting_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="deeply"):
        values(tmp_path / "o.json", "[" * 200_000)
    (tmp_path / "o.json").write_bytes(b'{"a": "\xff\xfe"}')
    with pytest.raises(UnusableFile, match="UTF-8"):
        list(documents.documents(tmp_path / "o.json"))
