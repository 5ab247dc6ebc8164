"""Newer, older and foreign versions of an order merged into the one that is stored."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import Order
from returnsite.orders.base import SourceLine, SourceOrder, SourceParcel
from returnsite.services.import_orders import import_orders

SHIPPED = datetime(2026, 11, 3, 9, tzinfo=UTC)
DELIVERED = datetime(2026, 11, 4, 9, tzinfo=UTC)

SHIRT = SourceLine("A", "Shirt", 3, 3000, sku="SHIRT")
SHOE = SourceLine("B", "Shoe", 1, 8000, sku="SHOE")


def version(**changes: Any) -> SourceOrder:
    values: dict[str, Any] = {
        "row": 1,
        "source": "feed",
        "external_id": "77",
        "number": "#77",
        "currency": "EUR",
        "placed_at": datetime(2026, 11, 2, 9, tzinfo=UTC),
        "lines": (SHIRT, SHOE),
        "shipping_paid": 500,
        **changes,
    }
    return SourceOrder(**values)


def parcel(external_id: str, contents: dict[str, int], **changes: Any) -> SourceParcel:
    return SourceParcel(external_id, contents, **changes)


class Feed:
    """Imports versions of one order and shows what is stored."""

    def __init__(self, session: Session, shop_id: int) -> None:
        self.session, self.shop_id = session, shop_id

    def __call__(self, *versions: SourceOrder) -> str:
        """The outcomes: imported, updated or unchanged, or a message."""
        outcomes = []
        for one in versions:
            summary = import_orders(shop_id=self.shop_id, source_orders=[one])
            counted = [n for n in ("imported", "updated", "unchanged") if getattr(summary, n)]
            outcomes.append(counted[0] if counted else summary.set_aside[0].message)
        self.session.rollback()
        return " ".join(outcomes)

    @property
    def order(self) -> Order:
        self.session.rollback()
        query = select(Order).where(Order.shop_id == self.shop_id, Order.source != "test")
        return self.session.scalars(query).one()

    def shipped(self) -> dict[str, dict[str, int]]:
        """Units by parcel and SKU."""
        return {
            p.external_id: {c.order_line.sku: c.qty_shipped for c in p.lines if c.qty_shipped}
            for p in self.order.parcels
        }

    def paid(self) -> dict[str, int]:
        return {line.sku: line.line_paid for line in self.order.lines}

    def state(self) -> Any:
        """Everything that must not depend on the order of imports."""
        order = self.order
        return (
            self.shipped(),
            self.paid(),
            order.paid_total,
            order.cancelled_at,
            {p.external_id: (p.delivered_at, {t.tracking_norm for t in p.trackings})
             for p in order.parcels},
        )  # fmt: skip

    def claimed(self) -> list[tuple[int, int]]:
        return [(c.qty_claimed, c.qty_elsewhere) for p in self.order.parcels for c in p.lines]


@pytest.fixture
def feed(session: Session, shop: Any) -> Feed:
    return Feed(session, shop.id)


UNSHIPPED = version()
HALF = version(parcels=(parcel("P1", {"A": 2}, trackings=("T1",), shipped_at=SHIPPED),))
WHOLE = version(
    parcels=(
        parcel("P1", {"A": 2}, trackings=("T1", "T9"), shipped_at=SHIPPED, delivered_at=DELIVERED),
        parcel("P2", {"A": 1, "B": 1}, trackings=("T2",), shipped_at=SHIPPED),
    )
)


def test_later_versions_add_parcels_units_and_tracking_numbers(feed: Feed) -> None:
    assert feed(UNSHIPPED, HALF, WHOLE, WHOLE) == "imported updated updated unchanged"
    assert feed.shipped() == {"P1": {"SHIRT": 2}, "P2": {"SHIRT": 1, "SHOE": 1}}
    first = feed.order.parcels[0]
    assert [t.tracking_norm for t in first.trackings] == ["T1", "T9"]
    assert first.delivered_at == DELIVERED
    assert feed.order.paid_total == 3000 + 8000 + 500


@pytest.mark.parametrize("versions", list(permutations([UNSHIPPED, HALF, WHOLE])))
def test_webhooks_in_any_order_end_alike_and_never_go_backwards(
    feed: Feed, versions: tuple[SourceOrder, ...]
) -> None:
    feed(*versions)
    assert feed.shipped() == {"P1": {"SHIRT": 2}, "P2": {"SHIRT": 1, "SHOE": 1}}
    assert feed.order.parcels[0].delivered_at == DELIVERED
    assert feed(*versions) == "unchanged unchanged unchanged"


def test_a_cancelled_order_stays_cancelled(feed: Feed) -> None:
    feed(version(cancelled_at=DELIVERED), version())
    assert feed.order.cancelled_at == DELIVERED


def test_never_more_is_shipped_than_was_bought_oca_rma_268(feed: Feed) -> None:
    feed(version(parcels=(parcel("P1", {"A": 2}), parcel("P2", {"A": 2, "B": 5}))))
    assert feed.shipped() == {"P1": {"SHIRT": 2}, "P2": {"SHIRT": 1, "SHOE": 1}}
    feed(version(parcels=(parcel("P3", {"A": 3}),)))
    assert feed.shipped() == {"P1": {"SHIRT": 2}, "P2": {"SHIRT": 1, "SHOE": 1}, "P3": {}}


def test_a_parcel_is_recognised_by_a_tracking_number_it_shares(feed: Feed) -> None:
    feed(HALF, version(parcels=(parcel("other id", {"A": 2}, trackings=("t-1", "T5")),)))
    assert feed.shipped() == {"P1": {"SHIRT": 2}}
    assert [t.tracking_norm for t in feed.order.parcels[0].trackings] == ["T1", "T5"]


def test_units_shipped_nobody_knew_how_move_to_the_parcel_that_turns_up(feed: Feed) -> None:
    unknown = parcel("~", {"A": 3, "B": 1}, shipped_at=SHIPPED, delivered_at=DELIVERED)
    feed(version(parcels=(unknown,)), WHOLE)
    assert feed.shipped() == {"P1": {"SHIRT": 2}, "P2": {"SHIRT": 1, "SHOE": 1}}
    assert [p.delivered_at for p in feed.order.parcels] == [DELIVERED, DELIVERED]
    assert feed(version(parcels=(unknown,))) == "unchanged"
    assert set(feed.shipped()) == {"P1", "P2"}


def test_units_in_a_return_stay_in_the_parcel_it_was_made_for(
    feed: Feed, session: Session, factories: Any
) -> None:
    feed(version(parcels=(parcel("~", {"A": 3, "B": 1}),)))
    factories.make_return(session, feed.order, quantity=2)
    session.commit()
    feed(WHOLE)
    assert feed.shipped() == {"~": {"SHIRT": 2}, "P1": {"SHIRT": 1}, "P2": {"SHOE": 1}}
    assert sum(content.qty_claimed for p in feed.order.parcels for content in p.lines) == 2


def test_a_cancelled_return_keeps_the_line_it_names(
    feed: Feed, session: Session, factories: Any
) -> None:
    feed(version(parcels=(parcel("~", {"A": 3, "B": 1}),)))
    made = factories.make_return(session, feed.order, quantity=1, status="cancelled")
    made.lines[0].parcel_line.qty_claimed = 0
    session.commit()
    feed(WHOLE)
    assert feed.shipped() == {"~": {}, "P1": {"SHIRT": 2}, "P2": {"SHIRT": 1, "SHOE": 1}}


def test_money_under_a_return_never_moves_vendure_4811(
    feed: Feed, session: Session, factories: Any
) -> None:
    """The shop spreads the discount anew after A came back: B keeps the share it had."""
    feed(WHOLE)
    factories.make_return(session, feed.order, quantity=1)
    session.commit()
    feed(version(lines=(SHIRT, SourceLine("B", "Shoe", 1, 6000, sku="SHOE")), shipping_paid=0))
    assert feed.paid() == {"SHIRT": 3000, "SHOE": 8000}
    assert (feed.order.shipping_paid, feed.order.paid_total) == (500, 11500)


def test_money_of_an_order_without_returns_follows_the_feed(feed: Feed) -> None:
    feed(UNSHIPPED, version(lines=(SHIRT, SourceLine("B", "Shoe", 1, 6000, sku="SHOE"))))
    assert feed.paid() == {"SHIRT": 3000, "SHOE": 6000}
    assert feed.order.paid_total == 9500


def test_a_quantity_below_what_was_shipped_is_not_taken_over(feed: Feed) -> None:
    feed(WHOLE, version(lines=(SourceLine("A", "Shirt", 1, 1000, sku="SHIRT"), SHOE)))
    line = feed.order.lines[0]
    assert (line.quantity, line.line_paid) == (3, 3000)


def test_a_line_added_later_is_added_and_one_left_out_stays(feed: Feed) -> None:
    feed(version(lines=(SHIRT,)), version(lines=(SHOE,)))
    assert feed.paid() == {"SHIRT": 3000, "SHOE": 8000}
    assert feed.order.paid_total == 11500


def test_what_a_newer_version_leaves_out_was_not_unsaid(feed: Feed) -> None:
    feed(version(email="anna@customer.example", customer_tags=("vip",)), version())
    assert feed.order.email == "anna@customer.example"
    assert feed.order.customer_tags == ["vip"]


def gone(units: int, amount: int = 0) -> SourceLine:
    return SourceLine(
        "A", "Shirt", 3, 3000, sku="SHIRT", qty_elsewhere=units, amount_elsewhere=amount
    )


def test_units_returned_elsewhere_cannot_come_back_here_oca_rma_418(feed: Feed) -> None:
    feed(WHOLE)
    after = version(lines=(gone(1, 1000), SHOE), parcels=WHOLE.parcels)
    assert feed(after, after, WHOLE) == "updated unchanged unchanged"
    assert feed.claimed() == [(1, 1), (0, 0), (0, 0)]
    assert feed.order.lines[0].amount_elsewhere == 1000


def test_units_returned_elsewhere_are_known_from_the_first_import(feed: Feed) -> None:
    feed(version(lines=(gone(3, 500), SHOE), parcels=WHOLE.parcels))
    assert feed.claimed() == [(2, 2), (1, 1), (0, 0)]
    assert feed.order.lines[0].amount_elsewhere == 3000


def test_more_came_back_elsewhere_than_was_shipped_is_no_error(feed: Feed) -> None:
    feed(version(lines=(gone(3), SHOE), parcels=HALF.parcels))
    assert feed.claimed() == [(2, 2)]
    feed(version(lines=(gone(3), SHOE), parcels=WHOLE.parcels))
    assert feed.claimed() == [(2, 2), (1, 1), (0, 0)]


def test_the_refund_of_a_return_made_here_is_not_counted_twice(
    feed: Feed, session: Session, factories: Any
) -> None:
    feed(WHOLE)
    factories.make_return(session, feed.order, quantity=1)
    session.commit()
    assert feed(version(lines=(gone(1, 1000), SHOE), parcels=WHOLE.parcels)) == "unchanged"
    assert feed.claimed() == [(1, 0), (0, 0), (0, 0)]
    feed(version(lines=(gone(2, 2000), SHOE), parcels=WHOLE.parcels))
    assert feed.claimed() == [(2, 1), (0, 0), (0, 0)]
    assert feed.order.lines[0].amount_elsewhere == 1000


def test_a_refund_that_names_no_lines_is_not_paid_twice(feed: Feed) -> None:
    feed(WHOLE)
    assert feed(version(refunded_loose=1100), version(refunded_loose=1100)) == "updated unchanged"
    assert [line.amount_elsewhere for line in feed.order.lines] == [300, 800]


def test_another_format_of_the_same_order_finds_its_lines_by_article(feed: Feed) -> None:
    feed(UNSHIPPED)
    foreign = (
        SourceLine("991", "Shirt", 3, 3000, sku="SHIRT"),
        SourceLine("992", "Shoe", 1, 8000, sku="SHOE"),
    )
    feed(version(lines=foreign, parcels=(parcel("P1", {"991": 3, "992": 1}),)))
    assert feed.paid() == {"SHIRT": 3000, "SHOE": 8000}
    assert feed.shipped() == {"P1": {"SHIRT": 3, "SHOE": 1}}


def test_an_order_exported_by_shopify_and_then_sent_as_json_is_one_order(
    app: Flask, session: Session, shop: Any, tmp_path: Any, feed: Feed
) -> None:
    exported = {
        "Name": "#1001", "Financial Status": "paid", "Fulfillment Status": "fulfilled",
        "Currency": "EUR", "Subtotal": "50.00", "Shipping": "0.00", "Taxes": "0.00",
        "Total": "50.00", "Created at": "2026-11-02 10:00:00 +0100", "Lineitem quantity": "2",
        "Lineitem name": "Shirt - M", "Lineitem price": "25.00", "Lineitem sku": "SH-M",
        "Lineitem fulfillment status": "fulfilled", "Shipping Zip": "1012 JS",
        "Shipping Country": "NL", "Id": "5001",
    }  # fmt: skip
    sent = {
        "id": 5001, "name": "#1001", "created_at": "2026-11-02T10:00:00+01:00", "currency": "EUR",
        "taxes_included": True, "total_price": "50.00", "financial_status": "paid",
        "shipping_address": {"zip": "1012 JS", "country_code": "NL"},
        "line_items": [{"id": 11, "title": "Shirt", "variant_title": "M", "sku": "SH-M",
                        "quantity": 2, "price": "25.00"}],
        "fulfillments": [{"id": 901, "status": "success", "tracking_number": "3SDEVC1",
                          "created_at": "2026-11-03T10:00:00+01:00",
                          "line_items": [{"id": 11, "quantity": 2}]}],
    }  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, list(exported))
    writer.writeheader()
    writer.writerow(exported)
    (tmp_path / "export.csv").write_text(out.getvalue())
    (tmp_path / "webhook.json").write_text(json.dumps(sent))
    for name in ("export.csv", "webhook.json", "export.csv", "webhook.json"):
        result = app.test_cli_runner().invoke(
            args=["orders", "import", shop.slug, str(tmp_path / name)]
        )
        assert "set aside 0" in result.output, result.output
    assert feed.shipped() == {"901": {"SH-M": 2}}
    assert feed.paid() == {"SH-M": 5000}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": "###"}, "no letters or digits"),
        ({"currency": "eu"}, "not a currency code"),
        ({"lines": ()}, "no lines"),
        ({"lines": (SHIRT, SHIRT)}, "the same id"),
        ({"parcels": (parcel("P", {"A": 1}), parcel("P", {"B": 1}))}, "the same id"),
    ],
)
def test_an_order_that_is_no_order_is_set_aside(
    feed: Feed, changes: dict[str, Any], message: str
) -> None:
    assert message in feed(version(**changes))
    assert feed(version()) == "imported"
