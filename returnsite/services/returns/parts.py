"""Received units of one line need not look alike: each part has its number, looks and place.

The line itself says how its units look; only those that differ have rows. So `received` and
`accepted` of the line are all of its units, whatever parts there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from ...database import insert_rows, run
from ...domain.errors import DomainError
from ...models import ReturnLine, ReturnLinePart
from .extras import Disposition
from .texts import optional

MOST_PARTS = 10


class Condition(StrEnum):
    """How units look."""

    AS_NEW = "as_new"
    WORN = "worn"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    WRONG_ITEM = "wrong_item"


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a line that look alike and go to the same place."""

    units: int
    accepted: int
    condition: str | None = None
    disposition: str | None = None


@dataclass(frozen=True, slots=True)
class LineCount:
    """All units of a line that have come so far, not only those of this box.

    `others` are among them and look different, or go elsewhere; `condition` and `disposition` are
    of the rest.
    """

    return_line_id: int
    received: int
    accepted: int
    condition: str | None = None
    disposition: str | None = None
    note: str = ""
    others: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of it; the first is the rest."""
        return _all_of(self, self.others)


def count_parts(return_line_id: int, parts: Sequence[Part], note: str = "") -> LineCount:
    """A line counted part by part; where there are several, those without a unit are none."""
    first, *others = [part for part in parts if part.units] or parts[:1]
    return LineCount(
        return_line_id,
        sum(part.units for part in parts),
        sum(part.accepted for part in parts),
        first.condition,
        first.disposition,
        note,
        tuple(others),
    )


def check_count(line: ReturnLine | None, count: LineCount) -> None:
    """Raise what is wrong with a count of this line."""
    if line is None:
        raise DomainError("count_unknown_line", line_id=count.return_line_id)
    most = line.quantity - line.released
    if not 0 <= count.received <= most:
        raise DomainError("count_too_many", line_id=line.id, max=most)
    if not 0 <= count.accepted <= count.received:
        raise DomainError("count_accepted", line_id=line.id, max=count.received)
    if count.others and not _add_up(count.parts):
        raise DomainError("count_parts", line_id=line.id, max=MOST_PARTS)
    for part in count.parts:
        if part.condition is not None and part.condition not in set(Condition):
            raise DomainError("condition_unknown", line_id=line.id)
        if part.disposition is not None and part.disposition not in set(Disposition):
            raise DomainError("disposition_unknown", line_id=line.id)


def _add_up(parts: Sequence[Part]) -> bool:
    """What is left for the first is at least a unit, as it is for each."""
    sane = all(part.units >= 1 and 0 <= part.accepted <= part.units for part in parts)
    return sane and len(parts) <= MOST_PARTS


def write_counts(lines: dict[int, ReturnLine], counts: Iterable[LineCount]) -> bool:
    """Put counts on their lines; whether that said anything new."""
    known, changed = load_parts(list(lines.values())), False
    for count in counts:
        line = lines[count.return_line_id]
        if known[line.id][1:] != count.others:
            _replace(line, count.others)
            changed = True
        changed = _apply(line, count) or changed
    return changed


def _apply(line: ReturnLine, count: LineCount) -> bool:
    values: dict[str, Any] = {
        "received": count.received,
        "accepted": count.accepted,
        "condition": count.condition,
        "disposition": count.disposition,
        "inspection_note": optional(count.note),
    }
    changed = any(getattr(line, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(line, name, value)
    return changed


def _replace(line: ReturnLine, others: Iterable[Part]) -> None:
    run(delete(ReturnLinePart).where(ReturnLinePart.return_line_id == line.id))
    insert_rows(ReturnLinePart, [{"return_line_id": line.id, **asdict(each)} for each in others])


def load_parts(lines: Sequence[ReturnLine]) -> dict[int, tuple[Part, ...]]:
    """The parts of each line by its id; the first is what has no row. One query at most."""
    query = (
        select(ReturnLinePart.__table__)
        .where(ReturnLinePart.return_line_id.in_([line.id for line in lines]))
        .order_by(ReturnLinePart.id)
    )
    found: dict[int, list[Part]] = {}
    for row in run(query) if any(line.received for line in lines) else ():
        part = Part(row.units, row.accepted, row.condition, row.disposition)
        found.setdefault(row.return_line_id, []).append(part)
    return {line.id: _all_of(line, found.get(line.id, ())) for line in lines}


def _all_of(whole: LineCount | ReturnLine, others: Iterable[Part]) -> tuple[Part, ...]:
    others = tuple(others)
    rest = Part(
        whole.received - sum(part.units for part in others),
        whole.accepted - sum(part.accepted for part in others),
        whole.condition,
        whole.disposition,
    )
    return rest, *others


def count_data(count: LineCount) -> dict[str, Any]:
    """As an event keeps it."""
    return {
        "id": count.return_line_id,
        "received": count.received,
        "accepted": count.accepted,
        "parts": [asdict(part) for part in count.parts],
    }
