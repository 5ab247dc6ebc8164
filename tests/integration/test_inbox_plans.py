"""How the databases go about the inbox: by an index, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from returnsite.domain.inbox import Filters, Sort, Tab
from returnsite.extensions import db
from returnsite.services.inbox.listing import list_returns
from returnsite.services.inbox.rows import count_tabs, load_rows
from returnsite.services.shops import find_shop

ASKED = [
    *(Filters(tab=tab) for tab in Tab),
    *(Filters(sort=sort) for sort in Sort),
    *(Filters(tab=Tab.COMPLETED, sort=sort) for sort in Sort),
    Filters(countries=("LU",), reasons=("damaged",), resolutions=("credit",)),
    Filters(methods=("pickup",), carriers=("gls",), least=5, most=10),
    Filters(overdue=True),
    Filters(query="R-48217"),
    Filters(query="anna vries", countries=("NL",)),
]


@pytest.fixture
def statements(session: Session, shop: Any, factories: Any) -> list[tuple[str, Any]]:
    """Every statement the lists, the tabs and the rows need, with its parameters."""
    for n in range(40):
        order = factories.make_order(session, shop)
        factories.make_return(session, order, number=f"A{n}", number_norm=f"A{n}")
    session.commit()
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for filters in ASKED:
            load_rows(settings.id, list_returns(shop=settings, filters=filters).ids)
        count_tabs(settings.id)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return seen


def test_no_table_of_returns_is_read_from_end_to_end(
    session: Session, statements: list[tuple[str, Any]]
) -> None:
    explain, is_scan = _SQLITE
    if db.engine.dialect.name == "postgresql":
        explain, is_scan = _POSTGRES
        # It reads small tables whole; so it tells whether there is an index to read instead.
        session.execute(text("SET LOCAL enable_seqscan = off"))
    for statement, parameters in statements:
        plan = session.connection().exec_driver_sql(f"{explain} {statement}", parameters).all()
        for step in (str(row[-1]) for row in plan):
            assert not is_scan(step), f"{step}\n{statement}"


def test_what_few_returns_have_is_not_looked_for_among_all_of_the_shop(
    session: Session, statements: list[tuple[str, Any]], analyse: Callable[[str], None]
) -> None:
    if db.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL weighs by the rows there are, and here are forty")
    analyse("")
    # As in a shop with many returns from few countries: that index looks cheap for everything.
    session.execute(
        text(
            "UPDATE sqlite_stat1 SET stat = CASE WHEN idx LIKE 'ix_return_shipment%' "
            "THEN '40 1' ELSE '100000 100000 17000' END "
            "WHERE idx IN ('ix_return_shop_country', 'ix_return_shipment_failed')"
        )
    )
    analyse("sqlite_master")
    few = [each for each in statements if "return_shipment" in each[0] or ".title" in each[0]]
    assert few
    for statement, parameters in few:
        explained = f"EXPLAIN QUERY PLAN {statement}"
        plan = session.connection().exec_driver_sql(explained, parameters).all()
        steps = [str(row[-1]) for row in plan]
        wide = [step for step in steps if "(shop_id=?)" in step]
        # The tabs alone count all returns of the shop, up to a limit.
        assert len(wide) <= statement.count("count(") // len(Tab), (wide, statement)


def _scans_sqlite(step: str) -> bool:
    scans = step.startswith(("SCAN return", "SCAN order", 'SCAN "'))
    return scans and "ix_return_shipment_failed" not in step


_SQLITE = ("EXPLAIN QUERY PLAN", _scans_sqlite)
_POSTGRES = ("EXPLAIN", lambda step: "Seq Scan on " in step)
