"""Units that never came are written off: not refunded, and free to be returned another time."""

from __future__ import annotations

from fractions import Fraction

from ...domain.errors import DomainError
from ...domain.lifecycle import Event
from ...domain.money import round_half_up
from ...extensions import db
from ...models import ReturnLine
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing, lines_of
from .claims import release
from .money import follow, set_clock


def close_short(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    seen_status: str | None = "received",
    seen_event: int | None = None,
) -> Done:
    """Stop waiting for what has not arrived. Commits. The return itself stays open to be paid.

    Raises DomainError(nothing_missing) when everything is here.
    """
    with changing(
        shop=shop,
        return_id=return_id,
        actor=actor,
        event=Event.SHORT,
        seen_status=seen_status,
        seen_event=seen_event,
    ) as case:
        case.allowed(Event.SHORT)
        missing = write_off(case)
        if not missing:
            raise DomainError("nothing_missing")
        event_id = case.move(Event.SHORT, data={"missing": missing})
        follow(case)
        set_clock(case)
        case.tell("short", event_id)
        return case.done(event_id)


def write_off(case: Case) -> list[dict[str, int]]:
    """Release what has not arrived; returns line and units, for the event."""
    lines = [line for line in lines_of(case.id) if _missing(line)]
    release({line.parcel_line_id: _missing(line) for line in lines})
    written = []
    for line in lines:
        units, held = _missing(line), line.quantity - line.released
        # A later return of these units must find their part of what was paid.
        line.share = round_half_up(Fraction(line.share * (held - units), held))
        line.released += units
        written.append({"id": line.id, "units": units})
    db.session.flush()
    return written


def _missing(line: ReturnLine) -> int:
    return line.quantity - line.released - line.received
