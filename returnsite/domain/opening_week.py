"""Opening hours as shopkeepers type them, day by day, and OpenStreetMap's notation of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from .opening_hours import DAYS, HOLIDAY, Span, minutes, parse_osm

OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
CLOSED = frozenset({"closed", "gesloten", "dicht", "off", "-", "–"})

_TIME = r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to|tot|till|until)\s*{_TIME}")
_BETWEEN = re.compile(r"\s*(?:,|;|/|&|\ben\b|\band\b)\s*")


class HoursInvalid(ValueError):
    """No hours of a day, or hours that overlap."""


def read_day(text: str) -> list[Span] | None:
    """The spans of a day: `9-18`, `9.30 – 12 en 13:00–17:30`; none when closed, None when blank.

    Raises HoursInvalid for what is no hours. A closing time past midnight is above 1440.
    """
    plain = " ".join(text.lower().split())
    if not plain:
        return None
    if plain in CLOSED:
        return []
    spans = sorted(_span(each) for each in _BETWEEN.split(plain))
    for before, after in pairwise(spans):
        if after[0] < before[1]:
            raise HoursInvalid(text)
    return spans


def week_to_osm(days: Sequence[list[Span] | None]) -> str:
    """Eight days, Monday to Sunday and public holidays, in OpenStreetMap's notation.

    A weekday left blank is closed; holidays left blank are not known. "" when nothing is known.
    """
    if all(day is None for day in days):
        return ""
    texts = ["off" if not day else ",".join(map(_written, day)) for day in days[:HOLIDAY]]
    parts: list[str] = []
    first = 0
    for at in range(1, len(texts) + 1):
        if at < len(texts) and texts[at] == texts[first]:
            continue
        names = OSM_DAYS[first] if first == at - 1 else f"{OSM_DAYS[first]}-{OSM_DAYS[at - 1]}"
        if texts[first] != "off":
            parts.append(f"{names} {texts[first]}")
        first = at
    holidays = days[HOLIDAY]
    if holidays is not None:
        parts.append("PH " + (",".join(map(_written, holidays)) or "off"))
    return "; ".join(parts or ["Mo-Su off"])


def day_texts(osm: str) -> list[str] | None:
    """What the form shows for stored hours: eight texts; None for hours that say more."""
    if not osm:
        return [""] * len(DAYS)
    weekly = parse_osm(osm)
    if weekly is None:
        return None
    return [
        ", ".join(f"{opens}–{closes}" for opens, closes in weekly[key])
        or ("closed" if key == DAYS[HOLIDAY] else "")
        if key in weekly
        else ""
        for key in DAYS
    ]


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise HoursInvalid(text)
    try:
        start = minutes(f"{match[1]}:{match[2] or '00'}")
        end = minutes(f"{match[3]}:{match[4] or '00'}")
    except ValueError:
        raise HoursInvalid(text) from None
    if start == end or start == 24 * 60:
        raise HoursInvalid(text)
    return start, end if end > start else end + 24 * 60


def _written(span: Span) -> str:
    return "-".join(f"{at // 60 % 24 if at != 1440 else 24:02}:{at % 60:02}" for at in span)
