"""How the outbox stands, for whoever runs the installation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ...extensions import db
from ...models import Outbox

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up."""

    id: int
    kind: str
    attempts: int
    last_error: str


def count_by_state() -> dict[str, int]:
    """Number of jobs that are pending, sent and failed."""
    rows = db.session.execute(select(Outbox.state, func.count()).group_by(Outbox.state)).all()
    counts = {state: int(count) for state, count in rows}
    return {state: counts.get(state, 0) for state in ("pending", "sent", "failed")}


def list_failed() -> list[FailedJob]:
    """The newest jobs that were given up, at most 100."""
    rows = db.session.execute(
        select(Outbox.id, Outbox.kind, Outbox.attempts, Outbox.last_error)
        .where(Outbox.state == "failed")
        .order_by(Outbox.id.desc())
        .limit(_SHOWN)
    )
    return [FailedJob(*row) for row in rows]
