"""Where on Earth a typed postcode or place name is, without asking anyone outside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import bindparam, select

from ...domain.geo import area_code, place_key
from ...extensions import db
from ...models import Postcode
from .towns import find_town

_LONGEST_TEXT, _MOST_WORDS, _WORDS_OF_A_CODE = 100, 12, 3
_VAGUE_KM = 15
"""Postcodes spread wider than this are bulk or wide-area codes: their position means nothing."""
_CELL_DEGREES = 0.2
_CEDEX = re.compile(r"\bcedex\b(?:\s+[0-9]{1,2}\b)?", re.IGNORECASE)

_COLUMNS = select(Postcode.code_norm, Postcode.place, Postcode.latitude, Postcode.longitude).where(
    Postcode.country == bindparam("country"), Postcode.spread_km <= _VAGUE_KM
)
_BY_CODE = _COLUMNS.where(Postcode.code_norm.in_(bindparam("codes", expanding=True)))
_BY_PLACE = _COLUMNS.where(Postcode.place_key.like(bindparam("pattern")))


@dataclass(frozen=True, slots=True)
class Location:
    """A position in degrees, what to call it, and how sure it is.

    `precision` is "postcode", "place" (the middle of a town), or "none": not found, and the
    position means nothing.
    """

    latitude: float
    longitude: float
    label: str
    precision: Literal["postcode", "place", "none"]


def locate_place(*, text: str, country: str) -> Location:
    """Find "2611 GX", "2611gx Delft", "Delft" or "SW1A 1AA", first of all in `country`.

    Postcodes come from the imported table: a code that is not in it is not found, unless a known
    place stands beside it. Places come from the same table, then from the towns of the world.
    """
    country = country.upper()
    words = _CEDEX.sub(" ", text[:_LONGEST_TEXT].replace(",", " ")).split()[:_MOST_WORDS]
    codes = _codes(words, country)
    return (
        _at_postcode(codes, words, country)
        or _at_place(_names(codes, words), country)
        or Location(0.0, 0.0, " ".join(words), "none")
    )


def _codes(words: Sequence[str], country: str) -> dict[tuple[int, int], str]:
    """Up to three words in a row that may be a postcode: (first, after last) → its area."""
    spans = (
        (start, end)
        for start in range(len(words))
        for end in range(start + 1, min(start + _WORDS_OF_A_CODE, len(words)) + 1)
    )
    found = {span: area_code(" ".join(words[slice(*span)]), country) for span in spans}
    return {span: code for span, code in found.items() if code}


def _at_postcode(
    codes: dict[tuple[int, int], str], words: Sequence[str], country: str
) -> Location | None:
    """The longest postcode that the table knows."""
    if not codes:
        return None
    rows = db.session.execute(_BY_CODE, {"country": country, "codes": sorted(set(codes.values()))})
    known = {row.code_norm: row for row in rows}
    spans = [span for span, code in codes.items() if code in known]
    if not spans:
        return None
    span = max(spans, key=lambda span: (len(codes[span]), span[1] - span[0]))
    row = known[codes[span]]
    return Location(row.latitude, row.longitude, " ".join(words[slice(*span)]).upper(), "postcode")


def _names(codes: dict[tuple[int, int], str], words: Sequence[str]) -> list[str]:
    """What may be the place's name: the words beside the postcode, then fewer of them."""
    taken = {
        position
        for start, end in codes
        # "10115 Berlin" is no code: it ends where the words do without digits
        if any(char.isdigit() for char in words[end - 1]) or len(words[end - 1]) <= 3
        for position in range(start, end)
    }
    rest = [
        word
        for position, word in enumerate(words)
        if position not in taken and not any(char.isdigit() for char in word)
    ]
    shorter = [rest, rest[:-1], rest[1:], rest[-1:]]
    return [name for name in dict.fromkeys(" ".join(part) for part in shorter) if name]


def _at_place(names: Sequence[str], country: str) -> Location | None:
    """A place of the table under the first name it knows, else a town of the world."""
    keys = {name: key for name in names if len(key := place_key(name)) > 1}
    for key in keys.values():
        values = {"country": country, "pattern": f"%/{key}/%"}
        if rows := db.session.execute(_BY_PLACE, values).all():
            return _middle(rows, key)
    for name, key in keys.items():
        if town := find_town(name, country):
            # found by another name, such as "Den Haag": call it as the visitor does
            label = town.name if place_key(town.name) == key else name
            return Location(town.latitude, town.longitude, label, "place")
    return None


def _middle(rows: Sequence[Any], key: str) -> Location:
    """The middle of the biggest of the towns with this name: where most of its postcodes are."""
    cells = Counter(_cell(row) for row in rows)
    best = max(cells, key=lambda cell: (_crowd(cells, cell), cells[cell], cell))
    near = [row for row in rows if _is_beside(_cell(row), best)]
    label = next(
        (name for row in near for name in row.place.split(" / ") if place_key(name) == key), key
    )
    return Location(
        sum(row.latitude for row in near) / len(near),
        sum(row.longitude for row in near) / len(near),
        label,
        "place",
    )


def _cell(row: Any) -> tuple[int, int]:
    return round(row.latitude / _CELL_DEGREES), round(row.longitude / _CELL_DEGREES)


def _crowd(cells: Counter[tuple[int, int]], centre: tuple[int, int]) -> int:
    return sum(count for cell, count in cells.items() if _is_beside(cell, centre))


def _is_beside(cell: tuple[int, int], centre: tuple[int, int]) -> bool:
    return abs(cell[0] - centre[0]) <= 1 and abs(cell[1] - centre[1]) <= 1
