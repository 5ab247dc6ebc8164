"""WooCommerce's order JSON, with the tracking notes of the usual plugins."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from returnsite.orders.base import UNTRACKED, UnusableFile

ORDER: dict[str, Any] = {
    "id": 727,
    "number": "727",
    "status": "completed",
    "currency": "EUR",
    "date_created": "2026-11-02T11:00:00",
    "date_created_gmt": "2026-11-02T10:00:00",
    "date_completed_gmt": "2026-11-03T10:00:00",
    "prices_include_tax": True,
    "shipping_total": "4.09",
    "shipping_tax": "0.86",
    "total": "64.95",
    "billing": {"first_name": "Anna", "last_name": "de Vries", "postcode": "1012 JS",
                "country": "NL", "email": "anna@customer.example"},
    "shipping": {"first_name": "", "postcode": "", "country": ""},
    "meta_data": [],
    "line_items": [
        {"id": 11, "name": "Shirt &ndash; M", "product_id": 7, "quantity": 2, "sku": "SH-M",
         "subtotal": "41.322314", "subtotal_tax": "8.677686",
         "total": "33.057851", "total_tax": "6.942149",
         "meta_data": [{"key": "pa_size", "value": "m", "display_value": "M"},
                       {"key": "_reduced_stock", "value": "2"}]},
        {"id": 12, "name": "Cap", "product_id": 8, "quantity": 1, "sku": "",
         "subtotal": "16.528926", "subtotal_tax": "3.471074",
         "total": "16.528926", "total_tax": "3.471074", "meta_data": []},
    ],
    "fee_lines": [],
    "refunds": [],
}  # fmt: skip


def order(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ORDER), **changes}


def with_meta(*pairs: tuple[str, Any], **changes: Any) -> dict[str, Any]:
    return order(meta_data=[{"key": key, "value": value} for key, value in pairs], **changes)


def test_six_decimals_net_and_tax_sum_to_what_was_paid_woocommerce_ios_17630(read: Any) -> None:
    found = read(order()).only
    assert [line.line_paid for line in found.lines] == [4000, 2000]
    assert found.shipping_paid == 495
    assert (found.source, found.number) == ("woocommerce", "727")
    assert found.lines[0].list_price == 2500
    assert found.lines[0].tax_bp == 2100


@pytest.mark.parametrize("name", ["order_retrieve_response", "order_create_response"])
def test_the_examples_of_woocommerce_sum_to_what_was_paid(
    read: Any, shared_data: Path, name: str
) -> None:
    found = read((shared_data / f"orders/woocommerce/{name}.json").read_bytes()).only
    assert sum(line.line_paid for line in found.lines) + (found.shipping_paid or 0) == 2935
    assert [line.line_paid for line in found.lines] == [645, 1290]
    assert found.lines[1].title == "Ship Your Idea – Color: Black, Size: M Test"
    assert found.lines[1].variant == "black, M Test"
    assert found.placed_at.isoformat() == "2017-03-22T19:28:02+00:00"
    assert found.parcels == ()


def test_a_refund_of_woocommerce_is_no_order(read: Any, shared_data: Path) -> None:
    with pytest.raises(UnusableFile):
        read((shared_data / "orders/woocommerce/order_refund.json").read_bytes())


def test_a_completed_order_without_tracking_is_one_parcel_without_number(read: Any) -> None:
    (parcel,) = read(order()).only.parcels
    assert (parcel.external_id, parcel.contents) == (UNTRACKED, {"11": 2, "12": 1})
    assert parcel.shipped_at is not None
    assert parcel.shipped_at.isoformat() == "2026-11-03T10:00:00+00:00"


@pytest.mark.parametrize("status", ["processing", "on-hold", "pending"])
def test_an_open_order_without_tracking_was_not_shipped(read: Any, status: str) -> None:
    assert read(order(status=status)).only.parcels == ()


ITEMS = [
    {"tracking_provider": "postnl", "tracking_number": "3SDEVC1", "date_shipped": "1793610000"},
    {"tracking_provider": "", "custom_tracking_provider": "PostNL", "custom_tracking_link": "",
     "tracking_number": "3SDEVC2", "date_shipped": 1793700000},
]  # fmt: skip


@pytest.mark.parametrize(
    ("metas", "numbers", "carrier"),
    [
        ([("_wc_shipment_tracking_items", ITEMS)], ("3SDEVC1", "3SDEVC2"), "postnl"),
        ([("_wc_shipment_tracking_items", json.dumps(ITEMS))], ("3SDEVC1", "3SDEVC2"), "postnl"),
        ([("_tracking_number", "3SDEVC1"), ("_tracking_provider", "DHL")], ("3SDEVC1",), "dhl"),
        (
            [("_tracking_number", "A1"), ("_custom_tracking_provider", "Fietskoerier")],
            ("A1",),
            "Fietskoerier",
        ),
        ([("ywot_tracking_code", "A1"), ("ywot_carrier_name", "GLS NL")], ("A1",), "gls"),
        (
            [("_aftership_tracking_items", [{"slug": "postnl-3s", "tracking_number": "A1"}])],
            ("A1",),
            "postnl",
        ),
        (
            [("_wc_shipment_tracking_items", ITEMS[:1]), ("_tracking_number", "3SDEVC1")],
            ("3SDEVC1",),
            "postnl",
        ),
    ],
)
def test_tracking_numbers_are_found_where_plugins_keep_them(
    read: Any, metas: list[tuple[str, Any]], numbers: tuple[str, ...], carrier: str
) -> None:
    (parcel,) = read(with_meta(*metas, status="processing")).only.parcels
    assert parcel.trackings == numbers
    assert parcel.carrier == carrier
    assert parcel.contents == {"11": 2, "12": 1}


@pytest.mark.parametrize("value", [None, "", [], {}, "a:1:{s:1}", [None], [{}], 5, "[broken"])
def test_tracking_notes_that_say_nothing_are_no_problem(read: Any, value: Any) -> None:
    found = read(with_meta(("_wc_shipment_tracking_items", value), status="processing")).only
    assert found.parcels == ()


def test_parcels_are_kept_apart_where_the_plugin_notes_their_contents(read: Any) -> None:
    items = copy.deepcopy(ITEMS)
    items[0]["products_list"] = [{"product": 7, "item_id": "11", "qty": "2"}]
    items[1]["products_list"] = [{"product": 8, "item_id": 12, "qty": 1}]
    found = read(with_meta(("_wc_shipment_tracking_items", items))).only
    assert [parcel.contents for parcel in found.parcels] == [{"11": 2}, {"12": 1}]


def test_negative_fees_are_discounts_and_surcharges_are_paid_beside_the_goods(read: Any) -> None:
    fees = [{"total": "-5.00", "total_tax": "-1.00"}, {"total": "2.00", "total_tax": "0.42"}]
    found = read(order(fee_lines=fees, total="61.37")).only
    assert [line.line_paid for line in found.lines] == [3600, 1800]
    assert found.shipping_paid == 495 + 242


def test_a_gift_card_plugin_that_lowers_the_total_only_is_a_discount_prestashop_42510(
    read: Any,
) -> None:
    found = read(order(total="34.95")).only
    assert [line.line_paid for line in found.lines] == [2000, 1000]


def test_refund_totals_without_lines_are_kept_apart(read: Any) -> None:
    found = read(order(refunds=[{"id": 1, "reason": "", "total": "-10.00"}])).only
    assert found.refunded_loose == 1000
    assert [line.amount_elsewhere for line in found.lines] == [0, 0]


def test_refunds_with_lines_name_units(read: Any) -> None:
    line = {
        "id": 31,
        "quantity": -1,
        "total": "-16.528926",
        "total_tax": "-3.471074",
        "meta_data": [{"key": "_refunded_item_id", "value": "11"}],
    }
    found = read(order(refunds=[{"total": "-20.00", "line_items": [line]}])).only
    assert (found.lines[0].qty_elsewhere, found.lines[0].amount_elsewhere) == (1, 2000)
    assert found.refunded_loose == 0


def test_a_refunded_order_came_back_whole(read: Any) -> None:
    found = read(order(status="refunded")).only
    assert [line.qty_elsewhere for line in found.lines] == [2, 1]


@pytest.mark.parametrize("status", ["cancelled", "failed", "wc-cancelled", "trash"])
def test_orders_called_off_are_cancelled(read: Any, status: str) -> None:
    assert read(order(status=status)).only.cancelled_at is not None


def test_an_order_without_delivery_address_goes_to_the_billing_address(read: Any) -> None:
    found = read(order()).only
    assert found.delivery.postcode == "1012 JS"
    assert found.customer_name == "Anna de Vries"


@pytest.mark.parametrize(
    ("place", "name", "value", "column"),
    [
        (0, "quantity", -1, "line_items[1].quantity"),
        (1, "total", "x", "line_items[2].total"),
        (None, "shipping_total", "x", "shipping_total"),
        (None, "date_created_gmt", "soon", "date_created_gmt"),
    ],
)
def test_a_bad_value_sets_the_order_aside_and_names_its_place(
    read: Any, place: int | None, name: str, value: Any, column: str
) -> None:
    bad = order(id=2)
    (bad if place is None else bad["line_items"][place])[name] = value
    found = read([order(id=1), bad, order(id=3)])
    assert [one.external_id for one in found.orders] == ["1", "3"]
    assert (found.problem.row, found.problem.column) == (2, column)
