"""`flask worker`: deliver mails and make labels; `flask outbox`: see and retry what failed."""

from __future__ import annotations

import logging
import signal
from datetime import timedelta
from threading import Event
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from ..jobs.worker import drain, run_worker
from ..services.analytics.refresh import refresh_all
from ..services.outbox import LEASE, retry_failed
from ..services.queries.outbox import count_by_state, list_failed


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then exit.")
@click.option(
    "--lease",
    type=click.IntRange(1, 3600),
    default=int(LEASE.total_seconds()),
    show_default=True,
    help="Seconds after which a job of a worker that died is taken over.",
)
@click.option("--quiet", is_flag=True, help="Log what went wrong only.")
@with_appcontext
def worker(*, once: bool, lease: int, quiet: bool) -> None:
    """Deliver mails and make labels until stopped (SIGTERM, Ctrl-C)."""
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        click.echo(f"{drain(app, lease=timedelta(seconds=lease))} jobs done.")
        refresh_all()
        return
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    run_worker(app, stop=stop, lease=timedelta(seconds=lease))


@click.command("outbox")
@click.option("--retry", "job_id", type=int, help="Try this failed job again.")
@click.option("--retry-all", is_flag=True, help="Try all failed jobs again.")
@with_appcontext
def outbox(*, job_id: int | None, retry_all: bool) -> None:
    """Count the jobs by state and list those that failed for good."""
    if job_id is not None or retry_all:
        click.echo(f"{retry_failed(job_id=job_id)} jobs will be tried again.")
        return
    for state, count in count_by_state().items():
        click.echo(f"{state:8} {count}")
    for job in list_failed():
        click.echo(f"{job.id:8} {job.kind:22} {job.attempts:3} attempts  {job.last_error}")
