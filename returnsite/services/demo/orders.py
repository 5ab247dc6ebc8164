"""The demo orders as an order source gives them, their days counted back from today."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from ...domain.money import round_half_up
from ...extensions import db
from ...models import Order, OrderLine, Parcel, ParcelLine, Shop
from ...orders.base import SourceAddress, SourceLine, SourceOrder, SourceParcel
from ..imports.insert import insert_orders
from ..order_index import index_orders
from .files import read_demo_file
from .settings import variant_text

SOURCE = "demo"
_PLACED, _SHIPPED, _DELIVERED = time(9, 41), time(16, 20), time(13, 12)
_TAX_BP = 2100


class _Calendar:
    """Moments so many days ago, where the shop is."""

    def __init__(self, now: datetime, time_zone: str) -> None:
        self._zone = ZoneInfo(time_zone)
        self._today = now.astimezone(self._zone).date()

    def ago(self, days: int, at: time) -> datetime:
        day = self._today - timedelta(days=days)
        return datetime.combine(day, at, self._zone).astimezone(UTC)

    def ago_if_known(self, days: int | None, at: time) -> datetime | None:
        return None if days is None else self.ago(days, at)


def add_orders(shop: Shop, now: datetime) -> int:
    """Write all orders in the caller's transaction; returns how many."""
    rows = read_demo_file("orders")["orders"]
    articles = {
        variant["sku"]: (product, variant)
        for product in read_demo_file("products")["products"]
        for variant in product["variants"]
    }
    calendar = _Calendar(now, shop.time_zone)
    orders = [_order(n, row, articles, calendar) for n, row in enumerate(rows, start=1)]
    index_orders(insert_orders(shop.id, orders))
    for row in rows:
        if row.get("unsent"):
            _add_unsent(shop.id, row["number"], row["unsent"])
    return len(orders)


_Articles = dict[str, tuple[dict[str, Any], dict[str, Any]]]


def _order(
    number: int, row: dict[str, Any], articles: _Articles, calendar: _Calendar
) -> SourceOrder:
    delivery = SourceAddress(
        name=row["customer"],
        **{key: row[key] for key in ("street", "house_number", "postcode", "city", "country")},
    )
    discount = row.get("discount_percent", 0)
    lines = tuple(_line(line, articles, discount) for line in row["lines"])
    return SourceOrder(
        row=number,
        source=SOURCE,
        external_id=row["number"],
        number=row["number"],
        currency="EUR",
        placed_at=calendar.ago(row["placed"], _PLACED),
        lines=lines,
        parcels=tuple(
            _parcel(n, parcel, lines, calendar) for n, parcel in enumerate(row["parcels"], start=1)
        ),
        shipping_paid=row["shipping"],
        email=row["email"],
        customer_name=row["customer"],
        customer_tags=tuple(row.get("tags", ())),
        locale=row["locale"],
        delivery=delivery,
        billing=SourceAddress(**row["billing"]) if "billing" in row else delivery,
        cancelled_at=calendar.ago_if_known(row.get("cancelled"), _PLACED),
    )


def _line(row: dict[str, Any], articles: _Articles, discount: int) -> SourceLine:
    """A line of the catalogue, or with a title of its own one that is not goods."""
    quantity = row["quantity"]
    if "title" in row:
        return SourceLine(row["sku"], row["title"], quantity, row["paid"], is_goods=row["goods"])
    product, variant = articles[row["sku"]]
    price = variant.get("price", product["price"])
    paid = row.get("paid", round_half_up(Fraction(price * quantity * (100 - discount), 100)))
    elsewhere = row.get("back_elsewhere", 0)
    return SourceLine(
        external_id=row["sku"],
        title=product["title"],
        quantity=quantity,
        line_paid=paid,
        sku=row["sku"],
        variant=variant_text(variant),
        product_key=product["key"],
        category=product["category"],
        tags=tuple(product.get("tags", ())),
        list_price=price,
        tax_bp=_TAX_BP,
        final_sale=product.get("final_sale", False),
        qty_elsewhere=elsewhere,
        amount_elsewhere=round_half_up(Fraction(paid * elsewhere, quantity)),
    )


def _parcel(
    number: int, row: dict[str, Any], lines: tuple[SourceLine, ...], calendar: _Calendar
) -> SourceParcel:
    everything = {line.external_id: line.quantity for line in lines}
    return SourceParcel(
        external_id=str(number),
        contents=row.get("lines", everything),
        trackings=tuple(row["trackings"]),
        carrier=row["carrier"],
        shipped_at=calendar.ago_if_known(row["shipped"], _SHIPPED),
        delivered_at=calendar.ago_if_known(row["delivered"], _DELIVERED),
        pickup_postcode=row.get("pickup_postcode", ""),
    )


def _add_unsent(shop_id: int, number: str, skus: list[str]) -> None:
    """Lines that wait in a parcel which has not left: none of their units is shipped."""
    order_id = select(Order.id).where(Order.shop_id == shop_id, Order.number == number)
    parcel_id = db.session.scalars(
        select(Parcel.id).where(
            Parcel.order_id == order_id.scalar_subquery(), Parcel.shipped_at.is_(None)
        )
    ).one()
    lines = select(OrderLine.id).where(
        OrderLine.order_id == order_id.scalar_subquery(), OrderLine.sku.in_(skus)
    )
    rows = [
        {"parcel_id": parcel_id, "order_line_id": line_id, "qty_shipped": 0}
        for line_id in db.session.scalars(lines)
    ]
    db.session.execute(insert(ParcelLine), rows)
