"""The worker as a process of its own: killed, stopped, and quick."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.database import begin_write
from returnsite.jobs.worker import drain, run_worker
from returnsite.models import Outbox, Return
from returnsite.services.outbox import confirmation_rows, enqueue
from tests.smtp import Peer, mail_server

ROOT = Path(__file__).parents[2]

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def start(app: Flask, peer: Peer, tmp_path: Path) -> Iterator[Start]:
    """Start `flask worker` on the test's database and mail server; killed when the test ends."""
    environment = {
        **os.environ,
        "FLASK_APP": "app",
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "RETURNSITE_DATA": str(tmp_path),
        "RETURNSITE_URL": "https://returns.example",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(peer.port),
    }
    started: list[subprocess.Popen[bytes]] = []

    def begin(*options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "worker", *options]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def announce(session: Session, shop: Any, factories: Any) -> Callable[[int], list[Return]]:
    """Make confirmed returns whose two mails each are due now."""
    order = factories.make_order(session, shop)
    session.commit()

    def make(count: int) -> list[Return]:
        # A worker may be writing already: SQLite's lock has to be taken before anything is read.
        begin_write()
        returns = []
        for number in range(count):
            made = factories.make_return(
                session, order, quantity=1, status="requested", email=f"c{number}@customer.example"
            )
            order.parcels[0].lines[0].qty_claimed = 0
            returns.append(made)
            enqueue(
                confirmation_rows(
                    shop_id=shop.id,
                    return_id=made.id,
                    customer=made.email,
                    merchant=shop.notification_email,
                    prepare_handoff=False,
                    now=clock.now(),
                )
            )
        session.commit()
        return returns

    return make


def count_pending(session: Session) -> int:
    session.rollback()
    query = select(func.count()).select_from(Outbox).where(Outbox.state == "pending")
    return session.execute(query).scalar_one()


def test_museum_34_killed_between_send_and_mark_every_mail_arrives_and_repeats_are_the_same_mail(
    session: Session, announce: Any, peer: Peer, start: Start
) -> None:
    announce(12)
    workers = [start("--lease", "1")]
    kills = {2, 7, 8}

    def kill_the_sender(number: int) -> None:
        if number in kills:
            workers[-1].kill()

    peer.on_message = kill_the_sender
    for _ in kills:
        assert workers[-1].wait(timeout=60) == -signal.SIGKILL
        workers.append(start("--lease", "1"))
    peer.wait_for(24 + len(kills), timeout=60)
    workers[-1].terminate()
    assert workers[-1].wait(timeout=30) == 0
    assert count_pending(session) == 0

    copies: dict[str, list[bytes]] = defaultdict(list)
    for envelope, message in zip(peer.envelopes, peer.messages, strict=True):
        copies[message["Message-ID"]].append(bytes(envelope.content or b""))  # type: ignore[arg-type]
    assert len(copies) == 24
    assert sum(len(each) for each in copies.values()) == 24 + len(kills)
    assert all(len(set(each)) == 1 for each in copies.values()), "a repeat differs from the first"
    assert len({envelope.rcpt_tos[0] for envelope in peer.envelopes}) == 12 + 1


def test_a_stop_signal_lets_the_mail_at_hand_finish(
    session: Session, announce: Any, peer: Peer, start: Start
) -> None:
    announce(3)
    worker = start()
    peer.on_message = lambda _number: worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    assert len(peer.envelopes) == 1
    session.rollback()
    states = session.scalars(select(Outbox.state).order_by(Outbox.id)).all()
    assert sorted(states) == ["pending"] * 5 + ["sent"]
    leases = session.scalars(select(Outbox.leased_until)).all()
    assert set(leases) == {None}


def test_once_does_what_is_due_and_exits(
    session: Session, announce: Any, peer: Peer, start: Start
) -> None:
    announce(2)
    assert start("--once").wait(timeout=60) == 0
    assert len(peer.envelopes) == 4
    assert count_pending(session) == 0


def test_two_workers_send_each_mail_once(
    session: Session, announce: Any, peer: Peer, start: Start
) -> None:
    announce(20)
    workers = [start(), start()]
    peer.wait_for(40, timeout=150)  # one that was refused comes again after a minute
    for worker in workers:
        worker.terminate()
    assert [worker.wait(timeout=30) for worker in workers] == [0, 0]
    assert len({message["Message-ID"] for message in peer.messages}) == len(peer.envelopes) == 40


@contextmanager
def running(app: Flask) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=run_worker, args=(app,), kwargs={"stop": stop})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


@pytest.fixture
def mailing(app: Flask, peer: Peer) -> Iterator[None]:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=peer.port)
    yield
    app.config.update(MAIL_SERVER="", MAIL_PORT=25)


def test_a_new_job_wakes_an_idle_worker(
    app: Flask, announce: Any, peer: Peer, mailing: None
) -> None:
    with running(app):
        announce(1)
        peer.wait_for(2)
        started = time.monotonic()
        announce(1)
        peer.wait_for(4)
        # A busy machine may be late; a worker that slept on after a minute would be much later.
        assert time.monotonic() - started < 20


def test_a_kind_nobody_knows_is_kept_for_a_newer_version(
    app: Flask, session: Session, announce: Any, peer: Peer, mailing: None
) -> None:
    announce(1)
    first = session.scalars(select(Outbox).order_by(Outbox.id)).first()
    assert first is not None
    first.kind = "of_the_future"
    session.commit()
    drain(app)
    session.rollback()
    rows = session.scalars(select(Outbox).order_by(Outbox.id)).all()
    assert [(row.state, row.last_error) for row in rows] == [
        ("pending", "UnknownKind"),
        ("sent", ""),
    ]


def test_the_operator_sees_what_failed_and_has_it_tried_again(
    app: Flask, session: Session, announce: Any, peer: Peer, mailing: None
) -> None:
    (return_,) = announce(1)
    peer.refused = {return_.email: "550 5.1.1 unknown"}
    drain(app)
    session.rollback()
    runner = app.test_cli_runner()
    shown = runner.invoke(args=["outbox"]).output
    assert "failed   1" in shown
    assert "NoSuchAddress" in shown
    assert return_.email not in shown
    peer.refused = {}
    assert "1 jobs" in runner.invoke(args=["outbox", "--retry-all"]).output
    drain(app)
    assert len(peer.to(return_.email)) == 1
