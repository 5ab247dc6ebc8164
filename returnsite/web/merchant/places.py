"""Addresses of a shop in words."""

from __future__ import annotations

from ...services.setting_items import Place
from .words import country_name


def one_line(place: Place) -> str:
    """`Noorderlicht B.V., Schieweg 15, 2627 AN Delft, Netherlands`."""
    street = " ".join(filter(None, (place.street, place.house_number)))
    town = " ".join(filter(None, (place.postcode, place.city, place.province)))
    parts = (place.company or place.name, street, town, country_name(place.country))
    return ", ".join(filter(None, parts))
