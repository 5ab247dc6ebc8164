"""The list of orders reads what it shows and little more, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from returnsite.domain.search import read_query
from returnsite.extensions import db
from returnsite.models import Order, OrderTerm
from returnsite.services.queries.order_list import (
    Key,
    OrderFilter,
    list_countries,
    list_orders,
)
from tests.conftest import Kept
from tests.factories import PLACED

FILTERS = {
    "ix_order_shop_placed": OrderFilter(),
    "ix_order_shop_placed ": OrderFilter(oldest_first=True, since=PLACED),
    "ix_order_shop_country": OrderFilter(country="BE"),
    "ix_order_shop_stage": OrderFilter(stage="cancelled"),
}


@pytest.fixture
def many(
    session: Session, shop: Any, factories: Any, kept: Kept, analyse: Callable[[str], None]
) -> int:
    """A shop with enough rows that a planner prefers an index to reading everything."""

    def make() -> int:
        order, shop_id = factories.make_order(session, shop), int(shop.id)
        values = {column.name: getattr(order, column.name) for column in Order.__table__.columns}
        rows = [
            {
                **values,
                "id": 1_000_000 + n,
                "external_id": f"many-{n}",
                "placed_at": PLACED + timedelta(minutes=n),
                "country": "NL" if n % 50 else "BE",
                "stage": "delivered" if n % 50 else "cancelled",
            }
            for n in range(3000)
        ]
        session.execute(Order.__table__.insert(), rows)  # type: ignore[attr-defined]
        terms = [
            {"shop_id": shop_id, "term": f"NL{row['id']}", "order_id": row["id"]} for row in rows
        ]
        session.execute(OrderTerm.__table__.insert(), terms)  # type: ignore[attr-defined]
        return shop_id

    shop_id: int = kept(make)
    analyse("")
    return shop_id


def plans(session: Session, do: Any) -> list[str]:
    """The plan of each query that `do` runs."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        do()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    sqlite = db.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    found = []
    for statement, parameters in seen:
        rows = session.connection().exec_driver_sql(explain + statement, parameters).all()
        found.append("\n".join(str(row[-1]) for row in rows))
    return found


@pytest.mark.parametrize("index", FILTERS)
@pytest.mark.parametrize("place", ["first", "deep"])
def test_a_page_is_read_from_an_index_in_its_order(
    session: Session, many: int, index: str, place: str
) -> None:
    after = Key(PLACED + timedelta(minutes=1500), 1_001_500) if place == "deep" else None
    page, *_rest = plans(
        session, lambda: list_orders(shop_id=many, wanted=FILTERS[index], after=after)
    )
    assert index.strip() in page, page
    assert "Sort" not in page, page
    assert "TEMP B-TREE" not in page, page


def test_a_search_reads_a_range_of_terms_and_then_orders_by_key(
    session: Session, many: int
) -> None:
    wanted = OrderFilter(query=read_query("nl 10001"))
    search, page, *_rest = plans(session, lambda: list_orders(shop_id=many, wanted=wanted))
    for line in search.splitlines():
        assert "SCAN order_term" not in line, search
        assert "Seq Scan" not in line, search
    assert "SEARCH order USING INTEGER PRIMARY KEY" in page or "Scan" in page, page
    assert "Seq Scan" not in page, page


def test_the_countries_are_looked_up_one_by_one(session: Session, many: int) -> None:
    (plan,) = plans(session, lambda: list_countries(many))
    assert "ix_order_shop_country" in plan, plan
    assert list_countries(many) == ["BE", "NL"]
