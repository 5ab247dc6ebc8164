"""The shop's own CSV as orders: lines, parcels, addresses, and what is wrong with a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from returnsite.orders.base import UNTRACKED, ReadContext, UnusableFile

HEADER = "order_number,placed_at,postcode,title,quantity,line_paid"
FULL = (
    "order_number;order_id;placed_at;currency;email;customer_name;customer_tags;locale;"
    "delivery_street;delivery_house_number;postcode;city;country;billing_postcode;"
    "line_id;sku;title;variant;product_key;image_url;category;tags;quantity;line_paid;list_price;"
    "tax_rate;final_sale;parcel;tracking_number;carrier;shipped_at;delivered_at;pickup_postcode;"
    "shipping_paid;order_paid\n"
    "#1001;77;2-11-2026 10:00;EUR;anna@customer.example;Anna de Vries;vip|b2b;nl-NL;"
    "Damrak;1-H;1012 JS;Amsterdam;nl;1017 AB;"
    "A;SH-M;Linen shirt;Blue / M;shirt;https://shop.example/s.jpg;Clothing;summer|linen;2;39,90;"
    "24,95;21%;no;P1;3SDEVC1|3SDEVC2;PostNL;3-11-2026;4-11-2026 14:00;2611 GX;4,95;124,80\n"
    "#1001;;;;;;;;;;;;;;B;SOCK;Socks;;socks;javascript:alert(1);;;1;79,95;;;yes;P2;;;;;;;\n"
)


def test_every_column_ends_where_it_belongs(read: Any) -> None:
    order = read(FULL).only
    assert (order.source, order.number, order.external_id) == ("csv", "#1001", "77")
    assert order.placed_at == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert order.customer_tags == ("vip", "b2b")
    assert order.locale == "nl-NL"
    assert order.delivery.country == "NL"
    assert (order.delivery.postcode, order.billing.postcode) == ("1012 JS", "1017 AB")
    assert order.delivery.house_number == "1-H"
    shirt, socks = order.lines
    assert (shirt.external_id, shirt.sku, shirt.quantity, shirt.line_paid) == ("A", "SH-M", 2, 3990)
    assert (shirt.variant, shirt.category, shirt.tags) == (
        "Blue / M",
        "Clothing",
        ("summer", "linen"),
    )
    assert (shirt.list_price, shirt.tax_bp, shirt.final_sale) == (2495, 2100, False)
    assert shirt.image_url == "https://shop.example/s.jpg"
    assert socks.image_url == ""
    assert socks.final_sale is True
    first, second = order.parcels
    assert first.trackings == ("3SDEVC1", "3SDEVC2")
    assert (first.external_id, first.carrier, first.contents) == ("P1", "postnl", {"A": 2})
    assert first.shipped_at == datetime(2026, 11, 2, 23, 0, tzinfo=UTC)
    assert first.delivered_at == datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
    assert first.pickup_postcode == "2611 GX"
    assert (second.external_id, second.contents, second.trackings) == ("P2", {"B": 1}, ())
    assert order.shipping_paid == 495


def test_six_columns_are_enough_and_then_everything_was_shipped(read: Any) -> None:
    order = read(f"{HEADER}\n1001,2026-11-02,1012JS,Shirt,2,39.90\n").only
    assert order.lines[0].line_paid == 3990
    assert order.shipping_paid is None
    (parcel,) = order.parcels
    assert (parcel.external_id, parcel.contents) == (UNTRACKED, {"Shirt": 2})
    assert parcel.shipped_at == order.placed_at


def test_headings_may_have_other_names_and_spelling(read: Any) -> None:
    text = "Order Number,Order date,Zip,Product,Quantity,Price\n1,2026-11-02,10115,Cup,2,5.00\n"
    assert read(text).only.lines[0].line_paid == 1000


def test_where_a_file_knows_shipping_a_row_without_it_was_not_shipped(read: Any) -> None:
    order = read(
        f"{HEADER},tracking_number\n"
        "1,2026-11-02,1012JS,Shirt,1,10.00,3SDEVC1\n"
        "1,2026-11-02,1012JS,Cap,1,5.00,\n"
    ).only
    assert [parcel.contents for parcel in order.parcels] == [{"Shirt": 1}]


def test_a_line_in_two_parcels_is_one_line(read: Any) -> None:
    order = read(
        f"{HEADER},sku,tracking_number\n"
        "1,2026-11-02,1012JS,Shirt,1,10.00,S,3SDEVC1\n"
        "1,2026-11-02,1012JS,Shirt,2,20.01,S,3SDEVC2\n"
    ).only
    (line,) = order.lines
    assert (line.quantity, line.line_paid) == (3, 3001)
    assert [parcel.contents for parcel in order.parcels] == [{"S": 1}, {"S": 2}]


def test_rows_of_an_order_need_not_stand_together(read: Any) -> None:
    found = read(
        f"{HEADER}\n1,2026-11-02,1012JS,A,1,1.00\n2,2026-11-02,1012JS,B,1,2.00\n"
        "1,2026-11-02,1012JS,C,1,3.00\n3,2026-11-02,1012JS,D,1,4.00\n"
    )
    assert {order.number: len(order.lines) for order in found.orders} == {"2": 1, "3": 1, "1": 2}


@pytest.mark.parametrize(
    ("code", "title"),
    [("POST", "POSTAGE"), ("C2", "CARRIAGE"), ("M", "Manual"), ("DOT", "DOTCOM POSTAGE")]
    + [("D", "Discount"), ("", "Verzendkosten"), ("", "Gift card")],
)
def test_postage_and_fees_are_no_goods(read: Any, code: str, title: str) -> None:
    text = f"{HEADER},sku\n1,2026-11-02,1012JS,{title},1,5.00,{code}\n"
    assert read(text).only.lines[0].is_goods is False


@pytest.mark.parametrize("title", ["Postage stamp album", "Manual coffee grinder", "M", "D"])
def test_an_article_that_sounds_like_a_fee_is_goods(read: Any, title: str) -> None:
    text = f"{HEADER},sku\n1,2026-11-02,1012JS,{title},1,5.00,M\n"
    assert read(text).only.lines[0].is_goods is True


def test_the_file_has_the_last_word_on_what_is_goods(read: Any) -> None:
    text = f"{HEADER},is_goods\n1,2026-11-02,1012JS,Porto,1,5.00,yes\n"
    assert read(text).only.lines[0].is_goods is True


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("1,2026-11-02,1012JS,Shirt,0,1.00", "quantity", "whole number"),
        ("1,2026-11-02,1012JS,Shirt,1.5,1.00", "quantity", "whole number"),
        ("1,2026-11-02,1012JS,Shirt,-2,1.00", "quantity", "whole number"),
        ("1,2026-11-02,1012JS,Shirt,,1.00", "quantity", "missing"),
        ("1,2026-11-02,1012JS,Shirt,1,-1.00", "line_paid", "below zero"),
        ("1,2026-11-02,1012JS,Shirt,1,free", "line_paid", "not an amount"),
        ("1,2026-11-02,1012JS,Shirt,1,", "line_paid", "missing"),
        ("1,soon,1012JS,Shirt,1,1.00", "placed_at", "not a date"),
        ("1,,1012JS,Shirt,1,1.00", "placed_at", "missing"),
        (",2026-11-02,1012JS,Shirt,1,1.00", "order_number", "missing"),
        ("1,2026-11-02,1012JS,,1,1.00", "title", "no name"),
        ("1,2026-11-02,1012JS,Shirt,1,4,95", "", "more cells"),
    ],
)
def test_a_bad_row_sets_its_order_aside_and_no_other(
    read: Any, row: str, column: str, message: str
) -> None:
    found = read(f"{HEADER}\n0,2026-11-02,1012JS,A,1,1.00\n{row}\n2,2026-11-02,1012JS,B,1,2.00\n")
    if column == "order_number":
        # The row may belong to the order above it, which is then not whole either.
        assert [order.number for order in found.orders] == ["2"]
    else:
        assert [order.number for order in found.orders] == ["0", "2"]
        assert found.problem.order_number == "1"
    assert (found.problem.row, found.problem.column) == (3, column)
    assert message in found.problem.message


def test_one_bad_row_of_an_order_sets_all_of_it_aside(read: Any) -> None:
    found = read(
        f"{HEADER}\n1,2026-11-02,1012JS,A,1,1.00\n1,2026-11-02,1012JS,B,x,1.00\n"
        "1,2026-11-02,1012JS,C,1,1.00\n"
    )
    assert found.orders == []
    assert (found.problem.row, found.problem.column) == (3, "quantity")


@pytest.mark.parametrize("column", ["email", "currency", "order_paid", "postcode"])
def test_rows_of_one_order_that_contradict_each_other_are_refused(read: Any, column: str) -> None:
    values = {"email": ("a@x.example", "b@x.example"), "currency": ("EUR", "USD")}
    one, other = values.get(column, ("10", "11"))
    header = HEADER if column == "postcode" else f"{HEADER},{column}"
    cells = [one, other] if column == "postcode" else ["1012JS", "1012JS"]
    extra = ["", ""] if column == "postcode" else [f",{one}", f",{other}"]
    found = read(
        f"{header}\n1,2026-11-02,{cells[0]},A,1,5.00{extra[0]}\n"
        f"1,2026-11-02,{cells[1]},B,1,5.00{extra[1]}\n"
    )
    expected = "delivery_postcode" if column == "postcode" else column
    assert (found.problem.row, found.problem.column) == (3, expected)


@pytest.mark.parametrize(
    ("column", "value"), [("currency", "EURO"), ("country", "Nederland"), ("country", "N1")]
)
def test_codes_are_checked(read: Any, column: str, value: str) -> None:
    found = read(f"{HEADER},{column}\n1,2026-11-02,1012JS,A,1,5.00,{value}\n")
    assert column in found.problem.column
    assert value.upper() in found.problem.message


def test_missing_columns_are_named(read: Any) -> None:
    with pytest.raises(UnusableFile, match="placed_at, quantity, line_paid/unit_price"):
        read("order_number,postcode,title\n1,1012JS,A\n")


def test_decimal_commas_and_points_are_told_apart_by_the_rest_of_the_file(read: Any) -> None:
    found = read(f'{HEADER}\n1,2026-11-02,1012JS,A,1,"1.234"\n2,2026-11-02,1012JS,B,1,"9,95"\n')
    assert [order.lines[0].line_paid for order in found.orders] == [123400, 995]


def test_an_amount_that_stays_unclear_sets_the_order_aside(read: Any) -> None:
    found = read(f"{HEADER}\n1,2026-11-02,1012JS,A,1,1.234\n2,2026-11-02,1012JS,B,1,7\n")
    assert found.problem.column == "line_paid"
    assert [order.number for order in found.orders] == ["2"]


def test_american_dates_are_understood_in_an_american_shop(read: Any) -> None:
    text = f"{HEADER}\n1,11/02/2026,40202,A,1,5.00\n"
    shop = ReadContext(currency="USD", time_zone="America/New_York", country="US")
    assert read(text, context=shop).only.placed_at.month == 11
    assert read(text).only.placed_at.day in (10, 11)


def test_returned_units_and_refunds_are_taken_over(read: Any) -> None:
    line = read(
        f"{HEADER},returned_quantity,refunded_amount\n1,2026-11-02,1012JS,A,3,30.00,1,-10.00\n"
    ).only.lines[0]
    assert (line.qty_elsewhere, line.amount_elsewhere) == (1, 1000)


@pytest.mark.parametrize(
    ("returned", "refunded", "column"),
    [("4", "", "returned_quantity"), ("1", "31", "refunded_amount")],
)
def test_more_cannot_have_come_back_than_was_bought(
    read: Any, returned: str, refunded: str, column: str
) -> None:
    found = read(
        f"{HEADER},returned_quantity,refunded_amount\n"
        f"1,2026-11-02,1012JS,A,3,30.00,{returned},{refunded}\n"
    )
    assert found.problem.column == column


def test_control_characters_and_long_texts_cannot_break_anything(read: Any) -> None:
    text = f'{HEADER},email\n1,2026-11-02,1012JS,"A\x00\r\nB{"x" * 900}",1,5.00,"a@x\r\nBcc: b@x"\n'
    order = read(text).only
    assert order.lines[0].title.startswith("A B")
    assert len(order.lines[0].title) == 500
    assert order.email == "a@x Bcc: b@x"


def test_a_number_too_long_to_tell_apart_is_refused(read: Any) -> None:
    found = read(f"{HEADER}\n{'9' * 300},2026-11-02,1012JS,A,1,5.00\n")
    assert found.problem.column == "order_number"
