"""The sections that are mostly columns of the shop: portal, fees, refund options, methods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from ... import clock
from ...extensions import db
from ...models import FeeRule, Shop
from .store import Snapshot, Store, columns

PORTAL = columns(
    "portal",
    "return_address_id",
    "notification_email",
    "window_days",
    "unknown_delivery",
    "unknown_delivery_days",
    "policy_url",
    "support_url",
    "support_email",
    "privacy_url",
    "hand_in_days",
    "refund_days",
    "manual_approval",
)
REFUND = columns(
    "refund", "resolutions", "credit_bonus_bp", "credit_valid_days", "refund_outbound_shipping"
)
METHODS = columns("methods", "methods")

_FEE_COLUMNS = (
    "free_from_order_value",
    "free_for_shop_fault",
    "free_for_exchange",
    "free_for_credit",
)


FeeLine = tuple[str | None, str | None, int]
"""Method, country (None: any) and amount in minor units."""


def set_fees(shop: Shop, lines: Iterable[FeeLine]) -> None:
    """Replace the fee schedule, in the caller's transaction; old rows are kept as deleted."""
    now = clock.now()
    for row in _fee_rows(shop):
        row.deleted_at = now
    for method, country, amount in lines:
        db.session.add(FeeRule(shop_id=shop.id, method=method, country=country, amount=amount))


def _fee_rows(shop: Shop) -> list[FeeRule]:
    query = select(FeeRule).where(FeeRule.shop_id == shop.id, FeeRule.deleted_at.is_(None))
    return list(db.session.scalars(query.order_by(FeeRule.id)))


def _fee_snapshot(shop: Shop) -> Snapshot:
    amounts: dict[str, Any] = {
        f"fee.{row.method or 'any'}.{row.country or 'any'}": row.amount for row in _fee_rows(shop)
    }
    return {**dict(sorted(amounts.items())), **{name: getattr(shop, name) for name in _FEE_COLUMNS}}


def _restore_fees(shop: Shop, snapshot: Snapshot) -> None:
    lines: list[FeeLine] = []
    for name, amount in snapshot.items():
        if name.startswith("fee."):
            method, country = name.split(".")[1:]
            lines.append(
                (None if method == "any" else method, None if country == "any" else country, amount)
            )
    set_fees(shop, lines)
    for name in _FEE_COLUMNS:
        setattr(shop, name, snapshot[name])


FEES = Store("fees", _fee_snapshot, _restore_fees, tables=(FeeRule,))
