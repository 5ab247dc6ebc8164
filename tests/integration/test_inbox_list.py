"""The merchant's list: every filter, search and order among rows that must not be found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.domain.inbox import Filters, Sort, Tab
from returnsite.domain.lifecycle import Status
from returnsite.models import Return, ReturnLine, ReturnShipment
from returnsite.services.inbox.index import index_returns
from returnsite.services.inbox.listing import PAGE, Found, list_returns
from returnsite.services.inbox.rows import count_tabs, load_rows
from returnsite.services.shops import ShopSettings, find_shop
from tests.conftest import Kept
from tests.factories import PLACED, make_order, make_return

NOW = PLACED + timedelta(days=20)

RETURNS: dict[str, dict[str, Any]] = {
    "asked": {"status": "requested"},
    "failed": {"status": "approved", "shipment": "failed"},
    "approved": {"status": "approved"},
    "carrier": {"status": "in_transit", "settle_by": NOW - timedelta(days=1)},
    "late": {"status": "received", "settle_by": NOW - timedelta(days=2)},
    "soon": {"status": "received", "settle_by": NOW + timedelta(days=2)},
    "lost": {"status": "lost", "settle_by": NOW + timedelta(days=1)},
    "paid": {"status": "received"},
    "closed": {"status": "closed"},
    "declined": {"status": "declined"},
    "cancelled": {"status": "cancelled", "shipment": "failed"},
    "expired": {"status": "expired"},
    "german": {"status": "closed", "country": "DE", "carrier": "dhl"},
    "pickup": {"status": "closed", "method": "pickup", "carrier": "gls"},
    "store": {"status": "closed", "method": "in_store", "carrier": None},
    "exchange": {"status": "closed", "resolution": "exchange"},
    "credit": {"status": "closed", "resolution": "credit"},
    "damaged": {"status": "closed", "reason": "damaged"},
    "cheap": {"status": "closed", "refund_total": 500, "settle_by": NOW + timedelta(days=9)},
    "dear": {"status": "closed", "refund_total": 90_000},
    "old": {"status": "closed", "created_at": NOW - timedelta(days=100)},
    "mixed": {"status": "closed", "reason": "not_small", "second": ("damaged", "credit")},
}
"""By the number each is given. What is not said is that of `factories.make_return`: too small,
money, the Netherlands, 15.75 by drop-off."""


@pytest.fixture
def settings(session: Session, shop: Any, clock: Any, kept: Kept) -> ShopSettings:
    clock.set(NOW)

    def make() -> None:
        for hours, (name, columns) in enumerate(RETURNS.items(), start=1):
            _add(session, shop, name, columns, NOW - timedelta(hours=hours))

    kept(make)
    found = find_shop(slug=shop.slug)
    assert found is not None
    return found


def _add(session: Session, shop: Any, name: str, columns: dict[str, Any], at: Any) -> Return:
    own = {"created_at": at, **columns}
    shipment = own.pop("shipment", "ready")
    reason, second = own.pop("reason", "too_small"), own.pop("second", None)
    order = make_order(session, shop, country=own.get("country", "NL"), number=f"NL-{name}")
    made = make_return(session, order, number=name, number_norm=name.upper(), **own)
    session.execute(
        update(ReturnShipment).where(ReturnShipment.return_id == made.id).values(state=shipment)
    )
    made.lines[0].reason_code = reason
    if second is not None:
        _add_line(made, order, *second)
    session.flush()
    index_returns([made.id])
    return made


def _add_line(made: Return, order: Any, reason: str, resolution: str) -> None:
    line = order.parcels[0].lines[1]
    line.qty_claimed += 1
    made.lines.append(
        ReturnLine(
            parcel_line_id=line.id,
            order_line_id=line.order_line_id,
            quantity=1,
            reason_code=reason,
            reason_text="",
            fault="customer",
            resolution=resolution,
            share=0,
            refund_amount=0,
        )
    )


def names(session: Session, found: Found) -> list[str]:
    rows = {row.id: row.number for row in session.execute(select(Return.id, Return.number))}
    return [rows[each] for each in found.ids]


CLOSED = [
    "closed", "german", "pickup", "store", "exchange", "credit", "damaged", "cheap", "dear",
    "mixed", "old",
]  # fmt: skip

FILTERS = {
    "to approve": (Filters(tab=Tab.TO_APPROVE), ["asked"]),
    "on the way": (Filters(tab=Tab.ON_THE_WAY), ["failed", "approved", "carrier", "lost"]),
    "received": (Filters(tab=Tab.RECEIVED), ["late", "soon", "paid"]),
    "to pay": (Filters(tab=Tab.TO_PAY), ["late", "soon", "lost", "cheap"]),
    "completed": (Filters(tab=Tab.COMPLETED), CLOSED),
    "ended": (Filters(tab=Tab.ENDED), ["declined", "cancelled", "expired"]),
    "failed hand-offs": (Filters(tab=Tab.FAILED), ["failed"]),
    "status": (Filters(statuses=("declined", "lost")), ["lost", "declined"]),
    "status of another tab": (Filters(tab=Tab.RECEIVED, statuses=("closed",)), []),
    "country": (Filters(countries=("DE",)), ["german"]),
    "reason": (Filters(reasons=("damaged",)), ["damaged", "mixed"]),
    "reason that is part of another": (Filters(reasons=("small",)), []),
    "reason with an underscore": (Filters(reasons=("notxsmall",)), []),
    "reasons": (Filters(tab=Tab.COMPLETED, reasons=("not_small", "damaged")), ["damaged", "mixed"]),
    "exchange": (Filters(resolutions=("exchange",)), ["exchange"]),
    "credit": (Filters(resolutions=("credit",)), ["credit", "mixed"]),
    "method": (Filters(methods=("pickup", "in_store")), ["pickup", "store"]),
    "carrier": (Filters(carriers=("gls",)), ["pickup"]),
    "overdue": (Filters(overdue=True), ["carrier", "late"]),
    "overdue to pay": (Filters(tab=Tab.TO_PAY, overdue=True), ["late"]),
    "value from": (Filters(least=50_000), ["dear"]),
    "value to": (Filters(most=500), ["exchange", "cheap"]),
    "until": (Filters(until=(NOW - timedelta(days=30)).date()), ["old"]),
    "that day": (Filters(since=date(2026, 8, 14), until=date(2026, 8, 14)), ["old"]),
    "another day": (Filters(since=date(2026, 8, 13), until=date(2026, 8, 13)), []),
    "several": (Filters(countries=("NL",), reasons=("damaged",), resolutions=("money",)),
                ["damaged", "mixed"]),
    "search": (Filters(query="nl damaged"), ["damaged"]),
    "search elsewhere": (Filters(tab=Tab.TO_APPROVE, query="damaged"), []),
    "search and filter": (Filters(query="nl", countries=("DE",)), ["german"]),
    "search in to pay": (Filters(tab=Tab.TO_PAY, query="NL-late"), ["late"]),
    "search of signs": (Filters(query="--"), []),
    "due first": (Filters(tab=Tab.TO_PAY, sort=Sort.DUE), ["late", "lost", "soon", "cheap"]),
    "due first, then the rest": (
        Filters(tab=Tab.RECEIVED, sort=Sort.DUE), ["late", "soon", "paid"]),
    "value first": (Filters(tab=Tab.TO_PAY, sort=Sort.VALUE), ["lost", "soon", "late", "cheap"]),
    "oldest first": (Filters(tab=Tab.RECEIVED, sort=Sort.OLDEST), ["paid", "soon", "late"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_shows_what_it_says_and_nothing_else(
    session: Session, settings: ShopSettings, case: str
) -> None:
    filters, expected = FILTERS[case]
    found = list_returns(shop=settings, filters=filters)
    assert names(session, found) == expected
    assert (found.total, found.many) == (len(expected), False)


@pytest.mark.parametrize("case", [name for name, (each, _) in FILTERS.items() if each.reasons])
def test_a_reason_that_many_returns_have_is_looked_for_in_the_order_of_the_list(
    session: Session, settings: ShopSettings, case: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("returnsite.services.inbox.listing.RARE", 0)
    filters, expected = FILTERS[case]
    assert names(session, list_returns(shop=settings, filters=filters)) == expected


@pytest.mark.parametrize(
    ("few", "some"),
    [(1, 20_000), (10_000, 1), (10_000, 20_000)],
    ids=["asked of each", "looked up and asked", "looked up"],
)
@pytest.mark.parametrize(
    "query",
    ["R-48217", "r48217 7kq", "48217", "NL 9001", "9001", "#9001", "de vos", "VOS wolf", "wölf",
     "wolf.vos@mail", "mail.example", "bag red", "BAG-RED-1", "3sdevc00 77", "3SBACK 0042"],
)  # fmt: skip
def test_a_return_is_found_by_everything_people_know_of_it(
    session: Session,
    settings: ShopSettings,
    shop: Any,
    monkeypatch: Any,
    query: str,
    few: int,
    some: int,
) -> None:
    monkeypatch.setattr("returnsite.services.inbox.search.FEW", few)
    monkeypatch.setattr("returnsite.services.inbox.search.SOME", some)
    line = {"sku": "BAG-RED-1", "title": "Bag", "quantity": 1, "line_paid": 5_000}
    order = make_order(
        session, shop, number="NL-9001", customer_name="Wolf de Vos",
        email="wolf.vos@mail.example", tracking_no="3SDEVC0077", lines=[line],
    )  # fmt: skip
    made = make_return(session, order, number="R-48217-7KQ", number_norm="R482177KQ")
    made.shipments[0].tracking_no = "3SBACK0042"
    session.flush()
    index_returns([made.id])
    session.commit()
    found = list_returns(shop=settings, filters=Filters(query=query))
    assert list(found.ids) == [made.id]


@pytest.mark.parametrize("sort", Sort)
def test_pages_follow_each_other_there_and_back_while_returns_come_in(
    session: Session, settings: ShopSettings, shop: Any, sort: Sort
) -> None:
    for n in range(2 * PAGE + 5):
        _add(session, shop, f"more{n}", {"status": "closed"}, NOW - timedelta(days=1, minutes=n))
    session.commit()
    filters = Filters(sort=sort)
    there = set(session.scalars(select(Return.id).where(Return.shop_id == settings.id)))
    page = list_returns(shop=settings, filters=filters)
    assert page.previous is None
    walked = list(page.ids)
    while page.next:
        _add(session, shop, f"new{len(walked)}", {"status": "requested"}, product_clock.now())
        session.commit()
        page = list_returns(shop=settings, filters=filters, cursor=page.next)
        walked += page.ids
    back = list(page.ids)
    while page.previous:
        page = list_returns(shop=settings, filters=filters, cursor=page.previous)
        back = [*page.ids, *back]
    for way in (walked, back):
        assert len(way) == len(set(way)), "a return was shown twice"
        assert there <= set(way), "a return was skipped"
    assert [each for each in back if each in there] == [each for each in walked if each in there]


@pytest.mark.parametrize(
    "cursor", ["x", "a.0.1", "a.9.1.1", "a.0.x.1", "a.0.1.-99999999999999999999", "c.0.1.1",
               "a.0.99999999999999999999999.1", "b.0.-1.-1", "a." + "1" * 90]
)  # fmt: skip
def test_a_cursor_that_says_nothing_is_the_first_page(
    session: Session, settings: ShopSettings, cursor: str
) -> None:
    first = list_returns(shop=settings, filters=Filters())
    assert list_returns(shop=settings, filters=Filters(), cursor=cursor).ids == first.ids


def test_tabs_count_what_their_lists_show(session: Session, settings: ShopSettings) -> None:
    counts = count_tabs(settings.id)
    for tab in Tab:
        assert counts[tab] == list_returns(shop=settings, filters=Filters(tab=tab)).total, tab
    assert counts[Tab.ALL] == len(RETURNS)


def test_every_status_is_on_a_tab_besides_all() -> None:
    from returnsite.domain.inbox import TAB_STATUSES

    piles = {tab: set(TAB_STATUSES[tab]) for tab in Tab if tab not in (Tab.ALL, Tab.TO_PAY)}
    assert set().union(*piles.values()) == set(Status)


def test_rows_of_another_shop_are_not_loaded(
    session: Session, settings: ShopSettings, factories: ModuleType
) -> None:
    foreign = session.scalars(select(Return.id).where(Return.shop_id != settings.id)).one()
    assert load_rows(settings.id, [foreign]) == []


def test_filters_know_what_is_left_without_them() -> None:
    filters = Filters(tab=Tab.RECEIVED, query="x", statuses=("closed",), sort=Sort.DUE)
    assert filters.narrowed
    assert filters.cleared() == Filters(tab=Tab.RECEIVED, sort=Sort.DUE)
    assert not filters.cleared().narrowed
    assert filters.everywhere() == replace(filters, tab=Tab.ALL, statuses=())
