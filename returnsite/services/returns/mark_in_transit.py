"""A parcel was handed over: a carrier's scan, or proof that the customer sent staff."""

from __future__ import annotations

from ...domain.lifecycle import Event
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing
from .money import set_clock


def mark_in_transit(
    *, shop: ShopSettings, return_id: int, actor: Actor, seen_status: str | None = None
) -> Done:
    """Note that the parcel is on its way. Commits. Saying it again changes nothing."""
    with changing(
        shop=shop, return_id=return_id, actor=actor, event=Event.SCAN, seen_status=seen_status
    ) as case:
        if not case.allowed(Event.SCAN).changes:
            return case.done(case.last.event_id if case.last else 0)
        event_id = case.move(Event.SCAN, handed_over_at=case.now)
        set_clock(case, handed_over_at=case.now)
        case.tell("on_the_way", event_id)
        return case.done(event_id)
