"""Long work: started by a request, run by the worker, watched on a page.

A task is written together with its outbox row, so it is run at least once however often workers
die: what runs it must be repeatable. Files that it makes lie in a folder of its own and go with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from flask_babel import get_locale
from sqlalchemy import select, update

from .. import clock
from ..database import writing
from ..extensions import db
from ..models import Task
from .audit import Actor
from .outbox import enqueue, task_row

RUNNABLE = ("waiting", "running")
"""States of a task that is still to be done."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task at one moment. `state` is waiting, running, done, failed or stopped."""

    id: int
    shop_id: int
    kind: str
    state: str
    params: dict[str, Any]
    result: dict[str, Any]
    done: int
    total: int
    error: str
    locale: str
    created_by_name: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.state not in RUNNABLE


class TaskFailed(Exception):
    """The task cannot be done, and trying again will not help; the text is for people."""


class ShowsProgress(Protocol):
    """See `run_task.Progress`."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell that `done` steps of `total` are done."""


class Runner(Protocol):
    """Does a task and returns its result (JSON). It may run twice, also after it was half done."""

    def __call__(self, task: TaskView, progress: ShowsProgress, /) -> dict[str, Any]:
        """Run `task`. Raises TaskFailed."""


def start_task(
    *, shop_id: int, kind: str, params: Mapping[str, Any], actor: Actor, total: int = 0
) -> int:
    """Have the worker do this; returns the task's id. Commits.

    `total` is how many steps it will take, 0 where that is not known beforehand. What goes wrong
    is told in the language of the request that starts it.
    """
    with writing():
        return add_task(shop_id=shop_id, kind=kind, params=params, actor=actor, total=total)


def add_task(
    *, shop_id: int, kind: str, params: Mapping[str, Any], actor: Actor, total: int = 0
) -> int:
    """`start_task` in the caller's transaction."""
    now = clock.now()
    task = Task(
        shop_id=shop_id,
        kind=kind,
        params=dict(params),
        result={},
        total=total,
        locale=str(get_locale() or ""),
        created_by=actor.user_id,
        created_by_name=actor.name[:200],
        created_at=now,
    )
    db.session.add(task)
    db.session.flush()
    enqueue([task_row(shop_id=shop_id, task_id=task.id, now=now)])
    return task.id


def load_task(shop_id: int, task_id: int) -> TaskView | None:
    """This shop's task with this id, or None."""
    query = select(*TASK_COLUMNS).where(Task.shop_id == shop_id, Task.id == task_id)
    row = db.session.execute(query).one_or_none()
    return TaskView(**row._mapping) if row else None


def stop_task(shop_id: int, task_id: int) -> bool:
    """Have a task stop before its next step; False when it is over already. Commits.

    What it has done by then stays.
    """
    with writing():
        result = db.session.execute(
            update(Task)
            .where(Task.shop_id == shop_id, Task.id == task_id, Task.state.in_(RUNNABLE))
            .values(state="stopped", finished_at=clock.now())
        )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def task_folder(task_id: int) -> Path:
    """Where a task keeps the files it makes; thrown away with it."""
    return Path(current_app.config["DATA_DIR"]) / "tasks" / str(task_id)


TASK_COLUMNS = tuple(getattr(Task, name) for name in TaskView.__dataclass_fields__)
