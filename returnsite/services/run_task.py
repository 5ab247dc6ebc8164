"""Running a task in the worker: its states, its progress, and what becomes of failures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from .. import clock
from ..database import write_beside, writing
from ..extensions import db
from ..models import Task
from .outbox import GiveUp, Job, NotYet, extend_lease
from .task_kinds import RUNNERS
from .tasks import RUNNABLE, TASK_COLUMNS, TaskFailed, TaskView

ATTEMPTS = 4
"""How often a task is begun: errors nobody foresaw and killed workers each cost one."""

_PAUSE = 0.3
"""Seconds between writes of the progress."""


class _Over(Exception):
    """Somebody stopped the task, or another worker has it: nothing is left to do here."""


class Progress:
    """`progress(done, total)`: shows how far a task is and keeps it from other workers.

    To be called between transactions. It leaves through an exception when the task was stopped,
    when another worker has it, and when this worker must end.
    """

    def __init__(self, job: Job, task: TaskView) -> None:
        self._job = job
        self._task_id = task.id
        self._told = {"done": 0, "total": task.total}
        self._next = 0.0
        self._lock = Lock()

    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell that `done` steps of `total` are done; written a few times a second at most."""
        self._told = {"done": done, "total": self._told["total"] if total is None else total}
        if self._job.stop.is_set():
            raise NotYet(clock.now())
        moment = time.monotonic()
        if moment >= self._next:
            self._next = moment + _PAUSE
            self._write(self._told)

    def end(self, state: str, **values: Any) -> None:
        """The task is over: done to the last step, or at the one told last."""
        if state == "done":
            self._told = dict.fromkeys(self._told, max(self._told.values()))
        self._write({**self._told, "state": state, "finished_at": clock.now(), **values})

    def keep(self) -> None:
        """Keep the task for another lease without telling anything."""
        with self._lock, write_beside() as connection:
            extend_lease(connection, self._job)

    def _write(self, values: dict[str, Any]) -> None:
        with self._lock, write_beside() as connection:
            if not (extend_lease(connection, self._job) and self._update(connection, values)):
                raise _Over

    def _update(self, connection: Connection, values: dict[str, Any]) -> bool:
        running = (Task.id == self._task_id, Task.state == "running")
        return bool(connection.execute(update(Task).where(*running).values(**values)).rowcount)


def run_task(job: Job) -> None:
    """Do the task of an outbox row; nothing when it is over. Raises NotYet, GiveUp and what failed.

    What its runner raises unforeseen is tried again, as often as `ATTEMPTS` says.
    """
    task = _begin(job)
    if task is None:
        return
    if job.attempts > ATTEMPTS:
        raise GiveUp("interrupted too often")
    progress = Progress(job, task)
    with suppress(_Over), force_locale(_locale(task.locale)), _kept(progress, job.lease):
        _run(job, task, progress)


@contextmanager
def _kept(progress: Progress, lease: timedelta) -> Iterator[None]:
    """Keep the task also through a step that takes longer than the lease.

    A thread of this process does it, so a killed worker keeps nothing.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    over = Event()

    def beat() -> None:
        while not over.wait(lease.total_seconds() / 3):
            # The database is busy or restarts: the next beat tries again.
            with app.app_context(), suppress(SQLAlchemyError):
                progress.keep()

    thread = Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _run(job: Job, task: TaskView, progress: Progress) -> None:
    try:
        result = RUNNERS[task.kind](task, progress)
    except TaskFailed as failure:
        db.session.rollback()
        progress.end("failed", error=str(failure)[:500])
    except _Over:
        db.session.rollback()
        raise
    except Exception as error:
        _wait_again(task.id)
        if isinstance(error, NotYet) or job.attempts < ATTEMPTS:
            raise
        raise GiveUp(type(error).__name__) from error
    else:
        db.session.rollback()
        progress.end("done", result=result)


def fail_task(*, task_id: int) -> None:
    """Mark a task as failed that nobody can help. Commits."""
    query = select(Task.locale).where(Task.id == task_id, Task.state.in_(RUNNABLE))
    with writing():
        locale = db.session.scalar(query.with_for_update())
        with force_locale(_locale(locale)):
            message = _("Something went wrong on our side, and trying again did not help.")
        db.session.execute(
            update(Task)
            .where(Task.id == task_id, Task.state.in_(RUNNABLE))
            .values(state="failed", error=message, finished_at=clock.now())
        )


def _locale(code: str | None) -> str:
    return code or str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _wait_again(task_id: int) -> None:
    """Pages show that it waits until somebody takes it again."""
    with writing():
        running = (Task.id == task_id, Task.state == "running")
        db.session.execute(update(Task).where(*running).values(state="waiting"))


def _begin(job: Job) -> TaskView | None:
    """The task of the row, running from now on; None when it is over."""
    now = clock.now()
    with writing():
        row = db.session.execute(
            select(*TASK_COLUMNS)
            .where(Task.id == job.payload["task_id"], Task.state.in_(RUNNABLE))
            .with_for_update()
        ).one_or_none()
        if row is not None:
            db.session.execute(
                update(Task)
                .where(Task.id == row.id)
                .values(state="running", started_at=row.started_at or now, done=0)
            )
    return TaskView(**row._mapping) if row else None
