"""Weekly opening hours: read from OpenStreetMap's notation, asked for a moment, laid out in rows.

`Weekly` is what is stored: `{"mon": [["09:00", "12:00"], ["13:00", "18:00"]], …}` with the keys
mon … sun and, where the source says it, "ph" for public holidays. A day with an empty list is
closed, a day missing too; a whole value of `{}` means the hours are not known. A closing time that
is not later than the opening time lies after midnight; "24:00" is the end of the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import TypeAlias

Weekly: TypeAlias = dict[str, list[list[str]]]
Span: TypeAlias = tuple[int, int]
"""Minutes since midnight; an end past midnight is above 1440."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "ph")
HOLIDAY = 7
"""Index of "ph" in `DAYS`, where the weekdays are 0 (Monday) … 6."""

_DAY = 24 * 60
_ALL_DAY: list[Span] = [(0, _DAY)]
_OSM_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su", "ph")
_TOKEN = re.compile(
    r"\s*(?:(?P<always>24/7)|(?P<time>\d{1,2}:\d{2})(?!\d)"
    r"|(?P<day>mo|tu|we|th|fr|sa|su|ph)(?![^\W\d_])|(?P<off>off|closed)(?!\w)|(?P<mark>[-–,;]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether a place is open at a moment, in its own local time.

    `open` is None when the hours are not known. `until` is the closing time when it is less than
    24 hours away; `opens` the next opening as (weekday, time), Monday 0, within seven days.
    """

    open: bool | None
    until: time | None = None
    opens: tuple[int, time] | None = None
    always: bool = False


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Days `first` … `last` (0 Monday … 6 Sunday, 7 public holidays) with the same `times`."""

    first: int
    last: int
    times: tuple[tuple[str, str], ...]


class _NotSimple(Exception):
    """The text is outside the part of the notation that is read here."""


@dataclass(frozen=True, slots=True)
class _Rule:
    days: frozenset[int]
    spans: list[Span]
    adds: bool


def parse_osm(text: str) -> Weekly | None:
    """Weekly hours of an OpenStreetMap `opening_hours` value, or None where it says more.

    Read are weekdays, ranges and lists of them, PH, times (also past midnight), off and 24/7.
    A later rule replaces the days it names, one after a comma adds to them. "Sa, Su" and "Su, PH"
    mean both. Seasons, dates, comments, "18:00+" and the like give None: hours not known.
    """
    try:
        rules = _Parser(_tokens(text)).rules()
    except _NotSimple:
        return None
    table: dict[int, list[Span]] = {}
    for rule in rules:
        for day in rule.days:
            table[day] = [*(table.get(day, []) if rule.adds else []), *rule.spans]
    return _weekly(table)


def weekly_from(days: Mapping[int, Iterable[Span]]) -> Weekly:
    """Weekly hours from a carrier's table of day → (opens, closes) in minutes since midnight.

    Days not in it are closed; a span without length too, as carriers write closed days that way.
    An empty table gives `{}`: hours not known.
    """
    if not days:
        return {}
    return _weekly(
        {day: [(start, end) for start, end in spans if start != end] for day, spans in days.items()}
    )


def minutes(text: str) -> int:
    """Minutes since midnight of "9:00", "18:30:00" or "24:00"; ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", text.strip())
    value = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= value <= _DAY:
        raise ValueError(f"not a time of day: {text[:20]!r}")
    return value


def state_at(weekly: Weekly, local: datetime, *, holiday: bool = False) -> OpenState:
    """The state at `local`, a datetime of the place's own clock.

    On a `holiday` the "ph" hours count where they are known, else those of the weekday.
    """
    if not weekly:
        return OpenState(open=None)
    today = HOLIDAY if holiday and "ph" in weekly else local.weekday()
    if _is_always(weekly) and _spans(weekly, today) == _ALL_DAY:
        return OpenState(open=True, always=True)
    now = local.hour * 60 + local.minute
    for start, end in _around(weekly, local.weekday(), today):
        if start <= now < end:
            return OpenState(open=True, until=_clock(end) if end - now <= _DAY else None)
        if start > now:
            weekday = (local.weekday() + start // _DAY) % 7
            return OpenState(open=False, opens=(weekday, _clock(start)))
    return OpenState(open=False)


def rows(weekly: Weekly) -> list[HoursRow]:
    """The week as few rows as possible, for showing; neighbouring days with equal times share one.

    Public holidays come last and only where something is known of them. No rows: not known.
    """
    if not weekly:
        return []
    found: list[HoursRow] = []
    for day, key in enumerate(DAYS):
        if day == HOLIDAY and key not in weekly:
            continue
        times = tuple((opens, closes) for opens, closes in weekly.get(key, []))
        if found and found[-1].times == times and day != HOLIDAY:
            found[-1] = HoursRow(found[-1].first, day, times)
        else:
            found.append(HoursRow(day, day, times))
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    """(kind, lower-case text) pairs; a mark is its own kind."""
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _NotSimple
        word = match[match.lastgroup].lower().replace("–", "-")
        found.append((word if match.lastgroup == "mark" else match.lastgroup, word))
        position = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens; raises `_NotSimple` at whatever does not fit."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def rules(self) -> list[_Rule]:
        found = [self._rule(adds=False)]
        while self._kind():
            mark = self._take(";", ",")
            if mark == ";" and not self._kind():
                break
            if mark == ";" and self._kind() == "time":
                # "09:00-12:30; 14:30-19:00" replaces the morning by the letter, yet nobody means it
                raise _NotSimple
            found.append(self._rule(adds=mark == ","))
        return found

    def _rule(self, *, adds: bool) -> _Rule:
        if self._kind() == "always":
            self._take("always")
            return _Rule(frozenset(range(7)), _ALL_DAY, adds)
        days = self._days() if self._kind() == "day" else set(range(7))
        if self._kind() == "off":
            self._take("off")
            return _Rule(frozenset(days), [], adds)
        return _Rule(frozenset(days), self._times(), adds)

    def _days(self) -> set[int]:
        days = self._day_range()
        while self._kind() == "," and self._kind(1) == "day":
            self._take(",")
            days |= self._day_range()
        return days

    def _day_range(self) -> set[int]:
        first = last = _OSM_DAYS.index(self._take("day"))
        if self._kind() == "-":
            self._take("-")
            last = _OSM_DAYS.index(self._take("day"))
        if first == last:
            return {first}
        if HOLIDAY in (first, last):
            raise _NotSimple
        return {(first + step) % 7 for step in range((last - first) % 7 + 1)}

    def _times(self) -> list[Span]:
        spans = [self._span()]
        while self._kind() == "," and self._kind(1) == "time":
            self._take(",")
            spans.append(self._span())
        return spans

    def _span(self) -> Span:
        opens = self._time()
        self._take("-")
        closes = self._time()
        if opens == closes != 0:
            raise _NotSimple
        return opens, closes

    def _time(self) -> int:
        try:
            return minutes(self._take("time"))
        except ValueError as error:
            raise _NotSimple from error

    def _kind(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at][0] if at < len(self._tokens) else ""

    def _take(self, *kinds: str) -> str:
        if self._kind() not in kinds:
            raise _NotSimple
        self._at += 1
        return self._tokens[self._at - 1][1]


def _weekly(table: Mapping[int, Iterable[Span]]) -> Weekly:
    """All seven days, and holidays where the table has them, in order.

    Overlapping spans become one, but for those that would last more than a day: opening and
    closing time could not say so.
    """
    return {
        key: [_written(span) for span in _merged(map(_unrolled, table.get(day, ())), _DAY)]
        for day, key in enumerate(DAYS)
        if day in table or day != HOLIDAY
    }


def _unrolled(span: Span) -> Span:
    start, end = span
    if end == _DAY - 1:  # carriers write 23:59 for the end of the day
        end = _DAY
    return start, end if end > start else end + _DAY


def _merged(spans: Iterable[Span], longest: int | None = None) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if (
            found
            and start <= found[-1][1]
            and (longest is None or max(end, found[-1][1]) - found[-1][0] <= longest)
        ):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _written(span: Span) -> list[str]:
    start, end = span
    end = end if end <= _DAY else end - _DAY
    return [f"{at // 60:02}:{at % 60:02}" for at in (start, end)]


def _spans(weekly: Weekly, day: int) -> list[Span]:
    return [
        _unrolled((minutes(opens), minutes(closes))) for opens, closes in weekly.get(DAYS[day], [])
    ]


def _is_always(weekly: Weekly) -> bool:
    return all(_spans(weekly, day) == _ALL_DAY for day in range(7))


def _around(weekly: Weekly, weekday: int, today: int) -> list[Span]:
    """Spans from yesterday to a week ahead, in minutes since today's midnight, joined."""
    found: list[Span] = []
    for offset in range(-1, 8):
        day = today if offset == 0 else (weekday + offset) % 7
        found += [(s + offset * _DAY, e + offset * _DAY) for s, e in _spans(weekly, day)]
    return _merged(found)


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
