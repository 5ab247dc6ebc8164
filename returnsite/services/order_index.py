"""What the list of orders finds them by: the terms of the search, and how far an order is.

Whoever writes orders, parcels or their lines calls `index_orders` in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from ..database import insert_rows, run
from ..domain.search import order_terms
from ..extensions import db
from ..models import Order, OrderLine, OrderTerm, Parcel, ParcelTracking

_BATCH = 500


def index_orders(order_ids: Collection[int]) -> None:
    """Bring terms and stage of these orders up to date, in the caller's transaction."""
    db.session.flush()
    wanted = sorted(order_ids)
    for start in range(0, len(wanted), _BATCH):
        _index(wanted[start : start + _BATCH])


def _index(ids: Sequence[int]) -> None:
    orders = run(select(*_ORDER).where(Order.id.in_(ids))).all()
    skus = _grouped(select(OrderLine.order_id, OrderLine.sku).where(OrderLine.order_id.in_(ids)))
    trackings = _grouped(
        select(Parcel.order_id, ParcelTracking.tracking_norm)
        .join(Parcel, Parcel.id == ParcelTracking.parcel_id)
        .where(Parcel.order_id.in_(ids))
    )
    parcels = _grouped(select(Parcel.order_id, *_PARCEL).where(Parcel.order_id.in_(ids)))
    run(delete(OrderTerm).where(OrderTerm.order_id.in_(ids)))
    rows = [row for order in orders for row in _term_rows(order, skus, trackings)]
    insert_rows(OrderTerm, rows)
    staged = [{"key": o.id, "stage_now": stage_of(o.cancelled_at, parcels[o.id])} for o in orders]
    if staged:
        run(_STAGE, staged)


_ORDER = (
    Order.id,
    Order.shop_id,
    Order.number,
    Order.email,
    Order.customer_name,
    Order.delivery_address,
    Order.billing_address,
    Order.cancelled_at,
)
_PARCEL = (Parcel.shipped_at, Parcel.delivered_at)
_STAGE = (
    update(Order.__table__)  # type: ignore[arg-type]
    .where(Order.__table__.c.id == bindparam("key"))
    .values(stage=bindparam("stage_now"))
)


def stage_of(cancelled_at: Any, parcels: Sequence[Row[Any]]) -> str:
    """`cancelled`, `delivered` with every parcel, `on_the_way` with one, else `open`."""
    if cancelled_at is not None:
        return "cancelled"
    if parcels and all(parcel.delivered_at for parcel in parcels):
        return "delivered"
    sent = any(parcel.shipped_at or parcel.delivered_at for parcel in parcels)
    return "on_the_way" if sent else "open"


def _grouped(query: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in run(query):
        found[row[0]].append(row)
    return found


def _term_rows(
    order: Row[Any], skus: dict[int, list[Any]], trackings: dict[int, list[Any]]
) -> Iterator[dict[str, Any]]:
    addresses = (order.delivery_address, order.billing_address)
    terms = order_terms(
        number=order.number,
        trackings=[row[1] for row in trackings[order.id]],
        skus=[row[1] for row in skus[order.id]],
        names=[order.customer_name, *(address.get("name", "") for address in addresses)],
        emails=[order.email],
    )
    for term in sorted(terms):
        yield {"shop_id": order.shop_id, "term": term, "order_id": order.id}
