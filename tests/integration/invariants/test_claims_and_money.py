"""Invariants 1 to 7: claims, replays, quantities, money. From the customer's side of the door.

`docs/invariants.md` lists which test proves which; what the pages cannot reach is asked of the
database itself.
"""

from __future__ import annotations

import random
import re
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from returnsite.models import (
    Order,
    ParcelLine,
    Payout,
    Return,
    ReturnLine,
)
from tests.factories import PLACED
from tests.harness import IsolatedClient
from tests.walk import (
    answers_for,
    cancel,
    change_settings,
    claimed,
    confirm,
    lines_of,
    returns_of,
    row_counts,
    start,
)

NOW = PLACED + timedelta(days=10)


def test_invariant_01_units_are_claimed_once_and_the_second_is_told_kindly(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    line = lines_of(order)[0]
    walks = [start(client, shop, order, answers_for({line: 2})) for _ in range(2)]
    seen = [walk.seen() for walk in walks]
    first, second = (walk.post("review", {"seen": s}) for walk, s in zip(walks, seen, strict=True))
    assert first.headers["Location"].endswith("/done")
    assert second.headers["Location"].startswith(walks[1].url("items"))
    page = walks[1].get("items").text
    assert returns_of(session, shop)[0].number in page
    assert claimed(session, line) == 2
    assert len(returns_of(session, shop)) == 1


def test_invariant_01_the_database_itself_refuses_a_claim_above_what_was_shipped(
    session: Session, order: Order
) -> None:
    line = lines_of(order)[0]
    for wrong in (3, -1):
        with pytest.raises(IntegrityError):
            session.execute(
                update(ParcelLine).where(ParcelLine.id == line).values(qty_claimed=wrong)
            )
        session.rollback()


def test_invariant_02_a_received_unit_stays_claimed_and_a_cancelled_one_is_free_again(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    line = lines_of(order)[0]
    status = confirm(client, shop, order, {line: 1})
    assert cancel(client, status).status_code == 303
    assert claimed(session, line) == 0
    again = confirm(client, shop, order, {line: 1})
    for later in ("in_transit", "received", "closed", "lost"):
        session.execute(update(Return).where(Return.status != "cancelled").values(status=later))
        session.commit()
        assert cancel(client, again).status_code == 409
        assert claimed(session, line) == 1
        page = start(client, shop, order).get("items").text
        assert re.search(rf'id="quantity-{line}"', page) is None, "only one is left"


def test_invariant_03_the_same_review_page_again_leads_to_the_same_return(
    client: IsolatedClient, shop: Any, order: Order, session: Session, clock: Any
) -> None:
    walk = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    seen = walk.seen()
    first = walk.post("review", {"seen": seen})
    before = row_counts()
    for later in ({}, {"hours": 3}, {"days": 1, "hours": 1}):
        clock.advance(**later)
        for fragment in (False, True):
            again = walk.post("review", {"seen": seen}, fragment=fragment)
            assert (again.status_code, again.headers["Location"]) == (
                303,
                first.headers["Location"],
            )
    assert row_counts() == before


def test_invariant_03_the_database_itself_holds_one_return_for_a_key(
    session: Session, order: Order, factories: ModuleType
) -> None:
    factories.make_return(session, order, idempotency_key="same")
    with pytest.raises(IntegrityError):
        factories.make_return(session, order, idempotency_key="same")
    session.rollback()


@pytest.mark.parametrize(
    "quantity",
    ["1.5", "1e1", "-1", "٢", "２", "", " ", "1 ", "0", "00", "+1", "1" + "0" * 30, "0x1", "NaN"]
    + ["1_0", "1,0", "١", "Ⅰ", "½", "one", "true", "\t1", "1\n"],
)
def test_invariant_04_only_whole_numbers_from_one_are_quantities(
    client: IsolatedClient, shop: Any, order: Order, quantity: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order)
    answer = walk.post("items", {"line": str(line), f"quantity-{line}": quantity})
    assert answer.status_code == 422
    assert walk.answers() == {}


def test_invariant_04_a_line_named_twice_is_summed_before_it_is_checked(
    client: IsolatedClient, shop: Any, order: Order
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order)
    name = f"quantity-{line}"
    too_many = [("line", str(line)), ("line", str(line)), (name, "1"), (name, "2")]
    assert walk.post("items", too_many).status_code == 422
    assert walk.answers() == {}
    enough = [("line", str(line)), (name, "1"), (name, "1")]
    assert walk.post("items", enough).status_code == 303
    assert walk.answers()["items"] == {str(line): 2}


@pytest.mark.parametrize(
    ("currency", "paid", "fee", "shown"),
    [
        ("JPY", 5800, 500, ("5.800", "5.300")),
        ("KWD", 12345, 250, ("12,345", "12,095")),
        ("EUR", 3990, 395, ("39,90", "35,95")),
    ],
)
def test_invariant_05_amounts_are_whole_minor_units_of_their_currency(
    client: IsolatedClient,
    session: Session,
    factories: ModuleType,
    currency: str,
    paid: int,
    fee: int,
    shown: tuple[str, str],
) -> None:
    shop = factories.make_shop(session, currency=currency)
    session.execute(text("UPDATE fee_rule SET amount = :fee"), {"fee": fee})
    line = {"sku": "A", "title": "Vase", "quantity": 1, "line_paid": paid}
    order = factories.make_order(session, shop, lines=[line], shipping_paid=0)
    session.commit()
    walk = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    page = walk.get("review").text
    assert all(amount in page for amount in shown)
    walk.confirm()
    (made,) = returns_of(session, shop)
    amounts = [made.refund_total, made.fee, made.lines[0].share, made.lines[0].refund_amount]
    assert amounts == [paid - fee, fee, paid, paid]
    assert {type(entry.amount) for entry in made.entries} == {int}


@pytest.mark.parametrize(
    ("quantity", "paid"), [(3, 1000), (7, 1000), (6, 5), (3, 17926), (1, 1), (4, 0)]
)
def test_invariant_06_any_split_of_partial_returns_sums_to_what_was_paid(
    client: IsolatedClient,
    shop: Any,
    session: Session,
    factories: ModuleType,
    quantity: int,
    paid: int,
) -> None:
    odd = random.Random(paid)
    line = {"sku": "A", "title": "Vase", "quantity": quantity, "line_paid": paid}
    for _ in range(3):
        order = factories.make_order(session, shop, lines=[line], shipping_paid=0)
        session.commit()
        (parcel_line,) = lines_of(order)
        left = quantity
        while left:
            units = odd.randint(1, left)
            confirm(client, shop, order, {parcel_line: units})
            left -= units
        shares = session.scalars(
            select(ReturnLine.share).where(ReturnLine.parcel_line_id == parcel_line)
        ).all()
        assert sum(shares) == paid


@pytest.mark.parametrize("seed", range(6))
def test_invariant_07_no_sequence_of_returns_gives_back_more_than_was_paid(
    client: IsolatedClient, shop: Any, session: Session, factories: ModuleType, seed: int
) -> None:
    """Returns, cancellations and other resolutions in any order, with fees up to more than all."""
    odd = random.Random(seed)
    session.execute(text("UPDATE fee_rule SET amount = :fee"), {"fee": odd.choice([0, 395, 9999])})
    change_settings(session, shop, credit_bonus_bp=0)
    lines = [
        {
            "sku": f"S{n}",
            "title": f"Item {n}",
            "quantity": odd.randint(1, 4),
            "line_paid": odd.randint(1, 5000),
        }
        for n in range(3)
    ]
    order = factories.make_order(session, shop, lines=lines, shipping_paid=495)
    session.commit()
    for _ in range(12):
        some_units_back(client, shop, order, session, odd)
        live = [r for r in returns_of(session, shop) if r.status != "cancelled"]
        assert all(r.refund_total >= 0 and r.fee >= 0 for r in live)
        given = sum(entry.amount for r in live for entry in r.entries if entry.type != "fee")
        assert given <= order.paid_total
        assert sum(r.refund_total for r in live) <= order.paid_total
        for r in live:
            assert sum(entry.amount for entry in r.entries) == r.refund_total


def some_units_back(
    client: IsolatedClient, shop: Any, order: Order, session: Session, odd: random.Random
) -> None:
    """Return some of what is left, or cancel one of the returns."""
    session.rollback()
    session.expire_all()
    open_ = {line.id: line.qty_shipped - line.qty_claimed for line in order.parcels[0].lines}
    left = {line: units for line, units in open_.items() if units}
    live = [r for r in returns_of(session, shop) if r.status == "approved"]
    if live and (not left or odd.random() < 0.3):
        cancel(client, f"/p/{shop.slug}/s/{odd.choice(live).status_token}")
        return
    chosen = odd.sample(sorted(left), odd.randint(1, len(left)))
    items = {line: odd.randint(1, left[line]) for line in chosen}
    mode = odd.choice(["money", "credit", "exchange"])
    wishes = {line: {"wish": "size L"} for line in items}
    confirm(client, shop, order, items, mode=mode, lines=wishes)


def test_invariant_07_the_fee_never_makes_a_refund_negative(
    client: IsolatedClient, shop: Any, session: Session, factories: ModuleType
) -> None:
    line = {"sku": "A", "title": "Button", "quantity": 1, "line_paid": 150}
    order = factories.make_order(session, shop, lines=[line], shipping_paid=0)
    session.commit()
    confirm(client, shop, order, {lines_of(order)[0]: 1})
    (made,) = returns_of(session, shop)
    assert (made.refund_total, made.fee) == (0, 150)


def test_invariant_07_the_database_itself_refuses_negative_amounts_and_payouts(
    session: Session, order: Order, factories: ModuleType
) -> None:
    made = factories.make_return(session, order)
    session.commit()
    for column in ("refund_total", "fee", "to_pay"):
        with pytest.raises(IntegrityError):
            session.execute(update(Return).where(Return.id == made.id).values({column: -1}))
        session.rollback()
    values = {"return_id": made.id, "channel": "bank", "created_at": NOW}
    session.add(Payout(**values, amount=0, idempotency_key="a"))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
