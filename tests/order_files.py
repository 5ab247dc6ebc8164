"""Files of orders for tests, and the way they take through the upload page."""

from __future__ import annotations

import io
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import Order
from tests.harness import Page
from tests.merchant import Merchant

HEADER = (
    "order_number,placed_at,email,customer_name,delivery_postcode,delivery_country,"
    "sku,title,quantity,line_paid,tracking_number,shipped_at,delivered_at"
)


def row(number: object, *, quantity: object = 1, title: str = "Cap", paid: str = "9.95") -> str:
    """A row of the table, of an order with one line unless there are more."""
    day = "2026-11-02"
    return (
        f"{number},{day},a{number}@x.example,Anna,1012 JS,NL,"
        f"{title.upper()}-1,{title},{quantity},{paid},3SUP{number},{day},2026-11-04"
    )


def table(*rows: str) -> bytes:
    """A file of orders."""
    return "\r\n".join([HEADER, *rows]).encode()


def upload(
    merchant: Merchant, content: bytes, name: str = "orders.csv", *, status: int = 303
) -> Page:
    """Send a file to the page that takes them."""
    return merchant.post("/orders/import", {"file": (io.BytesIO(content), name)}, status=status)


def uploads(app: Flask) -> list[Path]:
    """The files that are kept."""
    return list(Path(app.config["DATA_DIR"]).glob("uploads/*/*"))


def orders_of(session: Session, merchant: Merchant) -> int:
    """Orders of the shop now."""
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
    """The figures of a page, as it writes them."""
    return [each.text or "" for each in page.find_all("dd", class_="figure-number")]
