"""Start a return on the customer's behalf: somebody called, or the window is over."""

from __future__ import annotations

from sqlalchemy import select

from ..database import writing
from ..domain.errors import DomainError
from ..extensions import db
from ..models import Order
from .audit import Actor, change, note_change, one_line
from .drafts import Staff, add_draft
from .shops import ShopSettings

OVERRIDE_MAX = 500


def start_for_customer(
    *, shop: ShopSettings, order_id: int, actor: Actor, override: str | None = None
) -> str | None:
    """A draft in the customer's language; its token, or None for another shop's order. Commits.

    With `override` the return window does not count; it is why, and is kept with who. Raises
    DomainError: `portal_closed`, `reason_required`, `reason_too_long`.
    """
    if not shop.active:
        raise DomainError("portal_closed")
    reason = _reason(override)
    with writing():
        order = db.session.execute(
            select(Order.number, Order.locale, Order.delivery_address).where(
                Order.shop_id == shop.id, Order.id == order_id
            )
        ).one_or_none()
        if order is None or actor.user_id is None:
            return None
        token = add_draft(
            shop=shop,
            order_id=order_id,
            locale=order.locale if order.locale in shop.locales else shop.default_locale,
            postcode=order.delivery_address.get("postcode", ""),
            staff=Staff(actor.user_id, actor.name, reason),
        )
        _note(shop.id, actor, order.number, reason)
    return token


def _note(shop_id: int, actor: Actor, number: str, reason: str) -> None:
    note_change(
        shop_id=shop_id,
        actor=actor,
        section="orders",
        event="start_return",
        subject=number,
        changes=[change("window_lifted_because", None, reason)] if reason else [],
    )


def _reason(override: str | None) -> str:
    if override is None:
        return ""
    reason = " ".join(one_line(override).split())
    if not reason:
        raise DomainError("reason_required")
    if len(reason) > OVERRIDE_MAX:
        raise DomainError("reason_too_long", max=OVERRIDE_MAX)
    return reason
