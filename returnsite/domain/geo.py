"""Positions, distances, and the codes and clocks of places. Degrees are WGS84, lengths metres."""

from __future__ import annotations

import re
import unicodedata
from math import asin, cos, degrees, pi, radians, sin, sqrt
from typing import NamedTuple

from .lookup import normalise_postcode

EARTH_RADIUS = 6_371_008.8

_CEDEX = re.compile(r"CEDEX[0-9]*$")
_BRITISH = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)(?:[0-9][A-Z]{2})?")
_DUTCH = re.compile(r"([1-9][0-9]{3})[A-Z]{0,2}")
_IRISH = re.compile(r"([AC-FHKNPRTV-Y][0-9][0-9W])(?:[0-9AC-FHKNPRTV-Y]{4})?")
_SHORTENED = {"GB": _BRITISH, "NL": _DUTCH, "IE": _IRISH}
"""Countries whose postcode tables hold only the first part of a customer's code."""
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


class Box(NamedTuple):
    """Bounds in degrees."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the position lies in the box or on its edge."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


def distance_m(
    latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float
) -> float:
    """Great-circle distance by the haversine formula."""
    phi_a, phi_b = radians(latitude_a), radians(latitude_b)
    half_chord = (
        sin((phi_b - phi_a) / 2) ** 2
        + cos(phi_a) * cos(phi_b) * sin(radians(longitude_b - longitude_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half_chord)))


def box_around(latitude: float, longitude: float, radius: float) -> Box:
    """The smallest box of parallels and meridians that holds the whole circle.

    Not for circles that hold a pole or cross the 180th meridian.
    """
    angle = radius / EARTH_RADIUS
    reach = min(1.0, sin(min(angle, pi / 2)) / max(cos(radians(latitude)), 1e-9))
    # a hair wider, so that rounding cannot put a point on the circle outside
    tall, wide = degrees(angle) + 1e-9, degrees(asin(reach)) + 1e-9
    return Box(latitude - tall, latitude + tall, longitude - wide, longitude + wide)


def about_distance(metres: float) -> int:
    """Metres rounded to what a person needs: "about 350 m", "about 1.2 km", "about 14 km"."""
    step = 10 if metres < 95 else 50 if metres < 975 else 100 if metres < 9_950 else 1_000
    return max(step, int(metres / step + 0.5) * step)


def area_code(postcode: str, country: str) -> str:
    """The part of a postcode that postcode tables know, or "" when it cannot be one.

    NL "2611 GX" → "2611", GB "SW1A 1AA" → "SW1A", IE "D02 X285" → "D02", LU "L-1234" → "1234",
    FR "01001 CEDEX" → "01001".
    """
    code = _CEDEX.sub("", normalise_postcode(postcode, country))
    pattern = _SHORTENED.get(country.upper())
    if pattern:
        match = pattern.fullmatch(code)
        return match[1] if match else ""
    return code if any(char.isdigit() for char in code) else ""


def place_key(name: str) -> str:
    """A place name for comparing: no case, accents or punctuation.

    "'s-Gravenhage" → "s gravenhage", "Łódź" → "lodz", "Gießen" → "giessen".
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in kept).split())


def time_zone(country: str, postcode: str = "") -> str:
    """IANA name of the clock in a country, for some islands by `postcode`; "UTC" elsewhere."""
    code = normalise_postcode(postcode, country)
    for prefix, zone in _ISLAND_ZONES.get(country, {}).items():
        if code.startswith(prefix):
            return zone
    return _ZONES.get(country, "UTC")


def country_box(country: str, postcode: str = "") -> Box | None:
    """Roughly where a European country lies; None when not known or for overseas postcodes."""
    if country == "FR" and postcode.startswith(("97", "98")):
        return None
    return _BOXES.get(country)


_ZONES = {
    "AD": "Europe/Andorra", "AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia",
    "CH": "Europe/Zurich", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "GR": "Europe/Athens",
    "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
    "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "LI": "Europe/Vaduz", "LT": "Europe/Vilnius",
    "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MC": "Europe/Monaco", "MT": "Europe/Malta",
    "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon",
    "RO": "Europe/Bucharest", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava", "SM": "Europe/San_Marino", "UA": "Europe/Kyiv",
}  # fmt: skip

_ISLAND_ZONES = {
    "ES": {"35": "Atlantic/Canary", "38": "Atlantic/Canary"},
    "FR": {
        "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne",
        "974": "Indian/Reunion", "975": "America/Miquelon", "976": "Indian/Mayotte",
        "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
    },
    "PT": dict.fromkeys(["95", "96", "97", "98", "99"], "Atlantic/Azores")
    | dict.fromkeys(["90", "91", "92", "93", "94"], "Atlantic/Madeira"),
}  # fmt: skip

_BOXES = {
    "AT": Box(46.2, 49.2, 9.3, 17.4), "BE": Box(49.3, 51.7, 2.3, 6.6),
    "BG": Box(41.0, 44.4, 22.1, 28.9), "CH": Box(45.6, 48.0, 5.7, 10.7),
    "CY": Box(34.4, 35.9, 32.1, 34.8), "CZ": Box(48.4, 51.2, 11.9, 19.0),
    "DE": Box(47.1, 55.2, 5.7, 15.2), "DK": Box(54.4, 58.0, 7.9, 15.4),
    "EE": Box(57.3, 60.0, 21.5, 28.4), "ES": Box(27.4, 44.0, -18.4, 4.6),
    "FI": Box(59.4, 70.3, 19.0, 31.8), "FR": Box(41.2, 51.3, -5.4, 9.8),
    "GB": Box(49.0, 61.0, -8.8, 2.0), "GR": Box(34.6, 41.9, 19.2, 29.8),
    "HR": Box(42.2, 46.7, 13.3, 19.6), "HU": Box(45.6, 48.8, 16.0, 23.0),
    "IE": Box(51.2, 55.6, -10.9, -5.8), "IT": Box(35.3, 47.3, 6.5, 18.7),
    "LT": Box(53.7, 56.6, 20.8, 27.0), "LU": Box(49.3, 50.3, 5.6, 6.7),
    "LV": Box(55.5, 58.2, 20.7, 28.4), "MT": Box(35.6, 36.3, 14.0, 14.8),
    "NL": Box(50.6, 53.7, 3.2, 7.4), "NO": Box(57.7, 71.4, 4.2, 31.6),
    "PL": Box(48.9, 55.0, 14.0, 24.3), "PT": Box(29.9, 42.3, -31.5, -6.0),
    "RO": Box(43.5, 48.4, 20.1, 29.9), "SE": Box(55.1, 69.2, 10.8, 24.4),
    "SI": Box(45.3, 47.0, 13.2, 16.8), "SK": Box(47.6, 49.7, 16.7, 22.7),
}  # fmt: skip
