"""Importing files through the command line, and finding their orders in the portal's look-up."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import Order, OrderLine, Parcel, ParcelLine, ProductVariant
from returnsite.services.find_order import find_order
from returnsite.services.import_order_file import import_order_file
from returnsite.services.shops import find_shop

HEADER = (
    "order_number,placed_at,postcode,country,billing_postcode,pickup_postcode,sku,title,quantity,"
    "line_paid,shipping_paid,tracking_number,shipped_at,delivered_at\n"
)
FILE = HEADER + (
    "#1001,2026-11-02,1012 JS,NL,1017 AB,2611 GX,SHIRT,Shirt,2,39.90,4.95,3SDEVC1|3SDEVC2,"
    "2026-11-03,2026-11-04\n"
    "#1001,2026-11-02,1012 JS,NL,1017 AB,,SHOE,Shoe,1,79.95,,3SDEVC3,2026-11-04,\n"
    "#1002,2026-11-02,B-1000,BE,,,CAP,Cap,1,15.00,0,,,\n"
)


class Import:
    """Runs `flask orders …` for one shop."""

    def __init__(self, app: Flask, slug: str, folder: Path) -> None:
        self.app, self.slug, self.folder = app, slug, folder

    def file(self, content: str | bytes | dict[str, Any] | list[Any], name: str = "orders") -> Path:
        path = self.folder / name
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def __call__(self, content: Any, *options: str, expect: int = 0) -> str:
        path = content if isinstance(content, Path) else self.file(content)
        result = self.run("import", self.slug, str(path), *options)
        assert result.exit_code == expect, result.output
        return result.output

    def run(self, *args: str) -> Result:
        return self.app.test_cli_runner().invoke(args=["orders", *args])


@pytest.fixture
def run(app: Flask, shop: Any, tmp_path: Path) -> Import:
    return Import(app, shop.slug, tmp_path)


def orders_of(session: Session, shop: Any) -> list[Order]:
    session.rollback()
    query = select(Order).where(Order.shop_id == shop.id).order_by(Order.id)
    return list(session.scalars(query))


def everything(session: Session) -> list[Any]:
    """Every stored value of orders, for telling whether anything changed."""
    session.rollback()
    rows: list[Any] = []
    for model in (Order, OrderLine, Parcel, ParcelLine):
        rows += map(
            tuple, session.execute(select(*model.__table__.c).order_by(model.__table__.c.id))
        )
    return rows


def test_a_file_becomes_orders_with_lines_parcels_and_tracking(
    run: Import, session: Session, shop: Any
) -> None:
    assert "imported 2, updated 0, unchanged 0, set aside 0" in run(FILE)
    first, second = orders_of(session, shop)
    assert (first.number, first.number_norm, first.source) == ("#1001", "1001", "csv")
    assert (first.paid_total, first.shipping_paid) == (3990 + 7995 + 495, 495)
    assert [(line.sku, line.line_paid) for line in first.lines] == [("SHIRT", 3990), ("SHOE", 7995)]
    assert [parcel.tracking_no for parcel in first.parcels] == ["3SDEVC1", "3SDEVC3"]
    assert [t.tracking_norm for t in first.parcels[0].trackings] == ["3SDEVC1", "3SDEVC2"]
    assert [(c.qty_shipped, c.qty_claimed) for c in first.parcels[0].lines] == [(2, 0)]
    assert first.parcels[0].delivered_at is not None
    assert first.parcels[1].delivered_at is None
    assert (second.country, second.delivery_postcode_norm) == ("BE", "1000")
    assert second.parcels == []


@pytest.mark.parametrize("number", ["3sdevc1", "3S DEVC 2", "3SDEVC3", "1001", "#1001"])
@pytest.mark.parametrize("postcode", ["1012js", "NL-1017 AB"])
def test_an_imported_order_is_found_by_any_number_and_postcode_of_it(
    run: Import, session: Session, shop: Any, number: str, postcode: str
) -> None:
    run(FILE)
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    assert find_order(shop=settings, number=number, postcode=postcode, locale="nl") is not None
    assert find_order(shop=settings, number=number, postcode="9999ZZ", locale="nl") is None


def test_a_parcel_is_found_by_the_postcode_of_its_pick_up_point(
    run: Import, session: Session, shop: Any
) -> None:
    run(FILE)
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    found = find_order(shop=settings, number="3SDEVC1", postcode="2611gx", locale="nl")
    assert found is not None


def test_importing_twice_changes_nothing_oca_rma_545(run: Import, session: Session) -> None:
    run(FILE)
    before = everything(session)
    assert "imported 0, updated 0, unchanged 2, set aside 0" in run(FILE)
    assert everything(session) == before


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(
    run: Import, session: Session, shop: Any
) -> None:
    output = run(FILE, "--dry-run")
    assert "dry run" in output
    assert "imported 2" in output
    assert orders_of(session, shop) == []


def test_bad_orders_are_listed_by_row_and_column_and_the_rest_is_imported(
    run: Import, session: Session, shop: Any
) -> None:
    bad = FILE + (
        "#1003,2026-11-02,1012 JS,NL,,,X,X,none,1.00,,,,\n"
        "#1004,2026-11-02,1012 JS,NL,,,Y,Y,1,1.00,,,,\n"
        "#1003,2026-11-02,1012 JS,NL,,,Z,Z,1,2,,,,\n"
    )
    output = run(bad)
    assert "imported 3, updated 0, unchanged 0, set aside 1" in output
    assert "row 5, column quantity (order #1003): “none” is not a whole number" in output
    assert [order.number for order in orders_of(session, shop)] == ["#1001", "#1002", "#1004"]


def test_an_unusable_file_ends_with_2_and_the_usable_ones_are_imported(
    run: Import, session: Session, shop: Any
) -> None:
    good, bad = run.file(FILE, "good.csv"), run.file("nothing useful", "bad.csv")
    missing = run.folder / "missing.csv"
    result = run.run("import", shop.slug, str(bad), str(good), str(missing))
    assert result.exit_code == 2
    assert "bad.csv: cannot be used. The format is not recognised" in result.output
    assert "missing.csv: cannot be used. The file cannot be opened: No such file" in result.output
    assert len(orders_of(session, shop)) == 2


def test_an_unknown_shop_ends_with_2(run: Import) -> None:
    result = run.run("import", "nobody", str(run.file(FILE)))
    assert result.exit_code == 2
    assert "There is no shop “nobody”" in result.output


def test_a_format_can_be_forced(run: Import) -> None:
    output = run(FILE, "--format", "shopify-csv", expect=2)
    assert "Columns are missing" in output


def test_orders_of_other_shops_are_not_touched(
    run: Import, session: Session, shop: Any, factories: Any
) -> None:
    other = factories.make_shop(session)
    factories.make_order(session, other, source="csv", external_id="#1001", number="#1001")
    session.commit()
    before = [row for row in everything(session) if row]
    assert "imported 2" in run(FILE)
    after = everything(session)
    assert [row for row in after if row in before] == before


def test_the_same_order_under_another_id_is_set_aside(
    run: Import, session: Session, shop: Any
) -> None:
    """Twice the same order would let its units come back twice."""
    run(FILE)
    twin = {
        "id": 9, "name": "#1001", "created_at": "2026-11-02T10:00:00Z", "fulfillments": [],
        "shipping_address": {"zip": "1012JS", "country_code": "NL"}, "financial_status": "paid",
        "line_items": [{"id": 1, "title": "Shirt", "quantity": 1, "price": "5.00"}],
    }  # fmt: skip
    assert "known under another id, from “csv”" in run(twin)
    namesake = twin | {"shipping_address": {"zip": "9711AA", "country_code": "NL"}}
    assert "imported 1" in run(namesake)


def test_an_order_never_changes_its_currency(run: Import) -> None:
    row = "#1001,2026-11-02,1012 JS,NL,,,SHIRT,Shirt,2,39.90,4.95,,,,{}\n"
    header = HEADER.strip() + ",currency\n"
    run(header + row.format("EUR"))
    assert "column currency (order #1001): The order is known in EUR." in run(
        header + row.format("USD")
    )


def test_windows_1252_semicolons_and_decimal_commas_are_read(
    run: Import, session: Session, shop: Any
) -> None:
    text = (
        "Order number;Date;Postcode;Title;Quantity;Line paid\r\n"
        "1001;02-11-2026;1012 JS;Größe “M” – café;2;1.239,90\r\n"
    )
    run(text.encode("cp1252"))
    (order,) = orders_of(session, shop)
    assert order.lines[0].title == "Größe “M” – café"
    assert order.lines[0].line_paid == 123990


UCI_COLUMNS = "order_number,placed_at,postcode,country,currency,sku,title,quantity,unit_price"


def own_csv_of_uci(source: Path, target: Path) -> tuple[Counter[str], dict[str, Decimal]]:
    """Write the invoices as own CSV with made-up postcodes; rows and sum of each invoice."""
    rows: Counter[str] = Counter()
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with source.open(encoding="utf-8", newline="") as file, target.open("w", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(UCI_COLUMNS.split(","))
        for row in csv.DictReader(file):
            price = row["unit_price_gbp"].replace(".", ",")
            writer.writerow(
                [row["invoice"], row["invoiced_at"], "1012JS", row["country"], "GBP", row["sku"]]
                + [row["description"] or row["sku"], row["quantity"], price]
            )
            rows[row["invoice"]] += 1
            sums[row["invoice"]] += Decimal(row["unit_price_gbp"]) * int(row["quantity"])
    return rows, sums


def test_a_year_of_real_invoices_sums_to_what_was_paid(
    run: Import, session: Session, shop: Any, shared_data: Path
) -> None:
    target = run.folder / "uci.csv"
    rows, sums = own_csv_of_uci(shared_data / "orders/uci_online_retail_nl_de_be_more.csv", target)
    cancellations = [invoice for invoice in rows if invoice.startswith("C")]
    output = run(target)
    kept = len(rows) - len(cancellations)
    assert f"imported {kept}, updated 0, unchanged 0, set aside {len(cancellations)}" in output
    for order in orders_of(session, shop):
        assert order.paid_total == sums[order.number] * 100, order.number
        assert sum(line.line_paid for line in order.lines) == order.paid_total
    postage = select(func.count()).where(OrderLine.sku == "POST")
    assert session.scalar(postage) == session.scalar(postage.where(~OrderLine.is_goods))
    assert session.scalar(postage) > 500
    assert f"unchanged {kept}" in run(target)


@pytest.mark.parametrize("times", [1, 2])
def test_the_real_shopify_and_woocommerce_files_import(
    run: Import, session: Session, shop: Any, shared_data: Path, times: int
) -> None:
    folder = shared_data / "orders"
    for _time in range(times):
        run(folder / "shopify/order_450789469_fulfilled_refunded.json")
        run(folder / "shopify/order_1073459965_fulfilled_no_tracking.json")
        run(folder / "woocommerce/order_retrieve_response.json")
    totals = [(order.number, order.paid_total) for order in orders_of(session, shop)]
    assert totals == [("#1001", 59894), ("#1002", 19900), ("727", 2935)]


def test_two_imports_at_once_make_each_order_once(
    app: Flask, run: Import, session: Session, shop: Any
) -> None:
    lines = "".join(
        f"#{number},2026-11-02,1012 JS,NL,,,S,Shirt,2,39.90,0,T{number},2026-11-03,\n"
        for number in range(300)
    )
    path = run.file(HEADER + lines)
    barrier = Barrier(2)
    outcomes: list[Any] = []

    def work() -> None:
        with app.app_context():
            settings = find_shop(slug=run.slug)
            assert settings is not None
            barrier.wait()
            outcomes.append(import_order_file(shop=settings, path=path).summary)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(orders_of(session, shop)) == 300
    assert sum(summary.imported for summary in outcomes) == 300
    assert sum(summary.unchanged for summary in outcomes) == 300
    assert (
        session.scalar(
            select(func.sum(ParcelLine.qty_shipped)).join(Parcel).where(Parcel.shop_id == shop.id)
        )
        == 600
    )


VARIANTS = (
    "product_key;sku;title;price;stock;option_size;option_colour\n"
    "shirt;SH-M;Shirt M;24,95;3;M;Blue\nshirt;SH-L;Shirt L;24,95;;L;Blue\n"
)


def test_variants_are_imported_and_brought_up_to_date(
    run: Import, session: Session, shop: Any
) -> None:
    path = run.file(VARIANTS)
    assert "imported 2" in run.run("import-variants", shop.slug, str(path)).output
    assert "unchanged 2" in run.run("import-variants", shop.slug, str(path)).output
    run.file(VARIANTS.replace(";3;", ";0;") + "shirt;;No sku;1;1;;\nshirt;X;Bad;x;1;;\n")
    output = run.run("import-variants", shop.slug, str(path)).output
    assert "imported 0, updated 1, unchanged 1, set aside 2" in output
    assert "row 4, column sku: What tells it apart is missing." in output
    assert "row 5, column price (variant X)" in output
    session.rollback()
    query = select(ProductVariant).where(ProductVariant.shop_id == shop.id)
    medium, large = session.scalars(query.order_by(ProductVariant.id))
    assert (medium.stock, medium.price, medium.options) == (
        0,
        2495,
        {"size": "M", "colour": "Blue"},
    )
    assert large.stock is None
    assert run.run("import-variants", shop.slug, str(run.file("a;b\n1;2\n"))).exit_code == 2
