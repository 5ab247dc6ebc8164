"""A parcel on its way never arrived."""

from __future__ import annotations

from ...domain.lifecycle import Event
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing
from .money import set_clock


def mark_lost(
    *, shop: ShopSettings, return_id: int, actor: Actor, seen_status: str | None = "in_transit"
) -> Done:
    """Give a parcel up. Commits. Its units stay claimed: it is settled as if it had arrived."""
    with changing(
        shop=shop, return_id=return_id, actor=actor, event=Event.LOSE, seen_status=seen_status
    ) as case:
        event_id = case.move(Event.LOSE, ended_at=case.now)
        set_clock(case, ended_at=case.now)
        case.tell("lost", event_id, undoable=True)
        return case.done(event_id, undoable=True)
