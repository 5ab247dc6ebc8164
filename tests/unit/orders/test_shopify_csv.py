"""Shopify's order export, in the shape that Shopify writes it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from returnsite.orders.base import UNTRACKED

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Address1,Billing Zip,Billing City,Billing Country,Shipping Name,"
    "Shipping Address1,Shipping Zip,Shipping City,Shipping Country,Notes,Cancelled at,"
    "Refunded Amount,Id,Tags,Lineitem discount"
)

FIRST = {
    "Name": "#1001",
    "Email": "anna@customer.example",
    "Financial Status": "paid",
    "Fulfillment Status": "fulfilled",
    "Fulfilled at": "2026-11-03 10:00:00 +0100",
    "Currency": "EUR",
    "Subtotal": "90.00",
    "Shipping": "4.95",
    "Taxes": "16.48",
    "Total": "94.95",
    "Discount Amount": "10.00",
    "Created at": "2026-11-02 10:00:00 +0100",
    "Lineitem quantity": "2",
    "Lineitem name": "Shirt - M",
    "Lineitem price": "25.00",
    "Lineitem sku": "SH-M",
    "Lineitem requires shipping": "true",
    "Lineitem taxable": "true",
    "Lineitem fulfillment status": "fulfilled",
    "Billing Zip": "'01067",
    "Billing Country": "DE",
    "Shipping Name": "Anna de Vries",
    "Shipping Zip": "1012 JS",
    "Shipping Country": "NL",
    "Id": "5001",
    "Tags": "vip, b2b",
    "Refunded Amount": "0.00",
    "Lineitem discount": "0.00",
}
SECOND = {
    "Name": "#1001",
    "Email": "anna@customer.example",
    "Lineitem quantity": "1",
    "Lineitem name": "Shoe",
    "Lineitem price": "50.00",
    "Lineitem requires shipping": "true",
    "Lineitem taxable": "true",
    "Lineitem fulfillment status": "pending",
}


def export(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER.split(","))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_order_fields_come_from_the_first_row_and_lines_from_all(read: Any) -> None:
    found = read(export(FIRST, SECOND))
    assert found.source.name == "shopify-csv"
    order = found.only
    assert (order.source, order.number, order.external_id) == ("shopify", "#1001", "5001")
    assert [line.line_paid for line in order.lines] == [4500, 4500]
    assert order.shipping_paid == 495
    assert order.placed_at.isoformat() == "2026-11-02T09:00:00+00:00"
    assert order.customer_tags == ("vip", "b2b")
    assert (order.delivery.postcode, order.billing.postcode) == ("1012 JS", "01067")


def test_what_was_fulfilled_is_one_parcel_without_a_number(read: Any) -> None:
    (parcel,) = read(export(FIRST, SECOND)).only.parcels
    assert (parcel.external_id, parcel.trackings, parcel.contents) == (UNTRACKED, (), {"1": 2})
    assert parcel.shipped_at is not None


def test_an_unfulfilled_order_was_not_shipped(read: Any) -> None:
    row = FIRST | {"Fulfillment Status": "unfulfilled", "Lineitem fulfillment status": "pending"}
    assert read(export(row)).only.parcels == ()


def test_tax_on_top_is_part_of_what_was_paid(read: Any) -> None:
    row = FIRST | {"Subtotal": "50.00", "Taxes": "10.50", "Total": "65.45", "Discount Amount": "0"}
    assert read(export(row)).only.lines[0].line_paid == 6050


def test_tax_on_top_goes_to_the_taxable_lines(read: Any) -> None:
    row = FIRST | {"Subtotal": "100.00", "Taxes": "5.00", "Total": "109.95"}
    order = read(export(row, SECOND | {"Lineitem taxable": "false"})).only
    assert [line.line_paid for line in order.lines] == [5500, 5000]


def test_a_discount_of_one_line_stays_with_it(read: Any) -> None:
    row = FIRST | {"Lineitem discount": "10.00"}
    assert [line.line_paid for line in read(export(row, SECOND)).only.lines] == [4000, 5000]


def test_refunds_are_known_for_the_order_only(read: Any) -> None:
    order = read(export(FIRST | {"Refunded Amount": "7.50"}, SECOND)).only
    assert order.refunded_loose == 750
    assert [line.qty_elsewhere for line in order.lines] == [0, 0]


def test_a_refunded_order_came_back_whole(read: Any) -> None:
    row = FIRST | {"Financial Status": "refunded", "Refunded Amount": "94.95"}
    order = read(export(row, SECOND)).only
    assert [line.qty_elsewhere for line in order.lines] == [2, 1]
    assert [line.amount_elsewhere for line in order.lines] == [4500, 4500]
    assert order.refunded_loose == 0


def test_what_needs_no_shipping_is_no_goods(read: Any) -> None:
    row = FIRST | {"Lineitem requires shipping": "false"}
    assert read(export(row)).only.lines[0].is_goods is False


def test_a_cancelled_order_is_known_as_such(read: Any) -> None:
    row = FIRST | {"Cancelled at": "2026-11-04 10:00:00 +0100"}
    assert read(export(row)).only.cancelled_at is not None


def test_a_row_of_a_second_payment_is_no_line(read: Any) -> None:
    extra = {"Name": "#1001", "Email": "anna@customer.example"}
    assert len(read(export(FIRST, SECOND, extra)).only.lines) == 2


def test_notes_with_line_ends_and_commas_are_no_problem(read: Any) -> None:
    order = read(export(FIRST | {"Notes": 'Please ring,\n"twice",\nthanks'}, SECOND)).only
    assert len(order.lines) == 2


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("Lineitem quantity", "0", "lineitem_quantity"),
        ("Lineitem price", "x", "lineitem_price"),
        ("Lineitem discount", "60.00", "lineitem_discount"),
        ("Created at", "soon", "created_at"),
        ("Created at", "", "created_at"),
        ("Total", "many", "total"),
    ],
)
def test_a_bad_cell_sets_the_order_aside(read: Any, column: str, value: str, name: str) -> None:
    found = read(export(FIRST | {column: value}, SECOND, FIRST | {"Name": "#1002", "Id": "2"}))
    assert [order.number for order in found.orders] == ["#1002"]
    assert (found.problem.row, found.problem.column) == (2, name)
    assert found.problem.order_number == "#1001"
