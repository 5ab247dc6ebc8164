"""Our own CSV: one row per service point, the columns in `docs/service-points.md`."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from typing import TextIO

from ...domain.opening_hours import parse_osm
from ..base import Reason, Row, RowProblem
from ..carrier_names import carrier_code, carrier_in_name, strip_carrier
from ..closures import read_closures
from ..files import header, iter_rows
from ..records import Fields, Place, make_record, read_day

_NAMES = {
    "code": ("id", "code"),
    "postcode": ("postal_code", "postcode", "zip"),
    "latitude": ("lat", "latitude"),
    "longitude": ("lon", "longitude", "lng"),
    "hours_text": ("opening_hours",),
}
_REQUIRED = ("code", "latitude", "longitude")


class OwnCsv:
    """Reads any separator and encoding; a column may be missing when it is not needed."""

    key = "csv"
    label = "Returnsite CSV"

    def recognises(self, head: str) -> bool:
        """A first line with an id, a position and a carrier."""
        names = header(head)
        return "carrier" in names and all(_column(names, field) for field in _REQUIRED)

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """One row per line; lines of another length are padded."""
        for row, values in iter_rows(file):
            yield _read_row(row, values, country)


def _column(names: Container[str], field: str) -> str:
    """The name under which a field stands in this file, "" when it is not there."""
    return next((name for name in _NAMES.get(field, (field,)) if name in names), "")


def _read_row(row: int, values: Mapping[str, str], country: str) -> Row:
    if not values:
        return RowProblem(row, "", Reason.UNREADABLE)
    value = _Values(values)
    carrier = carrier_code(value("carrier")) or carrier_in_name(value("name"))
    code, place = strip_carrier(value("code")), _place(value, country)
    try:
        entries = json.loads(value("closures") or "[]")
    except (ValueError, RecursionError):
        return RowProblem(row, "closures", Reason.UNREADABLE, value("closures")[:80], carrier, code)
    fields = Fields(
        row=row,
        source=value("source") or "csv",
        carrier=carrier,
        code=code,
        name=value("name"),
        type=value("type") or "shop",
        place=place,
        hours=parse_osm(value("hours_text")) or {},
        hours_text=value("hours_text"),
        services=tuple(word.strip() for word in value("services").split(";") if word.strip()),
        status=value("status"),
        closures=read_closures(entries, place.zone),
        fetched_at=read_day(value("snapshot")),
    )
    columns = {field: name for field in _NAMES if (name := _column(values, field))}
    return make_record(fields, columns)


class _Values:
    """The values of a row by our own names of the columns."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __call__(self, field: str) -> str:
        return self._values.get(_column(self._values, field), "")


def _place(value: _Values, country: str) -> Place:
    return Place(
        country=value("country") or country,
        latitude=value("latitude"),
        longitude=value("longitude"),
        street=value("street"),
        house_number=value("house_number"),
        postcode=value("postcode"),
        city=value("city"),
        region=value("region"),
    )


SOURCE = OwnCsv()
