"""Eight customers at once for the same units, through two processes of the real web server."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from types import ModuleType
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import MoneyEntry, Order, Outbox, ParcelLine, Return, ReturnEvent, ReturnLine
from tests.conftest import Kept
from tests.e2e.conftest import on_both_databases
from tests.harness import IsolatedClient
from tests.html_checks import check_page
from tests.walk import Walk, answers_for, lines_of, start, start_many

pytestmark = on_both_databases
ORDERS, RIVALS = 100, 8
PressAtOnce = Callable[..., "list[Press]"]


@dataclass
class Press:
    """One confirmation: where it led, and the page there if it was opened."""

    status: int
    location: str
    landing: int = 0
    html: str = ""


@pytest.fixture
def orders(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> list[Order]:
    """Orders of today's calendar, as the server's clock cannot be held."""
    now = datetime.now(UTC)
    dates = {
        "placed_at": now - timedelta(days=6),
        "shipped_at": now - timedelta(days=5),
        "delivered_at": now - timedelta(days=4),
    }
    made: list[Order] = kept(
        lambda: [factories.make_order(session, shop, **dates) for _ in range(ORDERS)]
    )
    return made


@pytest.fixture
def press_at_once(gunicorn_server: str) -> Iterator[PressAtOnce]:
    """Confirm these drafts at the same moment, each over a connection of its own.

    With `follow` each then opens the page it is led to, at once and over the same connection.
    """
    address = urlsplit(gunicorn_server)
    barrier = threading.Barrier(RIVALS)
    pool = ThreadPoolExecutor(RIVALS)

    def press(walk: Walk, seen: str, follow: bool) -> Press:
        body = urlencode({"form_token": walk.form_token("review"), "seen": seen})
        kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
        with closing(http.client.HTTPConnection(address.hostname or "", address.port)) as server:
            server.connect()
            barrier.wait(30)
            server.request("POST", walk.url("review"), body, headers)
            answer = server.getresponse()
            answer.read()
            location = answer.headers.get("Location", "")
            if not follow:
                return Press(answer.status, location)
            server.request("GET", location or walk.url("review"))
            landing = server.getresponse()
            return Press(answer.status, location, landing.status, landing.read().decode())

    yield lambda walks, seen, *, follow: list(pool.map(press, walks, repeat(seen), repeat(follow)))
    pool.shutdown()


def units(order: Order) -> dict[int, int]:
    """All that was shipped."""
    return {line.id: line.qty_shipped for parcel in order.parcels for line in parcel.lines}


def assert_one_return_each(session: Session, orders: list[Order], taken: int) -> None:
    """One return an order with its lines, events, mails and amounts; as many units as taken."""
    session.rollback()
    ids = [order.id for order in orders]
    returns = session.execute(
        select(Return.order_id, Return.id, Return.refund_total).where(Return.order_id.in_(ids))
    ).all()
    assert sorted(row.order_id for row in returns) == sorted(ids)
    for row in returns:
        held = session.scalar(
            select(func.sum(ReturnLine.quantity)).where(ReturnLine.return_id == row.id)
        )
        paid = session.scalar(
            select(func.sum(MoneyEntry.amount)).where(MoneyEntry.return_id == row.id)
        )
        events = session.scalars(
            select(ReturnEvent.event).where(ReturnEvent.return_id == row.id)
        ).all()
        assert (held, paid, sorted(events)) == (taken, row.refund_total, ["approve", "confirm"])
    lines = [line for order in orders for line in lines_of(order)]
    claimed = session.scalar(
        select(func.sum(ParcelLine.qty_claimed)).where(ParcelLine.id.in_(lines))
    )
    assert claimed == taken * len(orders)
    mails = session.scalars(select(Outbox.event).where(Outbox.kind == "customer_confirmation"))
    assert len(set(mails)) == len(orders)


@pytest.mark.timeout(600)
def test_of_eight_drafts_for_the_same_units_one_becomes_a_return(
    client: IsolatedClient,
    shop: Any,
    orders: list[Order],
    session: Session,
    press_at_once: PressAtOnce,
) -> None:
    for number, order in enumerate(orders):
        answers = answers_for(units(order))
        walks = start_many(client, shop, order, answers, count=RIVALS)
        presses = press_at_once(walks, walks[0].seen(), follow=True)
        won = [press for press in presses if press.location.endswith("/done")]
        lost = [press for press in presses if press not in won]
        assert len(won) == 1, [(press.status, press.location) for press in presses]
        for press in presses:
            assert (press.status, press.landing) == (303, 200), press.location
        for press in lost:
            # Led back to the order, which names the return that has the units.
            assert won[0].location.removesuffix("/done") in press.html, press.location
        if number < 3:
            for press in presses:
                check_page(press.location, press.html)
    assert_one_return_each(session, orders, taken=3)


@pytest.mark.timeout(600)
def test_the_same_page_sent_eight_times_is_one_return(
    client: IsolatedClient,
    shop: Any,
    orders: list[Order],
    session: Session,
    press_at_once: PressAtOnce,
) -> None:
    """One of two units is asked for: only the draft itself can tell that it was confirmed."""
    for order in orders:
        line = lines_of(order)[0]
        walk = start(client, shop, order, answers_for({line: 1}))
        presses = press_at_once([walk] * RIVALS, walk.seen(), follow=False)
        assert {press.status for press in presses} == {303}
        (place,) = {press.location for press in presses}
        assert place.endswith("/done")
        assert client.get(place).status_code == 200
    assert_one_return_each(session, orders, taken=1)
