"""Numbers, dates and yes/no as files write them, in the forms of several countries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from .base import BadValue

_CURRENCY = re.compile(r"^[A-Z]{3}(?=[\s\d.,+-])|(?<=[\s\d.,-])[A-Z]{3}$|[€$£¥]|zł|kr\.?")
_NO_CENTS = re.compile(r"(?<=\d)[.,][-–—]+$")
_SPACED = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?:\D|$))")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+")
_WHOLE = re.compile(r"([0-9]{1,7})(?:[.,]0{1,2})?")
_MAX_LENGTH = 40

_DATE = re.compile(
    r"(?P<a>\d{1,2})(?P<mark>[-./])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4})"
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[.]\d+)?"
    r"\s*(?P<half>[AaPp][Mm])?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_ISO_SPACED_ZONE = re.compile(r"(?<=\d) (?:UTC|GMT|([+-]\d{2}):?(\d{2}))$")
_YES = frozenset(["1", "yes", "y", "true", "x", "ja", "j", "oui", "vrai", "on"])
_NO = frozenset(["0", "no", "n", "false", "nee", "nein", "non", "faux", "off", "-"])

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a file writes numbers and dates, learnt from values that can mean one thing only.

    None: the file shows nothing, or both.
    """

    decimal_mark: str | None = None
    day_first: bool | None = None


class HabitFinder:
    """Looks at cells until it knows how the file writes numbers and dates."""

    def __init__(self) -> None:
        self._marks: set[str] = set()
        self._orders: set[bool] = set()

    def see_amount(self, text: str) -> None:
        """Take note of an amount whose decimal mark is beyond doubt."""
        mark = _certain_mark(_bare(text)[1]) if "." in text or "," in text else None
        if mark:
            self._marks.add(mark)

    def see_date(self, text: str) -> None:
        """Take note of a date whose day cannot be a month."""
        match = _DATE.fullmatch(text)
        if match and (int(match["a"]) > 12) != (int(match["b"]) > 12):
            self._orders.add(int(match["a"]) > 12)

    def habits(self) -> Habits:
        """What was learnt."""
        return Habits(_only(self._marks), _only(self._orders))


def _only(found: set[T]) -> T | None:
    return next(iter(found)) if len(found) == 1 else None


def _bare(text: str) -> tuple[bool, str]:
    """Whether the amount is negative, and its digits and marks."""
    plain = text.strip()[: _MAX_LENGTH + 1].replace("\u2212", "-")
    plain = _NO_CENTS.sub("", _CURRENCY.sub("", plain).strip())
    negative = plain.startswith("-") or plain.endswith("-")
    bare = plain[1:] if plain[:1] in ("-", "+") else plain.removesuffix("-")
    return negative, _SPACED.sub("", bare.strip())


def _certain_mark(plain: str) -> str | None:
    """The decimal mark when it can only be that."""
    last = max(plain.rfind("."), plain.rfind(","))
    mark, tail = plain[last : last + 1], plain[last + 1 :]
    other = "," if mark == "." else "."
    if other in plain:
        return mark if plain.count(mark) == 1 else None
    return mark if plain.count(mark) == 1 and len(tail) != 3 else None


@lru_cache(maxsize=4096)
def read_decimal(text: str, mark: str | None = None, digits: int = 2) -> Decimal:
    """The number in `text`: "1.234,56", "1,234.56", "€ 4,95", "1 234,5", "13.956300".

    `mark` is the file's decimal mark where it is known, `digits` the currency's. A number such
    as "1.234" that could mean two things raises BadValue, like everything that is no number.
    """
    negative, plain = _bare(text)
    if len(text) > _MAX_LENGTH or not _NUMBER.fullmatch(plain):
        raise BadValue(_("“%(text)s” is not an amount.", text=text[:_MAX_LENGTH]))
    decimal_mark = _certain_mark(plain) or _likely_mark(plain, mark, digits)
    whole, _mark, cents = plain.partition(decimal_mark) if decimal_mark else (plain, "", "")
    number = Decimal(f"{_ungrouped(whole, text) or '0'}.{cents or '0'}")
    return -number if negative else number


def _likely_mark(plain: str, mark: str | None, digits: int) -> str:
    """The decimal mark of a number like 1.234: what the file shows elsewhere decides."""
    found = "." if "." in plain else ","
    if found not in plain or plain.count(found) > 1:
        return ""
    if mark:
        return mark
    head = plain.partition(found)[0]
    if digits == 3 or head == "" or head.startswith("0") or len(head) > 3:
        return found
    raise BadValue(
        _(
            "“%(text)s” can mean two amounts. Write it with two digits after the decimal mark.",
            text=plain,
        )
    )


def _ungrouped(whole: str, text: str) -> str:
    """Digits without thousands separators, which must stand before every third digit."""
    first, *groups = re.split(r"[.,]", whole)
    if groups and (not 0 < len(first) < 4 or any(len(group) != 3 for group in groups)):
        raise BadValue(_("“%(text)s” is not an amount.", text=text))
    return first + "".join(groups)


def read_quantity(text: str, *, zero: bool = False) -> int:
    """A whole number of units, 1 or more (with `zero` also 0). Raises BadValue."""
    match = _WHOLE.fullmatch(text)
    if not match or int(match[1]) > 1_000_000 or (int(match[1]) == 0 and not zero):
        raise BadValue(_("“%(text)s” is not a whole number of units.", text=text[:_MAX_LENGTH]))
    return int(match[1])


def read_flag(text: str, *, default: bool) -> bool:
    """Yes or no in several languages; an empty cell is the default. Raises BadValue."""
    word = text.strip().casefold()
    if not word:
        return default
    if word in _YES or word in _NO:
        return word in _YES
    raise BadValue(_("“%(text)s” is neither yes nor no.", text=text[:_MAX_LENGTH]))


@lru_cache(maxsize=65536)
def read_moment(text: str, time_zone: str, day_first: bool | None = None) -> datetime:
    """The instant in `text`, in UTC; without a zone of its own it is local time in `time_zone`.

    ISO 8601 ("2026-11-02", "2026-11-02T10:30:00+01:00", "2026-11-02 10:30:00 +0100") and
    day-month-year with `-`, `/` or `.`; month-day-year where `day_first` is False or the
    second number can be no month. A date alone is the start of that day. Raises BadValue.
    """
    found = _iso(text) or _numeric(text, day_first)
    if found is None:
        raise BadValue(
            _(
                "“%(text)s” is not a date. Write it as 2026-11-02 or 2026-11-02 10:30.",
                text=text[:40],
            )
        )
    moment = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time_zone))
    if not 1990 <= moment.year <= 2100:
        raise BadValue(_("The year of “%(text)s” cannot be right.", text=text[:40]))
    return moment.astimezone(UTC)


def _iso(text: str) -> datetime | None:
    if not text[:4].isdecimal():
        return None
    try:
        return datetime.fromisoformat(
            _ISO_SPACED_ZONE.sub(lambda m: f"{m[1]}:{m[2]}" if m[1] else "Z", text)
        )
    except ValueError:
        return None


def _numeric(text: str, day_first: bool | None) -> datetime | None:
    match = _DATE.fullmatch(text)
    if not match:
        return None
    first, second = int(match["a"]), int(match["b"])
    swapped = second > 12 or (day_first is False and first <= 12)
    day, month = (second, first) if swapped else (first, second)
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    clock = f"{hour:02}:{match['minute'] or '00'}:{match['second'] or '00'}"
    return _iso(f"{match['year']}-{month:02}-{day:02} {clock}{match['zone'] or ''}")
