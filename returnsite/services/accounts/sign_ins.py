"""Who has signed in, or tried to, as the audit log has it: for oneself, and for a shop's owners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select

from ...extensions import db
from ...models import AuditEntry, Membership

EVENTS = ("signed_in", "sign_in_failed", "code_failed")
_OWN = 10


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in or a try. `how` is the proof that let them in, in the words of the log."""

    id: int
    name: str
    event: str
    how: str
    network: str
    browser: str
    at: datetime

    @property
    def worked(self) -> bool:
        """Whether it led in."""
        return self.event == "signed_in"


def own_sign_ins(*, user_id: int) -> list[SignIn]:
    """Somebody's last ones."""
    return _read(_newest().where(AuditEntry.user_id == user_id).limit(_OWN))


def shop_sign_ins(*, shop_id: int, before_id: int | None = None, limit: int = 20) -> list[SignIn]:
    """Those of a shop's people since they work there, older than `before_id`; one more than
    `limit` at most, which tells that there are more."""
    member = and_(
        Membership.user_id == AuditEntry.user_id,
        Membership.shop_id == shop_id,
        Membership.created_at <= AuditEntry.at,
    )
    query = _newest().join(Membership, member).limit(limit + 1)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return _read(query)


def _newest() -> Select[AuditEntry]:
    """Signing in is about a person, so the entries belong to no shop."""
    return (
        select(AuditEntry)
        .where(
            AuditEntry.shop_id.is_(None),
            AuditEntry.section == "session",
            AuditEntry.event.in_(EVENTS),
        )
        .order_by(AuditEntry.id.desc())
    )


def _read(query: Select[AuditEntry]) -> list[SignIn]:
    return [
        SignIn(r.id, r.actor, r.event, r.subject, r.network, _browser(r), r.at)
        for r in db.session.scalars(query)
    ]


def _browser(entry: AuditEntry) -> str:
    """Kept among the changes: the log has no column for what only sign-ins know."""
    return next((str(each["new"]) for each in entry.changes if each["field"] == "browser"), "")
