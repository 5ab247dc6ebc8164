"""Importing by upload: look first, then import; nothing is written of what cannot be used."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import AuditEntry, Order, ProductVariant, Task
from returnsite.services import import_upload
from returnsite.services.housekeeping import clear_expired
from returnsite.services.tasks import ShowsProgress, TaskView
from tests import factories
from tests.harness import Page, text_of
from tests.merchant import Merchant

HEADER = (
    "order_number,placed_at,email,customer_name,delivery_postcode,delivery_country,"
    "sku,title,quantity,line_paid,tracking_number,shipped_at,delivered_at"
)


def row(number: object, *, quantity: object = 1, title: str = "Cap", paid: str = "9.95") -> str:
    day = "2026-11-02"
    return (
        f"{number},{day},a{number}@x.example,Anna,1012 JS,NL,"
        f"{title.upper()}-1,{title},{quantity},{paid},3SUP{number},{day},2026-11-04"
    )


def table(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows]).encode()


def upload(
    merchant: Merchant, content: bytes, name: str = "orders.csv", *, status: int = 303
) -> Page:
    return merchant.post("/orders/import", {"file": (io.BytesIO(content), name)}, status=status)


def uploads(app: Flask) -> list[Path]:
    return list(Path(app.config["DATA_DIR"]).glob("uploads/*/*"))


@pytest.fixture(autouse=True)
def no_uploads_left(app: Flask) -> None:
    import shutil

    shutil.rmtree(Path(app.config["DATA_DIR"]) / "uploads", ignore_errors=True)


def orders_of(session: Session, merchant: Merchant) -> int:
    session.rollback()
    query = select(func.count()).select_from(Order).where(Order.shop_id == merchant.shop.id)
    return session.scalar(query) or 0


def import_file(app: Flask, merchant: Merchant, content: bytes, name: str = "orders.csv") -> Page:
    """All the way: upload, confirm, let the worker do it; returns the page with the result."""
    preview = merchant.follow(upload(merchant, content, name))
    task = merchant.submit(preview, form=None, action=preview.url.rsplit("/", 1)[-1])
    drain(app)
    return merchant.get(task.location.replace("/tasks/", "/orders/imports/"))


def figures(page: Page) -> list[str]:
    return [each.text or "" for each in page.find_all("dd", class_="figure-number")]


def test_a_file_is_looked_at_then_imported_and_then_thrown_away(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    content = table(row(1), row(1, title="Scarf", quantity=2), row(2), row(3, quantity="x"))
    preview = merchant.follow(upload(merchant, content))
    for words in (
        *("orders.csv", "Returnsite CSV", "EUR", "2 of 2", "1 × Cap", "2 × Scarf", "€19.90"),
        *("Delivered on 4 Nov 2026 · 3SUP1", "a1@x.example", "Import 2 orders", "1 is set aside"),
    ):
        assert words in preview.text, words
    assert text_of(preview.find_all("tr")[1]).startswith("Row 5 quantity 3 ")
    assert orders_of(session, merchant) == 0, "a look writes nothing"
    task = merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    assert "Importing orders" in merchant.follow(task).text
    drain(app)
    assert "See the result" in merchant.follow(task).text
    result = merchant.get(task.location.replace("/tasks/", "/orders/imports/"))
    assert figures(result) == ["2", "0", "0", "1"]
    assert orders_of(session, merchant) == 2
    assert uploads(app) == []
    assert "orders.csv" in merchant.get("/orders/import").text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "import")).one()
    assert (entry.section, entry.subject) == ("orders", "orders.csv")


def test_the_same_file_again_changes_nothing(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    import_file(app, merchant, table(row(1), row(2)))
    again = import_file(app, merchant, table(row(1), row(2)))
    assert figures(again) == ["0", "0", "2", "0"]
    assert orders_of(session, merchant) == 2


def test_what_is_set_aside_comes_as_a_table_that_runs_no_formulas(
    app: Flask, merchant: Merchant
) -> None:
    result = import_file(app, merchant, table(row(1), row("=cmd()", quantity="-1")))
    link = result.find_all("a", download="")[0].get("href") or ""
    with merchant.checked.client.get(link) as answer:
        assert answer.mimetype == "text/csv"
        text = answer.get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[0] == ["row", "column", "order number", "problem"]
    assert rows[1][:3] == ["3", "quantity", "'=cmd()"]


ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("xl/bomb.xml", b"0" * 50_000_000)

BAD: dict[str, bytes] = {
    "empty": b"",
    "only spaces": b" \n \n",
    "binary": bytes(range(256)) * 500,
    "a spreadsheet that unpacks to much": ZIP.getvalue(),
    "compressed": gzip.compress(b"0" * 5_000_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 3000,
    "other columns": b"a,b,c\n1,2,3\n",
    "a needed column missing": b"order_number,title,quantity\n1,Cap,1\n",
    "prose": b"Dear shop, here are my orders.",
    "json of something else": b'{"hello": [1, 2, 3]}',
    "half a json": b'{"orders": [{"id": 1, "line_items": [',
    "very deep json": b"[" * 200_000,
    "html": b"<!doctype html><p>Not found</p>",
    "nothing but zeros": b"\x00" * 70_000,
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_cannot_be_used_is_told_at_once_and_not_kept(
    app: Flask, session: Session, merchant: Merchant, what: str
) -> None:
    page = upload(merchant, BAD[what], status=422)
    field = page.find("input", id="file")
    assert field.get("aria-invalid") == "true"
    assert len(page.find("p", id="file-error")[1].text or "") > 10
    assert uploads(app) == []
    assert orders_of(session, merchant) == 0
    assert not session.scalars(select(Task)).all()


def test_without_a_file_it_asks_for_one(merchant: Merchant) -> None:
    assert "Choose a file." in merchant.post("/orders/import", {}, status=422).text
    text = {"file": "not a file"}
    assert "Choose a file." in merchant.post("/orders/import", text, status=422).text


def test_too_large_a_file_is_told_so(
    app: Flask, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returnsite.services.order_uploads.MAX_BYTES", 1000)
    assert "too large" in upload(merchant, table(*map(row, range(99))), status=422).text
    assert uploads(app) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_file_of_another_encoding_is_read(
    app: Flask, session: Session, merchant: Merchant, encoding: str
) -> None:
    text = table(row(1, title="Größe café")).decode()
    import_file(app, merchant, text.encode(encoding))
    order = session.scalars(select(Order).where(Order.shop_id == merchant.shop.id)).one()
    assert order.lines[0].title == "Größe café"


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd.csv", "a\\b.csv", "x" * 500 + ".csv", "<b>.csv"]
)
def test_any_name_of_a_file_is_shown_and_used_for_nothing(
    app: Flask, merchant: Merchant, name: str
) -> None:
    if not name:
        upload(merchant, table(row(1)), name, status=422)
        return
    preview = merchant.follow(upload(merchant, table(row(1)), name))
    assert "/etc/" not in preview.text
    (folder,) = uploads(app)
    assert {each.name for each in folder.iterdir()} == {"file", "about.json", "check.json"}


def test_pressing_import_twice_makes_one_import(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    preview = merchant.follow(upload(merchant, table(row(1))))
    token = preview.url.rsplit("/", 1)[-1]
    first = merchant.submit(preview, action=token)
    assert merchant.submit(preview, action=token).location == first.location
    drain(app)
    assert merchant.submit(preview, action=token).location == first.location
    assert len(session.scalars(select(Task).where(Task.kind == "import_orders")).all()) == 1
    back = merchant.checked.client.get(preview.url)
    assert back.headers["Location"].endswith(first.location)


def test_presses_at_the_same_moment_make_one_import(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    from returnsite.services.audit import Actor
    from returnsite.services.shops import find_settings

    token, shop_id = factories.make_upload(merchant.shop), merchant.shop.id
    session.commit()
    barrier, found = Barrier(4), []

    def press() -> None:
        with app.app_context():
            shop = find_settings(shop_id=shop_id)
            assert shop is not None
            barrier.wait(30)
            found.append(import_upload.begin_import(shop=shop, token=token, actor=Actor(None, "A")))

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_two_files_at_once_are_both_imported(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    previews = [merchant.follow(upload(merchant, table(row(n), row(9)))) for n in (1, 2)]
    for preview in previews:
        merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    barrier = Barrier(2)

    def work() -> None:
        barrier.wait(30)
        drain(app)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert orders_of(session, merchant) == 3
    session.rollback()
    assert {task.state for task in session.scalars(select(Task))} == {"done"}


def test_another_file_can_be_chosen_instead(app: Flask, merchant: Merchant) -> None:
    preview = merchant.follow(upload(merchant, table(row(1))))
    merchant.submit(preview, action="/discard")
    assert uploads(app) == []
    merchant.get(preview.url, status=404)
    merchant.post(preview.url.removeprefix(merchant.base), {}, status=404)


def test_a_large_file_is_read_by_the_worker_and_then_shown(
    app: Flask, session: Session, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_upload, "CHECK_AT_ONCE", 10)
    reading = merchant.follow(upload(merchant, table(row(1), row(2))))
    assert "Reading the file" in reading.text
    drain(app)
    over = merchant.get(reading.url)
    link = over.find_all("a", class_="button")[0].get("href") or ""
    preview = merchant.get(merchant.checked.client.get(link).headers["Location"])
    assert "Import 2 orders" in preview.text
    merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    drain(app)
    assert orders_of(session, merchant) == 2


def test_a_large_file_that_cannot_be_used_is_told_by_its_task(
    app: Flask, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_upload, "CHECK_AT_ONCE", 10)
    reading = upload(merchant, b"a,b,c\n1,2,3\n4,5,6\n")
    drain(app)
    page = merchant.follow(reading)
    assert "The format is not recognised" in page.text
    assert uploads(app) == []


def test_a_file_without_one_usable_order_offers_no_import(merchant: Merchant) -> None:
    preview = merchant.follow(upload(merchant, table(row(1, quantity="many"))))
    assert "Nothing in this file can be imported." in preview.text
    assert len(preview.find_all("form", method="post")) == 2, "sign out and choose another"


def test_another_currency_and_missing_deliveries_are_pointed_out(merchant: Merchant) -> None:
    content = b"order_number,placed_at,postcode,title,quantity,line_paid,currency\n"
    content += b"1,2026-11-02,1012 JS,Cap,1,900,JPY\n"
    preview = merchant.follow(upload(merchant, content))
    assert "Amounts are in JPY; your shop's currency is EUR." in preview.text
    assert "¥900" in preview.text
    assert "No order has a delivery date" in preview.text


def test_variants_are_recognised_too(app: Flask, session: Session, merchant: Merchant) -> None:
    content = b"product_key;sku;title;price;stock;option_size\nshirt;S-M;Shirt M;24,95;3;M\n"
    content += b"shirt;S-L;Shirt L;24,95;;L\nshirt;S-X;Shirt X;cheap;;X\n"
    preview = merchant.follow(upload(merchant, content, "variants.csv"))
    assert "Import 2 variants" in preview.text
    assert "size: M" in preview.text
    merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    drain(app)
    query = select(ProductVariant.sku).where(ProductVariant.shop_id == merchant.shop.id)
    assert sorted(session.scalars(query)) == ["S-L", "S-M"]


@pytest.mark.parametrize("name", ["orders", "variants"])
def test_the_tables_to_fill_in_can_be_imported_as_they_are(
    app: Flask, merchant: Merchant, name: str
) -> None:
    answer = merchant.checked.client.get(merchant.url(f"/orders/import/template/{name}.csv"))
    result = import_file(app, merchant, answer.data, f"{name}.csv")
    assert figures(result)[0] == {"orders": "1", "variants": "2"}[name]
    assert figures(result)[3] == "0"
    merchant.get("/orders/import/template/none.csv", status=404)


def test_an_import_that_was_broken_off_is_finished_by_the_next_worker(
    app: Flask, session: Session, merchant: Merchant, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    from returnsite import clock as product_clock

    clock.set(product_clock.now())
    monkeypatch.setattr("returnsite.services.import_orders.BATCH", 2)
    monkeypatch.setattr("returnsite.services.import_order_file._TELL_EVERY", 1)
    run = import_upload.run_import

    def stumble(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
        def tell(done: int, total: int | None = None) -> None:
            progress(done, total)
            if done == 4:
                raise MemoryError

        return run(task, tell)

    kinds = "returnsite.services.run_task.RUNNERS"
    monkeypatch.setattr(kinds, {"import_orders": stumble})
    preview = merchant.follow(upload(merchant, table(*map(row, range(1, 7)))))
    task = merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    drain(app)
    assert 0 < orders_of(session, merchant) < 6, "whole orders only, and not all"
    monkeypatch.setattr(kinds, {"import_orders": run})
    clock.advance(minutes=2)
    drain(app)
    assert orders_of(session, merchant) == 6
    result = merchant.get(task.location.replace("/tasks/", "/orders/imports/"))
    assert sum(map(int, figures(result))) == 6


def test_who_may_not_import_sees_no_way_to(merchant: Merchant) -> None:
    looker = merchant.as_role("read_only")
    assert not looker.get("/orders").find_all("a", href=looker.url("/orders/import"))
    refused = looker.get("/orders/import", status=403)
    assert "Your role does not include this" in refused.text
    looker.post("/orders/import", {}, status=403)


def test_uploads_nobody_imported_go_after_two_days(app: Flask, merchant: Merchant) -> None:
    from returnsite import clock as product_clock

    fresh = factories.make_upload(merchant.shop)
    factories.make_upload(merchant.shop)
    old = next(each for each in uploads(app) if each.name != fresh)
    then = (product_clock.now() - timedelta(days=3)).timestamp()
    os.utime(old, (then, then))
    assert clear_expired().uploads == 1
    assert [each.name for each in uploads(app)] == [fresh]


def test_files_nobody_imports_make_room_for_new_ones(
    app: Flask, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returnsite.services.order_uploads.MOST_WAITING", 2)
    tokens = [upload(merchant, table(row(n))).location.rsplit("/", 1)[-1] for n in range(3)]
    assert {each.name for each in uploads(app)} == set(tokens[1:])


def test_files_that_wait_for_their_import_make_no_room(
    app: Flask, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returnsite.services.order_uploads.MOST_WAITING", 1)
    preview = merchant.follow(upload(merchant, table(row(1))))
    merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    assert "still being imported" in upload(merchant, table(row(2)), status=422).text
    drain(app)
    upload(merchant, table(row(2)))


def test_ten_thousand_rows_are_imported_and_found(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    lines = [
        f"{n // 2},2026-11-02,1012 JS,{'Cap' if n % 2 else 'Hat'},1,9" for n in range(2, 10_002)
    ]
    content = "\n".join(["order_number,placed_at,postcode,title,quantity,line_paid", *lines])
    preview = merchant.follow(upload(merchant, content.encode(), "many.csv"))
    assert "Import 5,000 orders" in preview.text
    task = merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    drain(app)
    assert "See the result" in merchant.follow(task).text
    assert orders_of(session, merchant) == 5000
    found = merchant.get("/orders?q=4711").find_all("a", class_="row-link")
    assert [link.text for link in found] == ["4711"]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("orders/shopify/order_450789469_fulfilled_refunded.json", "Shopify JSON"),
        ("orders/shopify/order_1073459965_fulfilled_no_tracking.json", "Shopify JSON"),
        ("orders/woocommerce/order_retrieve_response.json", "WooCommerce JSON"),
    ],
)
def test_real_orders_come_in_through_the_upload_page(
    app: Flask, session: Session, merchant: Merchant, shared_data: Path, path: str, label: str
) -> None:
    content = (shared_data / path).read_bytes()
    preview = merchant.follow(upload(merchant, content, Path(path).name))
    assert label in preview.text
    merchant.submit(preview, action=preview.url.rsplit("/", 1)[-1])
    drain(app)
    assert orders_of(session, merchant) >= 1
    order = session.scalars(select(Order).where(Order.shop_id == merchant.shop.id)).first()
    assert order is not None
    assert merchant.get(f"/orders?q={order.number}").find_all("a", class_="row-link")
    assert order.lines[0].title in merchant.get(f"/orders/{order.id}").text
