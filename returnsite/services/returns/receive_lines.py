"""What came back is counted, line by line; as often as boxes arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...domain.errors import DomainError
from ...domain.lifecycle import Event, Status
from ...extensions import db
from ...models import ReturnLine
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing, lines_of
from .extras import Disposition, Extra, checked, extras_data, load_extras, replace_extras
from .money import follow, set_clock
from .texts import optional


class Condition(StrEnum):
    """How units look."""

    AS_NEW = "as_new"
    WORN = "worn"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    WRONG_ITEM = "wrong_item"


@dataclass(frozen=True, slots=True)
class LineCount:
    """All units of a line that have come so far, not only those of this box."""

    return_line_id: int
    received: int
    accepted: int
    condition: str | None = None
    disposition: str | None = None
    note: str = ""


def receive_lines(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    counts: Sequence[LineCount],
    seen_status: str | None = None,
    seen_event: int | None = None,
    extras: Sequence[Extra] | None = None,
) -> Done:
    """Write the counts down and let the ledger follow what was accepted. Commits.

    Lines that are not named keep their counts; `extras` is all that was in the boxes besides, None
    leaves it as it is; where no unit came there is one at least. Counting the same again changes
    nothing. Raises DomainError (count_unknown_line, count_too_many, count_accepted, count_nothing,
    condition_unknown, disposition_unknown; params: `line_id`; and those of `extras.checked`).
    """
    others = None if extras is None else checked(extras)
    with changing(
        shop=shop,
        return_id=return_id,
        actor=actor,
        event=Event.RECEIVE,
        seen_status=seen_status,
        seen_event=seen_event,
    ) as case:
        case.allowed(Event.RECEIVE)
        lines = {line.id: line for line in lines_of(case.id)}
        for count in counts:
            _check(lines.get(count.return_line_id), count)
        changed = [_apply(lines[c.return_line_id], c) for c in counts]
        if not any(line.received for line in lines.values()):
            _found_something(case, others)
        news = others if others is not None and replace_extras(case, others) else None
        if case.status == Status.RECEIVED and not any(changed) and news is None:
            return case.done(case.last.event_id if case.last else 0)
        return _write(case, counts, news)


def _check(line: ReturnLine | None, count: LineCount) -> None:
    if line is None:
        raise DomainError("count_unknown_line", line_id=count.return_line_id)
    if not 0 <= count.received <= line.quantity - line.released:
        most = line.quantity - line.released
        raise DomainError("count_too_many", line_id=line.id, max=most)
    if not 0 <= count.accepted <= count.received:
        raise DomainError("count_accepted", line_id=line.id, max=count.received)
    if count.condition is not None and count.condition not in set(Condition):
        raise DomainError("condition_unknown", line_id=line.id)
    if count.disposition is not None and count.disposition not in set(Disposition):
        raise DomainError("disposition_unknown", line_id=line.id)


def _found_something(case: Case, extras: list[Extra] | None) -> None:
    """No unit came: then something else did."""
    known = load_extras([case.id]).get(case.id) if extras is None else extras
    if not known:
        raise DomainError("count_nothing")


def _apply(line: ReturnLine, count: LineCount) -> bool:
    """Put a count on its line; whether that said anything new."""
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


def _write(case: Case, counts: Sequence[LineCount], extras: list[Extra] | None) -> Done:
    first = case.row.received_at is None
    received_at = case.row.received_at or case.now
    data: dict[str, Any] = {
        "lines": [
            {
                "id": each.return_line_id,
                "received": each.received,
                "accepted": each.accepted,
                "condition": each.condition,
                "disposition": each.disposition,
            }
            for each in counts
        ]
    }
    if extras is not None:
        data["extras"] = extras_data(extras)
    event_id = case.move(Event.RECEIVE, data=data, received_at=received_at, ended_at=None)
    db.session.flush()
    follow(case)
    if first:
        case.tell("received", event_id)
    set_clock(case, received_at=received_at, ended_at=None)
    return case.done(event_id)
