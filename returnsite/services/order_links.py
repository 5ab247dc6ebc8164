"""Links that lead a customer straight to one order, signed so that nobody can make one up."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, Signer
from sqlalchemy import select

from ..domain.lookup import normalise_number
from ..extensions import db
from ..models import Order
from .public_urls import public_url
from .shops import ShopSettings


def sign_order(shop_id: int, order_id: int) -> str:
    """The part of a link's path that stands for an order of this shop."""
    return _signer(shop_id).sign(str(order_id).encode()).decode()


def read_order_link(shop_id: int, text: str) -> int | None:
    """The order id in a link of this shop, None when the link is not ours."""
    try:
        return int(_signer(shop_id).unsign(text))
    except (BadSignature, ValueError):
        return None


def order_link(*, shop: ShopSettings, number: str) -> str | None:
    """The whole address for the order with this number, None when the shop has no such order.

    Of several orders with one number the newest counts.
    """
    order_id = db.session.scalar(
        select(Order.id)
        .where(Order.shop_id == shop.id, Order.number_norm == normalise_number(number))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(1)
    )
    return None if order_id is None else link_to(shop=shop, order_id=order_id)


def link_to(*, shop: ShopSettings, order_id: int) -> str:
    """The whole address of the link to an order of this shop."""
    return public_url(f"/p/{shop.slug}/o/{sign_order(shop.id, order_id)}")


def _signer(shop_id: int) -> Signer:
    return Signer(current_app.secret_key or "", salt=f"returnsite.order-link.{shop_id}")
