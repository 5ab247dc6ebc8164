"""Times in which a point is shut, as carriers write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .base import Closure

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_closures(entries: object, zone: str) -> tuple[Closure, ...]:
    """Closures of a list of DHL's (fromDate, toDate) or InPost's (start_time, end_time) entries.

    Days are whole days on the clock of `zone`, the last one included; an end that is missing means
    until further notice. What has no readable beginning or ends before it begins is left out.
    """
    if not isinstance(entries, Iterable) or isinstance(entries, str | bytes):
        return ()
    found = (_closure(entry, zone) for entry in entries if isinstance(entry, dict))
    return tuple(closure for closure in found if closure)


def _closure(entry: dict[str, object], zone: str) -> Closure | None:
    start = _moment(entry.get("fromDate") or entry.get("start_time"), zone)
    end_text = entry.get("toDate") or entry.get("end_time")
    until = _moment(end_text, zone, end=True)
    if start is None or (end_text and until is None) or (until and until <= start):
        return None
    return Closure(start, until)


def _moment(text: object, zone: str, *, end: bool = False) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
