"""Addresses of a shop in words."""

from __future__ import annotations

from ...services.address_rules import province_text
from ...services.setting_items import Place
from .words import country_name


def one_line(place: Place) -> str:
    """`Noorderlicht B.V., Schieweg 15, 2627 AN Delft, Netherlands`."""
    street = " ".join(filter(None, (place.street, place.house_number)))
    province = province_text(place.country, place.province)
    town = " ".join(filter(None, (place.postcode, place.city, province)))
    parts = (place.company or place.name, street, town, country_name(place.country))
    return ", ".join(filter(None, parts))
