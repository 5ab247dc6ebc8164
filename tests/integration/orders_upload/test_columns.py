"""What the columns of an order table mean, told on the page."""

from __future__ import annotations

import csv
import io

from returnsite.orders.own_csv.columns import LINE, ORDER, PARCEL, missing
from tests.conftest import on_one_database
from tests.harness import text_of
from tests.merchant import Merchant

pytestmark = on_one_database


def test_every_column_is_told_with_what_it_means(merchant: Merchant) -> None:
    page = merchant.get("/orders/import")
    named = {text_of(code) for code in page.find("table", **{"class": "columns-help"}).iter("code")}
    assert named == {"order_number", *ORDER, *LINE, *PARCEL}
    assert "docs/orders-csv.md" not in page.text


def test_the_needed_columns_of_the_page_are_those_a_file_must_have(merchant: Merchant) -> None:
    page = merchant.get("/orders/import")
    rows = [row for row in page.find_all("tr") if list(row.iter("code"))]
    needed = [
        [text_of(code) for code in row.iter("code")]
        for row in rows
        if text_of(list(row.iter("td"))[-1])
    ]
    assert missing([]) == tuple("/".join(names) for names in needed)


def test_an_empty_list_offers_an_example_that_can_be_read(merchant: Merchant) -> None:
    page = merchant.get("/orders")
    (link,) = [a for a in page.find_all("a") if "Download an example" in text_of(a)]
    text = merchant.checked.client.get(link.attrib["href"]).text
    header, *rows = csv.reader(io.StringIO(text))
    assert missing(header) == ()
    assert rows
    assert "Download an example" not in merchant.as_role("read_only").get("/orders").text
