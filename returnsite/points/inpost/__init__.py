"""Pages of the InPost and Mondial Relay points interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from ...domain.opening_hours import DAYS, Span, Weekly, parse_osm, weekly_from
from ..base import Row, RowProblem
from ..closures import read_closures
from ..json_values import iter_objects, objects_of, pick, text_of, texts_of
from ..records import Fields, Place, make_record, split_house_number

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INPOST_COUNTRIES = {"GB", "IT", "PL"}
"""Elsewhere the same network goes by the name of Mondial Relay."""
_SERVICES = {
    "pickup": "parcel_collect",
    "dropoff": "parcel_send",
    "returns": "parcel_reverse_return_send",
}
_COLUMNS = {
    "code": "name",
    "latitude": "location.latitude",
    "longitude": "location.longitude",
    "postcode": "address_details.post_code",
    "city": "address_details.city",
    "region": "address_details.province",
}


class InPost:
    """Lockers and shops; hours in minutes since midnight."""

    key = "inpost"
    label = "InPost points JSON"

    def recognises(self, head: str) -> bool:
        """A page of points with InPost's own keys."""
        return '"items"' in head and ('"location_247"' in head or '"address_details"' in head)

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """One row per point."""
        for item in iter_objects(file, "items"):
            yield item if isinstance(item, RowProblem) else _read_point(*item, country)


def _read_point(row: int, point: dict[str, object], country: str) -> Row:
    is_locker = "parcel_locker" in texts_of(point, "type")
    place = _place(point, country, is_locker=is_locker)
    code, name = text_of(point, "name"), text_of(point, "location_description_1")
    functions = texts_of(point, "functions")
    hours, hours_text = _hours(point)
    fields = Fields(
        row=row,
        source="inpost-global-points-api",
        carrier="inpost" if place.country in _INPOST_COUNTRIES else "mondial_relay",
        code=code,
        # some lockers are described by a what3words address, which is no name
        name=code if not name or name.startswith("///") else name,
        type="locker" if is_locker else "shop",
        place=place,
        hours=hours,
        hours_text=hours_text,
        services=tuple(word for word, function in _SERVICES.items() if function in functions),
        accepts_returns=_SERVICES["returns"] in functions,
        status=text_of(point, "status"),
        closures=read_closures(pick(point, "unavailability_periods"), place.zone),
    )
    return make_record(fields, _COLUMNS)


def _place(point: dict[str, object], country: str, *, is_locker: bool) -> Place:
    """Shops have their house number inside the street."""
    address = pick(point, "address_details")
    street, house_number = text_of(address, "street"), text_of(address, "building_number")
    if not house_number and not is_locker:
        street, house_number = split_house_number(street)
    return Place(
        country=(text_of(point, "country") or country).upper(),
        latitude=text_of(point, "location", "latitude"),
        longitude=text_of(point, "location", "longitude"),
        street=street,
        house_number=house_number,
        postcode=text_of(address, "post_code"),
        city=text_of(address, "city"),
        region=text_of(address, "province"),
    )


def _hours(point: dict[str, object]) -> tuple[Weekly, str]:
    """The table of minutes where there is one; else "24/7" where both words for it agree."""
    table = pick(point, "operating_hours_extended", "customer")
    text = text_of(point, "opening_hours")
    if not isinstance(table, dict):
        # location_247 alone is set for points that are shut at night, too
        return (parse_osm(text) or {}) if text == "24/7" else {}, text
    days: dict[int, list[Span]] = {}
    words = []
    for day, name in enumerate(_WEEKDAYS):
        spans = [(entry.get("start"), entry.get("end")) for entry in objects_of(table, name)]
        known = [(s, e) for s, e in spans if isinstance(s, int) and isinstance(e, int)]
        days[day] = [(start, end % 1440 if end > 1440 else end) for start, end in known]
        words += [
            f"{DAYS[day]} {s // 60:02}:{s % 60:02}-{e // 60:02}:{e % 60:02}" for s, e in known
        ]
    return weekly_from(days), text or "; ".join(words)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


SOURCE = InPost()
