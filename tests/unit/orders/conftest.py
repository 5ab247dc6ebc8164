"""What the tests of order sources share: reading a text as a file of a format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from returnsite.orders.base import OrderSource, ReadContext, RowProblem, SourceOrder
from returnsite.orders.registry import detect, find_source

CONTEXT = ReadContext(currency="EUR", time_zone="Europe/Amsterdam", country="NL")


@dataclass
class Found:
    """What a source made of a file."""

    source: OrderSource
    orders: list[SourceOrder]
    problems: list[RowProblem]

    @property
    def only(self) -> SourceOrder:
        """The one order, of a file without problems."""
        assert self.problems == []
        (order,) = self.orders
        return order

    @property
    def problem(self) -> RowProblem:
        """The one problem."""
        (problem,) = self.problems
        return problem


Read = Callable[..., Found]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read text, bytes or a JSON value as a file; its format is recognised unless given."""

    def reading(
        content: Any,
        *,
        encoding: str = "utf-8",
        name: str = "orders",
        format_name: str | None = None,
        context: ReadContext = CONTEXT,
    ) -> Found:
        path = tmp_path / name
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        source = find_source(format_name) if format_name else detect(path)
        results = list(source.read(path, context))
        return Found(
            source,
            [found for found in results if isinstance(found, SourceOrder)],
            [found for found in results if isinstance(found, RowProblem)],
        )

    return reading
