"""Service points near what someone typed, for one return method."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..domain.geo import time_zone
from ..domain.opening_hours import state_at
from .queries.locate_place import Location, locate_place
from .queries.nearest_points import NearbyPoint, nearest_points

RADIUS_M = 50_000
NEAR_M = 15_000
FEW = 3


@dataclass(frozen=True, slots=True)
class PointSearch:
    """What a search came to: where it looked (None: the place is not known) and what is there."""

    near: str
    location: Location | None
    points: tuple[NearbyPoint, ...]

    def suggested(self, now: datetime) -> NearbyPoint | None:
        """The nearest point that is open at `now`; the nearest of all while none is open."""
        opened = (point for point in self.points if is_open(point, now))
        return next(opened, self.points[0] if self.points else None)


def is_open(point: NearbyPoint, now: datetime) -> bool:
    """Whether it is open at `now` by its own clock; False when its hours are not known."""
    local = now.astimezone(ZoneInfo(time_zone(point.country, point.postcode)))
    return bool(state_at(point.hours, local).open)


def find_points(
    *, near: str, country: str, carriers: Collection[str], labelless: bool, limit: int = 10
) -> PointSearch:
    """Points of these carriers around a postcode or place, nearest first.

    Within 50 km; those beyond 15 km only where there are fewer than three nearer ones.
    """
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
    close = [point for point in points if point.distance_m <= NEAR_M]
    return PointSearch(near, location, tuple(close if len(close) >= FEW else points))
