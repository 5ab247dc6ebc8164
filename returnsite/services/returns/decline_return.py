"""A return is declined, with the reason the customer reads."""

from __future__ import annotations

from ...domain.lifecycle import Event
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing
from .claims import release_all
from .texts import required


def decline_return(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    reason: str,
    seen_status: str | None = "requested",
) -> Done:
    """Decline a requested return and give its units back. Commits.

    Raises DomainError (reason_required, text_too_long): the customer is told why.
    """
    reason = required(reason)
    with changing(
        shop=shop, return_id=return_id, actor=actor, event=Event.DECLINE, seen_status=seen_status
    ) as case:
        event_id = case.move(Event.DECLINE, data={"reason": reason}, ended_at=case.now)
        release_all(case.id)
        case.tell("declined", event_id, undoable=True)
        return case.done(event_id, undoable=True)
