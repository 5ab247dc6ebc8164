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
from .money import follow, set_clock
from .texts import optional


class Condition(StrEnum):
    """How units look."""

    AS_NEW = "as_new"
    WORN = "worn"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    WRONG_ITEM = "wrong_item"


class Disposition(StrEnum):
    """What becomes of them."""

    RESTOCK = "restock"
    SECOND_CHOICE = "second_choice"
    REPAIR = "repair"
    DISPOSE = "dispose"
    BACK_TO_CUSTOMER = "back_to_customer"


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
    extra: str = "",
) -> Done:
    """Write the counts down and let the ledger follow what was accepted. Commits.

    Lines that are not named keep their counts; `extra` says what else was in the box. Counting
    the same again changes nothing. Raises DomainError (count_unknown_line, count_too_many,
    count_accepted, count_nothing, condition_unknown, disposition_unknown; params: `line_id`).
    """
    extra = optional(extra)
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
            raise DomainError("count_nothing")
        if case.status == Status.RECEIVED and not any(changed) and not extra:
            return case.done(case.last.event_id if case.last else 0)
        return _write(case, counts, extra)


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


def _write(case: Case, counts: Sequence[LineCount], extra: str) -> Done:
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
    if extra:
        data["extra"] = extra
    event_id = case.move(Event.RECEIVE, data=data, received_at=received_at, ended_at=None)
    db.session.flush()
    follow(case)
    if first:
        case.tell("received", event_id)
    set_clock(case, received_at=received_at, ended_at=None)
    return case.done(event_id)
