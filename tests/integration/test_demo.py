"""The demo shop: complete, made up, the same however often it is loaded."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from returnsite.domain.inbox import Filters, Tab
from returnsite.domain.rule_language import validate_rule
from returnsite.extensions import db
from returnsite.models import (
    Draft,
    MoneyEntry,
    Order,
    Outbox,
    ParcelLine,
    Payout,
    Postcode,
    ProductVariant,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnShipment,
    ServicePoint,
)
from returnsite.services.demo import DemoSummary, SlugTaken, demo_hints, load_demo
from returnsite.services.demo.files import FOLDER, read_demo_file
from returnsite.services.drafts import load_wizard, save_answers
from returnsite.services.find_order import Found, find_order
from returnsite.services.inbox.listing import select_returns
from returnsite.services.queries.nearest_points import nearest_points
from returnsite.services.queries.return_page import load_page
from returnsite.services.quotes import make_quote
from returnsite.services.returns.money import load_ledger
from returnsite.services.shops import ShopSettings, find_shop
from tests.conftest import Kept
from tests.harness import CheckedClient, IsolatedClient, Page
from tests.walk import answers_for

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
DELFT = (52.0116, 4.3571)
BERLIN = (52.52, 13.405)


@pytest.fixture(autouse=True)
def _held_clock(clock: Any) -> None:
    clock.set(NOW)


@pytest.fixture
def demo(session: Session, kept: Kept) -> ShopSettings:
    """The demo shop, loaded."""
    kept(lambda: bool(load_demo()))
    return settings()


def settings() -> ShopSettings:
    found = find_shop(slug="demo")
    assert found is not None
    return found


def everything(session: Session) -> dict[str, list[Any]]:
    """Every row of every table, for comparing."""
    session.rollback()
    return {
        name: session.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).all()
        for name in db.metadata.tables
    }


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["demo", "load", *arguments])


def assess(shop: ShopSettings, number: str, postcode: str) -> dict[str, tuple[str, str | None]]:
    """SKU → (status, why) of each line, as the items page judges it."""
    found = find_order(shop=shop, number=number, postcode=postcode, locale="nl")
    assert isinstance(found, Found), f"{number} is not found with {postcode}"
    wizard = load_wizard(slug=shop.slug, token=found.token)
    assert wizard is not None
    quote = make_quote(wizard)
    return {
        line.facts.sku: (
            quote.assessments[line.facts.line_id].status,
            quote.assessments[line.facts.line_id].why,
        )
        for line in wizard.lines
    }


def test_the_shop_is_active_and_everything_in_it_says_that_it_is_made_up(
    demo: ShopSettings, session: Session
) -> None:
    assert demo.active
    assert demo.is_demo
    assert demo.name == "Noorderlicht"
    assert [store.city for store in demo.stores] == ["Delft", "Rotterdam"]
    for name in ("shop", "orders", "products"):
        assert "Made up" in read_demo_file(name)["about"]
    points = session.execute(select(ServicePoint.is_demo, ServicePoint.source).distinct()).all()
    assert [tuple(point) for point in points] == [(True, "demo (made up)")]
    addresses = session.scalars(select(Order.email).where(Order.shop_id == demo.id)).all()
    assert all(address.endswith("@example.com") for address in addresses)


def test_every_row_of_the_demo_is_imported_without_being_set_aside(
    demo: ShopSettings, session: Session
) -> None:
    rows = (FOLDER / "points.csv").read_text(encoding="utf-8").count("\n") - 1
    assert session.scalar(select(func.count()).select_from(ServicePoint)) == rows
    codes = (FOLDER / "postcodes.csv").read_text(encoding="utf-8").count("\n") - 1
    assert session.scalar(select(func.count()).select_from(Postcode)) == codes
    orders = read_demo_file("orders")["orders"]
    query = select(func.count()).select_from(Order).where(Order.shop_id == demo.id)
    assert session.scalar(query) == len(orders) >= 40
    countries = Counter(order["country"] for order in orders)
    assert {"NL", "DE", "BE", "FR", "AT", "LU", "SE", "CH"} <= set(countries)


def test_loading_again_changes_nothing(demo: ShopSettings, session: Session, clock: Any) -> None:
    before = everything(session)
    clock.set(NOW + timedelta(days=3))
    assert load_demo() == DemoSummary()
    assert everything(session) == before


def test_an_interrupted_load_is_finished_by_the_next(demo: ShopSettings, session: Session) -> None:
    order_id = session.scalar(select(Order.id).where(Order.number == "NL-48389"))
    made = session.scalars(select(Return.id).where(Return.order_id == order_id)).one()
    for table in (Draft, MoneyEntry, ReturnEvent, ReturnShipment, ReturnLine):
        session.execute(delete(table).where(table.return_id == made))
    session.execute(delete(Return).where(Return.id == made))
    session.commit()
    assert load_demo() == DemoSummary(returns=1)


def test_with_if_empty_nothing_happens_beside_another_shop(app: Flask, session: Session) -> None:
    before = everything(session)
    result = run(app, "--if-empty")
    assert result.exit_code == 0, result.output
    assert "Nothing to do" in result.output
    assert everything(session) == before


def test_the_command_says_what_it_added_and_a_dry_run_adds_nothing(
    app: Flask, session: Session
) -> None:
    before = everything(session)
    planned = run(app, "--dry-run")
    assert everything(session) == before
    done = run(app)
    assert done.exit_code == 0, done.output
    assert planned.output.replace("Would be added", "Added") == done.output
    assert "45 orders" in done.output


def test_a_real_shop_called_demo_is_left_alone(
    app: Flask, session: Session, factories: Any
) -> None:
    factories.make_shop(session, slug="demo")
    session.commit()
    with pytest.raises(SlugTaken):
        load_demo()
    assert "rename it" in run(app).output


def test_real_positions_of_postcodes_stay(session: Session) -> None:
    session.add(
        Postcode(country="NL", code_norm="2611", place="Delft", latitude=52.011, longitude=4.36)
    )
    session.commit()
    load_demo()
    assert session.scalar(select(func.count()).select_from(Postcode)) == 1


def test_loading_takes_less_than_five_seconds(session: Session) -> None:
    start = time.process_time()
    load_demo()
    assert time.process_time() - start < 5


def test_the_made_up_history_is_found_in_the_inbox(session: Session) -> None:
    start = time.process_time()
    load_demo(history=True)
    assert time.process_time() - start < 10
    shop = settings()
    made = session.scalars(
        select(Return).join(Order).where(Return.shop_id == shop.id, Order.source == "demo-history")
    ).all()
    assert len(made) > 100
    one = made[len(made) // 2]
    for query in (one.number, one.order.number, one.email, one.lines[0].order_line.sku):
        filters = Filters(query=query, reasons=(one.lines[0].reason_code,), tab=Tab.ALL)
        selection = select_returns(shop=shop, filters=filters)
        assert one.id in session.scalars(selection.of(Return.id)).all(), query
    assert all(each.reason_codes and each.resolutions for each in made)
    for each in made:
        _check_as_the_app_writes_it(each)


def _check_as_the_app_writes_it(made: Return) -> None:
    """Counted once received, with a ledger by line, paid once closed, and its clock running."""
    here = made.received_at is not None
    assert {(line.received, line.accepted) for line in made.lines} == {(int(here), int(here))}
    ledger = load_ledger(made.id)
    due = ledger.balance.due
    agreed = (made.money_total, made.credit_total, made.refund_total)
    assert (due.money, due.credit, due.total) == agreed
    assert {entry.line_id is None for entry in ledger.entries if entry.type != "fee"} <= {False}
    if made.status == "closed":
        assert ledger.balance.open_total == 0
        assert made.settle_by is None
        assert bool(made.exchange_sent_at) == ledger.wants_exchange
    if made.status == "received":
        assert bool(made.settle_by) == bool(due.total or ledger.wants_exchange)


def test_every_hint_finds_its_order(demo: ShopSettings, client: IsolatedClient) -> None:
    with client.application.test_request_context():
        hints = demo_hints(shop=demo)
    assert 6 <= len(hints) <= 8
    for hint in hints:
        assert hint["text"]
        assert assess(demo, hint["number"], hint["postcode"])


def test_every_order_is_found_by_its_number_and_by_each_tracking_number(
    demo: ShopSettings,
) -> None:
    for order in read_demo_file("orders")["orders"]:
        trackings = [t for parcel in order["parcels"] for t in parcel["trackings"]]
        for number in (order["number"], *trackings):
            assert assess(demo, number, order["postcode"])


CASES = {
    ("NL-48217", "2611 GX"): {
        "FJORD-DENN-M": ("open", None),
        "SKOG-BLAU-L": ("open", None),
        "VARM-BLAU": ("conditional", "not_returnable"),
        "TINDE-BRUI-41": ("conditional", "window_over"),
        "BRIS-DENN-M": ("closed", "all_returned"),
    },
    ("NL-48102", "1053 AB"): {"HAV-DONK-32": ("conditional", "window_over")},
    ("NL-48145", "2627 AN"): {"VARM-BLAU": ("conditional", "not_returnable")},
    ("NL-48160", "3572 XZ"): {
        "NATT-ZWAR-M": ("conditional", "not_returnable"),
        "ULL-ZWAR": ("open", None),
    },
    ("NL-48251", "3039 CD"): {
        "ELV-ZEEB-38": ("open", None),
        "STRAND-ZWAR": ("closed", "not_shipped"),
    },
    ("NL-48199", "2611 HB"): {"LYS-DENN": ("closed", "all_returned")},
    ("NL-48236", "9711 LM"): {"VIND-ANTR": ("open", None)},
    ("NL-48240", "1011 AB"): {"TINDE-ANTR-43": ("closed", "cancelled")},
    ("NL-48260", "1011 PG"): {"ELV-TERR-38": ("open", None)},
    ("NL-48330", "2611 RT"): {"FJORD-OKER-XL": ("open", None)},
    ("NL-48355", "5611 AB"): {"KVELD-NATU": ("open", None)},
    ("NL-48366", "3511 XY"): {"HAV-DONK-36": ("open", None)},
    ("NL-48380", "3011 KM"): {"SNOR-BRUI": ("open", None), "": ("closed", "not_goods")},
    ("NL-48389", "2611 GP"): {"ULL-ZAND": ("open", None)},
    ("CH-70001", "8001"): {"FJORD-DENN-XL": ("closed", "country_closed")},
}


@pytest.mark.parametrize(("number", "postcode"), CASES)
def test_each_case_shows_what_it_is_there_for(
    demo: ShopSettings, number: str, postcode: str
) -> None:
    found = assess(demo, number, postcode)
    expected = CASES[number, postcode]
    assert {sku: found[sku] for sku in expected} == expected


def test_earlier_returns_are_real_returns_in_every_state(
    demo: ShopSettings, session: Session
) -> None:
    returns = session.scalars(select(Return).where(Return.shop_id == demo.id)).all()
    wanted = [
        made["status"]
        for order in read_demo_file("orders")["orders"]
        for made in order.get("returns", ())
    ]
    assert sorted(r.status for r in returns) == sorted(wanted)
    for made in returns:
        ledger = select(func.sum(MoneyEntry.amount)).where(MoneyEntry.return_id == made.id)
        assert session.scalar(ledger) == made.refund_total
        last = session.scalars(
            select(ReturnEvent).where(ReturnEvent.return_id == made.id).order_by(ReturnEvent.at)
        ).all()[-1]
        assert last.to_status == made.status
        assert last.at <= NOW
        paid = session.scalar(select(func.sum(Payout.amount)).where(Payout.return_id == made.id))
        assert paid == (made.refund_total if made.status == "closed" else None)
    claimed = session.scalar(
        select(func.sum(ParcelLine.qty_claimed - ParcelLine.qty_elsewhere)).where(
            ParcelLine.id.in_(
                select(ParcelLine.id)
                .join(ParcelLine.order_line)
                .where(Order.shop_id == demo.id)
                .join(Order)
            )
        )
    )
    assert claimed == sum(
        line.quantity for made in returns if made.status != "cancelled" for line in made.lines
    )


def test_nobody_is_mailed_about_a_return_of_long_ago(demo: ShopSettings, session: Session) -> None:
    pending = session.scalars(
        select(Outbox).where(Outbox.shop_id == demo.id, Outbox.state == "pending")
    ).all()
    approved = select(Return.id).where(Return.shop_id == demo.id, Return.status == "approved")
    assert {row.payload["return_id"] for row in pending} == set(session.scalars(approved))


def test_germany_hands_in_without_a_label_and_a_contract_without_returns_is_not_offered(
    demo: ShopSettings,
) -> None:
    labelless = nearest_points(
        latitude=BERLIN[0], longitude=BERLIN[1], country="DE", carriers=("dhl",), labelless=True
    )
    assert labelless
    found = find_order(shop=demo, number="NL-48217", postcode="2611GX", locale="nl")
    assert found is not None
    wizard = load_wizard(slug="demo", token=found.token)
    assert wizard is not None
    carriers = {option.carrier for option in make_quote(wizard).methods}
    assert "dpd" not in carriers
    assert {"postnl", "dhl", "gls"} <= carriers


def test_some_points_never_close_and_of_two_one_is_closed_on_any_weekday() -> None:
    rows = (FOLDER / "points.csv").read_text(encoding="utf-8")
    assert "24/7" in rows
    assert "Mo,We,Fr 10:00-19:00" in rows
    assert "Tu,Th,Sa 10:00-19:00" in rows


def test_the_rules_are_well_formed_and_the_catalogue_has_something_sold_out(
    demo: ShopSettings, session: Session
) -> None:
    assert [problem for rule in demo.policy.rules for problem in validate_rule(rule)] == []
    variants = session.scalars(
        select(ProductVariant).where(
            ProductVariant.shop_id == demo.id, ProductVariant.product_key == "tinde"
        )
    ).all()
    assert any(variant.stock == 0 for variant in variants)
    assert len({variant.price for variant in variants}) > 1


def test_the_first_page_of_the_demo_offers_orders_to_try(
    demo: ShopSettings, checked: CheckedClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "3SDEVC482170002 · " not in checked.get("/p/demo/").text
    monkeypatch.setitem(app.config, "DEMO", True)
    page: Page = checked.get("/p/demo/")
    for number in ("3SDEVC482170002", "#1001", "DE-20411"):
        assert number in page.text


def shipment_page(
    shop: ShopSettings, client: IsolatedClient, *, number: str, postcode: str
) -> TestResponse:
    """The shipment step of an order whose first line goes back, dropped off with a label."""
    found = find_order(shop=shop, number=number, postcode=postcode, locale="en")
    assert found is not None
    wizard = load_wizard(slug=shop.slug, token=found.token)
    assert wizard is not None
    answers = answers_for({wizard.lines[0].facts.line_id: 1})
    for step in ("items", "reasons", "refund"):
        save_answers(wizard=wizard, step=step, part=answers[step], locale="en")
    return client.get(f"/p/demo/r/{found.token}/shipment?method=drop_off_point")


def test_points_near_the_customer_are_shown_as_made_up(
    demo: ShopSettings, client: IsolatedClient
) -> None:
    page = shipment_page(demo, client, number="NL-48280", postcode="2611 KL").text
    assert "Boekhandel De Kade" in page
    assert "These places are made up, for the demo." in page


def test_without_a_table_of_postcodes_the_town_of_the_order_serves(
    demo: ShopSettings, client: IsolatedClient, session: Session
) -> None:
    session.execute(delete(Postcode))
    session.commit()
    assert (
        "Boekhandel De Kade"
        in shipment_page(demo, client, number="NL-48280", postcode="2611kl").text
    )


def test_the_place_where_a_parcel_was_collected_is_where_the_search_begins(
    demo: ShopSettings, client: IsolatedClient
) -> None:
    page = shipment_page(demo, client, number="NL-48260", postcode="1011 PG").text
    assert 'value="1011 PG"' in page


def test_where_no_point_is_known_the_page_says_so(
    demo: ShopSettings, client: IsolatedClient
) -> None:
    page = shipment_page(demo, client, number="SE-80001", postcode="11129").text
    assert "No service point within 50 km of Stockholm." in page


def test_every_demo_return_opens_for_shop_and_customer(
    session: Session, demo: ShopSettings, client: IsolatedClient
) -> None:
    own = select(Return).where(Return.shop_id == demo.id)
    for row in session.scalars(own).all():
        found = load_page(shop=demo, number=row.number)
        assert found is not None
        clock_runs = row.status in {"in_transit", "received"} and found.balance.open_total > 0
        assert bool(row.settle_by) == clock_runs, row.status
        assert client.get(f"/p/{demo.slug}/s/{row.status_token}").status_code == 200
