"""What came back is counted, line by line; as often as boxes arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...domain.errors import DomainError
from ...domain.lifecycle import Event, Status
from ...extensions import db
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing, lines_of
from .extras import Extra, checked, extras_data, load_extras, replace_extras
from .money import follow, set_clock
from .parts import LineCount, check_count, count_data, write_counts


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
    nothing. Raises DomainError (count_unknown_line, count_too_many, count_accepted, count_parts,
    count_nothing, condition_unknown, disposition_unknown; params: `line_id`; and those of
    `extras.checked`).
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
            check_count(lines.get(count.return_line_id), count)
        changed = write_counts(lines, counts)
        if not any(line.received for line in lines.values()):
            _found_something(case, others)
        news = others if others is not None and replace_extras(case, others) else None
        if case.status == Status.RECEIVED and not changed and news is None:
            return case.done(case.last.event_id if case.last else 0)
        return _write(case, counts, news)


def _found_something(case: Case, extras: list[Extra] | None) -> None:
    """No unit came: then something else did."""
    known = load_extras([case.id]).get(case.id) if extras is None else extras
    if not known:
        raise DomainError("count_nothing")


def _write(case: Case, counts: Sequence[LineCount], extras: list[Extra] | None) -> Done:
    first = case.row.received_at is None
    received_at = case.row.received_at or case.now
    data: dict[str, Any] = {"lines": [count_data(each) for each in counts]}
    if extras is not None:
        data["extras"] = extras_data(extras)
    event_id = case.move(Event.RECEIVE, data=data, received_at=received_at, ended_at=None)
    db.session.flush()
    follow(case)
    if first:
        case.tell("received", event_id)
    set_clock(case, received_at=received_at, ended_at=None)
    return case.done(event_id)
