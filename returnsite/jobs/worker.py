"""The worker: takes jobs from the outbox one by one, and tidies up now and then.

Three threads share the work: one takes what is quick, mails and labels, one long tasks, so that
nobody waits for a mail until a file of orders is read, and one keeps the figures of analytics true.
"""

from __future__ import annotations

import logging
import math
import time
from datetime import timedelta
from threading import Event, Thread

from flask import Flask

from ..extensions import db
from ..services.analytics.refresh import refresh_for
from ..services.housekeeping import clear_expired
from ..services.outbox import (
    LEASE,
    GiveUp,
    Job,
    Lane,
    NotYet,
    claim_job,
    fail_job,
    finish_job,
    is_exhausted,
    postpone_job,
)
from ..services.refund_digest import announce_digests
from ..services.returns.expire_returns import expire_returns, remind_customers
from .handlers import Handler, describe, find_handler

log = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
"""Seconds between looks at an empty outbox: a new job waits this long at most."""

FIGURES_EVERY = 3.0
"""Seconds between looks whether figures are stale."""

_BACKLOG = 5

FIGURES_AT_ONCE = 2.0
"""Seconds of adding up between looks whether to stop."""

TIDY_EVERY = 600.0
"""Seconds between rounds of housekeeping."""


def run_worker(app: Flask, *, stop: Event, lease: timedelta = LEASE) -> None:
    """Work until `stop` is set; a mail at hand is finished, long work left to the next worker."""
    long = Thread(target=_work, args=(app, Lane.LONG, stop, lease), name="tasks")
    figures = Thread(target=_keep_figures, args=(app, stop), name="figures")
    long.start()
    figures.start()
    _work(app, Lane.QUICK, stop, lease)
    long.join()
    figures.join()


def _keep_figures(app: Flask, stop: Event) -> None:
    while not stop.is_set():
        done = 0
        try:
            with app.app_context():
                done = refresh_for(FIGURES_AT_ONCE)
        except Exception as error:
            log.error("figures disturbed: %s", type(error).__name__)
        # A few bits are what happened meanwhile; many are a backlog that should not wait.
        if done < _BACKLOG:
            stop.wait(FIGURES_EVERY)


def _work(app: Flask, lane: Lane, stop: Event, lease: timedelta) -> None:
    pause = SHORTEST_PAUSE
    next_tidy = time.monotonic() if lane is Lane.QUICK else math.inf
    while not stop.is_set():
        try:
            if time.monotonic() >= next_tidy:
                next_tidy = time.monotonic() + TIDY_EVERY
                if not tidy(app):
                    next_tidy = time.monotonic() + LONGEST_PAUSE
            busy = work_once(app, lease, lane=lane, stop=stop)
        except Exception as error:
            # The database restarts, the disk is full: the work is still there afterwards.
            log.error("worker disturbed: %s", type(error).__name__)
            busy = False
        pause = SHORTEST_PAUSE if busy else min(pause * 1.5, LONGEST_PAUSE)
        if not busy:
            stop.wait(pause)


def drain(app: Flask, *, lease: timedelta = LEASE) -> int:
    """Do what is due now and return how many jobs that were."""
    done = 0
    while work_once(app, lease):
        done += 1
    tidy(app)
    return done


def work_once(
    app: Flask, lease: timedelta = LEASE, *, lane: Lane = Lane.ANY, stop: Event | None = None
) -> bool:
    """Claim one job and do it; False when none was due."""
    with app.app_context():
        job = claim_job(lane=lane, lease=lease, stop=stop)
        if job is None:
            return False
        _do(job)
        return True


def tidy(app: Flask) -> bool:
    """One batch of housekeeping; False when there is more of it."""
    with app.app_context():
        cleared = clear_expired()
        expired = expire_returns()
        remind_customers()
        announce_digests()
    if cleared.drafts or cleared.photos or cleared.tasks:
        log.info(
            "cleared %s drafts, %s photos, %s tasks",
            cleared.drafts,
            cleared.photos,
            cleared.tasks,
        )
    if expired:
        log.info("expired %s returns", expired)
    return cleared.is_all


def _do(job: Job) -> None:
    handler = find_handler(job.kind)
    try:
        handler.run(job)
    except NotYet as wait:
        db.session.rollback()
        postpone_job(job, until=wait.until)
    except Exception as error:
        db.session.rollback()
        _fail(job, handler, error)
    else:
        finish_job(job)


def _fail(job: Job, handler: Handler, error: Exception) -> None:
    """Whatever a handler raises costs this attempt only; the loop goes on."""
    reason = describe(error)
    final = isinstance(error, GiveUp) or is_exhausted(job)
    if final and handler.give_up is not None:
        handler.give_up(job, error)
    fail_job(job, error=reason, final=final)
    level = logging.ERROR if final else logging.WARNING
    log.log(
        level,
        "outbox %s (%s) attempt %s failed%s: %s",
        job.id,
        job.kind,
        job.attempts,
        " for good" if final else "",
        reason,
    )
