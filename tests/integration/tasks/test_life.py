"""Long work: begun once, watched, stopped, and done or given up."""

from __future__ import annotations

import contextvars
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Outbox, Task
from returnsite.services import run_task
from returnsite.services.housekeeping import clear_expired
from returnsite.services.tasks import (
    ShowsProgress,
    TaskFailed,
    TaskView,
    load_task,
    start_task,
    stop_task,
    task_folder,
)
from tests.tasks import ANNA, NOW, elsewhere, seen


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
