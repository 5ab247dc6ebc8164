"""From a source's texts to a checked record, or to the problem that sets the row aside."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict

from ..domain.geo import country_box, time_zone
from ..domain.opening_hours import Weekly
from .base import Closure, PointRecord, Reason, Row, RowProblem
from .carrier_names import takes_labelless, takes_returns

TYPES = ("shop", "locker", "post_office")

_OPEN = {"", "operating", "open", "active", "yes", "true", "1"}
_SHUT = {
    "created", "disabled", "nonoperating", "non_operating", "closed", "inactive", "removed",
    "planned", "disused", "abandoned", "no", "false", "0",
}  # fmt: skip
_TEST_PLACE = re.compile(r"test(?:owy|owa|stad|city)?[\s_#-]*\d*")
_TEST_NAME = re.compile(
    r"do not use|niet gebruiken"
    r"|test[\s_#-]*(?:point|punt|shop|locker|location|paczkomat)?\s*\d*"
)
_LONGEST_TEXT, _LONGEST_SHORT, _LONGEST_HOUSE_NUMBER = 200, 64, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a point is, as a source writes it, nothing checked yet."""

    country: str
    latitude: str
    longitude: str
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""

    @property
    def zone(self) -> str:
        """Name of the clock there."""
        return time_zone(self.country.strip().upper(), self.postcode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A point as read from a source, nothing checked yet; texts as they stand there."""

    row: int
    source: str
    carrier: str
    code: str
    name: str
    type: str
    place: Place
    hours: Weekly = field(default_factory=dict)
    hours_text: str = ""
    services: tuple[str, ...] = ()
    status: str = ""
    closures: tuple[Closure, ...] = ()
    fetched_at: datetime | None = None
    accepts_returns: bool | None = None
    """None: decided by `services`."""


class _SetAside(Exception):
    def __init__(self, column: str, reason: Reason, value: str = "") -> None:
        super().__init__(column)
        self.column, self.reason, self.value = column, reason, value


def make_record(fields: Fields, columns: Mapping[str, str]) -> Row:
    """The record, or the problem with the source's own column name out of `columns`."""
    try:
        return _checked(fields, columns)
    except _SetAside as found:
        return RowProblem(
            fields.row,
            columns.get(found.column, found.column),
            found.reason,
            found.value[:80],
            fields.carrier,
            clean(fields.code),
            shut=clean(fields.status).casefold() in _SHUT,
        )


def clean(text: object) -> str:
    """One line of text without control characters and doubled spaces; "" for None."""
    if text is None:
        return ""
    plain = unicodedata.normalize("NFC", str(text))
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def read_day(text: str) -> datetime | None:
    """Midnight UTC of "2026-05-12", "2020-04" or an ISO instant; None when it is none of these."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            text += "-01"
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def split_house_number(street: str) -> tuple[str, str]:
    """("Zschochersche Str.", "42") of "Zschochersche Str. 42"; the number "" when there is none."""
    match = re.fullmatch(
        r"(.*\D)\s+(\d+\s?[a-zA-Z]?(?:\s?[-/]\s?\d+\s?[a-zA-Z]?)*)", street.strip()
    )
    return (match[1].strip(" ,"), match[2]) if match else (street.strip(), "")


class _Where(TypedDict):
    street: str
    house_number: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float


def _checked(fields: Fields, columns: Mapping[str, str]) -> PointRecord:
    code = _fitting("code", fields.code, _LONGEST_TEXT)
    if not code:
        raise _SetAside("code", Reason.MISSING)
    if not fields.carrier:
        raise _SetAside("carrier", Reason.UNKNOWN_CARRIER)
    where = _where(fields.place)
    _refuse_tests(fields)
    takes = fields.accepts_returns
    if takes is None:
        takes = takes_returns(fields.carrier, fields.services)
    return PointRecord(
        **where,
        row=fields.row,
        carrier=fields.carrier,
        code=code,
        status=_status(fields.status),
        name=_name(fields.name),
        type=_type(fields.type),
        hours=fields.hours,
        hours_text=clean(fields.hours_text),
        services=fields.services,
        accepts_returns=takes,
        accepts_labelless=takes
        and takes_labelless(fields.carrier, where["country"], fields.services),
        closures=fields.closures,
        source=_shortened(fields.source),
        fetched_at=fields.fetched_at,
        position_column=columns.get("latitude", "latitude"),
    )


def _where(place: Place) -> _Where:
    country = _country(place.country)
    latitude, longitude = _position(place, country)
    street, house_number = _address_line(place)
    return {
        "street": street,
        "house_number": house_number,
        "postcode": _fitting("postcode", place.postcode, _LONGEST_SHORT),
        "city": _shortened(place.city),
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
    }


def _name(text: str) -> str:
    if name := _shortened(text):
        return name
    raise _SetAside("name", Reason.MISSING)


def _type(text: str) -> str:
    kind = clean(text)
    if kind not in TYPES:
        raise _SetAside("type", Reason.UNREADABLE if kind else Reason.MISSING, kind)
    return kind


def _status(text: str) -> str:
    word = clean(text).casefold()
    if word in _SHUT:
        raise _SetAside("status", Reason.NOT_OPERATING, word)
    if word not in _OPEN and word != "overloaded":
        raise _SetAside("status", Reason.UNREADABLE, word)
    return word if word == "overloaded" else "open"


def _refuse_tests(fields: Fields) -> None:
    for column, text, pattern in (
        ("city", fields.place.city, _TEST_PLACE),
        ("region", fields.place.region, _TEST_PLACE),
        ("name", fields.name, _TEST_NAME),
    ):
        value = clean(text)
        if pattern.fullmatch(value.casefold()):
            raise _SetAside(column, Reason.TEST, value)


def _country(text: str) -> str:
    country = clean(text).upper()
    if not country:
        raise _SetAside("country", Reason.MISSING)
    if not re.fullmatch("[A-Z]{2}", country):
        raise _SetAside("country", Reason.UNREADABLE, country)
    return "GB" if country == "UK" else country


def _position(place: Place, country: str) -> tuple[float, float]:
    latitude = _degrees("latitude", place.latitude)
    longitude = _degrees("longitude", place.longitude)
    shown = f"{place.latitude}, {place.longitude}"
    if abs(latitude) < 0.001 and abs(longitude) < 0.001:
        raise _SetAside("latitude", Reason.NO_POSITION, shown)
    box = country_box(country, place.postcode)
    if box and not box.holds(latitude, longitude):
        swapped = box.holds(longitude, latitude)
        raise _SetAside("latitude", Reason.SWAPPED if swapped else Reason.OUT_OF_RANGE, shown)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise _SetAside("latitude", Reason.OUT_OF_RANGE, shown)
    return latitude, longitude


def _degrees(column: str, text: str) -> float:
    if not text.strip():
        raise _SetAside(column, Reason.MISSING)
    try:
        value = float(text.replace(",", "."))
    except ValueError as error:
        raise _SetAside(column, Reason.UNREADABLE, text) from error
    if not math.isfinite(value):
        raise _SetAside(column, Reason.UNREADABLE, text)
    return value


def _address_line(place: Place) -> tuple[str, str]:
    """Street and house number; descriptions in the number's place move to the street."""
    street, number = clean(place.street), clean(place.house_number)
    if len(number) > _LONGEST_HOUSE_NUMBER:
        street, number = ", ".join(part for part in (street, number) if part), ""
    return _shortened(street), number


def _fitting(column: str, text: str, longest: int) -> str:
    value = clean(text)
    if len(value) > longest:
        raise _SetAside(column, Reason.TOO_LONG, value)
    return value


def _shortened(text: str) -> str:
    value = clean(text)
    return value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + "…"
