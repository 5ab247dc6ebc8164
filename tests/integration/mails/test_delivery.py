"""Which mails go, when, to whom, and what becomes of those that cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Outbox
from returnsite.services.outbox import cancellation_rows, enqueue, handoff_row
from tests.conftest import on_one_database
from tests.smtp import Peer, only, plain_text

pytestmark = on_one_database


START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_broken_recipient_fails_visibly_and_holds_up_nobody(
    app: Flask, session: Session, announce: Any, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    broken = announce(email="anna@customer.example\r\nBcc: victim@example.com")
    fine = announce()
    drain(app)
    session.rollback()
    states = {
        row.event: row.state
        for row in session.scalars(select(Outbox).where(Outbox.kind == "customer_confirmation"))
    }
    assert states[f"return.confirmed:{broken.id}"] == "failed"
    assert len(peer.to(fine.email)) == 1
    assert "anna" not in caplog.text
    assert "for good" in caplog.text


def test_the_confirmation_waits_for_the_label_and_goes_the_moment_it_is_there(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any, shop: Any
) -> None:
    return_ = announce(prepare=False)
    drain(app)
    clock.advance(minutes=5)
    drain(app)
    assert peer.to(return_.email) == []
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    assert len(list(only(peer.to(return_.email)).iter_attachments())) == 1


def test_after_ten_minutes_it_goes_without_and_the_label_follows_once(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any, shop: Any
) -> None:
    return_ = announce(prepare=False, locale="en")
    drain(app)
    clock.advance(minutes=10)
    drain(app)
    first = only(peer.to(return_.email))
    assert not list(first.iter_attachments())
    assert "not there yet" in plain_text(first)
    assert return_.status_token in plain_text(first)
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    clock.advance(days=1)
    drain(app)
    _, second = peer.to(return_.email)
    assert len(list(second.iter_attachments())) == 1
    assert second["Message-ID"] != first["Message-ID"]


def test_a_mail_sent_again_says_what_it_said_although_the_label_came_meanwhile(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any, shop: Any
) -> None:
    return_ = announce(prepare=False)
    clock.advance(minutes=10)
    peer.answers = ["451 later"] * 2  # whatever is tried now: customer's and merchant's
    drain(app)
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    clock.advance(minutes=30)
    drain(app)
    confirmation, handoff = sorted(peer.to(return_.email), key=lambda m: len(m.as_bytes()))
    assert not list(confirmation.iter_attachments())
    assert list(handoff.iter_attachments())


def test_a_return_that_waits_for_approval_says_so_and_gets_its_label_after(
    app: Flask, session: Session, announce: Any, peer: Peer, shop: Any
) -> None:
    return_ = announce(prepare=False, status="requested", locale="en")
    drain(app)
    first = only(peer.to(return_.email))
    assert "look at your request first" in plain_text(first)
    return_.status = "approved"
    enqueue([handoff_row(shop_id=shop.id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    assert len(peer.to(return_.email)) == 2


def test_a_refused_label_lets_the_confirmation_go_without_promises(
    app: Flask, session: Session, announce: Any, peer: Peer
) -> None:
    return_ = announce(carrier="pigeon_post", locale="en")
    drain(app)
    assert "could not make" in plain_text(only(peer.to(return_.email)))


def test_museum_34_the_outbox_run_twice_mails_once(app: Flask, announce: Any, peer: Peer) -> None:
    announce()
    drain(app)
    drain(app)
    assert len(peer.envelopes) == 2


def test_cancelling_is_mailed(app: Flask, session: Session, announce: Any, peer: Peer) -> None:
    return_ = announce(locale="en")
    drain(app)
    return_.status = "cancelled"
    enqueue(
        cancellation_rows(
            shop_id=return_.shop_id, return_id=return_.id, customer=return_.email, now=START
        )
    )
    session.commit()
    drain(app)
    assert "cancelled" in peer.to(return_.email)[1]["Subject"]


def test_the_servers_refusal_of_an_address_is_final_other_refusals_are_not(
    app: Flask, session: Session, announce: Any, peer: Peer, clock: Any
) -> None:
    gone, full = announce(), announce()
    peer.refused = {
        gone.email: "550 5.1.1 no such user here",
        full.email: "550 5.7.1 relaying denied",
    }
    drain(app)
    session.rollback()
    rows = {
        row.recipient: row
        for row in session.scalars(select(Outbox).where(Outbox.kind == "customer_confirmation"))
        if row.recipient in peer.refused
    }
    assert rows[gone.email].state == "failed"
    assert rows[full.email].state == "pending"
    assert rows[full.email].last_error == "SMTPRecipientsRefused 550"
    peer.refused = {}
    clock.advance(minutes=1)
    drain(app)
    assert len(peer.to(full.email)) == 1


def test_a_server_that_never_answers_costs_the_time_out_only(
    app: Flask, session: Session, announce: Any
) -> None:
    import socket
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.config.update(
            MAIL_SERVER="127.0.0.1", MAIL_PORT=silent.getsockname()[1], MAIL_TIMEOUT=0.3
        )
        try:
            announce(prepare=False, status="requested")
            started = time.monotonic()
            drain(app)
            assert time.monotonic() - started < 5
        finally:
            app.config.update(MAIL_SERVER="", MAIL_PORT=25, MAIL_TIMEOUT=10)
    session.rollback()
    errors = {row.last_error for row in session.scalars(select(Outbox)) if row.attempts}
    assert errors == {"SMTPServerDisconnected"}


def test_without_a_mail_server_mails_become_files_that_a_second_run_replaces(
    app: Flask, session: Session, announce: Any, tmp_path: Any
) -> None:
    before, app.config["DATA_DIR"] = app.config["DATA_DIR"], str(tmp_path)
    try:
        announce()
        drain(app)
        files = sorted((tmp_path / "mail").iterdir())
        assert [path.suffix for path in files] == [".eml", ".eml"]
        contents = [path.read_bytes() for path in files]
        session.rollback()
        for row in session.scalars(select(Outbox).where(Outbox.channel == "mail")):
            row.state, row.next_try_at = "pending", START - timedelta(1)
        session.commit()
        drain(app)
        assert sorted((tmp_path / "mail").iterdir()) == files
        assert [path.read_bytes() for path in files] == contents
    finally:
        app.config["DATA_DIR"] = before
