"""Importing by upload: each file once, whoever presses how often, and all of it."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import AuditEntry, Order, ProductVariant, Task
from returnsite.services import import_upload
from returnsite.services.tasks import ShowsProgress, TaskView
from tests import factories
from tests.harness import text_of
from tests.merchant import Merchant
from tests.order_files import figures, import_file, orders_of, row, table, upload, uploads


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
