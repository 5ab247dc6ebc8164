"""Service points near what someone typed, for one return method."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .queries.locate_place import Location, locate_place
from .queries.nearest_points import NearbyPoint, nearest_points

RADIUS_M = 50_000


@dataclass(frozen=True, slots=True)
class PointSearch:
    """What a search came to: where it looked (None: the place is not known) and what is there."""

    near: str
    location: Location | None
    points: tuple[NearbyPoint, ...]


def find_points(
    *, near: str, country: str, carriers: Collection[str], labelless: bool, limit: int = 10
) -> PointSearch:
    """Open points of these carriers within 50 km of a postcode or place, nearest first."""
    location = locate_place(text=near, country=country) if near.strip() else None
    if location is None or location.precision == "none" or not carriers:
        return PointSearch(
            near, None if not location or location.precision == "none" else location, ()
        )
    points = nearest_points(
        latitude=location.latitude,
        longitude=location.longitude,
        country=country,
        carriers=carriers,
        labelless=labelless,
        limit=limit,
        radius_m=RADIUS_M,
    )
    return PointSearch(near, location, tuple(points))
