"""Long work: begun once, watched, stopped, and never lost or done twice at a time."""

from __future__ import annotations

import contextvars
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
from returnsite.services import run_task
from returnsite.services.audit import Actor
from returnsite.services.housekeeping import clear_expired
from returnsite.services.outbox import Lane, claim_job
from returnsite.services.tasks import (
    ShowsProgress,
    TaskFailed,
    TaskView,
    load_task,
    start_task,
    stop_task,
    task_folder,
)

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA = Actor(None, "Anna")

Run = Callable[[TaskView, ShowsProgress], dict[str, Any]]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Give the kind `test` a runner; each step of it is written."""
    monkeypatch.setattr(run_task, "_PAUSE", 0.0)

    def register(run: Run) -> None:
        monkeypatch.setattr(run_task, "RUNNERS", {"test": run})

    return register


@pytest.fixture
def begin(session: Session, shop: Any) -> Callable[..., int]:
    """Start a task of the kind `test`."""

    def start(**params: Any) -> int:
        return start_task(shop_id=shop.id, kind="test", params=params, actor=ANNA, total=3)

    return start


def seen(session: Session, shop: Any, task_id: int) -> TaskView:
    session.rollback()
    task = load_task(shop.id, task_id)
    assert task is not None
    return task


def elsewhere(app: Flask, do: Callable[[], Any]) -> Any:
    """Do something the way another process would: with a session of its own."""
    with app.app_context():
        return do()


def test_a_task_waits_runs_and_is_done(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    steps: list[tuple[str, int, int]] = []

    def run(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        for step in range(3):
            progress(step)
            view = elsewhere(app, lambda: load_task(shop.id, task.id))
            steps.append((view.state, view.done, view.total))
        return {"found": task.params["words"]}

    kind(run)
    task_id = begin(words="a b")
    waiting = seen(session, shop, task_id)
    assert (waiting.state, waiting.done, waiting.total) == ("waiting", 0, 3)
    assert waiting.created_by_name == "Anna"
    drain(app)
    assert steps == [("running", 0, 3), ("running", 1, 3), ("running", 2, 3)]
    done = seen(session, shop, task_id)
    assert (done.state, done.done, done.result) == ("done", 3, {"found": "a b"})
    assert done.is_over
    assert done.started_at
    assert done.finished_at


def test_progress_is_written_now_and_then_only(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    monkeypatch.setattr(run_task, "_PAUSE", 3600.0)
    write = run_task.Progress._write

    def counted(self: Any, values: dict[str, Any]) -> None:
        writes.append(values["done"])
        write(self, values)

    monkeypatch.setattr(run_task.Progress, "_write", counted)

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        for step in range(1000):
            progress(step, 1000)
        return {}

    kind(run)
    begin()
    drain(app)
    assert writes == [0, 1000]


def test_what_cannot_be_done_is_told_in_the_words_of_the_runner_and_not_tried_again(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    def run(_task: TaskView, _progress: ShowsProgress) -> dict[str, Any]:
        raise TaskFailed("The file is empty.")

    kind(run)
    task_id = begin()
    drain(app)
    failed = seen(session, shop, task_id)
    assert (failed.state, failed.error) == ("failed", "The file is empty.")
    assert session.scalars(select(Outbox.state).where(Outbox.channel == "task")).all() == ["sent"]


def test_what_nobody_foresaw_is_tried_again_and_given_up_with_an_apology(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any, clock: Any
) -> None:
    clock.set(NOW)
    attempts: list[int] = []

    def run(_task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        attempts.append(1)
        progress(1)
        raise ZeroDivisionError

    kind(run)
    task_id = begin()
    states = []
    for _ in range(6):
        drain(app)
        states.append(seen(session, shop, task_id).state)
        clock.advance(hours=1)
    assert states == ["waiting", "waiting", "waiting", "failed", "failed", "failed"]
    assert len(attempts) == 4
    assert "our side" in seen(session, shop, task_id).error


def test_an_error_costs_one_attempt_only(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any, clock: Any
) -> None:
    clock.set(NOW)
    left = [ZeroDivisionError(), OSError()]

    def run(_task: TaskView, _progress: ShowsProgress) -> dict[str, Any]:
        if left:
            raise left.pop()
        return {"fine": True}

    kind(run)
    task_id = begin()
    for _ in range(3):
        drain(app)
        clock.advance(hours=1)
    assert seen(session, shop, task_id).result == {"fine": True}


def test_a_stopped_task_stops_at_its_next_step(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    steps: list[int] = []

    def run(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        for step in range(3):
            progress(step)
            steps.append(step)
            if step == 1:
                assert elsewhere(app, lambda: stop_task(shop.id, task.id))
        return {"all": True}

    kind(run)
    task_id = begin()
    drain(app)
    stopped = seen(session, shop, task_id)
    assert steps == [0, 1]
    assert (stopped.state, stopped.done, stopped.result) == ("stopped", 1, {})
    assert not stop_task(shop.id, task_id), "it is over already"


def test_a_task_stopped_while_it_waits_is_never_begun(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    kind(lambda _task, _progress: pytest.fail("it ran"))
    task_id = begin()
    assert stop_task(shop.id, task_id)
    drain(app)
    assert seen(session, shop, task_id).state == "stopped"


def test_another_shop_neither_sees_nor_stops_a_task(
    session: Session, shop: Any, begin: Any, factories: Any
) -> None:
    other = factories.make_shop(session)
    session.commit()
    task_id = begin()
    assert load_task(other.id, task_id) is None
    assert not stop_task(other.id, task_id)
    assert seen(session, shop, task_id).state == "waiting"


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


def test_old_tasks_go_with_their_files_and_those_to_be_done_stay(
    session: Session, shop: Any, begin: Any, clock: Any
) -> None:
    clock.set(NOW)
    ids = [begin() for _ in range(3)]
    for task_id, state, ago in zip(ids, ("done", "failed", "waiting"), (31, 29, 99), strict=True):
        task = session.get(Task, task_id)
        assert task is not None
        task.state = state
        task.created_at = NOW - timedelta(days=ago)
        task.finished_at = None if state == "waiting" else NOW - timedelta(days=ago)
        folder = task_folder(task_id)
        folder.mkdir(parents=True, exist_ok=True)  # ids come again in an emptied database
        (folder / "export.csv").write_text("a")
    session.commit()
    assert clear_expired().tasks == 1
    assert list(session.scalars(select(Task.id).order_by(Task.id))) == ids[1:]
    assert [task_folder(task_id).exists() for task_id in ids] == [False, True, True]


def test_a_task_whose_id_was_used_before_is_run_too(
    app: Flask, session: Session, shop: Any, kind: Any, begin: Any
) -> None:
    kind(lambda _task, _progress: {"ran": True})
    first = begin()
    drain(app)
    session.delete(session.get(Task, first))
    session.commit()
    second = begin()
    drain(app)
    assert seen(session, shop, second).result == {"ran": True}


def test_errors_are_told_in_the_language_of_who_started_it(
    app: Flask, session: Session, shop: Any, kind: Any
) -> None:
    from flask_babel import gettext

    def run(_task: TaskView, _progress: ShowsProgress) -> dict[str, Any]:
        raise TaskFailed(gettext("The file is empty."))

    kind(run)

    def ask() -> int:
        with app.test_request_context("/?lang=nl"):
            return start_task(shop_id=shop.id, kind="test", params={}, actor=ANNA)

    shop_id = shop.id
    session.commit()
    assert shop_id
    task_id = contextvars.Context().run(ask)
    drain(app)
    assert seen(session, shop, task_id).error == "Het bestand is leeg."
