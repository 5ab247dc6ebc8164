"""A note on a return: for the team, or mailed to the customer."""

from __future__ import annotations

from ...domain.errors import DomainError
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing
from .texts import NOTE_MAX, required


def add_note(
    *, shop: ShopSettings, return_id: int, actor: Actor, text: str, to_customer: bool = False
) -> Done:
    """Keep a note, in whatever status. Commits.

    Raises DomainError (note_required, text_too_long, no_email).
    """
    text = required(text, code="note_required", at_most=NOTE_MAX)
    with changing(shop=shop, return_id=return_id, actor=actor, event="note") as case:
        if to_customer and not case.row.email:
            raise DomainError("no_email")
        event_id = case.note("note", {"text": text, "to_customer": to_customer})
        if to_customer:
            case.tell("note", event_id)
        return case.done(event_id, undoable=not to_customer)
