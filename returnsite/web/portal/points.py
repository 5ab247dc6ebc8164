"""The service-point finder of the shipment step: suggestion, list and map."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from flask import current_app

from ...domain.carriers import carrier_name
from ...domain.geo import about_distance, time_zone
from ...domain.lookup import normalise_postcode
from ...domain.opening_hours import rows, state_at
from ...domain.policy import Method
from ...services.drafts import Wizard
from ...services.find_points import PointSearch, find_points
from ...services.queries.nearest_points import NearbyPoint
from ..i18n import gettext as _
from ..i18n import locale_code, ngettext
from .steps.base import View

_GEONAMES = ("GeoNames, CC BY 4.0", "https://www.geonames.org/")
_CREDITS = {
    "openstreetmap": ("© OpenStreetMap contributors", "https://www.openstreetmap.org/copyright"),
    "laposte": ("La Poste, Licence Ouverte 2.0", "https://datanova.laposte.fr/"),
}
"""Whom the licence of a source says to name beside its points, by how the source begins."""


def carriers_of(view: View, method: str) -> tuple[str, ...]:
    """Carriers that can take this return with this method, in the shop's order."""
    options = (o.carrier for o in view.quote.methods if o.method == method and o.carrier)
    return tuple(dict.fromkeys(options))


def point_carriers(view: View, method: str) -> tuple[str, ...]:
    """Those of them whose service points it is handed in at; none for a method without points."""
    options = (o.carrier for o in view.quote.methods if o.method == method and o.at_points)
    return tuple(dict.fromkeys(carrier for carrier in options if carrier))


def search(view: View, method: str, *, near: str | None, carrier: str) -> PointSearch:
    """Points for the method near `near`, else near the postcode the order was found with."""
    carriers = point_carriers(view, method)
    if carrier in carriers:
        carriers = (carrier,)
    return find_points(
        near=near if near is not None else start_of(view.wizard),
        country=view.wizard.order.facts.country,
        carriers=carriers,
        labelless=method == Method.DROP_OFF_LABELLESS,
    )


def start_of(wizard: Wizard) -> str:
    """Where to look first: the postcode the customer identified with.

    With its town when it is the delivery's, which is found where no postcodes are imported.
    """
    address, country = wizard.order.delivery_address, wizard.order.facts.country
    delivered_to = address.get("postcode", "")
    postcode = wizard.postcode or delivered_to
    if normalise_postcode(postcode, country) != normalise_postcode(delivered_to, country):
        return postcode
    return f"{postcode} {address.get('city', '')}".strip()


def finder(
    view: View, method: str, *, near: str | None, carrier: str, chosen: int | None, opened: bool
) -> dict[str, Any]:
    """Variables of `partials/points.html`."""
    found = search(view, method, near=near, carrier=carrier)
    carriers = point_carriers(view, method)
    suggested = found.suggested(view.wizard.now)
    marked = chosen or (suggested.id if suggested else None)
    shown = [
        _point(view, point, number=number, marked=marked, several=len(carriers) > 1)
        for number, point in enumerate(found.points, start=1)
    ]
    nearest = suggested.id if suggested else None
    picked = chosen != nearest and any(point["id"] == chosen for point in shown)
    return {
        "method": method,
        "near": found.near,
        "carrier": carrier if carrier in carriers else "",
        "carriers": [(c, carrier_name(c)) for c in carriers] if len(carriers) > 1 else [],
        "count_text": _count_text(found),
        "message": _message(found, carrier if carrier in carriers else carriers[0]),
        "open": opened or picked,
        "suggestion": next((p for p in shown if suggested and p["id"] == suggested.id), None),
        "results": shown,
        "map": _map(found) if shown else None,
        "sources": _("These places are made up, for the demo.")
        if any(point.is_demo for point in found.points)
        else "",
        "credits": _credits(found),
    }


