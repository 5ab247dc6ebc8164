"""Answers of DHL's unified location finder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from ...domain.opening_hours import HOLIDAY, Span, Weekly, minutes, weekly_from
from ..base import Row, RowProblem
from ..closures import read_closures
from ..json_values import iter_objects, objects_of, pick, text_of, texts_of
from ..records import Fields, Place, make_record, split_house_number

_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays",
)  # fmt: skip
_TYPES = {
    "locker": "locker",
    "servicepoint": "shop",
    "postoffice": "post_office",
    "postbank": "post_office",
    "pobox": "",
}
_COLUMNS = {
    "code": "location.ids",
    "name": "name",
    "type": "location.type",
    "latitude": "place.geo.latitude",
    "longitude": "place.geo.longitude",
    "postcode": "place.address.postalCode",
    "city": "place.address.addressLocality",
    "country": "place.address.countryCode",
}


class DhlUnified:
    """Lockers, shops and post offices with hours by schema.org weekday and closure periods."""

    key = "dhl"
    label = "DHL location finder JSON"

    def recognises(self, head: str) -> bool:
        """A list of locations that have service types or DHL's ids."""
        return '"locations"' in head and ('"serviceTypes"' in head or '"locationId"' in head)

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """One row per location."""
        for item in iter_objects(file, "locations"):
            yield item if isinstance(item, RowProblem) else _read_location(*item, country)


def _read_location(row: int, location: dict[str, object], country: str) -> Row:
    place = _place(location, country)
    ids = objects_of(location, "location", "ids")
    hours, hours_text = _hours(objects_of(location, "openingHours"))
    kind = text_of(location, "location", "type")
    fields = Fields(
        row=row,
        source="dhl-location-finder-unified",
        carrier="dhl",
        code=text_of(ids[0], "locationId") if ids else "",
        name=text_of(location, "name"),
        type=_TYPES.get(kind.replace("-", "").replace("_", ""), kind),
        place=place,
        hours=hours,
        hours_text=hours_text,
        services=_services(texts_of(location, "serviceTypes")),
        closures=read_closures(pick(location, "closurePeriods"), place.zone),
    )
    return make_record(fields, _COLUMNS)


def _place(location: dict[str, object], country: str) -> Place:
    address = pick(location, "place", "address")
    street, house_number = split_house_number(text_of(address, "streetAddress"))
    return Place(
        country=text_of(address, "countryCode") or country,
        latitude=text_of(location, "place", "geo", "latitude"),
        longitude=text_of(location, "place", "geo", "longitude"),
        street=street,
        house_number=house_number,
        postcode=text_of(address, "postalCode"),
        city=text_of(address, "addressLocality"),
    )


def _services(types: list[str]) -> tuple[str, ...]:
    """DHL's own words after ours; never empty, as no word for drop-off means none is offered."""
    own = [
        word
        for word, start in (("pickup", "parcel:pick-up"), ("dropoff", "parcel:drop-off"))
        if any(name.startswith(start) for name in types)
    ]
    return (*own, *types) or ("none",)


def _hours(entries: list[dict[str, object]]) -> tuple[Weekly, str]:
    days: dict[int, list[Span]] = {}
    words = []
    for entry in entries:
        day = text_of(entry, "dayOfWeek").rpartition("/")[2]
        opens, closes = text_of(entry, "opens"), text_of(entry, "closes")
        words.append(f"{day} {opens}-{closes}")
        if day not in _DAYS:
            return {}, "; ".join(words)
        try:
            days.setdefault(_DAYS.index(day), []).append((minutes(opens), minutes(closes)))
        except ValueError:
            return {}, "; ".join(words)
    if set(days) == {HOLIDAY}:
        return {}, "; ".join(words)
    return weekly_from(days), "; ".join(words)


SOURCE = DhlUnified()
