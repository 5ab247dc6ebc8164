"""Reading files of service points, for the tests of all sources."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from returnsite.points.base import PointRecord, Reason, Row, RowProblem
from returnsite.points.registry import find_source, read_points


def read(path: Path, country: str = "") -> list[Row]:
    return list(read_points(path, find_source(path), country=country))


def points_of(rows: list[Row]) -> list[PointRecord]:
    return [row for row in rows if isinstance(row, PointRecord)]


def reasons_of(rows: list[Row]) -> Counter[Reason]:
    return Counter(row.reason for row in rows if isinstance(row, RowProblem))


def only(rows: list[Row]) -> PointRecord:
    [row] = rows
    assert isinstance(row, PointRecord), row
    return row


def write_json(folder: Path, value: object) -> Path:
    path = folder / "points.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path
