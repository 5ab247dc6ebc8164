"""Before an import: the file is looked at, and nothing is written of what cannot be used."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Order, Task
from returnsite.services import import_upload
from returnsite.services.housekeeping import clear_expired
from tests import factories
from tests.harness import text_of
from tests.merchant import Merchant
from tests.order_files import figures, import_file, orders_of, row, table, upload, uploads


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


def test_orders_nobody_finds_or_of_days_to_come_are_listed_by_row_and_imported(
    app: Flask, session: Session, merchant: Merchant
) -> None:
    late = row(2).replace("2026-", "2031-")
    bare = row(3).replace("1012 JS", "")
    assert late != row(2)
    assert bare != row(3)
    page = merchant.follow(upload(merchant, table(row(1), late, bare)))
    assert "2 look wrong" in page.text
    listed = [text_of(one) for one in page.find_all("tr")]
    assert any(one.startswith("Row 3 placed_at 2 ") for one in listed), listed
    assert any(one.startswith("Row 4 delivery_postcode 3 ") for one in listed), listed
    merchant.submit(page, action=page.url.rsplit("/", 1)[-1])
    drain(app)
    assert orders_of(session, merchant) == 3


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


@pytest.mark.parametrize("name", ["orders", "variants"])
def test_the_tables_to_fill_in_can_be_imported_as_they_are(
    app: Flask, merchant: Merchant, name: str
) -> None:
    answer = merchant.checked.client.get(merchant.url(f"/orders/import/template/{name}.csv"))
    result = import_file(app, merchant, answer.data, f"{name}.csv")
    assert figures(result)[0] == {"orders": "1", "variants": "2"}[name]
    assert figures(result)[3] == "0"
    merchant.get("/orders/import/template/none.csv", status=404)


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
