"""Imports that claim units for returns made elsewhere, while customers claim the same units."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from returnsite.database import begin_write
from returnsite.extensions import db
from returnsite.models import Order, Parcel, ParcelLine
from returnsite.orders.base import SourceLine, SourceOrder, SourceParcel
from returnsite.services.import_orders import import_orders
from returnsite.services.imports.stored import load_stored

ORDERS = 60


def order(number: int, *, returned: int) -> SourceOrder:
    return SourceOrder(
        row=number,
        source="feed",
        external_id=str(number),
        number=str(number),
        currency="EUR",
        placed_at=datetime(2026, 11, 2, tzinfo=UTC),
        lines=(SourceLine("A", "Shirt", 1, 3000, qty_elsewhere=returned),),
        parcels=(SourceParcel("P", {"A": 1}),),
    )


def claim(line_id: int) -> bool:
    """What confirming a return does to its units."""
    begin_write()
    changed = db.session.execute(
        update(ParcelLine)
        .where(ParcelLine.id == line_id, ParcelLine.qty_claimed + 1 <= ParcelLine.qty_shipped)
        .values(qty_claimed=ParcelLine.qty_claimed + 1)
    )
    db.session.commit()
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def test_a_unit_goes_either_to_the_customer_or_to_the_import(
    app: Flask, session: Session, shop: Any
) -> None:
    shop_id = shop.id
    import_orders(shop_id=shop_id, source_orders=[order(n, returned=0) for n in range(ORDERS)])
    query = select(ParcelLine.id).join(Parcel).where(Parcel.shop_id == shop_id)
    line_ids = list(session.scalars(query.order_by(ParcelLine.id)))
    session.rollback()
    barrier = Barrier(2)
    won: list[int] = []

    def customers() -> None:
        with app.app_context():
            barrier.wait()
            won.extend(line_id for line_id in line_ids if claim(line_id))

    def feed() -> None:
        with app.app_context():
            barrier.wait()
            for number in range(ORDERS - 1, -1, -1):
                import_orders(shop_id=shop_id, source_orders=[order(number, returned=1)])

    threads = [Thread(target=customers), Thread(target=feed)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.rollback()
    lines = session.scalars(select(ParcelLine).where(ParcelLine.id.in_(line_ids))).all()
    assert {line.qty_claimed for line in lines} == {1}
    assert {line.id for line in lines if line.qty_elsewhere == 0} == set(won)
    assert len(won) + sum(line.qty_elsewhere for line in lines) == ORDERS


def test_no_return_is_made_while_an_import_changes_its_order(session: Session, shop: Any) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one lock for everything, taken by begin_write")
    source = order(1, returned=0)
    shop_id = shop.id
    import_orders(shop_id=shop_id, source_orders=[source])
    begin_write()
    (stored,) = load_stored(shop_id, [source]).values()
    order_id = stored.order.id
    lock = select(Order.id).where(Order.id == order_id).with_for_update(nowait=True)
    with db.engine.connect() as other, pytest.raises(OperationalError):
        other.execute(lock)
    session.rollback()
    with db.engine.connect() as other:
        assert other.execute(lock).scalar_one() == order_id
