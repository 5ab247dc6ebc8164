"""What every source of service points delivers, and why a row of it may be set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TextIO, TypeAlias

from ..domain.opening_hours import Weekly


class Reason(StrEnum):
    """Why a row is set aside at import; the rest of the file is imported all the same."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    NO_POSITION = "no_position"
    """Latitude and longitude are both 0."""
    OUT_OF_RANGE = "out_of_range"
    """No place on Earth, or outside the country it says."""
    SWAPPED = "swapped"
    """Latitude and longitude have changed places."""
    FAR = "far"
    """Far from its own postcode."""
    NOT_OPERATING = "not_operating"
    TEST = "test"
    UNKNOWN_CARRIER = "unknown_carrier"
    DUPLICATE = "duplicate"
    """An earlier row of the same import has the same carrier and code."""
    BROKEN_FILE = "broken_file"
    """The file cannot be read beyond this row."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was set aside: where it stands, which column is to blame, and what it said.

    `carrier` and `code` are known when the row could be told apart at all; `shut` says that the
    source calls this point closed, whatever else is wrong with the row.
    """

    row: int
    column: str
    reason: Reason
    value: str = ""
    carrier: str = ""
    code: str = ""
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Closure:
    """A time in which the point is shut; `until` None: until further notice. Aware UTC."""

    start: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRecord:
    """One service point as a source describes it, checked as far as a row alone allows.

    Texts fit their columns; `latitude` and `longitude` are degrees within range and not both 0.
    `fetched_at` is None when the source does not say of which day it is.
    """

    row: int
    carrier: str
    code: str
    name: str
    type: str
    """shop, locker or post_office."""
    country: str
    latitude: float
    longitude: float
    source: str
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    hours: Weekly = field(default_factory=dict)
    hours_text: str = ""
    services: tuple[str, ...] = ()
    accepts_returns: bool = True
    accepts_labelless: bool = False
    status: str = "open"
    """open, or overloaded: there, but full."""
    closures: tuple[Closure, ...] = ()
    fetched_at: datetime | None = None
    position_column: str = "latitude"


Row: TypeAlias = PointRecord | RowProblem


class PointSource(Protocol):
    """A file format service points come in."""

    key: str
    label: str

    def recognises(self, head: str) -> bool:
        """Whether a file that begins with `head` (up to 64 KB) is of this format."""
        ...

    def read(self, file: TextIO, *, country: str = "") -> Iterator[Row]:
        """Every row of the file in order, one at a time; never raises for what is in a row.

        `country` (two letters) is where points lie that do not say it themselves. A file that
        breaks off yields a last problem with `Reason.BROKEN_FILE`.
        """
        ...
