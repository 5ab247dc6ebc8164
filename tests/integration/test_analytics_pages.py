"""The analytics pages: what they ask, show, refuse and hand out."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import FactProduct, Reason, Return
from returnsite.services.analytics.refresh import refresh_all
from tests.analytics import make_full_history, make_history
from tests.conftest import Kept
from tests.harness import Page
from tests.merchant import Merchant

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
YEAR = "period=year"


@pytest.fixture
def full(session: Session, shop: Any, merchant: Merchant, clock: Any, kept: Kept) -> Merchant:
    """Somebody whose shop has a history of four months."""
    kept(lambda: make_full_history(session, shop))
    clock.set(NOW)
    return merchant


def test_a_shop_without_orders_is_told_when_figures_appear(
    merchant: Merchant, session: Session
) -> None:
    refresh_all()
    page = merchant.get("/analytics")
    assert "Nothing to count yet" in page.text
    assert not page.find_all("svg", class_="bar")


def test_the_page_says_when_figures_are_being_added_up(
    merchant: Merchant, session: Session, shop: Any, factories: Any
) -> None:
    factories.make_order(session, shop)
    session.commit()
    page = merchant.get("/analytics")
    assert "being added up" in page.text
    assert "Look again" in page.text
    assert "Nothing to count yet" not in page.text  # that is not known before
    refresh_all()
    page = merchant.get("/analytics")
    assert "being added up" not in page.text
    assert "Look again" not in page.text


def test_every_chart_has_a_name_and_its_numbers_as_a_table(full: Merchant) -> None:
    page = full.get(f"/analytics?{YEAR}")
    charts = page.find_all(role="img")
    assert len(charts) > 10
    for svg in charts:
        assert svg.get("aria-label") or svg.get("aria-labelledby")
    names = {e.get("id", "").removesuffix("-numbers") for e in page.find_all("summary")}
    assert {"reason", "time", "reason-time", "country", "method", "carrier", "fault"} <= names


def test_a_period_without_sales_has_no_empty_axes(
    merchant: Merchant, session: Session, shop: Any, factories: Any, clock: Any
) -> None:
    clock.set(NOW)
    order = factories.make_order(session, shop, placed_at=NOW - timedelta(days=200))
    factories.make_return(session, order)
    session.commit()
    refresh_all()
    page = merchant.get("/analytics?period=30d&compare=none")
    assert "Nothing was ordered and shipped in this period." in page.text
    assert len(page.find_all("div", class_="line-chart")) == 1, "that of the reasons"


def test_figures_lead_to_as_many_lines_as_they_say(full: Merchant) -> None:
    page = full.get(f"/analytics?{YEAR}")
    items = {
        li.find("span[@class='number']/span").text.strip(" ·"): li.find("a")
        for li in page.find("section", aria_labelledby="reason-heading").iter("li")
        if li.find("a") is not None
    }
    assert items
    for count, link in items.items():
        listed = full.get(link.get("href"))
        assert f", {count} item" in listed.text


def test_the_rate_leads_to_what_was_ordered_then(full: Merchant) -> None:
    page = full.get(f"/analytics?{YEAR}")
    rate = next(a for a in page.find_all("a", class_="figure-link"))
    listed = full.get(rate.get("href"))
    assert "Ordered" in listed.find("h1").text


def test_a_product_has_its_variants(full: Merchant, session: Session, shop: Any) -> None:
    query = select(FactProduct.id).where(FactProduct.shop_id == shop.id, FactProduct.key == "boot")
    page = full.get(f"/analytics?{YEAR}&product={session.scalars(query).one()}")
    assert "Return rate by variant" in page.text
    assert "Product: Boot" in page.text


def test_a_foreign_product_is_not_found(full: Merchant, session: Session, factories: Any) -> None:
    other = factories.make_shop(session)
    make_history(session, other, orders=5, seed=2)
    refresh_all()
    foreign = session.scalars(select(FactProduct.id).where(FactProduct.shop_id == other.id)).first()
    full.get(f"/analytics?product={foreign}", status=404)
    full.get(f"/analytics/returns?product={foreign}", status=404)
    full.get(f"/analytics/tables/reason.csv?product={foreign}", status=404)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-05-01", "2026-04-01", "The last day is before the first."),
        ("yesterday", "2026-04-01", "Enter the first day"),
        ("2026-02-30", "2026-04-01", "Enter the first day"),
        ("2026-02-01", "", "Enter the last day"),
        ("2001-02-01", "2026-02-01", "Choose at most five years."),
    ],
)
def test_wrong_dates_are_told_beside_the_field_and_stay_as_typed(
    full: Merchant, first: str, last: str, words: str
) -> None:
    page = full.get(f"/analytics?period=custom&from={first}&to={last}", status=422)
    assert words in page.text
    assert page.find("input", name="from").get("value") == first
    assert page.find("input", name="to").get("value") == last


@pytest.mark.parametrize(
    "query",
    ["period=%00", "country=%27%22%3E", "product=9e9", "product=-1", "reason=%00x", "compare=x",
     "period=custom&from=0001-01-01&to=9999-12-31", "below=x", "by=x&variant=%00"],
)  # fmt: skip
def test_nothing_typed_into_the_address_breaks_a_page(full: Merchant, query: str) -> None:
    for path in ("/analytics", "/analytics/returns"):
        answer = full.checked.client.get(full.url(f"{path}?{query}"))
        assert answer.status_code in (200, 404, 422), (path, query)


def test_a_change_of_the_form_answers_with_figures_and_the_address_to_share(full: Merchant) -> None:
    page = full.get_fragment(f"/analytics/_figures?{YEAR}&reason=damaged&country=")
    assert "reason=damaged" in page.headers["HX-Push-Url"]
    assert "country" not in page.headers["HX-Push-Url"]
    assert "_figures" not in page.headers["HX-Push-Url"]
    assert "<h1" not in page.html


def test_the_side_and_the_carrier_limit_the_whole_page(full: Merchant) -> None:
    asked = f"{YEAR}&fault=carrier&carrier=dhl"
    page = full.get(f"/analytics?{asked}")
    assert "Whose side: The carrier’s fault" in page.text
    assert "Carrier: DHL" in page.text
    listed = full.get(f"/analytics/returns?{asked}")
    counted = re.search(r"\d+ items", listed.text)
    assert counted
    assert f"Why it comes back {counted[0]}" in " ".join(page.text.split())


@pytest.mark.parametrize("columns", [{"enabled": False}, {"deleted_at": NOW}], ids=str)
def test_a_reason_that_is_offered_no_more_keeps_its_name(
    full: Merchant, session: Session, shop: Any, columns: dict[str, Any]
) -> None:
    words = {"en": "Broken on the way"}
    damaged = update(Reason).where(Reason.shop_id == shop.id, Reason.code == "damaged")
    session.execute(damaged.values(labels=words, **columns))
    shop.settings_version += 1
    session.commit()
    assert "Broken on the way" in full.get(f"/analytics?{YEAR}").text
    assert "Broken on the way" in full.get(f"/analytics/returns?{YEAR}&reason=damaged").text
    assert "Broken on the way" in full.get("/returns?reason=damaged").text


def test_the_own_label_is_named_among_the_carriers(
    full: Merchant, session: Session, shop: Any
) -> None:
    session.execute(update(Return).where(Return.carrier == "dhl").values(carrier="own"))
    session.commit()
    refresh_all()
    page = full.get(f"/analytics?{YEAR}")
    (bar,) = (a for a in page.find_all("a", class_="row-link") if "carrier=own" in a.get("href"))
    assert bar.text == "Own address label"


def test_the_page_takes_as_many_queries_for_many_returns_as_for_few(
    full: Merchant, session: Session, shop: Any
) -> None:
    few = full.get(f"/analytics?{YEAR}")
    make_history(session, shop, orders=60, seed=5)
    refresh_all()
    many = full.get(f"/analytics?{YEAR}")
    assert len(many.queries) <= len(few.queries)
    full.get(f"/analytics/returns?{YEAR}", max_queries=8)


def _csv(page: Page, separator: str = ",") -> list[list[str]]:
    text = page.body.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:]), delimiter=separator))


def test_files_tell_what_was_sold_of_products_that_hardly_came_back(full: Merchant) -> None:
    rows = _csv(full.get(f"/analytics/tables/product.csv?{YEAR}"))
    sold, back = (rows[0].index(name) for name in ("Sold", "Came back"))
    assert all(row[sold].isdigit() for row in rows[1:])
    hidden = [row for row in rows[1:] if row[back] == "<5"]
    assert all(row[back + 1] == "<5" for row in hidden)
    assert "read <5" in full.get(f"/analytics?{YEAR}").text


def test_a_table_as_a_file_holds_what_the_page_shows(full: Merchant) -> None:
    page = full.get(f"/analytics?{YEAR}")
    rows = _csv(full.get(f"/analytics/tables/reason.csv?{YEAR}"))
    assert rows[0][:3] == ["Reason", "Items", "Share"]
    for row in rows[1:]:
        if not row[1].startswith("<"):
            assert row[0] in page.text
            assert row[1] in page.text


def test_people_who_only_look_cannot_take_files_away(full: Merchant) -> None:
    full.as_role("read_only")
    page = full.get(f"/analytics?{YEAR}")
    assert not [a for a in page.find_all("a") if ".csv" in (a.get("href") or "")]
    full.get("/analytics/tables/reason.csv", status=403)


def test_a_name_that_would_be_a_formula_is_text_in_the_file(
    session: Session, shop: Any, merchant: Merchant, factories: Any, app: Flask
) -> None:
    line = {
        "sku": "@SUM(A1)",
        "title": '=HYPERLINK("http://evil")',
        "quantity": 9,
        "line_paid": 900,
    }
    order = factories.make_order(
        session, shop, lines=[line], placed_at=datetime.now(UTC) - timedelta(days=9)
    )
    made = factories.make_return(session, order, quantity=6, comment="secret words")
    made.lines[0].reason_code = "+too_small"
    session.commit()
    refresh_all()
    rows = _csv(merchant.get("/analytics/tables/product.csv"))
    assert rows[1][0] == "'" + line["title"]
    page = merchant.get("/analytics")
    started = merchant.checked.submit(page, {}, form="export-form")
    drain(app)
    done = merchant.get(started.location)
    file = next(a for a in done.find_all("a") if ".csv" in (a.get("href") or ""))
    raw = merchant.get(file.get("href"))
    (row,) = _csv(raw)[1:]
    assert "'" + line["title"] in row
    assert "'@SUM(A1)" in row
    assert "'+too_small" in row
    assert b"secret words" not in raw.body
    assert order.email.encode() not in raw.body
    assert order.customer_name.encode() not in raw.body
