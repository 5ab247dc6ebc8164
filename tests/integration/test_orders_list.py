"""The merchant's list of orders: paging, search, filters, and who sees what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import Order, Shop
from returnsite.services.order_index import index_orders
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import Page, assert_constant_queries
from tests.merchant import Merchant


def numbers(page: Page) -> list[str]:
    return [link.text or "" for link in page.find_all("a", class_="row-link")]


@pytest.fixture
def many(
    session: Session,
    shop: Shop,
    factories: Any,
    monkeypatch: pytest.MonkeyPatch,
    kept: Kept,
) -> list[Order]:
    """Twelve orders, one an hour, number 1 the oldest; two of them at the same moment."""
    monkeypatch.setattr("returnsite.services.queries.order_list.PAGE", 5)
    return kept(
        lambda: [
            factories.make_order(
                session,
                shop,
                number=f"NL-{n:03d}",
                placed_at=PLACED + timedelta(hours=n if n != 7 else 6),
            )
            for n in range(1, 13)
        ]
    )


def test_pages_follow_each_other_without_a_gap_in_both_directions(
    merchant: Merchant, many: list[Order]
) -> None:
    page = merchant.get("/orders")
    seen = [numbers(page)]
    while page.find_all("a", rel="next"):
        page = merchant.get(page.find("a", rel="next").get("href") or "")
        seen.append(numbers(page))
    assert [len(each) for each in seen] == [5, 5, 2]
    assert [n for each in seen for n in each] == [f"NL-{n:03d}" for n in range(12, 0, -1)]
    for wanted in reversed(seen[:-1]):
        page = merchant.get(page.find("a", rel="prev").get("href") or "")
        assert numbers(page) == wanted
    assert not page.find_all("a", rel="prev")


def test_sorting_by_date_turns_the_list_and_keeps_the_filters(
    merchant: Merchant, many: list[Order]
) -> None:
    page = merchant.get("/orders?country=NL")
    header = page.find("th", aria_sort="descending")
    page = merchant.get(header[0].get("href") or "")
    assert numbers(page)[:2] == ["NL-001", "NL-002"]
    assert page.find("th", aria_sort="ascending") is not None
    assert page.find_all("a", class_="chip")
    page = merchant.get(page.find("a", rel="next").get("href") or "")
    assert numbers(page)[0] == "NL-006"


@pytest.mark.parametrize(
    "text",
    [
        *("#nl 77 001", "NL77001", "3sdevc 777", "vermeulen", "joris verm", "hat-77", "HAT 77"),
        *("joris.vermeulen@post.example", "joris.ver", "nl77", "77001", "770", "joris 77"),
    ],
)
def test_an_order_is_found_by_what_people_know_of_it(
    merchant: Merchant, session: Session, factories: Any, text: str
) -> None:
    factories.make_order(session, merchant.shop)
    factories.make_order(
        session,
        merchant.shop,
        number="NL-77001",
        tracking_no="3SDEVC777000001",
        customer_name="Joris Vermeulen",
        email="joris.vermeulen@post.example",
        lines=[{"sku": "HAT-77", "title": "Hat", "quantity": 1, "line_paid": 100}],
    )
    page = merchant.submit(merchant.get("/orders"), {"q": text}, action="/orders", status=200)
    assert numbers(page) == ["NL-77001"]
    assert page.find("input", name="q").get("value") == text


def test_another_shops_orders_are_never_found(
    merchant: Merchant, session: Session, factories: Any
) -> None:
    factories.make_order(session, merchant.shop)
    page = merchant.get("/orders?q=3SDEVC816223392")
    assert "No order fits" in page.text
    assert numbers(merchant.get("/orders?q=someone")) == []


@pytest.mark.parametrize("text", ["'", "%", "_", "\\", "a" * 5000, "\x00x", "; drop", "💥", "@jan"])
def test_anything_can_be_typed_into_the_search(merchant: Merchant, text: str) -> None:
    from urllib.parse import quote

    merchant.get(f"/orders?q={quote(text)}")


@pytest.mark.parametrize(
    "query",
    [
        *(
            "after=1-1",
            "after=x",
            f"after={'9' * 17}-{'9' * 18}",
            "before=-1--1",
            "after=" + "9" * 40,
        ),
        *(
            "from=x",
            "from=0001-01-01",
            "to=9999-12-31",
            "stage=x",
            "country=nl",
            "country='",
            "sort=x",
        ),
    ],
)
def test_an_address_that_makes_no_sense_shows_a_list_all_the_same(
    merchant: Merchant, session: Session, factories: Any, query: str
) -> None:
    factories.make_order(session, merchant.shop)
    merchant.get(f"/orders?{query}")


def test_filters_narrow_the_list_and_chips_take_them_away(
    merchant: Merchant, session: Session, factories: Any
) -> None:
    def make(number: str, **columns: Any) -> Order:
        order: Order = factories.make_order(session, merchant.shop, number=number, **columns)
        return order

    make("A-1", country="NL")
    make("B-1", country="BE", delivered_at=None)
    make("B-2", country="BE", shipped_at=None, delivered_at=None)
    make("B-3", country="BE", cancelled_at=PLACED)
    back = make("B-4", country="BE", placed_at=PLACED + timedelta(days=20))
    factories.make_return(session, back)
    session.commit()

    def found(query: str) -> set[str]:
        return set(numbers(merchant.get(f"/orders?{query}")))

    assert found("country=BE") == {"B-1", "B-2", "B-3", "B-4"}
    assert found("stage=on_the_way") == {"B-1"}
    assert found("stage=open") == {"B-2"}
    assert found("stage=cancelled") == {"B-3"}
    assert found("stage=delivered") == {"A-1", "B-4"}
    assert found("returns=1") == {"B-4"}
    assert found("from=2026-11-20") == {"B-4"}
    assert found("to=2026-11-02") == {"A-1", "B-1", "B-2", "B-3"}
    assert found("country=BE&stage=delivered&returns=1") == {"B-4"}
    page = merchant.get("/orders?country=BE&stage=open&q=B")
    chips = page.find_all("a", class_="chip")
    assert len(chips) == 2
    without = merchant.get(chips[1].get("href") or "")
    assert set(numbers(without)) == {"B-1", "B-2", "B-3", "B-4"}
    assert {o.get("value") for o in page.find("select", name="country")} == {"", "NL", "BE"}


def test_a_day_ends_where_the_shop_is(merchant: Merchant, session: Session, factories: Any) -> None:
    from datetime import UTC, datetime

    late = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)  # 00:30 on the third in Amsterdam
    factories.make_order(session, merchant.shop, number="L-1", placed_at=late)
    session.commit()
    assert numbers(merchant.get("/orders?to=2026-11-02")) == []
    assert numbers(merchant.get("/orders?from=2026-11-03&to=2026-11-03")) == ["L-1"]


def test_a_shop_without_orders_is_told_what_to_do(merchant: Merchant) -> None:
    page = merchant.get("/orders")
    assert "No orders yet" in page.text
    assert "Download an example" in page.text


def test_the_number_of_queries_does_not_grow_with_the_orders(
    merchant: Merchant, session: Session, factories: Any
) -> None:
    def add() -> None:
        order = factories.make_order(session, merchant.shop)
        factories.make_return(session, order)
        session.commit()

    add()
    merchant.get("/orders")
    assert_constant_queries(merchant.checked, merchant.url("/orders"), add)
    merchant.get("/orders", max_queries=7)
    merchant.get("/orders?q=anna&country=NL", max_queries=8)


def test_who_may_not_see_customers_sees_a_trace_of_them_and_cannot_look_for_them(
    merchant: Merchant, session: Session, factories: Any
) -> None:
    factories.make_order(
        session, merchant.shop, number="NL-5", customer_name="Sanne Jansen", email="sj@x.example"
    )
    session.commit()
    assert "Sanne Jansen" in merchant.get("/orders").text
    looker = merchant.as_role("read_only")
    page = looker.get("/orders")
    assert "Jansen" not in page.html
    assert "S. J•••" in page.text
    assert numbers(looker.get("/orders?q=jansen")) == []
    assert numbers(looker.get("/orders?q=@jansen")) == []
    assert numbers(looker.get("/orders?q=nl-5")) == ["NL-5"]


def test_what_an_order_is_found_by_follows_it(
    merchant: Merchant, session: Session, factories: Any
) -> None:
    order = factories.make_order(
        session, merchant.shop, customer_name="Old Name", delivered_at=None
    )
    session.commit()
    order = session.scalars(select(Order).where(Order.id == order.id)).one()
    order.customer_name = "New Name"
    order.delivery_address = order.billing_address = {}
    order.parcels[0].delivered_at = PLACED
    index_orders([order.id])
    session.commit()
    assert numbers(merchant.get("/orders?q=old+name")) == []
    assert numbers(merchant.get("/orders?q=new+name&stage=delivered")) == [order.number]
