"""The outbox: side effects written with what caused them, then claimed, tried and marked.

A worker claims one due row at a time under a lease, works outside any transaction, and marks the
row. When it dies in between, the lease runs out and another claims the row again: everything
happens at least once, so handlers are repeatable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event
from typing import Any
from uuid import uuid4

from sqlalchemy import or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from .. import clock
from ..database import run, writing
from ..extensions import db
from ..models import Outbox

LEASE = timedelta(seconds=90)
"""Longer than a handler can take: a mail or carrier call gives up well before."""

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(hours=72)


class GiveUp(Exception):
    """Trying again does not cure this. The text is stored: no personal data in it."""


class NotYet(Exception):
    """The job cannot be done now; `until` is when to look again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class Lane(StrEnum):
    """Which jobs a thread of the worker takes, so that long ones never hold up a mail."""

    ANY = "any"
    QUICK = "quick"
    LONG = "long"


LONG_CHANNEL = "task"


@dataclass(slots=True)
class Job:
    """A claimed row. `leased_until` proves the claim when the row is marked.

    Long work moves it on with `extend_lease`, and goes back into the outbox once `stop` is set.
    """

    id: int
    shop_id: int | None
    event: str
    channel: str
    kind: str
    recipient: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime
    leased_until: datetime
    lease: timedelta = LEASE
    stop: Event = field(default_factory=Event)


def outbox_row(
    *,
    shop_id: int | None,
    event: str,
    channel: str,
    kind: str,
    recipient: str = "",
    return_id: int | None = None,
    payload: dict[str, Any] | None = None,
    now: datetime,
) -> dict[str, Any]:
    """The values of one row, due at once. The payload names the return: no personal data."""
    return {
        "shop_id": shop_id,
        "event": event,
        "channel": channel,
        "kind": kind,
        "recipient": recipient,
        "payload": {"return_id": return_id} if payload is None else payload,
        "state": "pending",
        "attempts": 0,
        "created_at": now,
        "next_try_at": now,
        "last_error": "",
    }


def task_row(*, shop_id: int, task_id: int, now: datetime) -> dict[str, Any]:
    """The job that runs a task, due at once. Ids of tasks come again once old ones are deleted."""
    return outbox_row(
        shop_id=shop_id,
        event=f"task:{uuid4().hex}",
        channel=LONG_CHANNEL,
        kind="run_task",
        payload={"task_id": task_id},
        now=now,
    )


def confirmation_rows(
    *,
    shop_id: int,
    return_id: int,
    customer: str,
    merchant: str | None,
    prepare_handoff: bool,
    now: datetime,
) -> list[dict[str, Any]]:
    """The side effects of a confirmed return, the hand-off first, as the mail waits for it.

    The merchant's mail has an event of its own: customer and merchant may share an address
    (an owner who tries the own shop), and one event sends an address one mail.
    """
    wanted = [("customer_confirmation", "return.confirmed", customer)]
    if merchant:
        wanted.append(("merchant_notification", "return.announced", merchant))
    mails = [
        outbox_row(
            shop_id=shop_id,
            event=f"{event}:{return_id}",
            channel="mail",
            kind=kind,
            recipient=recipient,
            return_id=return_id,
            now=now,
        )
        for kind, event, recipient in wanted
        if recipient
    ]
    first = [handoff_row(shop_id=shop_id, return_id=return_id, now=now)] if prepare_handoff else []
    return [*first, *mails]


def handoff_row(*, shop_id: int, return_id: int, now: datetime) -> dict[str, Any]:
    """The job that makes label or code once a return is approved."""
    return outbox_row(
        shop_id=shop_id,
        event=f"return.approved:{return_id}",
        channel="shipment",
        kind="prepare_handoff",
        return_id=return_id,
        now=now,
    )


def cancellation_rows(
    *, shop_id: int, return_id: int, customer: str, now: datetime
) -> list[dict[str, Any]]:
    """The side effects of a cancelled return: the label is withdrawn, the customer hears of it."""
    wanted = [("shipment", "void_handoff", "")]
    if customer:
        wanted.append(("mail", "customer_cancelled", customer))
    return [
        outbox_row(
            shop_id=shop_id,
            event=f"return.cancelled:{return_id}",
            channel=channel,
            kind=kind,
            recipient=recipient,
            return_id=return_id,
            now=now,
        )
        for channel, kind, recipient in wanted
    ]


def enqueue(rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows in the caller's transaction; what its event has for this recipient stays."""
    if not rows:
        return
    run(_ENQUEUE[db.engine.dialect.name], list(rows))


_ENQUEUE = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(Outbox.__table__).on_conflict_do_nothing()
    for dialect in (postgresql, sqlite)
}
"""By the name of the dialect."""


