"""Find an order by tracking or order number and postcode, telling strangers nothing."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, desc, select, union_all

from ..database import run
from ..domain.lookup import normalise_number, normalise_postcode
from ..models import Order, Parcel, ParcelTracking
from .drafts import create_draft
from .shops import ShopSettings

_number: BindParameter[str] = bindparam("number")
_shop_id: BindParameter[int] = bindparam("shop_id")
_COLUMNS = (
    Order.id.label("order_id"),
    Order.country,
    Order.delivery_postcode_norm,
    Order.billing_postcode_norm,
)
CANDIDATES = (
    union_all(
        select(*_COLUMNS, Parcel.pickup_postcode_norm)
        .select_from(ParcelTracking)
        .join(Parcel, Parcel.id == ParcelTracking.parcel_id)
        .join(Order, Order.id == Parcel.order_id)
        .where(ParcelTracking.shop_id == _shop_id, ParcelTracking.tracking_norm == _number),
        select(*_COLUMNS, Parcel.pickup_postcode_norm)
        .select_from(Order)
        .outerjoin(Parcel, Parcel.order_id == Order.id)
        .where(Order.shop_id == _shop_id, Order.number_norm == _number),
    )
    .order_by(desc("order_id"))
    .limit(50)
)


@dataclass(frozen=True, slots=True)
class Found:
    """The draft that was started for the order that was found."""

    token: str


def find_order(*, shop: ShopSettings, number: str, postcode: str, locale: str) -> Found | None:
    """Start a draft for the order that both `number` and `postcode` fit, else None.

    Any parcel's tracking number or the order number counts, and the delivery, billing or
    pick-up-point postcode. A miss does the same work whether the number exists or not.
    """
    wanted = {"number": normalise_number(number), "shop_id": shop.id}
    rows = run(CANDIDATES, wanted).all()
    fitting = [row.order_id for row in rows if _postcode_fits(row, postcode)]
    if not fitting or not wanted["number"]:
        return None
    # Carriers use their numbers again: the newest order is the one in the customer's hands.
    order_id = max(fitting)
    token = create_draft(shop=shop, order_id=order_id, locale=locale, postcode=postcode[:16])
    return Found(token)


def _postcode_fits(row: Row[Any], postcode: str) -> bool:
    given = normalise_postcode(postcode, row.country).encode()
    known = (row.delivery_postcode_norm, row.billing_postcode_norm, row.pickup_postcode_norm)
    fits = [bool(code) and hmac.compare_digest(given, code.encode()) for code in known]
    return bool(given) and any(fits)
