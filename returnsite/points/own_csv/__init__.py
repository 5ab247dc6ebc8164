"""Our own CSV: one row per service point, the columns in `docs/service-points.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TextIO

from ...domain.geo import time_zone
from ...domain.opening_hours import parse_osm
from ..base import Reason, Row, RowProblem
from ..carrier_names import carrier_code, carrier_in_name, strip_carrier
from ..closures import read_closures
from ..records import Fields, make_record, read_day
from ..tables import header, iter_rows

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


def _column(names: Mapping[str, str] | list[str], field: str) -> str:
    """The name under which a field stands in this file, "" when it is not there."""
    return next((name for name in _NAMES.get(field, (field,)) if name in names), "")


def _read_row(row: int, values: Mapping[str, str], country: str) -> Row:
    def value(field: str) -> str:
        return values.get(_column(values, field), "")

    if not values:
        return RowProblem(row, "", Reason.UNREADABLE)
    carrier = carrier_code(value("carrier")) or carrier_in_name(value("name"))
    code = strip_carrier(value("code"))
    country = value("country") or country
    services = tuple(word.strip() for word in value("services").split(";") if word.strip())
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
        country=country,
        latitude=value("latitude"),
        longitude=value("longitude"),
        street=value("street"),
        house_number=value("house_number"),
        postcode=value("postcode"),
        city=value("city"),
        region=value("region"),
        hours=parse_osm(value("hours_text")) or {},
        hours_text=value("hours_text"),
        services=services,
        status=value("status"),
        closures=read_closures(entries, time_zone(country.upper(), value("postcode"))),
        fetched_at=read_day(value("snapshot")),
    )
    columns = {field: name for field in _NAMES if (name := _column(values, field))}
    return make_record(fields, columns)


SOURCE = OwnCsv()
