"""Throwing away what is over of people's accounts: sessions, links, mails that were about them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select

from ... import clock
from ...database import writing
from ...extensions import db
from ...models import Outbox, UserSession, UserToken
from .mails import KINDS

KEEP_SESSIONS = timedelta(days=30)
"""After they are over: they tell whether a browser or network is a new one."""

KEEP_LINKS = timedelta(days=7)
"""After they are over: an invitation that has expired can be sent again from the list."""

KEEP_MAILS = timedelta(days=7)
"""After they were made: requests for a new password name addresses that may be nobody's."""

_BATCH = 500


def clear_accounts() -> int:
    """Delete a batch of each; returns the largest number. Commits."""
    now = clock.now()
    return max(
        _clear(UserSession, UserSession.last_seen_at <= now - KEEP_SESSIONS),
        _clear(
            UserToken,
            UserToken.expires_at <= now,
            or_(UserToken.used_at.is_not(None), UserToken.expires_at <= now - KEEP_LINKS),
        ),
        _clear(
            Outbox,
            Outbox.kind.in_(KINDS),
            Outbox.state != "pending",
            Outbox.created_at <= now - KEEP_MAILS,
        ),
    )


def _clear(model: type[UserSession | UserToken | Outbox], *over: ColumnElement[bool]) -> int:
    ids = db.session.scalars(select(model.id).where(*over).limit(_BATCH)).all()
    db.session.rollback()
    if not ids:
        return 0
    with writing():
        result = db.session.execute(delete(model).where(model.id.in_(ids)))
    return int(result.rowcount)  # type: ignore[attr-defined]