def _point(
    view: View, point: NearbyPoint, *, number: int, marked: int | None, several: bool
) -> dict[str, Any]:
    local = view.wizard.now.astimezone(ZoneInfo(time_zone(point.country, point.postcode)))
    open_text, is_open = opening_words(point.hours, local)
    street = " ".join(part for part in (point.street, point.house_number) if part)
    return {
        "id": point.id,
        "number": number,
        "name": point.name,
        "address": ", ".join(part for part in (street, point.city) if part),
        "distance": _("about %(distance)s", distance=_distance(point.distance_m)),
        "open_text": open_text,
        "is_open": is_open,
        "carrier_name": carrier_name(point.carrier) if several else "",
        "hours": hours_rows(point.hours, local),
        "checked": point.id == marked,
    }


def opening_words(hours: dict[str, Any], local: datetime) -> tuple[str, bool]:
    """`Open now, until 18:00`, and whether it is open; empty when the hours are not known."""
    state = state_at(hours, local)
    if state.open is None:
        return _("Opening hours not known"), False
    if state.always:
        return _("Always open"), True
    if state.open:
        until = state.until
        return (
            _("Open now, until %(time)s", time=f"{until:%H:%M}") if until else _("Open now")
        ), True
    if state.opens is None:
        return _("Closed"), False
    weekday, opens = state.opens
    if weekday == local.weekday():
        return _("Closed now, opens at %(time)s", time=f"{opens:%H:%M}"), False
    return _(
        "Closed now, opens %(day)s at %(time)s", day=_day_name(weekday), time=f"{opens:%H:%M}"
    ), False


def hours_rows(hours: dict[str, Any], local: datetime) -> list[dict[str, Any]]:
    """Rows of the table of opening hours: label, text, whether today is in it."""
    shown = []
    for row in rows(hours):
        label = _day_name(row.first) if row.first < 7 else _("Public holidays")
        if row.last != row.first:
            label = f"{label} – {_day_name(row.last)}"
        text = ", ".join(f"{opens} – {closes}" for opens, closes in row.times) or _("closed")
        today = row.first <= local.weekday() <= row.last
        shown.append({"label": label[:1].upper() + label[1:], "text": text, "is_today": today})
    return shown


def _day_name(weekday: int) -> str:
    return str(get_day_names("wide", locale=locale_code())[weekday])


def _distance(metres: int) -> str:
    about = about_distance(metres)
    if about < 1000:
        return f"{about} m"
    km = f"{about / 1000:.1f}" if about < 10_000 else f"{about // 1000}"
    return f"{km.replace('.', ',') if locale_code() == 'nl' else km} km"


def _credits(found: PointSearch) -> list[tuple[str, str]]:
    """Whose data the answer is made of, and where that is explained."""
    sources = {point.source for point in found.points}
    named = [
        credit
        for start, credit in _CREDITS.items()
        if any(source.startswith(start) for source in sources)
    ]
    return [*named, _GEONAMES] if found.location else named


def _count_text(found: PointSearch) -> str:
    if found.location is None or not found.points:
        return ""
    return ngettext(
        "%(num)s service point near %(place)s",
        "%(num)s service points near %(place)s",
        len(found.points),
        place=found.location.label,
    )


def _message(found: PointSearch, carrier: str) -> dict[str, str] | None:
    """Why there are no points to choose from. None has to be chosen: the label says `carrier`."""
    anywhere = _("Or just continue: any %(carrier)s point takes it.", carrier=carrier_name(carrier))
    if found.location is None:
        if not found.near.strip():
            return None
        return {
            "kind": "info",
            "title": _("We don't know where %(place)s is.", place=found.near),
            "text": " ".join((_("Try a postcode or the name of a town."), anywhere)),
        }
    if not found.points:
        return {
            "kind": "info",
            "title": _("No service point within 50 km of %(place)s.", place=found.location.label),
            "text": " ".join((_("Try another place."), anywhere)),
        }
    return None


def _map(found: PointSearch) -> dict[str, Any] | None:
    if found.location is None:
        return None
    tiles = current_app.config["MAP_TILES_URL"]
    home = {
        "lat": found.location.latitude,
        "lon": found.location.longitude,
        "label": found.location.label,
    }
    return {
        "home": home,
        "points": [
            {"id": p.id, "number": n, "lat": p.latitude, "lon": p.longitude, "open": True}
            for n, p in enumerate(found.points, start=1)
        ],
        "tiles": {"url": tiles, "attribution": "© OpenStreetMap contributors"} if tiles else None,
    }
