"""The outbox: rows are claimed once, retried with growing pauses, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.models import Outbox
from returnsite.services.outbox import (
    claim_job,
    confirmation_rows,
    enqueue,
    fail_job,
    finish_job,
    is_exhausted,
    outbox_row,
    postpone_job,
    retry_delay,
    retry_failed,
)

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def row(session: Session, shop: Any) -> Callable[..., dict[str, Any]]:
    def make(event: str = "return.confirmed:1", **values: Any) -> dict[str, Any]:
        return {
            **outbox_row(
                shop_id=shop.id,
                event=event,
                channel="mail",
                kind="customer_confirmation",
                recipient="anna@customer.example",
                return_id=1,
                now=clock.now(),
            ),
            **values,
        }

    return make


def saved(session: Session) -> list[Outbox]:
    session.rollback()
    return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def test_one_event_makes_one_row_per_recipient(session: Session, row: Any) -> None:
    enqueue([row()])
    enqueue([row(), row(recipient="other@customer.example")])
    session.commit()
    assert [each.recipient for each in saved(session)] == [
        "anna@customer.example",
        "other@customer.example",
    ]


def test_no_rows_are_no_statement(session: Session) -> None:
    enqueue([])
    session.commit()
    assert saved(session) == []


def test_a_row_that_was_not_committed_never_happened(session: Session, row: Any) -> None:
    enqueue([row()])
    session.rollback()
    assert claim_job() is None


def test_the_payload_holds_ids_only(shop: Any) -> None:
    rows = confirmation_rows(
        shop_id=shop.id,
        return_id=7,
        customer="anna@customer.example",
        merchant="shop@merchant.example",
        prepare_handoff=True,
        now=START,
    )
    assert [each["kind"] for each in rows] == [
        "prepare_handoff",
        "customer_confirmation",
        "merchant_notification",
    ]
    assert all(each["payload"] == {"return_id": 7} for each in rows)


def test_an_owner_who_returns_at_the_own_shop_gets_both_mails(session: Session, shop: Any) -> None:
    same = "owner@shop.example"
    enqueue(
        confirmation_rows(
            shop_id=shop.id,
            return_id=7,
            customer=same,
            merchant=same,
            prepare_handoff=False,
            now=START,
        )
    )
    session.commit()
    assert len(saved(session)) == 2


def test_without_notification_address_only_the_customer_is_told(shop: Any) -> None:
    rows = confirmation_rows(
        shop_id=shop.id,
        return_id=7,
        customer="anna@customer.example",
        merchant=None,
        prepare_handoff=False,
        now=START,
    )
    assert [each["kind"] for each in rows] == ["customer_confirmation"]


def test_the_row_due_longest_is_claimed_first(session: Session, row: Any, clock: Any) -> None:
    clock.set(START)
    enqueue([row("late:1", next_try_at=START), row("early:1", next_try_at=START - timedelta(1))])
    enqueue([row("future:1", next_try_at=START + timedelta(seconds=1))])
    session.commit()
    claimed = [claim_job(), claim_job(), claim_job()]
    assert [job and job.event for job in claimed] == ["early:1", "late:1", None]


def test_a_claimed_row_is_nobody_elses_until_the_lease_ends(
    session: Session, row: Any, clock: Any
) -> None:
    clock.set(START)
    enqueue([row()])
    session.commit()
    first = claim_job(lease=timedelta(seconds=30))
    assert first is not None
    clock.advance(seconds=29)
    assert claim_job() is None
    clock.advance(seconds=1)
    second = claim_job()
    assert second is not None
    assert second.id == first.id
    assert second.attempts == 2


def test_whoever_lost_the_lease_marks_nothing(session: Session, row: Any, clock: Any) -> None:
    clock.set(START)
    enqueue([row()])
    session.commit()
    slow = claim_job(lease=timedelta(seconds=1))
    clock.advance(seconds=2)
    quick = claim_job()
    assert slow is not None
    assert quick is not None
    assert not finish_job(slow)
    assert not fail_job(slow, error="late", final=True)
    assert saved(session)[0].state == "pending"
    assert finish_job(quick)
    assert saved(session)[0].state == "sent"


def test_a_finished_row_is_never_claimed_again(session: Session, row: Any, clock: Any) -> None:
    clock.set(START)
    enqueue([row()])
    session.commit()
    job = claim_job()
    assert job is not None
    finish_job(job)
    clock.advance(days=30)
    assert claim_job() is None
    (done,) = saved(session)
    assert done.sent_at == START
    assert done.leased_until is None


def test_pauses_double_from_a_minute_to_six_hours() -> None:
    minutes = [retry_delay(attempt) / timedelta(minutes=1) for attempt in range(1, 13)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]


def test_a_job_that_keeps_failing_is_given_up_after_72_hours(
    session: Session, row: Any, clock: Any
) -> None:
    clock.set(START)
    enqueue([row()])
    session.commit()
    tried = []
    while (job := claim_job()) is not None:
        now = clock_now()
        tried.append(now - START)
        fail_job(job, error="SMTPServerDisconnected", final=is_exhausted(job))
        clock.set(max(now, saved(session)[0].next_try_at))
    assert tried[:3] == [timedelta(0), timedelta(minutes=1), timedelta(minutes=3)]
    assert tried[-1] == timedelta(hours=72)
    assert len(tried) < 30
    (failed,) = saved(session)
    assert failed.state == "failed"
    assert failed.last_error == "SMTPServerDisconnected"


def clock_now() -> datetime:
    return clock.now()


def test_a_postponed_job_comes_back_without_an_attempt_counted(
    session: Session, row: Any, clock: Any
) -> None:
    clock.set(START)
    enqueue([row()])
    session.commit()
    job = claim_job()
    assert job is not None
    postpone_job(job, until=START + timedelta(seconds=5))
    assert claim_job() is None
    clock.advance(seconds=5)
    again = claim_job()
    assert again is not None
    assert again.attempts == 1


def test_a_failed_job_can_be_tried_again(session: Session, row: Any, clock: Any) -> None:
    clock.set(START)
    enqueue([row("a:1"), row("b:2")])
    session.commit()
    for _ in range(2):
        job = claim_job()
        assert job is not None
        fail_job(job, error="NoSuchAddress", final=True)
    assert claim_job() is None
    first, second = saved(session)
    assert retry_failed(job_id=second.id) == 1
    assert [each.state for each in saved(session)] == ["failed", "pending"]
    job = claim_job()
    assert job is not None
    assert job.id == second.id
    assert first.state == "failed"


def test_many_workers_share_the_rows_without_taking_one_twice(
    app: Flask, session: Session, row: Any
) -> None:
    enqueue([row(f"event:{n}") for n in range(60)])
    session.commit()

    def take() -> list[int]:
        taken = []
        with app.app_context():
            while (job := claim_job()) is not None:
                taken.append(job.id)
        return taken

    with ThreadPoolExecutor(6) as pool:
        parts = [future.result() for future in [pool.submit(take) for _ in range(6)]]
    claimed = [id_ for part in parts for id_ in part]
    assert len(claimed) == 60
    assert len(set(claimed)) == 60


def test_an_idle_look_takes_no_write_lock(session: Session, row: Any) -> None:
    from tests.harness import count_queries

    with count_queries() as queries:
        assert claim_job() is None
    assert len(queries) == 1
    assert queries[0].startswith("SELECT")
