"""OpenStreetMap's tags, in GeoJSON (All The Places, overpass turbo) or Overpass JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TextIO

from ...domain.opening_hours import parse_osm
from ..base import Reason, Row, RowProblem
from ..carrier_names import carrier_code, carrier_in_name
from ..json_values import iter_objects, pick, text_of
from ..records import Fields, Place, clean, make_record, split_house_number

_CARRIER_TAGS = (
    "post_office:brand", "post_office:service_provider", "brand", "network", "operator",
)  # fmt: skip
_PARTNERS = {"post_partner", "post_annex"}
_COLUMNS = {
    "code": "id",
    "carrier": "brand",
    "type": "amenity",
    "country": "addr:country",
    "postcode": "addr:postcode",
    "city": "addr:city",
    "latitude": "coordinates",
    "longitude": "coordinates",
    "status": "end_date",
}


class OpenStreetMap:
    """Parcel lockers, post offices and shops that act as one; the carrier is the brand."""

    key = "osm"
    label = "GeoJSON or Overpass JSON with OpenStreetMap tags"

    def recognises(self, head: str) -> bool:
        """A feature collection, or Overpass's list of elements."""
        return any(word in head for word in ('"FeatureCollection"', '"features"', '"elements"'))

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """One row per element and carrier; elements without tags only draw ways and are passed."""
        head = file.read(1 << 16)
        file.seek(0)
        for item in iter_objects(file, "elements" if '"elements"' in head else "features"):
            if isinstance(item, RowProblem):
                yield item
            else:
                yield from _read_element(*item, country)


def _read_element(row: int, element: dict[str, object], country: str) -> Iterator[Row]:
    tags = _tags(element)
    if not tags:
        return
    code, kind = _code(element, tags), _kind(tags)
    if not kind:
        shown = tags.get("amenity") or tags.get("shop", "")
        yield RowProblem(row, "amenity", Reason.UNREADABLE, shown[:80], code=code)
        return
    place = _place(element, tags, country)
    services, takes_returns = _services(tags, kind)
    hours, spider = tags.get("opening_hours", ""), tags.get("@spider", "")
    for carrier in _carriers(tags) or [""]:
        fields = Fields(
            row=row,
            source=f"alltheplaces:{spider}" if spider else "openstreetmap",
            carrier=carrier,
            code=code,
            name=_name(tags, kind),
            type=kind,
            place=place,
            hours=parse_osm(hours) or {},
            hours_text=hours,
            services=services,
            status="closed" if tags.get("end_date") else "",
            accepts_returns=takes_returns,
        )
        yield make_record(fields, _COLUMNS)


def _place(element: dict[str, object], tags: Mapping[str, str], country: str) -> Place:
    latitude, longitude = _position(element)
    street, house_number = tags.get("addr:street", ""), tags.get("addr:housenumber", "")
    if not street:
        street, house_number = split_house_number(tags.get("addr:street_address", ""))
    return Place(
        country=tags.get("addr:country", "") or country,
        latitude=latitude,
        longitude=longitude,
        street=street,
        house_number=house_number,
        postcode=tags.get("addr:postcode", ""),
        city=tags.get("addr:city", ""),
    )


def _tags(element: dict[str, object]) -> dict[str, str]:
    found = pick(element, "properties") or pick(element, "tags")
    return {k: str(v) for k, v in found.items() if v} if isinstance(found, dict) else {}


def _code(element: dict[str, object], tags: Mapping[str, str]) -> str:
    """A source's own reference, or "osm-n123" for node 123."""
    if "@spider" in tags:
        return tags.get("ref", "") or text_of(element, "id")
    kind, number = text_of(element, "type"), text_of(element, "id")
    if kind == "Feature":
        kind, _, number = (tags.get("@id") or number).partition("/")
    return f"osm-{kind[:1]}{number}" if number else ""


def _kind(tags: Mapping[str, str]) -> str:
    amenity, vending = tags.get("amenity", ""), tags.get("vending", "").split(";")
    if amenity == "parcel_locker" or {"parcel_pickup", "parcel_mail_in"} & set(vending):
        return "locker"
    if tags.get("post_office") in _PARTNERS or tags.get("post_office:type") in _PARTNERS:
        return "shop"
    return "post_office" if amenity == "post_office" else ""


def _carriers(tags: Mapping[str, str]) -> list[str]:
    """Carriers of the first tag that names one; a shop may serve several."""
    for key in _CARRIER_TAGS:
        names = tags.get(key, "").split(";")
        found = [code for name in names if (code := carrier_code(name, strict=True))]
        if found:
            return list(dict.fromkeys(found))
    found_in_name = carrier_in_name(tags.get("name", ""))
    return [found_in_name] if found_in_name else []


def _services(tags: Mapping[str, str], kind: str) -> tuple[tuple[str, ...], bool]:
    """Our words, and whether returns are taken: counters do, lockers only where it is said."""
    mail_in = tags.get("parcel_mail_in", "")
    if "parcel_mail_in" in tags.get("vending", "").split(";"):
        mail_in = mail_in or "yes"
    takes = mail_in in {"yes", "returns_only"} or (kind != "locker" and mail_in != "no")
    pickup = tags.get("parcel_pickup", "yes" if kind == "locker" else "") == "yes"
    words = (("pickup", pickup), ("dropoff", takes and mail_in != "returns_only"))
    return (*(word for word, offered in words if offered), *(["returns"] if takes else [])), takes


def _name(tags: Mapping[str, str], kind: str) -> str:
    """The name or brand; lockers of one brand are told apart by their number."""
    name = clean(tags.get("name") or tags.get("brand") or tags.get("operator"))
    number = clean(tags.get("ref"))
    if kind == "locker" and name and number.isalnum() and number not in name and len(number) < 12:
        return f"{name} {number}"
    return name


def _position(element: dict[str, object]) -> tuple[str, str]:
    """(latitude, longitude) as text: of the point itself, or the middle of an area."""
    for place in (element, pick(element, "center")):
        if text_of(place, "lat"):
            return text_of(place, "lat"), text_of(place, "lon")
    pairs = list(_pairs(pick(element, "geometry", "coordinates")))
    if not pairs:
        return "", ""
    west, south = (min(pair[axis] for pair in pairs) for axis in (0, 1))
    east, north = (max(pair[axis] for pair in pairs) for axis in (0, 1))
    return repr((south + north) / 2), repr((west + east) / 2)


def _pairs(coordinates: object, depth: int = 0) -> Iterator[tuple[float, float]]:
    """All (longitude, latitude) pairs of a geometry of up to four levels."""
    if not isinstance(coordinates, list) or depth > 4:
        return iter(())
    numbers = [value for value in coordinates[:2] if isinstance(value, int | float)]
    if len(numbers) == 2:
        return iter([(float(numbers[0]), float(numbers[1]))])
    return chain.from_iterable(_pairs(part, depth + 1) for part in coordinates)


SOURCE = OpenStreetMap()
