"""What staff did is taken back: whole, and while nothing of it has left the house."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.errors import DomainError
from returnsite.jobs.worker import drain
from returnsite.models import Outbox, ReturnShipment
from returnsite.services.returns.approve_return import approve_return
from returnsite.services.returns.cancel_return_by_staff import cancel_return_by_staff
from returnsite.services.returns.case import ReturnChanged
from returnsite.services.returns.decline_return import decline_return
from returnsite.services.returns.money import load_ledger
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.returns.undo import undo
from returnsite.services.shops import ShopSettings
from tests.factories import PLACED
from tests.returning import SANNE, claimed, count, fresh, new_return, outbox, pay


def test_approving_is_undone_before_anything_went_out(
    session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    done = approve_return(shop=settings, return_id=asked.id, actor=SANNE, with_label=False)
    undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=done.event_id)

    found = fresh(session, asked)
    assert (found.status, found.approved_at, found.goods_expected) == ("requested", None, True)
    assert outbox(session) == []
    assert [s.state for s in session.scalars(select(ReturnShipment))][-1] == "pending"
    again = approve_return(shop=settings, return_id=asked.id, actor=SANNE)
    assert outbox(session) == ["prepare_handoff", "customer_approved"]
    clock.advance(seconds=31)
    with pytest.raises(DomainError, match="undo_too_late"):
        undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=again.event_id)


def test_declining_and_cancelling_are_undone_with_their_claims(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    for act in (
        lambda: decline_return(shop=settings, return_id=asked.id, actor=SANNE, reason="x"),
        lambda: cancel_return_by_staff(shop=settings, return_id=asked.id, actor=SANNE),
    ):
        done = act()
        assert claimed(session, order) == 0
        undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=done.event_id)
        assert (fresh(session, asked).status, claimed(session, order)) == ("requested", 1)
    assert outbox(session) == []


def test_a_payout_pressed_by_mistake_is_undone_and_opens_the_return_again(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    done = pay(settings, here, 1600)
    assert done.status == "closed"
    undo(shop=settings, return_id=here.id, actor=SANNE, event_id=done.event_id)

    found = fresh(session, here)
    assert (found.status, found.closed_at) == ("received", None)
    assert load_ledger(here.id).balance.open_total == 1600
    assert found.settle_by is not None
    assert outbox(session) == ["customer_received"]
    pay(settings, here, 1600, "b")
    assert fresh(session, here).status == "closed"


def test_the_same_key_after_an_undone_payout_pays_and_says_so_truly(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    done = pay(settings, here, 500)
    undo(shop=settings, return_id=here.id, actor=SANNE, event_id=done.event_id)
    with pytest.raises(ReturnChanged):
        pay(settings, here, 500, seen_event=done.event_id - 1)
    assert load_ledger(here.id).balance.paid.total == 0

    again = pay(settings, here, 500)

    assert again.event_id != done.event_id
    assert load_ledger(here.id).balance.paid.total == 500


@pytest.mark.parametrize("with_label", [True, False])
def test_undoing_an_approval_puts_the_last_day_back(
    session: Session, settings: ShopSettings, order: Any, with_label: bool
) -> None:
    by = PLACED.replace(day=20)
    asked = new_return(session, order, status="requested", approved_at=None, hand_in_by=by)
    done = approve_return(shop=settings, return_id=asked.id, actor=SANNE, with_label=with_label)
    undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=done.event_id)
    assert fresh(session, asked).hand_in_by == by


def test_a_label_that_waited_through_a_cancel_is_made_once_that_is_undone(
    app: Flask, session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    approve_return(shop=settings, return_id=asked.id, actor=SANNE)
    clock.advance(seconds=31)
    done = cancel_return_by_staff(shop=settings, return_id=asked.id, actor=SANNE)
    drain(app)
    undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=done.event_id)
    drain(app)

    assert [s.state for s in fresh(session, asked).shipments] == ["ready"]


def test_a_label_withdrawn_while_a_cancel_stood_is_made_anew_once_that_is_undone(
    app: Flask, session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    done = cancel_return_by_staff(shop=settings, return_id=here.id, actor=SANNE)
    session.execute(ReturnShipment.__table__.update().values(state="void"))
    session.commit()
    undo(shop=settings, return_id=here.id, actor=SANNE, event_id=done.event_id)
    drain(app)

    assert [s.state for s in fresh(session, here).shipments] == ["void", "ready"]


def test_what_needs_not_come_back_gets_no_label_by_an_undo(
    session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    approve_return(shop=settings, return_id=asked.id, actor=SANNE, with_label=False)
    clock.advance(seconds=31)
    done = cancel_return_by_staff(shop=settings, return_id=asked.id, actor=SANNE)
    undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=done.event_id)

    assert [s.state for s in fresh(session, asked).shipments] == ["void"]
    assert outbox(session) == ["customer_approved"]


def test_what_the_worker_has_begun_is_not_undone(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    done = decline_return(shop=settings, return_id=asked.id, actor=SANNE, reason="x")
    session.execute(Outbox.__table__.update().values(leased_until=PLACED, attempts=1))
    session.commit()
    with pytest.raises(DomainError, match="undo_too_late"):
        undo(shop=settings, return_id=asked.id, actor=SANNE, event_id=done.event_id)
    assert fresh(session, asked).status == "declined"
    assert outbox(session) == ["customer_declined"]
