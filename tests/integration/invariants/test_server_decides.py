"""Invariants 8 to 14: what the server alone decides, when, and what happens once.

`docs/invariants.md` lists which test proves which.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from returnsite.models import (
    MoneyEntry,
    Order,
    Outbox,
    Parcel,
    ReturnEvent,
)
from tests.factories import PLACED
from tests.harness import IsolatedClient
from tests.walk import (
    SAME_ORIGIN,
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


FORGED = {
    "fee": "0",
    "price": "0.01",
    "refund_total": "999999",
    "money_total": "999999",
    "credit_total": "999999",
    "amount": "999999",
    "share": "999999",
    "line_paid": "999999",
    "bonus": "999999",
    "status": "approved",
    "manual_approval": "",
    "email": "thief@evil.example",
    "number": "R-1",
    "order_id": "1",
    "shop_id": "1",
    "deadline": "2099-01-01",
    "qty_shipped": "99",
    "max": "99",
    "override": "1",
    "free": "on",
}


def test_invariant_08_posted_amounts_and_permissions_are_ignored(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order)
    forged = FORGED | {f"{name}-{line}": value for name, value in FORGED.items()}
    steps: list[tuple[str, dict[str, str]]] = [
        ("items", {"line": str(line), f"quantity-{line}": "1"}),
        ("reasons", {f"reason-{line}": "too_small"}),
        ("refund", {"all": "money"}),
        ("shipment", answers_for({line: 1})["shipment"]),
    ]
    for step, data in steps:
        assert walk.post(step, {**forged, **data}).status_code == 303
    query = "&".join(f"{name}={value}" for name, value in forged.items())
    assert "€&nbsp;16,00" in walk.get("review", query=f"?{query}").text.replace("\xa0", "&nbsp;")
    assert walk.post("review", {**forged, "seen": walk.seen()}).status_code == 303
    (made,) = returns_of(session, shop)
    assert (made.refund_total, made.fee, made.email) == (1600, 395, order.email)
    assert (made.order_id, made.lines[0].quantity) == (order.id, 1)


def test_invariant_08_a_forged_fingerprint_confirms_nothing(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    walk = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    seen = walk.seen()
    for wrong in ("", "0" * 64, seen[:-1], seen.upper(), seen + "0"):
        answer = walk.post("review", {"seen": wrong})
        assert answer.headers["Location"].startswith(f"{walk.url('review')}?changed=1")
    assert returns_of(session, shop) == []


def test_invariant_10_what_changed_since_the_review_is_shown_before_anything_is_written(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    walk = start(client, shop, order, answers_for({lines_of(order)[0]: 1}))
    seen = walk.seen()
    session.execute(text("UPDATE fee_rule SET amount = 995"))
    change_settings(session, shop)
    before = row_counts()
    answer = walk.post("review", {"seen": seen})
    assert answer.headers["Location"].startswith(f"{walk.url('review')}?changed=1")
    assert row_counts() == before
    page = client.get(answer.headers["Location"]).text
    assert "€\xa010,00" in page
    assert 'class="notice notice-warn"' in page
    assert walk.confirm().headers["Location"].endswith("/done")
    assert returns_of(session, shop)[0].fee == 995


@pytest.mark.parametrize("moment", ["window", "cancelled", "taken", "reason", "method", "closed"])
def test_invariant_10_eligibility_is_judged_again_at_confirm(
    client: IsolatedClient, shop: Any, order: Order, session: Session, clock: Any, moment: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    seen = walk.seen()
    if moment == "window":
        session.execute(update(Parcel).values(delivered_at=NOW - timedelta(days=32)))
    elif moment == "cancelled":
        session.execute(update(Order).values(cancelled_at=NOW))
    elif moment == "taken":
        confirm(client, shop, order, {line: 2})
    elif moment == "reason":
        session.execute(text("UPDATE reason SET enabled = :no"), {"no": False})
    elif moment == "method":
        shop.methods = ["drop_off_point"]
    elif moment == "closed":
        session.execute(text("UPDATE order_line SET final_sale = :yes"), {"yes": True})
    change_settings(session, shop)
    before = row_counts()
    answer = walk.post("review", {"seen": seen})
    assert answer.status_code == 303
    assert "changed=1" in answer.headers["Location"]
    assert not answer.headers["Location"].startswith(walk.url("review"))
    assert client.get(answer.headers["Location"]).status_code == 200
    assert row_counts() == before


@pytest.mark.parametrize(
    ("zone", "delivered", "last_instant"),
    [
        ("Europe/Amsterdam", "2026-02-25T12:00", "2026-03-27T23:59:59"),
        # Thirty days that hold the night summer time begins, and the one it ends.
        ("Europe/Amsterdam", "2026-02-28T23:30", "2026-03-30T23:59:59"),
        ("Europe/Amsterdam", "2026-10-01T00:10", "2026-10-31T23:59:59"),
        ("Pacific/Kiritimati", "2026-06-01T00:05", "2026-07-01T23:59:59"),
        ("America/Los_Angeles", "2026-10-05T23:50", "2026-11-04T23:59:59"),
    ],
)
def test_invariant_10_the_window_ends_with_the_last_day_where_the_shop_is(
    client: IsolatedClient,
    session: Session,
    factories: ModuleType,
    clock: Any,
    zone: str,
    delivered: str,
    last_instant: str,
) -> None:
    shop = factories.make_shop(session, time_zone=zone)
    local = ZoneInfo(zone)
    arrived = datetime.fromisoformat(delivered).replace(tzinfo=local).astimezone(UTC)
    order = factories.make_order(
        session, shop, delivered_at=arrived, shipped_at=arrived, placed_at=arrived
    )
    session.commit()
    line = lines_of(order)[0]
    last = datetime.fromisoformat(last_instant).replace(tzinfo=local)
    for moment, open_ in ((last, True), (last + timedelta(seconds=1), False)):
        clock.set(moment)
        walk = start(client, shop, order)
        page = walk.get("items").text
        assert (f'id="line-{line}"' in page and f'value="{line}"' in page) is open_
        status = walk.post("items", {"line": str(line)}).status_code
        assert status == (303 if open_ else 422)


@pytest.mark.parametrize(
    ("policy", "days_since_shipped", "open_"),
    [
        ("open", 900, True),
        ("closed", 1, False),
        ("shipped_plus_days", 37, True),
        ("shipped_plus_days", 38, False),
    ],
)
def test_invariant_10_an_unknown_delivery_date_follows_the_shops_policy(
    client: IsolatedClient,
    shop: Any,
    session: Session,
    factories: ModuleType,
    policy: str,
    days_since_shipped: int,
    open_: bool,
) -> None:
    change_settings(session, shop, unknown_delivery=policy, unknown_delivery_days=7)
    shipped = NOW - timedelta(days=days_since_shipped)
    order = factories.make_order(session, shop, delivered_at=None, shipped_at=shipped)
    session.commit()
    answer = start(client, shop, order).post("items", {"line": str(lines_of(order)[0])})
    assert answer.status_code == (303 if open_ else 422)


def test_invariant_10_a_cancelled_order_is_never_returnable(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    session.execute(update(Order).values(cancelled_at=NOW))
    session.commit()
    walk = start(client, shop, order)
    for line in lines_of(order):
        assert walk.post("items", {"line": str(line)}).status_code == 422
    assert 'name="line"' not in walk.get("items").text


def test_invariant_11_a_transition_happens_once_with_its_event(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    line = lines_of(order)[0]
    status = confirm(client, shop, order, {line: 1})
    assert cancel(client, status).status_code == 303
    assert cancel(client, status).status_code == 409
    events = session.scalars(select(ReturnEvent.event).order_by(ReturnEvent.id)).all()
    assert events.count("cancel") == 1
    cancelled = select(func.count()).where(Outbox.event.like("return.cancelled:%"))
    assert session.scalar(cancelled) == 2  # one mail, one job for the carrier
    assert claimed(session, line) == 0


def test_invariant_12_one_mail_an_event_and_recipient(
    session: Session, order: Order, factories: ModuleType
) -> None:
    values = {
        "shop_id": order.shop_id,
        "event": "return.confirmed:1",
        "channel": "mail",
        "recipient": order.email,
        "kind": "customer_confirmation",
        "payload": {},
        "created_at": NOW,
        "next_try_at": NOW,
    }
    session.add(Outbox(**values))
    session.commit()
    session.add(Outbox(**values))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()


def test_invariant_14_a_customer_overrides_nothing(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    """There is no way past a closed window for customers, whatever they send."""
    session.execute(update(Parcel).values(delivered_at=NOW - timedelta(days=90)))
    session.commit()
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    for step in ("items", "reasons", "refund", "shipment", "review"):
        for headers in ({}, {"X-Role": "staff", "Authorization": "Basic c3RhZmY6c3RhZmY="}):
            body = {"form_token": walk.form_token(step), "line": str(line), **FORGED}
            answer = client.post(walk.url(step), data=body, headers={**SAME_ORIGIN, **headers})
            assert answer.status_code in {303, 422}
            assert "/s/" not in answer.headers.get("Location", "")
    assert returns_of(session, shop) == []
    assert session.scalar(select(func.count()).select_from(MoneyEntry)) == 2  # the other shop's


def test_of_two_who_cancel_at_once_one_does(
    client: IsolatedClient, shop: Any, order: Order, session: Session
) -> None:
    line = lines_of(order)[0]
    status = confirm(client, shop, order, {line: 1})
    confirm(client, shop, order, {line: 1})
    barrier = threading.Barrier(4)

    def press(_number: int) -> int:
        barrier.wait(30)
        return cancel(client.application.test_client(), status).status_code  # type: ignore[arg-type]

    session.rollback()
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(press, range(4)))
    assert statuses == [303, 409, 409, 409]
    assert claimed(session, line) == 1
    events = session.scalars(select(ReturnEvent.event)).all()
    assert events.count("cancel") == 1
