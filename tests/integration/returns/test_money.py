"""What staff pays, credits and corrects, and what time does to a return."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from returnsite.domain.errors import AlreadyClaimed, AmountInvalid, DomainError
from returnsite.models import (
    MoneyEntry,
    Outbox,
    Payout,
    StoreCredit,
)
from returnsite.services.returns.cancel_return_by_staff import cancel_return_by_staff
from returnsite.services.returns.case import ReturnChanged
from returnsite.services.returns.correct_amount import correct_amount
from returnsite.services.returns.expire_returns import expire_returns, remind_customers
from returnsite.services.returns.issue_credit import issue_credit
from returnsite.services.returns.mark_exchange_sent import mark_exchange_sent
from returnsite.services.returns.mark_in_transit import mark_in_transit
from returnsite.services.returns.money import load_ledger
from returnsite.services.returns.override_window import override_window
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.shops import ShopSettings
from tests.factories import PLACED, make_order
from tests.returning import SANNE, claimed, count, fresh, new_return, outbox, pay

# money


def test_a_payout_sent_twice_is_one_payout_and_one_mail(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    first, second = pay(settings, here, 500), pay(settings, here, 500)
    assert first.event_id == second.event_id
    with pytest.raises(DomainError, match="payout_differs"):
        pay(settings, here, 600)
    assert [p.amount for p in session.scalars(select(Payout))] == [500]
    assert outbox(session) == ["customer_refunded"]


def test_no_payout_exceeds_what_is_open_museum_31_pending_counts_once(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    session.add(
        Payout(return_id=here.id, amount=700, channel="bank", state="pending",
               idempotency_key="p", created_at=PLACED)
    )  # fmt: skip
    session.add(
        Payout(return_id=here.id, amount=900, channel="bank", state="failed",
               idempotency_key="f", created_at=PLACED)
    )  # fmt: skip
    session.commit()
    with pytest.raises(DomainError) as refusal:
        pay(settings, here, 901)
    assert refusal.value.params["max"] == 900
    pay(settings, here, 900, "b")
    assert load_ledger(here.id).balance.open_total == 0


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_not_paid(
    session: Session, settings: ShopSettings, order: Any, amount: int
) -> None:
    here = new_return(session, order)
    with pytest.raises(AmountInvalid):
        pay(settings, here, amount)


@pytest.mark.parametrize("channel", ["credit", "gold", ""])
def test_unknown_ways_to_pay_are_refused(
    session: Session, settings: ShopSettings, order: Any, channel: str
) -> None:
    here = new_return(session, order)
    with pytest.raises(DomainError, match="channel_unknown"):
        pay(settings, here, 100, channel=channel)


def test_museum_02_pressing_twice_issues_one_credit(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, resolution="credit")
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    issue_credit(shop=settings, return_id=here.id, actor=SANNE)
    with pytest.raises(DomainError, match="nothing_open"):
        issue_credit(shop=settings, return_id=here.id, actor=SANNE)

    (credit,) = session.scalars(select(StoreCredit))
    assert (credit.amount, credit.balance) == (1600, 1600)
    assert credit.expires_at is not None
    assert fresh(session, here).status == "closed"
    assert outbox(session) == ["customer_received", "customer_credit"]


def test_credit_is_given_for_what_is_here_and_the_rest_once_it_comes(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, resolution="credit", quantity=2)
    give = partial(issue_credit, shop=settings, return_id=here.id, actor=SANNE)
    receive = partial(receive_lines, shop=settings, return_id=here.id, actor=SANNE)
    receive(counts=[count(here.lines[0], 1)])
    with pytest.raises(DomainError) as refusal:
        give(amount=1995 * 2 - 395)
    assert (refusal.value.code, refusal.value.params["max"]) == ("payout_above_open", 1600)

    give()
    with pytest.raises(DomainError, match="nothing_open"):
        give()
    assert fresh(session, here).status == "received"

    receive(counts=[count(here.lines[0], 2)])
    give()
    given = session.scalars(select(StoreCredit.amount).order_by(StoreCredit.id)).all()
    assert given == [1600, 1995]
    assert fresh(session, here).status == "closed"


def test_no_credit_is_given_for_items_of_which_none_came(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, resolution="credit", quantity=2)
    receive_lines(
        shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1, 0)]
    )
    with pytest.raises(DomainError, match="nothing_open"):
        issue_credit(shop=settings, return_id=here.id, actor=SANNE)
    assert load_ledger(here.id).balance.open_credit == 1995 - 395


def test_an_exchange_closes_the_return_when_it_was_sent(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, resolution="exchange")
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 1)])
    assert fresh(session, here).settle_by is not None
    mark_exchange_sent(shop=settings, return_id=here.id, actor=SANNE, reference="3SNEW")
    found = fresh(session, here)
    assert (found.status, found.exchange_reference, found.settle_by) == ("closed", "3SNEW", None)


def test_an_amount_is_corrected_with_a_reason_within_what_was_paid(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    line = here.lines[0].id

    def correct(delta: int, reason: str = "Stain") -> None:
        correct_amount(
            shop=settings, return_id=here.id, actor=SANNE, line_id=line, delta=delta, reason=reason
        )

    with pytest.raises(DomainError, match="reason_required"):
        correct(-100, " ")
    correct(-600)
    assert load_ledger(here.id).balance.due.total == 1000
    pay(settings, here, 400)
    with pytest.raises(DomainError) as below:
        correct(-601)
    assert below.value.params["max"] == 600
    room = order.paid_total - 1000
    with pytest.raises(DomainError) as above:
        correct(room + 1)
    assert above.value.params["max"] == room
    correct(room)
    assert load_ledger(here.id).balance.due.total == order.paid_total


def test_a_correction_names_a_line_of_this_return_only(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here, other = new_return(session, order), new_return(session, order)
    with pytest.raises(DomainError, match="correction_line"):
        correct_amount(
            shop=settings,
            return_id=here.id,
            actor=SANNE,
            line_id=other.lines[0].id,
            delta=-1,
            reason="x",
        )


def test_the_ledger_only_grows(session: Session, settings: ShopSettings, order: Any) -> None:
    here = new_return(session, order, quantity=2)
    entries = select(MoneyEntry.id, MoneyEntry.amount).order_by(MoneyEntry.id)
    before = session.execute(entries).all()
    receive_lines(
        shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 2, 1)]
    )
    receive_lines(shop=settings, return_id=here.id, actor=SANNE, counts=[count(here.lines[0], 2)])
    after = session.execute(entries).all()
    assert after[: len(before)] == before
    assert sum(row.amount for row in after) == sum(row.amount for row in before)


# time


@pytest.mark.usefixtures("quiet")
def test_a_return_nobody_handed_in_expires_after_its_grace(
    session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    here = new_return(session, order)
    clock.advance(days=27)
    assert expire_returns() == 0
    clock.advance(days=1)
    assert expire_returns() == 1
    assert expire_returns() == 0

    found = fresh(session, here)
    assert (found.status, claimed(session, order)) == ("expired", 0)
    assert outbox(session) == ["customer_expired"]
    assert found.events[-1].actor == "system"


@pytest.mark.usefixtures("quiet")
def test_what_was_paid_or_handed_over_or_need_not_come_does_not_expire(
    session: Session, settings: ShopSettings, shop: Any, clock: Any
) -> None:
    paid, gone, kept = (new_return(session, make_order(session, shop)) for _ in range(3))
    pay(settings, paid, 100)
    mark_in_transit(shop=settings, return_id=gone.id, actor=SANNE)
    kept.goods_expected = False
    session.commit()
    clock.advance(days=60)
    assert expire_returns() == 0


def test_an_expired_return_is_opened_again_with_a_reason_while_its_units_are_free(
    session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    first, second = new_return(session, order, quantity=2), None
    clock.advance(days=30)
    expire_returns()
    with pytest.raises(DomainError, match="reason_required"):
        override_window(shop=settings, return_id=first.id, actor=SANNE, reason="")
    second = new_return(session, order)
    with pytest.raises(AlreadyClaimed):
        override_window(shop=settings, return_id=first.id, actor=SANNE, reason="Was ill")
    assert fresh(session, first).status == "expired"
    cancel_return_by_staff(shop=settings, return_id=second.id, actor=SANNE)

    override_window(shop=settings, return_id=first.id, actor=SANNE, reason="Was ill", days=5)

    found = fresh(session, first)
    assert (found.status, claimed(session, order)) == ("approved", 2)
    assert found.events[-1].data["reason"] == "Was ill"
    assert found.hand_in_by is not None


@pytest.mark.usefixtures("quiet")
def test_a_customer_is_reminded_once_before_the_last_day(
    session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    here = new_return(session, order)
    assert remind_customers() == 0
    clock.advance(days=12)
    assert remind_customers() == 1
    assert remind_customers() == 0
    override_window(shop=settings, return_id=here.id, actor=SANNE, reason="Holiday", days=10)
    clock.advance(days=8)
    assert remind_customers() == 1


def test_a_second_press_gives_no_more_time_and_no_second_mail(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order)
    seen = here.events[-1].id if here.events else 0
    give = partial(
        override_window, shop=settings, return_id=here.id, actor=SANNE, reason="Ill", days=9
    )
    give(seen_status="approved", seen_event=seen)
    with pytest.raises(ReturnChanged) as told:
        give(seen_status="approved", seen_event=seen)
    assert told.value.by_self
    assert outbox(session) == ["customer_reopened"]


def test_a_second_press_on_an_expired_return_is_a_double_click(
    session: Session, settings: ShopSettings, order: Any
) -> None:
    here = new_return(session, order, status="expired")
    give = partial(
        override_window, shop=settings, return_id=here.id, actor=SANNE, reason="Ill", days=9
    )
    seen = here.events[-1].id if here.events else 0
    give(seen_status="expired", seen_event=seen)
    with pytest.raises(ReturnChanged) as told:
        give(seen_status="expired", seen_event=seen)
    assert told.value.by_self


@pytest.mark.usefixtures("quiet")
def test_the_day_of_a_reminder_is_that_of_utc_whatever_zone_the_database_is_in(
    session: Session, settings: ShopSettings, order: Any, clock: Any
) -> None:
    day = PLACED.replace(day=14, hour=23)
    here = new_return(session, order, approved_at=PLACED, hand_in_by=day)
    on_postgres = session.get_bind().dialect.name == "postgresql"
    if on_postgres:
        session.execute(text("SET TIME ZONE 'Pacific/Kiritimati'"))
        session.commit()
    assert remind_customers() == 1
    if on_postgres:
        session.execute(text("RESET TIME ZONE"))
        session.commit()
    (name,) = session.scalars(select(Outbox.event))
    assert name == f"return.reminder:{here.id}:2026-11-14"
