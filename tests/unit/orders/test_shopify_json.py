"""Shopify's order JSON: its own examples, and the forms seen in the wild."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from returnsite.orders.base import UNTRACKED, UnusableFile

ORDER: dict[str, Any] = {
    "id": 5001,
    "name": "#1001",
    "created_at": "2026-11-02T10:00:00+01:00",
    "currency": "EUR",
    "taxes_included": True,
    "total_price": "104.95",
    "email": "anna@customer.example",
    "tags": "",
    "line_items": [
        {"id": 11, "title": "Shirt", "variant_title": "M", "sku": "SH-M", "quantity": 2,
         "price": "30.00", "product_id": 7, "requires_shipping": True, "fulfillable_quantity": 0,
         "discount_allocations": [{"amount": "10.00"}]},
        {"id": 12, "title": "Shoe", "sku": "SHOE", "quantity": 1, "price": "50.00",
         "fulfillable_quantity": 0},
    ],
    "shipping_lines": [{"price": "6.95", "discounted_price": "4.95"}],
    "shipping_address": {"first_name": "Anna", "last_name": "de Vries", "address1": "Damrak 1",
                         "zip": "1012 JS", "city": "Amsterdam", "country_code": "NL"},
    "fulfillments": [
        {"id": 901, "status": "success", "created_at": "2026-11-03T10:00:00+01:00",
         "updated_at": "2026-11-05T10:00:00+01:00", "tracking_company": "PostNL",
         "tracking_number": "3SDEVC1", "tracking_numbers": ["3SDEVC1", "3SDEVC2"],
         "line_items": [{"id": 11, "quantity": 2}, {"id": 12, "quantity": 1}]},
    ],
    "refunds": [],
}  # fmt: skip


def order(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ORDER), **changes}


def fulfilment(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ORDER["fulfillments"][0]), **changes}


def refund(line: int, quantity: int, subtotal: str, **changes: Any) -> dict[str, Any]:
    item = {"line_item_id": line, "quantity": quantity, "subtotal": subtotal, "total_tax": "0.00"}
    return {"refund_line_items": [{**item, "restock_type": "return"}], **changes}


def test_an_order_is_read_with_all_its_tracking_numbers(read: Any) -> None:
    found = read(order()).only
    assert (found.source, found.number, found.external_id) == ("shopify", "#1001", "5001")
    assert [line.line_paid for line in found.lines] == [5000, 5000]
    assert found.shipping_paid == 495
    assert found.lines[0].variant == "M"
    (parcel,) = found.parcels
    assert (parcel.external_id, parcel.carrier) == ("901", "postnl")
    assert parcel.trackings == ("3SDEVC1", "3SDEVC2")
    assert parcel.contents == {"11": 2, "12": 1}
    assert found.delivery.postcode == "1012 JS"
    assert found.customer_name == "Anna de Vries"


def test_the_refunded_example_of_shopify_sums_to_what_was_paid(
    read: Any, shared_data: Path
) -> None:
    path = shared_data / "orders/shopify/order_450789469_fulfilled_refunded.json"
    found = read(path.read_bytes()).only
    assert sum(line.line_paid for line in found.lines) + (found.shipping_paid or 0) == 59894
    assert found.number == "#1001"
    assert found.customer_tags == ("Léon", "Noël")
    assert found.delivery.postcode == "40202"
    green, red, black = found.lines
    assert "Happy Birthday" in green.variant
    assert (green.amount_elsewhere, red.amount_elsewhere) == (19964, 0)
    assert black.amount_elsewhere == 19964
    # The only fulfilment failed: nothing was shipped, but its number still finds the order.
    (parcel,) = found.parcels
    assert (parcel.trackings, parcel.contents) == (("1Z2345",), {})
    assert [line.qty_elsewhere for line in found.lines] == [0, 0, 0]


def test_the_example_of_shopify_without_tracking_is_one_parcel_without_number(
    read: Any, shared_data: Path
) -> None:
    path = shared_data / "orders/shopify/order_1073459965_fulfilled_no_tracking.json"
    found = read(path.read_bytes()).only
    (parcel,) = found.parcels
    assert parcel.trackings == ()
    assert parcel.contents == {"1071823195": 1}
    assert found.lines[0].line_paid == 19900


@pytest.mark.parametrize("name", ["refund", "fulfillments_list"])
def test_files_of_shopify_that_hold_no_orders_are_refused(
    read: Any, shared_data: Path, name: str
) -> None:
    with pytest.raises(UnusableFile):
        read((shared_data / f"orders/shopify/{name}.json").read_bytes())


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"tracking_numbers": None, "tracking_number": None}, ()),
        ({"tracking_numbers": [], "tracking_number": ""}, ()),
        ({"tracking_numbers": [None, ""], "tracking_number": "A1"}, ("A1",)),
        ({"tracking_numbers": ["A1", "A2"], "tracking_number": None}, ("A1", "A2")),
        ({"tracking_numbers": "A1", "tracking_number": "A2"}, ("A2",)),
        ({"tracking_numbers": ["A1, A2"], "tracking_number": "A1"}, ("A1", "A2")),
    ],
)
def test_tracking_numbers_may_be_null_empty_or_anywhere(
    read: Any, changes: dict[str, Any], numbers: tuple[str, ...]
) -> None:
    found = read(order(fulfillments=[fulfilment(**changes)])).only
    assert found.parcels[0].trackings == numbers


@pytest.mark.parametrize(
    ("properties", "variant"),
    [
        ([{"name": "Name", "value": "Bo"}, {"name": "_id", "value": "9"}], "M · Name: Bo"),
        ({"Name": "Bo", "_id": "9"}, "M · Name: Bo"),
        ({}, "M"),
        ([], "M"),
        (None, "M"),
        ("odd", "M"),
        ([{"name": None, "value": None}, "odd"], "M"),
    ],
)
def test_properties_may_be_a_list_an_object_or_nothing(
    read: Any, properties: Any, variant: str
) -> None:
    changed = order()
    changed["line_items"][0]["properties"] = properties
    assert read(changed).only.lines[0].variant == variant
    del changed["line_items"][0]["properties"]
    assert read(changed).only.lines[0].variant == "M"


@pytest.mark.parametrize("status", ["cancelled", "error", "failure"])
def test_a_fulfilment_that_was_called_off_shipped_nothing(read: Any, status: str) -> None:
    found = read(order(fulfillments=[fulfilment(status=status)])).only
    assert found.parcels[0].contents == {}
    bare = fulfilment(status=status, tracking_number=None, tracking_numbers=[])
    assert read(order(fulfillments=[bare])).only.parcels == ()


def test_lines_that_were_not_fulfilled_were_not_shipped(read: Any) -> None:
    assert read(order(fulfillments=[])).only.parcels == ()


def test_without_fulfilments_the_lines_say_what_was_shipped(read: Any) -> None:
    changed = order()
    del changed["fulfillments"]
    changed["line_items"][1]["fulfillment_status"] = "fulfilled"
    (parcel,) = read(changed).only.parcels
    assert (parcel.external_id, parcel.contents) == (UNTRACKED, {"12": 1})


def test_units_refunded_after_shipping_came_back_elsewhere(read: Any) -> None:
    found = read(order(refunds=[refund(11, 1, "25.00")])).only
    assert (found.lines[0].qty_elsewhere, found.lines[0].amount_elsewhere) == (1, 2500)


def test_units_taken_off_before_shipping_did_not_come_back(read: Any) -> None:
    changed = order(
        refunds=[refund(11, 1, "25.00")],
        fulfillments=[fulfilment(line_items=[{"id": 11, "quantity": 1}])],
    )
    assert read(changed).only.lines[0].qty_elsewhere == 0


def test_current_quantity_tells_of_returns_when_refunds_are_left_out(read: Any) -> None:
    changed = order(refunds=None)
    changed["line_items"][0]["current_quantity"] = 1
    assert read(changed).only.lines[0].qty_elsewhere == 1


def test_money_refunded_without_naming_lines_is_kept_apart(read: Any) -> None:
    adjustment = {"kind": "shipping_refund", "amount": "-4.95", "tax_amount": "0.00"}
    goodwill = {"transactions": [{"kind": "refund", "status": "success", "amount": "7.00"}]}
    shipping = {
        "order_adjustments": [adjustment],
        "transactions": [{"kind": "refund", "status": "success", "amount": "4.95"}],
    }
    failed = {"transactions": [{"kind": "refund", "status": "failure", "amount": "50.00"}]}
    found = read(order(refunds=[goodwill, shipping, failed])).only
    assert found.refunded_loose == 700
    assert [line.amount_elsewhere for line in found.lines] == [0, 0]


def test_a_refunded_order_came_back_whole(read: Any) -> None:
    found = read(order(financial_status="refunded")).only
    assert [(line.qty_elsewhere, line.amount_elsewhere) for line in found.lines] == [
        (2, 5000),
        (1, 5000),
    ]


def test_net_and_gross_priced_orders_are_paid_alike_medusa_10760(read: Any) -> None:
    net = order(taxes_included=False, total_price="109.95", shipping_lines=[{"price": "4.95"}])
    net["line_items"][0]["tax_lines"] = [{"price": "5.00", "rate": 0.1}]
    found = read(net).only
    assert [line.line_paid for line in found.lines] == [5500, 5000]
    assert found.lines[0].tax_bp == 1000
    gross = order(total_price="109.95", shipping_lines=[{"price": "4.95"}])
    gross["line_items"][0] |= {"price": "33.00", "discount_allocations": [{"amount": "11.00"}]}
    assert [line.line_paid for line in read(gross).only.lines] == [5500, 5000]


def test_a_tip_is_no_part_of_the_goods(read: Any) -> None:
    found = read(order(total_price="109.95", total_tip_received="5.00")).only
    assert [line.line_paid for line in found.lines] == [5000, 5000]


def test_gift_cards_and_what_needs_no_shipping_are_no_goods(read: Any) -> None:
    changed = order()
    changed["line_items"][0]["gift_card"] = True
    changed["line_items"][1]["requires_shipping"] = False
    assert [line.is_goods for line in read(changed).only.lines] == [False, False]


def test_a_cancelled_order_is_known_as_such(read: Any) -> None:
    assert read(order(cancelled_at="2026-11-04T10:00:00Z")).only.cancelled_at is not None
    assert read(order()).only.cancelled_at is None


def test_a_delivered_fulfilment_has_a_delivery_date(read: Any) -> None:
    (parcel,) = read(order(fulfillments=[fulfilment(shipment_status="delivered")])).only.parcels
    assert parcel.delivered_at is not None
    assert parcel.delivered_at.isoformat() == "2026-11-05T09:00:00+00:00"
    assert parcel.delivery_exact is False


@pytest.mark.parametrize(
    ("path", "value", "column"),
    [
        (("line_items", 0, "quantity"), -1, "line_items[1].quantity"),
        (("line_items", 0, "quantity"), 1.5, "line_items[1].quantity"),
        (("line_items", 0, "price"), "free", "line_items[1].price"),
        (("line_items", 1, "price"), "1e400", "line_items[2].price"),
        (("line_items", 0, "price"), "-30.00", ""),
        (("created_at",), "soon", "created_at"),
        (("created_at",), None, "created_at"),
        (("fulfillments", 0, "created_at"), "soon", "fulfillments[1].created_at"),
        (("name",), "9" * 400, "name"),
    ],
)
def test_a_bad_value_sets_the_order_aside_and_names_its_place(
    read: Any, path: tuple[Any, ...], value: Any, column: str
) -> None:
    changed = order()
    target: Any = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    found = read([order(id=1), changed, order(id=3)])
    assert [one.external_id for one in found.orders] == ["1", "3"]
    assert (found.problem.row, found.problem.column) == (2, column)


@pytest.mark.parametrize("junk", [1, "text", None, [], {"id": 5}, [[]]])
def test_things_that_are_no_orders_are_set_aside(read: Any, junk: Any) -> None:
    found = read(json.dumps([order(), junk]))
    assert len(found.orders) == 1
    assert all(problem.row >= 2 for problem in found.problems)


def test_missing_and_null_members_are_no_problem(read: Any) -> None:
    bare = {
        "id": 1,
        "name": "#1",
        "created_at": "2026-11-02T10:00:00Z",
        "fulfillments": None,
        "customer": None,
        "shipping_address": None,
        "admin_graphql_api_id": None,
        "line_items": [{"id": 1, "quantity": 1, "price": "5.00", "title": "A", "tax_lines": None}],
    }
    found = read(bare).only
    assert found.lines[0].line_paid == 500
    assert found.currency == "EUR"
