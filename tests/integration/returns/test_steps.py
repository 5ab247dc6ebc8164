"""What staff does to a return: each verb, and what it leaves in status, ledger and outbox."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.errors import DomainError, WrongState
from returnsite.domain.ledger import MoneyState
from returnsite.models import (
    Payout,
    ReturnEvent,
)
from returnsite.services.queries.order_lines import load_lines
from returnsite.services.returns.add_note import add_note
from returnsite.services.returns.approve_return import approve_return
from returnsite.services.returns.cancel_return_by_staff import cancel_return_by_staff
from returnsite.services.returns.case import ReturnChanged, ReturnUnknown
from returnsite.services.returns.close_return import close_return
from returnsite.services.returns.close_short import close_short
from returnsite.services.returns.decline_return import decline_return
from returnsite.services.returns.mark_in_transit import mark_in_transit
from returnsite.services.returns.mark_lost import mark_lost
from returnsite.services.returns.money import load_ledger
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.shops import ShopSettings
from tests.factories import PLACED, make_order, make_shop
from tests.returning import SANNE, TOM, claimed, count, fresh, new_return, outbox, pay

# approve, decline, cancel


def test_approving_asks_for_the_label_and_tells_the_customer(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)

    done = approve_return(shop=settings, return_id=asked.id, actor=SANNE, with_label=True)

    found = fresh(session, asked)
    assert (found.status, found.approved_at, done.status) == (
        "approved",
        PLACED.replace(day=12),
        "approved",
    )
    assert outbox(session) == ["prepare_handoff", "customer_approved"]
    event = session.scalars(select(ReturnEvent).order_by(ReturnEvent.id.desc())).first()
    assert event is not None
    assert (event.event, event.actor, event.data["by"]) == ("approve", "user:7", "Sanne")


def test_approved_without_a_label_the_customer_keeps_the_goods_and_is_due_at_once(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)

    approve_return(shop=settings, return_id=asked.id, actor=SANNE, with_label=False)

    found = fresh(session, asked)
    assert (found.goods_expected, found.hand_in_by) == (False, None)
    assert found.settle_by is not None
    assert outbox(session) == ["customer_approved"]
    assert [s.state for s in found.shipments] == ["void"]
    pay(settings, found, 1600)
    assert fresh(session, asked).status == "closed"


def test_the_second_to_approve_is_told_who_was_first(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    approve_return(shop=settings, return_id=asked.id, actor=SANNE)

    with pytest.raises(ReturnChanged) as told:
        decline_return(shop=settings, return_id=asked.id, actor=TOM, reason="Too late")
    with pytest.raises(ReturnChanged) as again:
        approve_return(shop=settings, return_id=asked.id, actor=SANNE)

    happened = told.value.happened
    assert (happened.event, happened.by, happened.status) == ("approve", "Sanne", "approved")
    assert not told.value.by_self
    assert again.value.by_self, "a double click is no surprise"
    assert outbox(session) == ["prepare_handoff", "customer_approved"]


def test_declining_needs_a_reason_and_gives_the_units_back(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    asked = new_return(session, order, status="requested", approved_at=None)
    with pytest.raises(DomainError, match="reason_required"):
        decline_return(shop=settings, return_id=asked.id, actor=SANNE, reason=" \n")
    assert claimed(session, order) == 1

    decline_return(shop=settings, return_id=asked.id, actor=SANNE, reason="Worn")

    assert (fresh(session, asked).status, claimed(session, order)) == ("declined", 0)
    assert outbox(session) == ["customer_declined"]


def test_too_long_a_reason_for_a_cancel_is_told_and_not_cut(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    with pytest.raises(DomainError, match="text_too_long"):
        cancel_return_by_staff(shop=settings, return_id=here.id, actor=SANNE, reason="x" * 1001)
    assert fresh(session, here).status == "approved"


def test_staff_cancels_until_something_was_handed_over_or_paid(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    first, second = new_return(session, order), new_return(session, order)
    pay(settings, first, 500)
    mark_in_transit(shop=settings, return_id=second.id, actor=SANNE)
    with pytest.raises(DomainError, match="already_paid"):
        cancel_return_by_staff(shop=settings, return_id=first.id, actor=SANNE)
    with pytest.raises(WrongState):
        cancel_return_by_staff(shop=settings, return_id=second.id, actor=SANNE)
    assert claimed(session, order) == 2


def test_museum_19_what_is_cancelled_is_not_paid_and_what_is_paid_is_not_cancelled(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    first, second = new_return(session, order), new_return(session, order)
    cancel_return_by_staff(shop=settings, return_id=first.id, actor=SANNE)
    with pytest.raises(WrongState):
        pay(settings, first, 100)
    pay(settings, second, 100)
    with pytest.raises(DomainError, match="already_paid"):
        cancel_return_by_staff(shop=settings, return_id=second.id, actor=SANNE)
    assert [p.amount for p in session.scalars(select(Payout))] == [100]


def test_nobody_touches_a_return_of_another_shop(
    session: Session, settings: ShopSettings, factories: ModuleType
) -> None:
    rival = make_shop(session)
    theirs = new_return(session, make_order(session, rival))
    with pytest.raises(ReturnUnknown):
        cancel_return_by_staff(shop=settings, return_id=theirs.id, actor=SANNE)
    with pytest.raises(ReturnUnknown):
        add_note(shop=settings, return_id=theirs.id, actor=SANNE, text="hello")
    assert fresh(session, theirs).status == "approved"


# receiving


def test_what_is_not_accepted_is_not_refunded(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, quantity=2)
    (line,) = here.lines
    receive_lines(
        shop=settings, return_id=here.id, actor=SANNE, counts=[count(line, 2, 1, condition="worn")]
    )

    found = fresh(session, here)
    assert (found.status, found.lines[0].accepted) == ("received", 1)
    balance = load_ledger(here.id).balance
    assert balance.due.total == 1995 - 395
    assert found.settle_by is not None
    assert outbox(session) == ["customer_received"]


def test_counting_again_corrects_the_count_and_mails_once(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, quantity=2)
    (line,) = here.lines
    for counted in (count(line, 1), count(line, 2, 0), count(line, 2), count(line, 2)):
        receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[counted])

    assert load_ledger(here.id).balance.due.total == 3990 - 395
    assert outbox(session) == ["customer_received"]
    events = session.scalars(select(ReturnEvent.event).where(ReturnEvent.event == "receive")).all()
    assert len(events) == 3, "the same count again says nothing new"


@pytest.mark.parametrize(
    ("received", "accepted", "code"),
    [(3, 3, "count_too_many"), (-1, 0, "count_too_many"), (1, 2, "count_accepted"),
     (1, -1, "count_accepted"), (0, 0, "count_nothing")],
)  # fmt: skip
def test_impossible_counts_are_refused(
    session: Session, settings: ShopSettings, order: Any, received: int, accepted: int, code: str
) -> None:
    here = new_return(session, order, quantity=2)
    with pytest.raises(DomainError, match=code):
        receive_lines(
            shop=settings,
            return_id=here.id,
            actor=SANNE,
            counts=[count(here.lines[0], received, accepted)],
        )
    assert fresh(session, here).status == "approved"


def test_what_was_paid_already_is_not_taken_back_by_a_later_count(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, quantity=2)
    pay(settings, here, 3000)
    receive_lines(
        shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 2, 0)]
    )
    balance = load_ledger(here.id).balance
    assert (balance.due.total, balance.paid.total, balance.open_total) == (3000, 3000, 0)


def test_units_that_never_came_are_written_off_and_can_be_returned_later_in_full(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, quantity=2)
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    assert load_ledger(here.id).arrived.due.total == 1995 - 395

    close_short(shop=settings, return_id=here.id, actor=SANNE)

    assert claimed(session, order) == 1
    assert load_ledger(here.id).balance.due.total == 1995 - 395
    shirt = load_lines(order.id)[0].facts
    assert (shirt.returned_before, shirt.amount_before) == (1, 1995)
    pay(settings, here, 1600)
    assert fresh(session, here).status == "closed"
    with pytest.raises(ReturnChanged):
        close_short(shop=settings, return_id=here.id, actor=SANNE)


def test_a_return_closes_when_everything_is_here_and_paid(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    pay(settings, here, 1000, "a")
    assert fresh(session, here).status == "received"
    assert load_ledger(here.id).balance.state is MoneyState.PARTLY_PAID
    pay(settings, here, 600, "b")

    found = fresh(session, here)
    assert (found.status, found.settle_by) == ("closed", None)
    assert load_ledger(here.id).balance.state is MoneyState.PAID


def test_closing_what_is_open_needs_a_reason(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    with pytest.raises(DomainError, match="still_open"):
        close_return(shop=settings, return_id=here.id, actor=SANNE)
    close_return(shop=settings, return_id=here.id, actor=SANNE, waive_reason="Settled by phone")

    found = fresh(session, here)
    assert (found.status, found.settle_by) == ("closed", None)
    assert load_ledger(here.id).balance.open_total == 0
    with pytest.raises(DomainError, match="payout_above_open"):
        pay(settings, here, 1)


def test_a_lost_parcel_is_settled_as_if_it_had_arrived(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    mark_in_transit(shop=settings, return_id=here.id, actor=SANNE)
    mark_in_transit(shop=settings, return_id=here.id, actor=SANNE)
    mark_lost(shop=settings, return_id=here.id, actor=SANNE)
    assert fresh(session, here).settle_by is not None
    pay(settings, here, 1600)
    assert (fresh(session, here).status, claimed(session, order)) == ("closed", 1)
