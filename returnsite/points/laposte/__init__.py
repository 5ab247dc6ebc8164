"""La Poste's open list of contact points, as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TextIO

from ..base import Reason, Row, RowProblem
from ..carrier_names import strip_carrier
from ..files import header, iter_rows
from ..records import Fields, Place, make_record

_COLUMNS = {
    "code": "id",
    "postcode": "postal_code",
    "latitude": "lat",
    "longitude": "lon",
}


class LaPoste:
    """Post offices, communal agencies and relay shops; the list has no opening hours."""

    key = "laposte"
    label = "La Poste CSV"

    def recognises(self, head: str) -> bool:
        """La Poste's own columns: the kind of counter and the number of the commune."""
        return {"id", "subtype", "insee", "lat", "lon"} <= set(header(head))

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """One row per line."""
        for row, values in iter_rows(file):
            yield _read_row(row, values, country or "FR")


def _read_row(row: int, values: Mapping[str, str], country: str) -> Row:
    if not values:
        return RowProblem(row, "", Reason.UNREADABLE)
    street = (values.get("street", ""), values.get("extra", ""))
    place = Place(
        country=values.get("country", "") or country,
        latitude=values["lat"],
        longitude=values["lon"],
        street=", ".join(part for part in street if part),
        house_number=values.get("house_number", ""),
        postcode=values.get("postal_code", ""),
        city=values.get("city", ""),
    )
    fields = Fields(
        row=row,
        source="laposte-poincont2",
        carrier="laposte",
        code=strip_carrier(values["id"]),
        name=values.get("name", ""),
        type=values.get("type", ""),
        place=place,
    )
    return make_record(fields, _COLUMNS)


SOURCE = LaPoste()
