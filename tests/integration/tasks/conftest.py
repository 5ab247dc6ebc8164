"""A kind of task of the tests' own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.services import run_task
from returnsite.services.tasks import (
    start_task,
)
from tests.tasks import ANNA, Run


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
