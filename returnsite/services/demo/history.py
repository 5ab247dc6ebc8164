"""Fourteen months of the demo shop, made up, so that its analytics have something to say.

Written in bulk past the wizard: orders, what came back of them, why, and how long it took. Hiking
boots run small and the raincoat's size chart was put right in between, so there is a story in it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from ... import clock
from ...database import writing
from ...extensions import db
from ...models import (
    Order,
    OrderLine,
    ParcelLine,
    Reason,
)
from ...orders.base import SourceAddress, SourceLine, SourceOrder, SourceParcel
from ..imports.insert import insert_orders
from ..shops import ShopSettings
from .files import read_demo_file
from .history_returns import Sold, write_returns
from .settings import variant_text

SOURCE = "demo-history"
ORDERS, DAYS = 900, 420
_COMES_BACK = {"tinde": 0.3, "elv": 0.26, "hav": 0.27, "fjord": 0.2, "vind": 0.14, "skog": 0.11}


def add_history(shop: ShopSettings) -> int:
    """Add the orders and returns once; returns how many orders. Commits.

    The worker adds the figures up when it starts.
    """
    if db.session.scalar(select(exists().where(Order.shop_id == shop.id, Order.source == SOURCE))):
        return 0
    chance = random.Random(2026)  # noqa: S311  # the same shop every time
    now = clock.now()
    with writing():
        insert_orders(shop.id, [_order(n, now, chance) for n in range(ORDERS)])
        reasons = select(Reason.code, Reason.fault).where(Reason.shop_id == shop.id)
        faults = {row.code: row.fault for row in db.session.execute(reasons)}
        write_returns(shop, _returned(_sold(shop.id), chance), faults, chance)
    return ORDERS


def _order(number: int, now: datetime, chance: random.Random) -> SourceOrder:
    age = timedelta(days=DAYS * (number + chance.random()) / ORDERS, hours=chance.randint(0, 12))
    placed = now - timedelta(days=2) - age
    country = chance.choices(("NL", "BE", "DE"), (70, 18, 12))[0]
    address = SourceAddress(
        name="Verzonnen Klant", street="Voorbeeldstraat", house_number=str(number % 90 + 1),
        postcode="2611 GX", city="Delft", country=country,
    )  # fmt: skip
    lines = _lines(chance)
    return SourceOrder(
        row=number,
        source=SOURCE,
        external_id=str(number),
        number=f"NL-{10000 + number}",
        currency="EUR",
        placed_at=placed,
        lines=lines,
        parcels=(_parcel(number, lines, placed, country),),
        shipping_paid=495,
        email=f"verzonnen-{number}@example.com",
        customer_name=address.name,
        customer_tags=("made-up",),
        locale="nl" if country != "DE" else "en",
        delivery=address,
        billing=address,
    )


def _parcel(
    number: int, lines: tuple[SourceLine, ...], placed: datetime, country: str
) -> SourceParcel:
    delivered = placed + timedelta(days=1 + number % 4, hours=3)
    return SourceParcel(
        external_id="1",
        contents={line.external_id: line.quantity for line in lines},
        trackings=(f"3SHIST{number:07d}",),
        carrier="postnl" if country == "NL" else "dhl",
        shipped_at=placed + timedelta(hours=10),
        delivered_at=delivered if delivered < clock.now() else None,
    )


def _lines(chance: random.Random) -> tuple[SourceLine, ...]:
    products = [
        each
        for each in read_demo_file("products")["products"]
        if each["key"] not in ("gave", "lang", "lang2")
    ]
    weights = [5 if each["key"] in _COMES_BACK else 1.5 for each in products]
    chosen = {
        each["key"]: each for each in chance.choices(products, weights, k=chance.randint(1, 3))
    }
    made = []
    for product in chosen.values():
        variant = chance.choice(product["variants"])
        quantity = 2 if chance.random() < 0.12 else 1
        made.append(
            SourceLine(
                external_id=variant["sku"],
                title=product["title"],
                quantity=quantity,
                line_paid=variant.get("price", product["price"]) * quantity,
                sku=variant["sku"],
                variant=variant_text(variant),
                product_key=product["key"],
                category=product["category"],
            )
        )
    return tuple(made)


def _sold(shop_id: int) -> list[Sold]:
    query = (
        select(
            Order.id, ParcelLine.id, OrderLine.id, OrderLine.product_key, OrderLine.quantity,
            OrderLine.line_paid, Order.country, Order.email, Order.placed_at,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(ParcelLine, ParcelLine.order_line_id == OrderLine.id)
        .where(Order.shop_id == shop_id, Order.source == SOURCE)
        .order_by(OrderLine.id)
    )  # fmt: skip
    return [Sold(*row) for row in db.session.execute(query)]


def _returned(sold: Iterable[Sold], chance: random.Random) -> list[list[Sold]]:
    """The lines that come back, by order."""
    by_order: dict[int, list[Sold]] = {}
    for line in sold:
        if chance.random() < _COMES_BACK.get(line.key, 0.05):
            by_order.setdefault(line.order_id, []).append(line)
    return list(by_order.values())
