"""What tests of long work share: who began it, and how it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from returnsite.services.audit import Actor
from returnsite.services.tasks import (
    ShowsProgress,
    TaskView,
    load_task,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA = Actor(None, "Anna")

Run = Callable[[TaskView, ShowsProgress], dict[str, Any]]


def seen(session: Session, shop: Any, task_id: int) -> TaskView:
    """The task as it is in the database now."""
    session.rollback()
    task = load_task(shop.id, task_id)
    assert task is not None
    return task


def elsewhere(app: Flask, do: Callable[[], Any]) -> Any:
    """Do something the way another process would: with a session of its own."""
    with app.app_context():
        return do()
