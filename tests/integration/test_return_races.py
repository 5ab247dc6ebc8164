"""Several colleagues at once on one return: one wins, the others are told, the sums stay right."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.domain.errors import DomainError, WrongState
from returnsite.extensions import db
from returnsite.models import (
    CreditEntry,
    MoneyEntry,
    Outbox,
    Payout,
    Return,
    ReturnEvent,
    StoreCredit,
)
from returnsite.services.audit import Actor
from returnsite.services.cancel_return import cancel_return
from returnsite.services.returns.approve_return import approve_return
from returnsite.services.returns.case import ReturnChanged
from returnsite.services.returns.correct_amount import correct_amount
from returnsite.services.returns.decline_return import decline_return
from returnsite.services.returns.issue_credit import issue_credit
from returnsite.services.returns.money import load_ledger
from returnsite.services.returns.parts import LineCount
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.returns.record_payout import record_payout
from returnsite.services.returns.redeem_credit import redeem_credit
from returnsite.services.shops import ShopSettings, find_shop
from tests.conftest import Kept
from tests.factories import PLACED, make_order
from tests.returning import new_return

EIGHT = [Actor(number, f"Colleague {number}") for number in range(8)]


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED.replace(day=12))


@pytest.fixture
def settings(session: Session, shop: Any) -> ShopSettings:
    found = find_shop(slug=shop.slug)
    session.rollback()
    assert found
    return found


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    return kept(lambda: make_order(session, shop))


def at_once(app: Flask, act: Callable[[Actor], object], actors: list[Actor] = EIGHT) -> list[str]:
    """Let everybody do it at the same moment; what each got, `done` or the refusal's name."""
    db.session.rollback()  # reads of the test so far: on SQLite they would stand still
    barrier = Barrier(len(actors))
    got: list[str] = []

    def one(actor: Actor) -> None:
        with app.app_context():
            barrier.wait()
            try:
                act(actor)
                got.append("done")
            except (ReturnChanged, WrongState) as refusal:
                got.append(type(refusal).__name__)
            except DomainError as refusal:
                got.append(refusal.code)
            finally:
                db.session.remove()

    threads = [Thread(target=one, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_of_eight_who_approve_or_decline_one_does(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order, status="requested", approved_at=None).id

    def act(actor: Actor) -> object:
        given: dict[str, Any] = {"shop": settings, "return_id": made, "actor": actor}
        if (actor.user_id or 0) % 2:
            return approve_return(**given)
        return decline_return(**given, reason="No")

    got = at_once(app, act)

    assert sorted(got) == ["ReturnChanged"] * 7 + ["done"]
    events = session.scalars(
        select(ReturnEvent.event).where(
            ReturnEvent.return_id == made, ReturnEvent.event != "confirm"
        )
    ).all()
    assert len(events) == 1
    mails = session.scalars(select(Outbox.kind).where(Outbox.channel == "mail")).all()
    assert mails == [{"approve": "customer_approved", "decline": "customer_declined"}[events[0]]]


def test_museum_04_parallel_payouts_never_exceed_what_is_due(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order).id  # 16.00 is due

    def act(actor: Actor) -> object:
        return record_payout(
            shop=settings,
            return_id=made,
            actor=actor,
            amount=600,
            channel="bank",
            idempotency_key=f"press-{actor.user_id}",
        )

    got = at_once(app, act, [Actor(number, "x") for number in range(16)])

    assert got.count("done") == 2
    assert set(got) == {"done", "payout_above_open"}
    assert session.scalar(select(func.sum(Payout.amount))) == 1200


def test_what_the_customer_cancels_is_not_paid_at_the_same_moment(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order)
    return_id, token = made.id, made.status_token

    def act(actor: Actor) -> object:
        if actor.user_id == 0:
            return cancel_return(slug=settings.slug, token=token)
        return record_payout(
            shop=settings,
            return_id=return_id,
            actor=actor,
            amount=100,
            channel="bank",
            idempotency_key=f"press-{actor.user_id}",
        )

    got = at_once(app, act)

    paid = session.scalar(select(func.count()).select_from(Payout)) or 0
    status = session.scalar(select(Return.status).where(Return.id == return_id))
    assert (status == "cancelled") != bool(paid), (status, got)


def test_museum_05_one_press_that_arrives_eight_times_is_one_payout(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order).id

    def act(_actor: Actor) -> object:
        return record_payout(
            shop=settings,
            return_id=made,
            actor=EIGHT[0],
            amount=500,
            channel="bank",
            idempotency_key="the same",
        )

    assert at_once(app, act) == ["done"] * 8
    assert list(session.scalars(select(Payout.amount))) == [500]
    assert list(session.scalars(select(Outbox.kind))) == ["customer_refunded"]


def test_museum_02_eight_who_send_the_credit_send_one_code(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order, resolution="credit").id

    got = at_once(app, lambda who: issue_credit(shop=settings, return_id=made, actor=who))

    assert sorted(got) == ["done"] + ["nothing_open"] * 7
    assert list(session.scalars(select(StoreCredit.amount))) == [1600]
    assert session.scalar(select(func.sum(Payout.amount))) == 1600


def test_a_code_gives_no_more_than_is_on_it_however_many_tills_take_it(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order, resolution="credit").id
    issue_credit(shop=settings, return_id=made, actor=EIGHT[0])
    credit = session.scalars(select(StoreCredit.id)).one()
    session.rollback()

    def act(actor: Actor) -> object:
        return redeem_credit(
            shop=settings,
            credit_id=credit,
            actor=actor,
            amount=500,
            idempotency_key=f"till-{actor.user_id}",
        )

    got = at_once(app, act)

    assert got.count("done") == 3
    assert session.scalars(select(StoreCredit.balance)).one() == 100
    assert session.scalar(select(func.sum(CreditEntry.amount))) == 100


def test_counts_at_once_leave_one_of_them_and_the_ledger_that_fits(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = new_return(session, order, quantity=2)
    return_id, line, seen = made.id, made.lines[0].id, made.events[-1].id
    session.rollback()

    def act(actor: Actor) -> object:
        counted = LineCount(line, 2, (actor.user_id or 0) % 3)
        return receive_lines(
            shop=settings, return_id=return_id, actor=actor, counts=[counted], seen_event=seen
        )

    got = at_once(app, act)

    assert sorted(got) == ["ReturnChanged"] * 7 + ["done"]
    session.expire_all()
    row = session.get_one(Return, return_id)
    due = {0: 0, 1: 1600, 2: 3595}[row.lines[0].accepted]
    assert load_ledger(return_id).balance.due.total == due
    assert (
        sum(session.scalars(select(MoneyEntry.amount).where(MoneyEntry.return_id == return_id)))
        == due
    )
    assert list(session.scalars(select(Outbox.kind))) == ["customer_received"]


def test_invariant_07_corrections_of_two_returns_at_once_stay_within_what_was_paid(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    made = [new_return(session, order).id, new_return(session, order).id]
    paid = order.paid_total
    session.rollback()

    def act(actor: Actor) -> object:
        return correct_amount(
            shop=settings,
            return_id=made[(actor.user_id or 0) % 2],
            actor=actor,
            line_id=None,
            delta=paid // 3,
            reason="Sorry",
        )

    got = at_once(app, act)

    promised = sum(load_ledger(each).balance.due.total for each in made)
    assert promised <= paid
    assert got.count("done") == (paid - 3200) // (paid // 3)
    assert "correction_above" in got
