"""The inbox as people see it: tabs, filters in the address, empty states, saved views, export."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from returnsite.models import Return, SavedView
from tests.factories import PLACED
from tests.harness import Page, text_of
from tests.merchant import Merchant
from tests.returning import new_return

NOW = PLACED + timedelta(days=20)
MOST = 16


@pytest.fixture(autouse=True)
def _clock(clock: Any) -> None:
    clock.set(NOW)


def make(session: Session, factories: ModuleType, shop: Any, number: str, **columns: Any) -> Return:
    order_columns = {
        name: columns.pop(name) for name in ("customer_name", "country") if name in columns
    }
    order = factories.make_order(session, shop, **order_columns)
    made: Return = factories.make_return(
        session, order, number=number, number_norm=number, **{"created_at": NOW, **columns}
    )
    session.commit()
    return made


def shown(page: Page) -> list[str]:
    return [text_of(link) for link in page.find_all("a", class_="row-link")]


def test_a_shop_without_returns_is_told_what_to_do_next(merchant: Merchant) -> None:
    page = merchant.get("/returns")
    assert "No returns yet" in page.text
    assert f"/p/{merchant.shop.slug}/" in page.text
    assert not page.find_all("nav", class_="tabs")


def test_a_shop_whose_portal_is_closed_is_led_to_its_settings(
    merchant: Merchant, session: Session, shop: Any
) -> None:
    shop.active = False
    shop.settings_version += 1
    session.commit()
    page = merchant.get("/returns")
    assert page.find("a", href=f"{merchant.base}/settings", class_="button") is not None


def test_tabs_carry_counts_and_the_filters_along(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A1", status="requested")
    make(session, factories, shop, "A2", status="requested", country="DE")
    make(session, factories, shop, "A3", status="closed")
    page = merchant.get("/returns?country=DE&q=A")
    assert text_of(page.find(id="tab-to_approve")) == "To approve 2"
    assert page.find(id="tab-to_approve").get("href", "").endswith("?tab=to_approve&q=A&country=DE")
    assert shown(page) == ["A2"]
    assert page.find(id="chip-1").get("href", "").endswith("/returns?q=A")
    assert "1 return" in page.text


def test_the_region_alone_has_the_same_list_and_pushes_the_pages_address(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A1", status="requested")
    part = merchant.get_fragment("/returns/_list?tab=to_approve&sort=newest&junk=1")
    assert part.headers["HX-Push-Url"] == f"{merchant.base}/returns?tab=to_approve"
    assert shown(part) == ["A1"]
    assert "To approve" in part.html.split("</title>")[0]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("min=much", "min"),
        ("max=1,2,3", "max"),
    ],
)
def test_a_date_or_amount_that_is_none_is_told_beside_its_field_and_kept(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType, query: str, field: str
) -> None:
    make(session, factories, shop, "A1")
    page = merchant.get(f"/returns?{query}", status=422)
    wrong = page.find("input", name=field)
    assert wrong.get("aria-invalid") == "true"
    assert wrong.get("value") == query.partition("=")[2]
    assert shown(page) == ["A1"]


@pytest.mark.parametrize("query", ["min=10,50&max=20.00", "min=10.50", "max=EUR 20", "since=x"])
def test_amounts_are_understood_as_people_write_them(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType, query: str
) -> None:
    make(session, factories, shop, "A1", refund_total=1600)
    assert shown(merchant.get(f"/returns?{query}&lang=nl")) == ["A1"]


def test_what_an_address_says_beside_is_no_reason_to_fail(merchant: Merchant) -> None:
    for query in ("tab=x&sort=y&page=z", "page=a.0.1.1&done=x", "q=%00%ff", "done=9999999999999",
                  "country=xx&reason=,&carrier=..%2F", "status=closed&tab=received"):  # fmt: skip
        merchant.get(f"/returns?{query}")


def test_nothing_found_offers_all_returns_and_a_way_back(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A1", status="closed")
    page = merchant.get("/returns?tab=received&q=a1")
    assert "Nothing found for “a1”" in page.text
    everywhere = page.find(id="search-everywhere").get("href", "")
    assert shown(merchant.get(everywhere)) == ["A1"]
    assert page.find(id="clear-filters").get("href", "").endswith("?tab=received")
    assert "Every refund that is due has been paid." in merchant.get("/returns?tab=to_pay").text


@pytest.mark.parametrize(
    ("hours", "words"), [(-30, "1 day overdue"), (1, "today"), (25, "tomorrow"), (24 * 9, "to pay")]
)
def test_what_is_due_says_when_and_how_late_it_is(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType, hours: int, words: str
) -> None:
    due = NOW + timedelta(hours=hours)
    make(session, factories, shop, "A1", status="received", settle_by=due)
    assert words in merchant.get("/returns?tab=to_pay").text


def test_the_list_asks_the_database_as_often_for_many_returns_as_for_one(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A0")
    addresses = ["/returns", "/returns?q=a&country=NL&sort=due", "/returns?tab=to_pay&overdue=1"]
    few = [len(merchant.get(each).queries) for each in addresses]
    for n in range(30):
        make(session, factories, shop, f"A{n + 1}", settle_by=NOW - timedelta(days=1))
    many = [len(merchant.get(each).queries) for each in addresses]
    assert [m - f for f, m in zip(few, many, strict=True)] == [0, 0, 0] or many <= few
    assert max(many) <= MOST, many


def test_pages_lead_on_and_back(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    for n in range(27):
        make(session, factories, shop, f"A{n:02d}", created_at=NOW - timedelta(minutes=n))
    first = merchant.get("/returns")
    assert len(shown(first)) == 25
    second = merchant.get(first.find(id="page-next").get("href", ""))
    assert shown(second) == ["A25", "A26"]
    assert shown(merchant.get(second.find(id="page-previous").get("href", ""))) == shown(first)


def test_a_view_is_kept_opened_renamed_and_deleted(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A1", country="DE")
    page = merchant.get("/returns?country=DE&junk=1")
    kept = merchant.submit(page, {"name": "  Germany "}, form="save-view")
    assert kept.location == f"{merchant.base}/returns?country=DE"
    listed = merchant.follow(kept)
    view = listed.find("a", aria_current="true")
    assert text_of(view) == "Germany"
    path = f"/returns/views/{session.query(SavedView).one().id}"
    views = merchant.get("/returns/views")
    renamed = merchant.follow(merchant.submit(views, {"name": "DE", "shared": "1"}, action=path))
    assert renamed.find("input", name="name").get("value") == "DE"
    merchant.submit(renamed, {"delete": "1"}, action=path)
    assert "No views of your own yet" in merchant.get("/returns/views").text


@pytest.mark.parametrize("name", ["", "x" * 61, " \n"])
def test_a_view_needs_a_name_and_keeps_what_was_typed(merchant: Merchant, name: str) -> None:
    page = merchant.post("/returns/views", {"name": name, "query": "country=DE"}, status=422)
    assert page.find("input", name="query").get("value") == "country=DE"
    assert page.find("input", name="name").get("aria-invalid") == "true"


def test_a_name_is_not_given_twice(merchant: Merchant) -> None:
    for name in ("One", "Two"):
        merchant.post("/returns/views", {"name": name, "query": "country=DE"})
    views = merchant.get("/returns/views")
    one = next(
        f for f in views.find_all("form") if f.get("action", "").endswith(tuple("0123456789"))
    )
    merchant.post(one.get("action", ""), {"name": "Two"}, status=422)


def test_views_of_others_are_seen_when_shared_and_never_changed(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A1")
    merchant.post("/returns/views", {"name": "Mine", "query": "country=DE"})
    merchant.post("/returns/views", {"name": "Ours", "query": "country=FR", "shared": "1"})
    ids = {view.name: view.id for view in session.query(SavedView)}
    colleague = merchant.as_role("read_only")
    page = colleague.get("/returns")
    assert "Ours" in page.text
    assert "Mine" not in page.text
    for view_id in ids.values():
        colleague.post(f"/returns/views/{view_id}", {"name": "Theirs"}, status=404)
        colleague.post(f"/returns/views/{view_id}", {"delete": "1"}, status=404)
    foreign = factories.make_shop(session, slug="elsewhere")
    session.execute(update(SavedView).values(shop_id=foreign.id))
    session.commit()
    assert "Ours" not in colleague.get("/returns").text


def test_the_export_holds_what_the_list_shows_and_no_formula(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(
        session, factories, shop, "A1", customer_name='=HYPERLINK("http://x","y")', status="closed"
    )
    make(session, factories, shop, "A2", status="requested")
    answer = merchant.get("/returns/export?tab=completed")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["Return"] for row in rows] == ["A1"]
    assert rows[0]["Customer"] == '\'=HYPERLINK("http://x","y")'
    assert rows[0]["Customer gets"] == "16.00"


@pytest.mark.parametrize("status", ["declined", "cancelled", "expired"])
def test_of_a_return_that_is_off_nobody_gets_anything(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType, status: str
) -> None:
    make(session, factories, shop, "A1", status=status)
    (amount,) = merchant.get("/returns").find_all("td", class_="end-small")
    assert text_of(amount) == "Nothing"
    answer = merchant.get("/returns/export")
    (row,) = csv.DictReader(StringIO(answer.body.decode("utf-8-sig")))
    assert row["Customer gets"] == "0.00"
    page = merchant.get("/returns/A1")
    heading = page.find("h2", id="money-heading")
    assert text_of(heading) == "What the customer would have got"


def test_the_file_speaks_the_readers_language_and_tells_the_shops_time(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    made = make(session, factories, shop, "A1", status="requested")
    answer = merchant.get("/returns/export?lang=nl")
    (row,) = csv.DictReader(StringIO(answer.body.decode("utf-8-sig")), delimiter=";")
    assert (row["Retour"], row["Status"], row["Reden"]) == ("A1", "Te beoordelen", "Te klein")
    local = made.created_at.astimezone(ZoneInfo(shop.time_zone))
    assert row["Aangevraagd"] == f"{local:%Y-%m-%d %H:%M}"


def test_chosen_returns_are_exported_and_no_others(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    one = make(session, factories, shop, "A1")
    make(session, factories, shop, "A2")
    foreign = session.query(Return).filter(Return.shop_id != shop.id).first()
    assert foreign is not None
    answer = merchant.post("/returns/export", {"id": [one.id, foreign.id]}, status=200)
    rows = list(csv.DictReader(StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["Return"] for row in rows] == ["A1"]
    everything = merchant.post("/returns/export", {"all": "1", "query": "q=A2"}, status=200)
    assert "A2" in everything.html
    assert "A1" not in everything.html


def test_who_may_not_see_customers_finds_nobody_by_name(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    made = make(session, factories, shop, "A1", customer_name="Sanne Bakker")
    looker = merchant.as_role("read_only")
    assert "Bakker" not in looker.get("/returns").text
    for query in ("bakker", "sanne", made.email, "A"):
        assert shown(looker.get(f"/returns?q={query}")) == []
    assert shown(looker.get("/returns?q=a-1")) == ["A1"]
    assert shown(looker.get(f"/returns?q={made.order.number.removeprefix('#')}")) == ["A1"]
    assert shown(looker.get(f"/returns?q={made.order.number.rpartition('-')[2]}")) == ["A1"]


def test_a_return_is_started_from_an_order_by_who_may(merchant: Merchant) -> None:
    page = merchant.get("/returns")
    start = page.find("a", href=f"{merchant.base}/orders", class_="button")
    assert text_of(start) == "Start a return"
    merchant.get(start.get("href", ""))
    assert "Start a return" not in merchant.as_role("read_only").get("/returns").text


def test_who_only_looks_has_no_actions(
    merchant: Merchant, session: Session, shop: Any, factories: ModuleType
) -> None:
    make(session, factories, shop, "A1")
    page = merchant.as_role("read_only").get("/returns")
    assert shown(page) == ["A1"]
    assert not page.find_all("input", class_="select")
    assert not page.find_all("button", name="action")


def test_what_nobody_waits_for_any_more_is_not_missing(
    session: Session, merchant: Merchant, factories: ModuleType, shop: Any
) -> None:
    made = new_return(session, factories.make_order(session, shop), quantity=2)
    page = merchant.get(f"/returns/{made.number}")
    changes = {f"received-{made.lines[0].id}": "1"}
    page = merchant.follow(merchant.submit(page, changes, action="/receive"))
    assert "1 missing" in merchant.get("/returns?tab=all").text
    merchant.submit(page, action="/short")
    assert "1 missing" not in merchant.get("/returns?tab=all").text


def test_lists_and_the_file_say_what_the_customer_gets_after_a_correction(
    session: Session, merchant: Merchant, factories: ModuleType, shop: Any
) -> None:
    made = new_return(session, factories.make_order(session, shop))
    page = merchant.get(f"/returns/{made.number}")
    changes = {"amount": "3.50", "reason": "A stain"}
    merchant.submit(page, changes, action="/money/correct")
    for where in ("/returns?tab=all", f"/orders/{made.order_id}"):
        text = merchant.get(where).text
        assert "€12.50" in text, where
        assert "€16.00" not in text, where
    assert "12.5" in merchant.get("/returns/export").body.decode()
