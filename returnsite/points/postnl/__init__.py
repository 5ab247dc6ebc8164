"""Answers of PostNL's locations interface, version 2.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from ...domain.opening_hours import Span, Weekly, minutes, weekly_from
from ..base import Row, RowProblem
from ..json_values import iter_objects, pick, text_of, texts_of
from ..records import Fields, Place, make_record

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_COLUMNS = {
    "code": "LocationCode",
    "name": "Name",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "postcode": "Address.Zipcode",
    "city": "Address.City",
    "country": "Address.Countrycode",
}


class PostNl:
    """A list of locations or a single one; hours are "09:00-18:00" per English weekday."""

    key = "postnl"
    label = "PostNL locations JSON"

    def recognises(self, head: str) -> bool:
        """The answer's own envelope."""
        return '"ResponseLocation"' in head

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """One row per location."""
        for item in iter_objects(file, "ResponseLocation"):
            yield item if isinstance(item, RowProblem) else _read_location(*item, country)


def _read_location(row: int, location: dict[str, object], country: str) -> Row:
    options = texts_of(location, "DeliveryOptions", "string")
    services = [f"opt:{option}" for option in options]
    if "RETA" in options:
        services.insert(0, "returns")
    if "PG" in options:
        services.insert(0, "pickup")
    hours, hours_text = _hours(pick(location, "OpeningHours"))
    fields = Fields(
        row=row,
        source="postnl-locations-api-v2.1",
        carrier="postnl",
        code=text_of(location, "LocationCode"),
        name=text_of(location, "Name"),
        type="shop",
        place=_place(location, country),
        hours=hours,
        hours_text=hours_text,
        services=tuple(services),
        accepts_returns="RETA" in options,
    )
    return make_record(fields, _COLUMNS)


def _place(location: dict[str, object], country: str) -> Place:
    extension = text_of(location, "Address", "HouseNrExt").strip()
    return Place(
        country=text_of(location, "Address", "Countrycode") or country,
        latitude=text_of(location, "Latitude"),
        longitude=text_of(location, "Longitude"),
        street=text_of(location, "Address", "Street"),
        house_number=text_of(location, "Address", "HouseNr") + extension,
        postcode=text_of(location, "Address", "Zipcode"),
        city=_readable(text_of(location, "Address", "City")),
    )


def _readable(city: str) -> str:
    """PostNL writes some towns in capitals."""
    return city.title() if city.isupper() else city


def _hours(table: object) -> tuple[Weekly, str]:
    """Weekly hours and the source's words; hours not known when a time does not read."""
    if not isinstance(table, dict) or not table:
        return {}, ""
    days: dict[int, list[Span]] = {}
    words = []
    for day, name in enumerate(_DAYS):
        spans = texts_of(table, name, "string") or texts_of(table, name)
        words += [f"{name} {span}" for span in spans]
        try:
            days[day] = [_span(text) for text in spans]
        except ValueError:
            return {}, "; ".join(words)
    return weekly_from(days), "; ".join(words)


def _span(text: str) -> Span:
    opens, _, closes = text.partition("-")
    return minutes(opens), minutes(closes)


SOURCE = PostNl()
