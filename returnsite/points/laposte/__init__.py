"""La Poste's open list of contact points, as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from ..base import Reason, Row, RowProblem
from ..carrier_names import strip_carrier
from ..records import Fields, make_record
from ..tables import header, iter_rows

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
            if not values:
                yield RowProblem(row, "", Reason.UNREADABLE)
                continue
            street = ", ".join(part for part in (values["street"], values.get("extra", "")) if part)
            fields = Fields(
                row=row,
                source="laposte-poincont2",
                carrier="laposte",
                code=strip_carrier(values["id"]),
                name=values["name"],
                type=values["type"],
                country=values["country"] or country or "FR",
                latitude=values["lat"],
                longitude=values["lon"],
                street=street,
                house_number=values["house_number"],
                postcode=values["postal_code"],
                city=values["city"],
            )
            yield make_record(fields, _COLUMNS)


SOURCE = LaPoste()