def claim_job(
    *, lane: Lane = Lane.ANY, lease: timedelta = LEASE, stop: Event | None = None
) -> Job | None:
    """Claim the row of this lane that is due longest, or None. Commits.

    A row is looked for before the write lock is taken, so an idle worker disturbs no writer.
    """
    now = clock.now()
    looked_for = _due(now, lane)
    if db.session.execute(looked_for).first() is None:
        db.session.rollback()
        return None
    with writing():
        row = db.session.execute(
            update(Outbox)
            .where(Outbox.id == looked_for.with_for_update(skip_locked=True).scalar_subquery())
            .values(leased_until=now + lease, attempts=Outbox.attempts + 1)
            .returning(*_JOB_COLUMNS)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return Job(**row._mapping, lease=lease, stop=stop or Event()) if row else None


def extend_lease(connection: Connection, job: Job) -> bool:
    """Keep the job for another lease from now, in the caller's transaction on `connection`.

    False when the lease ran out and another worker has the job: stop working on it.
    """
    until = clock.now() + job.lease
    held = connection.execute(
        update(Outbox).where(*_claimed(job)).values(leased_until=until)
    ).rowcount
    if held:
        job.leased_until = until
    return bool(held)


def finish_job(job: Job) -> bool:
    """Mark a job done. False when the lease ran out and another worker has it. Commits."""
    return _mark(job, state="sent", sent_at=clock.now(), last_error="")


def postpone_job(job: Job, *, until: datetime) -> bool:
    """Put a job off that cannot run yet; this does not count as an attempt. Commits."""
    return _mark(job, next_try_at=until, attempts=job.attempts - 1)


def is_exhausted(job: Job) -> bool:
    """Whether a failure of this attempt is the last one: 72 hours after the row was written."""
    return clock.now() >= job.created_at + GIVE_UP_AFTER


def fail_job(job: Job, *, error: str, final: bool) -> bool:
    """Note a failed attempt: try again later, or never when `final`. Commits.

    `error` is stored and logged, so it must not hold personal data.
    """
    if final:
        return _mark(job, state="failed", last_error=error[:300])
    last = job.created_at + GIVE_UP_AFTER
    next_try = min(clock.now() + retry_delay(job.attempts), max(last, clock.now()))
    return _mark(job, next_try_at=next_try, last_error=error[:300])


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after this many attempts: 1, 2, 4 … minutes, at most 6 hours."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 20)), LONGEST_RETRY)


def retry_failed(*, job_id: int | None = None) -> int:
    """Let failed rows (or one of them) be tried once more; returns how many. Commits.

    Rows of the last 72 hours get the rest of that time, older ones a single attempt.
    """
    now = clock.now()
    with writing():
        query = update(Outbox).where(Outbox.state == "failed")
        if job_id is not None:
            query = query.where(Outbox.id == job_id)
        # created_at is left alone: it is the date of the mail, and the mail must stay the same.
        result = db.session.execute(query.values(state="pending", attempts=0, next_try_at=now))
    return int(result.rowcount)  # type: ignore[attr-defined]


_JOB_COLUMNS = (
    Outbox.id,
    Outbox.shop_id,
    Outbox.event,
    Outbox.channel,
    Outbox.kind,
    Outbox.recipient,
    Outbox.payload,
    Outbox.attempts,
    Outbox.created_at,
    Outbox.leased_until,
)


_LANES = {
    Lane.ANY: true(),
    Lane.QUICK: Outbox.channel != LONG_CHANNEL,
    Lane.LONG: Outbox.channel == LONG_CHANNEL,
}


def _due(now: datetime, lane: Lane) -> Any:
    return (
        select(Outbox.id)
        .where(
            _LANES[lane],
            Outbox.state == "pending",
            Outbox.next_try_at <= now,
            or_(Outbox.leased_until.is_(None), Outbox.leased_until <= now),
        )
        .order_by(Outbox.next_try_at, Outbox.id)
        .limit(1)
    )


def _claimed(job: Job) -> tuple[Any, ...]:
    return (
        Outbox.id == job.id,
        Outbox.state == "pending",
        Outbox.leased_until == job.leased_until,
    )


def _mark(job: Job, **values: Any) -> bool:
    """Write only while the claim is still ours, and give the lease back."""
    with writing():
        result = db.session.execute(
            update(Outbox)
            .where(*_claimed(job))
            .values(leased_until=None, **values)
            .execution_options(synchronize_session=False)
        )
    return bool(result.rowcount)  # type: ignore[attr-defined]
