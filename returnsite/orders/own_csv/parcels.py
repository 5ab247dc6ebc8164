"""The parcels of the own CSV: rows with the same parcel or tracking number travelled together."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.lookup import normalise_number
from ..base import UNTRACKED, SourceParcel
from ..carriers import carrier_code
from ..text import distinct, plain, several
from .columns import SHIPPING_SIGNS
from .lines import line_id
from .reading import Cells


def read_parcels(rows: Sequence[Cells]) -> tuple[SourceParcel, ...]:
    """The parcels of an order; rows that were not shipped are in none."""
    together: dict[str, list[Cells]] = {}
    for cells in rows:
        if _was_shipped(cells):
            together.setdefault(_parcel_id(cells), []).append(cells)
    return tuple(_parcel(key, members) for key, members in together.items())


def _was_shipped(cells: Cells) -> bool:
    signs = any(cells.row.get(column) for column in SHIPPING_SIGNS if column != "shipped")
    return cells.flag("shipped", default=signs or cells.reading.ships_all)


def _parcel_id(cells: Cells) -> str:
    own = plain(cells.row.get("parcel"))
    if own:
        return own
    numbers = several(cells.row.get("tracking_number"))
    return normalise_number(numbers[0]) if numbers else UNTRACKED


def _parcel(key: str, rows: Sequence[Cells]) -> SourceParcel:
    contents: dict[str, int] = {}
    for cells in rows:
        line = line_id(cells)
        contents[line] = contents.get(line, 0) + (cells.units("quantity") or 0)
    shipped = [moment for cells in rows if (moment := cells.moment("shipped_at"))]
    delivered = [moment for cells in rows if (moment := cells.moment("delivered_at"))]
    if not shipped and not delivered and rows[0].reading.ships_all:
        shipped = [moment for cells in rows if (moment := cells.moment("placed_at"))]
    numbers = (n for cells in rows for n in several(cells.row.get("tracking_number")))
    return SourceParcel(
        external_id=key,
        contents=contents,
        trackings=distinct(numbers),
        carrier=carrier_code(_first(rows, "carrier")),
        shipped_at=max(shipped, default=None),
        delivered_at=max(delivered, default=None),
        pickup_postcode=plain(_first(rows, "pickup_postcode").lstrip("'"), 16),
    )


def _first(rows: Sequence[Cells], column: str) -> str:
    return next((cells.row.get(column) for cells in rows if cells.row.get(column)), "")
