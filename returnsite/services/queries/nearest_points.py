"""The service points nearest to a position, fast enough to ask on every keystroke."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import cos, radians, sqrt
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, select, text

from ... import clock
from ...domain.geo import EARTH_RADIUS, box_around, distance_m
from ...domain.opening_hours import Weekly
from ...extensions import db
from ...models import ServicePoint

_FIRST_RADIUS_M = 2_000
_GROWTH_LIMIT = 8.0
_SPARE = 20
_ALL = 1_000_000_000


@dataclass(frozen=True, slots=True)
class NearbyPoint:
    """A point that is open for business (though perhaps not at this hour), and how far it is.

    `hours` is weekly JSON as `domain.opening_hours` reads it; `distance_m` the straight line in
    whole metres from where the search began, often a postcode's middle: show it rounded.
    """

    id: int
    carrier: str
    code: str
    name: str
    type: str
    street: str
    house_number: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float
    hours: Weekly
    hours_text: str
    accepts_returns: bool
    accepts_labelless: bool
    source: str
    fetched_at: datetime
    is_demo: bool
    distance_m: int


_FIELDS = tuple(name for name in NearbyPoint.__slots__ if name != "distance_m")
_table = ServicePoint.__table__
_DETAILS = select(*(_table.c[name] for name in _FIELDS)).where(
    _table.c.id.in_(bindparam("ids", expanding=True))
)


def nearest_points(
    *,
    latitude: float,
    longitude: float,
    country: str | None = None,
    carriers: Collection[str] | None = None,
    labelless: bool = False,
    limit: int = 10,
    radius_m: int = 50_000,
) -> list[NearbyPoint]:
    """Up to `limit` points within `radius_m`, nearest first, equal distances by id.

    Only points with status open that no closure shuts now and that take returns, with a label or,
    if `labelless`, without. `country` (two letters) and `carriers` narrow them; None: any. A box
    grows around the position until it surely holds the nearest; an index serves it.
    """
    if carriers is not None and not carriers:
        return []
    search = _Search(
        connection=db.session.connection(),
        query=_candidates(country is not None, len(carriers or ()), labelless),
        values={f"carrier_{n}": code for n, code in enumerate(sorted(carriers or ()))}
        | {"country": (country or "").upper(), "most": _SPARE + 2 * limit},
        latitude=latitude,
        longitude=longitude,
        limit=limit,
    )
    return _described(search.connection, search.nearest(float(radius_m))[:limit])


@lru_cache(maxsize=64)
def _candidates(by_country: bool, carriers: int, labelless: bool) -> TextClause:
    """Plain SQL, as the ORM would cost more than the search itself.

    Ordered as on a flat map, which the database can do by itself and is nearly right.
    """
    conditions = [
        "latitude BETWEEN :south AND :north",
        "longitude BETWEEN :west AND :east",
        "status = 'open'",
        "accepts_labelless" if labelless else "accepts_returns",
    ]
    if by_country:
        conditions.append("country = :country")
    if carriers:
        names = ", ".join(f":carrier_{n}" for n in range(carriers))
        conditions.append(f"carrier IN ({names})")
    # nothing but the fixed words above and parameter names goes into the text
    return text(
        "SELECT id, latitude, longitude, CAST(closures AS TEXT), "  # noqa: S608
        "(latitude - :latitude) * (latitude - :latitude)"
        " + (longitude - :longitude) * (longitude - :longitude) * :narrowing AS flat "
        f"FROM service_point WHERE {' AND '.join(conditions)} ORDER BY flat, id LIMIT :most"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """A search whose circle grows."""

    connection: Connection
    query: TextClause
    values: dict[str, Any]
    latitude: float
    longitude: float
    limit: int

    def nearest(self, radius: float) -> list[tuple[float, int]]:
        """(distance, id) of at least the `limit` nearest within `radius`; looks three times at
        most."""
        first = min(_FIRST_RADIUS_M, radius)
        found = self.within(first)
        if len(found) >= self.limit or first >= radius:
            return found
        # points lie in proportion to the area; a little more, so that one more step is enough
        growth = (1.5 * self.limit / max(len(found), 0.1)) ** 0.5
        second = min(radius, first * min(max(growth, 1.5), _GROWTH_LIMIT))
        found = self.within(second)
        if len(found) >= self.limit or second >= radius:
            return found
        # it was not: they lie far apart here, so all that is allowed is not much
        return self.within(radius)

    def within(self, radius: float) -> list[tuple[float, int]]:
        """(distance, id) of the nearest open points within the circle, nearest first.

        All of them, or at least `limit`.
        """
        rows = self._rows(radius, self.values["most"])
        found = self._open(rows, radius)
        if len(rows) < self.values["most"]:
            return found
        horizon = self._horizon(radius, rows[-1].flat)
        if len(found) >= self.limit and found[self.limit - 1][0] <= horizon:
            return found
        return self._open(self._rows(radius, _ALL), radius)

    def _rows(self, radius: float, most: int) -> Sequence[Any]:
        box = box_around(self.latitude, self.longitude, radius)
        place = {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "narrowing": cos(radians(self.latitude)) ** 2,
            "most": most,
        }
        return self.connection.execute(self.query, self.values | box._asdict() | place).all()

    def _open(self, rows: Sequence[Any], radius: float) -> list[tuple[float, int]]:
        now = clock.now()
        found = [
            (distance_m(self.latitude, self.longitude, row[1], row[2]), row[0])
            for row in rows
            if row[3] == "[]" or not _is_shut(row[3], now)
        ]
        return sorted(each for each in found if each[0] <= radius)

    def _horizon(self, radius: float, flat: float) -> float:
        """Metres within which no point is missing, when rows end at this distance on the map.

        Towards the pole meridians draw together, so that points there are nearer than on the map.
        """
        poleward = cos(radians(abs(self.latitude)) + radius / EARTH_RADIUS)
        shrinking = max(poleward, 0.0) / cos(radians(self.latitude))
        return radians(sqrt(flat)) * EARTH_RADIUS * sqrt(shrinking) * 0.999


def _is_shut(closures: str, now: datetime) -> bool:
    """Whether one of the stored closures covers the moment."""
    return any(
        datetime.fromisoformat(closure["from"]) <= now
        and (closure["until"] is None or now < datetime.fromisoformat(closure["until"]))
        for closure in json.loads(closures)
    )


def _described(connection: Connection, found: list[tuple[float, int]]) -> list[NearbyPoint]:
    if not found:
        return []
    ids = [point_id for _, point_id in found]
    rows = {row["id"]: row for row in connection.execute(_DETAILS, {"ids": ids}).mappings()}
    return [NearbyPoint(**rows[point_id], distance_m=round(away)) for away, point_id in found]
