"""A worker process whose tasks a test can watch: `python -m tests.task_worker LEASE`.

The kind `count` writes a line a step to `params["log"]`: which process, and which step. The first
process stops at step 3 until it is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from returnsite import create_app
from returnsite.jobs.worker import run_worker
from returnsite.services import run_task
from returnsite.services.tasks import ShowsProgress, TaskView

STEPS = 6


def count(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
    """Count to six; the first process never gets past three."""
    log = Path(task.params["log"])
    is_first = not log.exists()
    for step in range(STEPS):
        progress(step, STEPS)
        with log.open("a") as file:
            file.write(f"{os.getpid()} {step}\n")
        if is_first and step == 3:
            Event().wait()
    return {"by": os.getpid()}


if __name__ == "__main__":
    run_task.RUNNERS = {"count": count}
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_args: stop.set())
    run_worker(create_app(), stop=stop, lease=timedelta(seconds=int(sys.argv[1])))
