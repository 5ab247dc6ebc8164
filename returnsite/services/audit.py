"""The audit log: who changed what, when, from what to what. Append-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from .. import clock
from ..database import insert_rows
from ..extensions import db
from ..models import AuditEntry

REDACTED = "•••"
"""Stands for a secret, old and new."""

_TEXT = 2000
"""Characters of a value that are kept."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user, or `user_id` None for the command line and the worker.

    `network` is where from, without the last part of the address.
    """

    user_id: int | None
    name: str
    network: str = ""

    @property
    def code(self) -> str:
        """As `return_event.actor` has it: `user:<id>` or `system`."""
        return "system" if self.user_id is None else f"user:{self.user_id}"


COMMAND_LINE = Actor(None, "command line")


def change(field: str, old: Any, new: Any) -> dict[str, Any]:
    """One change as the log keeps it."""
    return {"field": field, "old": _plain(old), "new": _plain(new)}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The changes between two flat snapshots, in the order of the fields."""
    fields = dict.fromkeys((*before, *after))
    return [
        change(field, before.get(field), after.get(field))
        for field in fields
        if before.get(field) != after.get(field)
    ]


def note_change(
    *,
    shop_id: int | None,
    actor: Actor,
    section: str,
    event: str,
    subject: str = "",
    changes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write an entry in the caller's transaction. Secrets must be REDACTED by the caller."""
    row = {
        "shop_id": shop_id,
        "user_id": actor.user_id,
        "actor": one_line(actor.name)[:200],
        "section": section,
        "event": event,
        "subject": one_line(subject)[:200],
        "changes": [dict(each) for each in changes],
        "at": clock.now(),
        "network": actor.network,
    }
    insert_rows(AuditEntry, [row])


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log, for showing."""

    id: int
    actor: str
    section: str
    event: str
    subject: str
    changes: tuple[dict[str, Any], ...]
    at: datetime


def list_entries(
    *, shop_id: int, sections: Iterable[str], before_id: int | None = None, limit: int = 20
) -> list[Entry]:
    """The newest entries of these sections, older than `before_id`; one more than `limit` at most,
    which tells that there are more."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.shop_id == shop_id, AuditEntry.section.in_(list(sections)))
        .order_by(AuditEntry.id.desc())
        .limit(limit + 1)
    )
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return [
        Entry(r.id, r.actor, r.section, r.event, r.subject, tuple(r.changes), r.at)
        for r in db.session.scalars(query)
    ]


def one_line(text: str) -> str:
    """Text without line breaks and control characters, so that no entry can forge another."""
    return "".join(each if each.isprintable() else " " for each in text).strip()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)[:_TEXT]
    return value
