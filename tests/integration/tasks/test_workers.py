"""Long work is never lost or done twice at a time, whatever becomes of its worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.database import begin_write
from returnsite.extensions import db
from returnsite.jobs.worker import drain, run_worker
from returnsite.models import Outbox, Task
from returnsite.services.outbox import Lane, claim_job
from returnsite.services.tasks import (
    ShowsProgress,
    TaskView,
    start_task,
)
from tests.tasks import ANNA, NOW, elsewhere, seen

ROOT = Path(__file__).parents[3]


def test_progress_keeps_a_long_task_from_other_workers(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any, clock: Any
) -> None:
    clock.set(NOW)

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        for step in range(5):
            progress(step, 5)
            clock.advance(seconds=80)
            assert elsewhere(app, claim_job) is None
        return {}

    kind(run)
    task_id = begin()
    drain(app)
    assert seen(session, shop, task_id).state == "done"


def test_a_step_longer_than_the_lease_keeps_its_task_too(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    def lease() -> datetime:
        return session.scalars(select(Outbox.leased_until)).one()  # type: ignore[return-value]

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        progress(0)
        first = elsewhere(app, lease)
        for _ in range(600):
            if elsewhere(app, lease) > first:
                return {"kept": True}
            Event().wait(0.05)
        return {"kept": False}

    kind(run)
    task_id = begin()
    drain(app, lease=timedelta(seconds=1))
    assert seen(session, shop, task_id).result == {"kept": True}


def test_a_worker_that_lost_its_task_to_another_leaves_it_alone(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any, clock: Any
) -> None:
    clock.set(NOW)
    taken: list[Any] = []

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        progress(0)
        clock.advance(seconds=100)
        taken.append(elsewhere(app, claim_job))
        progress(1)
        pytest.fail("it went on")

    kind(run)
    task_id = begin()
    drain(app)
    assert taken[0].attempts == 2
    assert seen(session, shop, task_id).state == "running"
    assert session.scalars(select(Outbox.state).where(Outbox.channel == "task")).all() == [
        "pending"
    ]


def test_a_runner_that_tells_its_progress_while_it_writes_is_told_off(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        begin_write()
        db.session.execute(select(Task)).all()
        with pytest.raises(RuntimeError, match="writing transaction"):
            progress(1)
        return {}

    kind(run)
    task_id = begin()
    drain(app)
    assert seen(session, shop, task_id).state == "done"


@contextmanager
def working(app: Flask) -> Iterator[Event]:
    stop = Event()
    thread = Thread(target=run_worker, args=(app,), kwargs={"stop": stop})
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_mails_do_not_wait_for_a_long_task(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, release, mailed = Event(), Event(), Event()

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        progress(1)
        started.set()
        assert release.wait(30)
        return {"mailed": mailed.is_set()}

    kind(run)
    monkeypatch.setattr(
        "returnsite.jobs.worker.find_handler", _handlers_that_set(mailed, for_kind="mail_of_test")
    )
    with working(app):
        task_id = begin()
        assert started.wait(30)
        begin_write()
        session.add(_mail(shop.id))
        session.commit()
        assert mailed.wait(30), "the mail waited for the task"
        release.set()
        for _ in range(600):
            if seen(session, shop, task_id).is_over:
                break
            Event().wait(0.05)
    assert seen(session, shop, task_id).result == {"mailed": True}


def _mail(shop_id: int) -> Outbox:
    now = datetime.now(UTC)
    return Outbox(
        shop_id=shop_id,
        event="test",
        channel="mail",
        kind="mail_of_test",
        recipient="a@b.example",
        payload={},
        created_at=now,
        next_try_at=now,
    )


def _handlers_that_set(mailed: Event, *, for_kind: str) -> Callable[[str], Any]:
    from returnsite.jobs.handlers import Handler, find_handler

    def find(kind: str) -> Handler:
        return Handler(lambda _job: mailed.set()) if kind == for_kind else find_handler(kind)

    return find


def test_the_lanes_take_what_is_theirs(session: Session, shop: Any, begin: Any) -> None:
    begin()
    session.add(_mail(shop.id))
    session.commit()
    claimed = [claim_job(lane=lane) for lane in (Lane.QUICK, Lane.QUICK, Lane.LONG, Lane.LONG)]
    assert [job and job.kind for job in claimed] == ["mail_of_test", None, "run_task", None]


def test_a_worker_that_must_end_gives_its_task_back_at_once(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    started = Event()

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        for step in range(10_000):
            progress(step, 10_000)
            started.set()
            Event().wait(0.01)
        return {}

    kind(run)
    task_id = begin()
    with working(app):
        assert started.wait(30)
    assert seen(session, shop, task_id).state == "waiting"
    row = session.scalars(select(Outbox).where(Outbox.channel == "task")).one()
    assert (row.state, row.attempts, row.leased_until) == ("pending", 0, None)
    kind(lambda _task, _progress: {"second": True})
    drain(app)
    assert seen(session, shop, task_id).result == {"second": True}


def test_the_task_of_a_killed_worker_is_taken_over_and_finished(
    app: Flask, session: Session, shop: Any, tmp_path: Path
) -> None:
    log = tmp_path / "steps.log"
    task_id = start_task(shop_id=shop.id, kind="count", params={"log": str(log)}, actor=ANNA)
    first = _start_worker(app, tmp_path)
    try:
        _wait_for(lambda: log.exists() and len(log.read_text().splitlines()) == 4)
        first.send_signal(signal.SIGKILL)
        assert first.wait(30) == -signal.SIGKILL
        assert seen(session, shop, task_id).state == "running"
        second = _start_worker(app, tmp_path)
        try:
            _wait_for(lambda: seen(session, shop, task_id).is_over)
        finally:
            second.terminate()
            assert second.wait(30) == 0
    finally:
        first.kill()
    done = seen(session, shop, task_id)
    assert (done.state, done.done, done.total) == ("done", 6, 6)
    assert done.result == {"by": second.pid}
    assert [line.split()[1] for line in log.read_text().splitlines()] == [*"0123", *"012345"]


def _start_worker(app: Flask, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "RETURNSITE_DATA": str(folder),
    }
    command = [sys.executable, "-m", "tests.task_worker", "1"]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def _wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        Event().wait(0.05)
    pytest.fail("it did not happen within a minute")
