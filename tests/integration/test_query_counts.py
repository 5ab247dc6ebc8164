"""How often the database is asked: little, and no more for long orders than for short ones."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from returnsite.models import Order, Postcode
from tests.factories import PLACED
from tests.harness import IsolatedClient, count_queries
from tests.walk import (
    STEPS,
    Walk,
    answers_for,
    confirm,
    lines_of,
    make_photo,
    make_point,
    make_variant,
    returns_of,
    start,
)

MOST = 8
MOST_TO_CONFIRM = 16
LIVE = ("items/_quote", "reasons/_quote", "refund/_quote", "shipment/_quote", "shipment/_points")


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


def order_of(count: int, session: Session, shop: Any, factories: ModuleType) -> Order:
    """An order of this many lines, each sent in two parcels."""
    lines = [
        {
            "sku": f"S{n}",
            "title": f"Item {n}",
            "product_key": "shirt",
            "quantity": 4,
            "line_paid": 4000 + n,
        }
        for n in range(count)
    ]
    made: Order = factories.make_order(session, shop, lines=lines)
    for line in made.parcels[0].lines:
        line.qty_shipped = 2
    two_each = {line.id: 2 for line in made.lines}
    factories.add_parcel(
        session, made, quantities=two_each, delivered_at=PLACED + timedelta(days=3)
    )
    session.commit()
    return made


def walk_through(client: IsolatedClient, shop: Any, order: Order, method: str) -> Walk:
    """A draft that returns one unit of every line, after some went back before."""
    confirm(client, shop, order, dict.fromkeys(lines_of(order), 1))
    shipment = {
        "pickup": None,
        "point": {"method": "drop_off_point", "carrier": "postnl", "near": None},
    }[method]
    items = dict.fromkeys(lines_of(order), 1)
    wanted = {line: {"resolution": "exchange", "sku": "SHIRT-L"} for line in items}
    answers = answers_for(items, mode="per_line", lines=wanted, shipment=shipment)
    return start(client, shop, order, answers)


def counts(walk: Walk, line: int) -> dict[str, int]:
    """Queries of every page, fragment and live part."""
    found = {}
    for step in STEPS:
        for fragment in (False, True):
            with count_queries() as queries:
                assert walk.get(step, fragment=fragment).status_code == 200
            found[f"{step} {'fragment' if fragment else 'page'}"] = len(queries)
    for part in LIVE:
        query = f"?line={line}&method=drop_off_point"
        with count_queries() as queries:
            assert walk.get(part + query, fragment=True).status_code == 200
        found[part] = len(queries)
    return found


@pytest.mark.parametrize("method", ["pickup", "point"])
def test_no_page_asks_more_than_eight_times_and_none_more_for_forty_lines(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType, method: str
) -> None:
    make_variant(session, shop)
    point = make_point(session)
    # One point far and wide: the search looks three times.
    place = {"place": "Amsterdam", "place_key": "/amsterdam/", "latitude": 52.38, "longitude": 4.9}
    session.add(Postcode(country="NL", code_norm="1012", **place))
    session.commit()
    found = []
    for lines in (1, 3, 40):
        order = order_of(lines, session, shop, factories)
        walk = walk_through(client, shop, order, method)
        if method == "point":
            walk.post("shipment", {"method": "drop_off_point", "near": "", "point": str(point.id)})
        found.append(counts(walk, lines_of(order)[0]))
    assert found[0] == found[1] == found[2]
    assert max(found[0].values()) <= MOST, found[0]


@pytest.mark.parametrize("place", ["", "/done", "/_handoff"])
def test_the_pages_of_a_return_ask_the_same_for_one_line_and_forty(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType, place: str
) -> None:
    found = set()
    for lines in (1, 40):
        order = order_of(lines, session, shop, factories)
        status = confirm(client, shop, order, dict.fromkeys(lines_of(order), 1))
        with count_queries() as queries:
            assert client.get(f"{status}{place}").status_code == 200
        found.add(len(queries))
    assert len(found) == 1
    assert found.pop() <= MOST


def test_finding_an_order_asks_little(client: IsolatedClient, shop: Any) -> None:
    client.get(f"/p/{shop.slug}/")  # the first request of a process reads the shop's settings
    with count_queries() as queries:
        client.get(f"/p/{shop.slug}/")
    assert len(queries) <= 2


@pytest.mark.parametrize("lines", [1, 40])
def test_confirming_takes_sixteen_statements_in_one_transaction(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType, lines: int
) -> None:
    make_variant(session, shop)
    order = order_of(lines, session, shop, factories)
    walk = walk_through(client, shop, order, "pickup")
    make_photo(walk, lines_of(order)[0])
    seen = walk.seen()
    begun: list[int] = []
    commits: list[Any] = []
    with count_queries() as queries:

        def note_begin(_connection: Any) -> None:
            begun.append(len(queries))

        def note_commit(connection: Any) -> None:
            commits.append(connection)

        event.listen(Engine, "begin", note_begin)
        event.listen(Engine, "commit", note_commit)
        try:
            answer = walk.post("review", {"seen": seen})
        finally:
            event.remove(Engine, "begin", note_begin)
            event.remove(Engine, "commit", note_commit)
    assert answer.headers["Location"].endswith("/done")
    # The request reads the draft before it knows what it is to do; then one transaction does it.
    assert len(queries) - begun[-1] <= MOST_TO_CONFIRM, "\n".join(queries[begun[-1] :])
    assert begun[-1] <= 3
    assert len(commits) == 1
    assert len(returns_of(session, shop)[-1].lines) == lines * 2
