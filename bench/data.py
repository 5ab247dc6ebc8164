"""Databases for measuring: a shop, and as many orders as wanted, in bulk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, insert, make_url, text
from sqlalchemy.pool import NullPool

from bench.server import KEY
from returnsite import clock, create_app
from returnsite.database import begin_write
from returnsite.domain.lookup import normalise_number, normalise_postcode
from returnsite.extensions import db
from returnsite.models import (
    Membership,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    ParcelTracking,
    User,
)
from returnsite.services.accounts.sessions import start_session
from returnsite.services.activate_shop import ReturnAddress
from returnsite.services.create_shop import NewShop, create_shop
from returnsite.web.merchant.guard import SESSION_KEY

ROOT = Path(__file__).parents[1]
SLUG = "bench"
POSTCODE = "2611 GX"
BATCH = 10_000


@dataclass(frozen=True)
class Database:
    """A migrated database with the shop `bench`."""

    name: str
    url: str
    folder: Path
    app: Flask
    shop_id: int


@contextmanager
def databases() -> Iterator[list[Database]]:
    """SQLite, and PostgreSQL where RETURNSITE_TEST_POSTGRES names a server."""
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/bench.sqlite3"}
        if server := os.environ.get("RETURNSITE_TEST_POSTGRES"):
            urls["PostgreSQL"] = _postgres(server)
        yield [_prepare(name, url, Path(folder)) for name, url in urls.items()]


def number_of(n: int) -> str:
    """The number of the n-th order."""
    return f"B{n:08d}"


def tracking_of(n: int) -> str:
    """The tracking number of the n-th order's parcel."""
    return f"3SDEVC{n:09d}"


def fill_orders(database: Database, *, first: int, count: int) -> None:
    """Add orders `first` … `first + count - 1`: one parcel with three lines of two units each."""
    with database.app.app_context():
        for start in range(first, first + count, BATCH):
            _insert(database, range(start, min(start + BATCH, first + count)))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def signed_in(database: Database) -> FlaskClient:
    """A client with the session of an owner of the shop."""
    client = database.app.test_client()
    with database.app.app_context():
        user = User(email="bench@shop.example", name="Bench", created_at=clock.now())
        db.session.add(user)
        db.session.flush()
        member = {"user_id": user.id, "shop_id": database.shop_id, "role": "owner"}
        db.session.add(Membership(**member, created_at=clock.now()))
        db.session.commit()
        token = start_session(user_id=user.id, network="", browser="bench")
    with client.session_transaction() as cookie:
        cookie[SESSION_KEY] = token
    return client


def _prepare(name: str, url: str, folder: Path) -> Database:
    app = create_app({"SECRET_KEY": KEY, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": str(folder)})
    address = ReturnAddress(
        name="Returns",
        street="Pakhuisweg",
        house_number="12",
        postcode="2611 GX",
        city="Delft",
        country="NL",
    )
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        shop = create_shop(
            NewShop(
                slug=SLUG,
                name="Bench",
                return_address=address,
                carriers=("postnl", "dhl"),
                own_contracts=("gls",),
                fee=395,
            )
        )
    return Database(name, url, folder, app, shop.id)


def _postgres(server: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bench WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE bench"))
    return url.set(database="bench").render_as_string(hide_password=False)


def _insert(database: Database, numbers: range) -> None:
    now = clock.now()
    begin_write()
    for model, rows in _rows(database.shop_id, numbers, now).items():
        db.session.execute(insert(model), rows)
    db.session.commit()


def _rows(shop_id: int, numbers: range, now: datetime) -> dict[type, list[dict[str, Any]]]:
    """Rows by table, parents first; ids are given, so that nothing has to be read back."""
    lines = [(n, n * 3 + place) for n in numbers for place in range(3)]
    return {
        Order: [_order(shop_id, n, now) for n in numbers],
        OrderLine: [_line(order, line) for order, line in lines],
        Parcel: [_parcel(shop_id, n, now) for n in numbers],
        ParcelTracking: [
            {"id": n + 1, "shop_id": shop_id, "parcel_id": n + 1, "tracking_norm": tracking_of(n)}
            for n in numbers
        ],
        ParcelLine: [
            {"id": line + 1, "parcel_id": order + 1, "order_line_id": line + 1, "qty_shipped": 2}
            for order, line in lines
        ],
    }


def _order(shop_id: int, n: int, now: datetime) -> dict[str, Any]:
    address = {"name": "S. Made Up", "postcode": POSTCODE, "city": "Delft", "country": "NL"}
    return {
        "id": n + 1,
        "shop_id": shop_id,
        "source": "bench",
        "external_id": str(n),
        "number": number_of(n),
        "number_norm": normalise_number(number_of(n)),
        "currency": "EUR",
        "placed_at": now - timedelta(days=5),
        "email": f"customer-{n}@example.com",
        "customer_name": "S. Made Up",
        "customer_tags": [],
        "country": "NL",
        "delivery_address": address,
        "billing_address": address,
        "delivery_postcode_norm": normalise_postcode(POSTCODE, "NL"),
        "billing_postcode_norm": normalise_postcode(POSTCODE, "NL"),
        "paid_total": 12_365,
        "shipping_paid": 395,
        "imported_at": now,
    }


def _line(order: int, line: int) -> dict[str, Any]:
    return {
        "id": line + 1,
        "order_id": order + 1,
        "external_id": str(line),
        "sku": f"SKU-{line % 500}",
        "title": f"Linen shirt {line % 500}",
        "variant": "Blue / M",
        "product_key": f"shirt-{line % 500}",
        "tags": [],
        "quantity": 2,
        "line_paid": 3_990,
        "list_price": 2_495,
    }


def _parcel(shop_id: int, n: int, now: datetime) -> dict[str, Any]:
    return {
        "id": n + 1,
        "shop_id": shop_id,
        "order_id": n + 1,
        "external_id": str(n),
        "tracking_no": tracking_of(n),
        "carrier": "postnl",
        "shipped_at": now - timedelta(days=4),
        "delivered_at": now - timedelta(days=3),
    }
