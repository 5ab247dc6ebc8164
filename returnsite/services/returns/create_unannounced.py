"""A parcel that nobody announced becomes a return, as staff says what is in it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Row, select

from ... import clock
from ...database import insert_returning, insert_rows, writing
from ...domain.errors import DomainError
from ...domain.facts import Basket, Choice
from ...domain.lookup import normalise_number
from ...domain.policy import FeeSchedule, Method, Resolution
from ...domain.refunds import Statement, StatementLine, entries
from ...extensions import db
from ...models import MoneyEntry, Order, Return, ReturnEvent, ReturnLine
from ..audit import Actor
from ..drafts import order_facts
from ..inbox.index import index_returns
from ..queries.order_lines import WizardLine, load_lines
from ..quotes import order_statement
from ..return_rows import new_return_number
from ..shops import ShopSettings
from .claims import claim

REASON = "unannounced"


def create_unannounced(
    *,
    shop: ShopSettings,
    order_id: int,
    actor: Actor,
    quantities: Mapping[int, int],
    idempotency_key: str,
) -> str:
    """Make an approved return of these units (by parcel line) for money, without a fee; returns
    its number, the same for the same key. Commits.

    Staff overrides the return window here, never the claims. Raises LookupError for an order of no
    or another shop, DomainError(count_nothing) and AlreadyClaimed.
    """
    wanted = {line_id: units for line_id, units in quantities.items() if units > 0}
    if not wanted:
        raise DomainError("count_nothing")
    with writing():
        return _create(shop, order_id, actor, (wanted, idempotency_key[:64]))


def _create(
    shop: ShopSettings, order_id: int, actor: Actor, asked: tuple[dict[int, int], str]
) -> str:
    wanted, key = asked
    order = db.session.execute(
        select(*Order.__table__.columns)
        .where(Order.id == order_id, Order.shop_id == shop.id)
        .with_for_update()
    ).one_or_none()
    if order is None:
        raise LookupError("order")
    earlier = db.session.scalar(
        select(Return.number).where(Return.shop_id == shop.id, Return.idempotency_key == key)
    )
    if earlier is not None:
        return str(earlier)
    lines = load_lines(order_id)
    if not set(wanted) <= {line.facts.line_id for line in lines if line.parcel_id}:
        raise DomainError("count_unknown_line")
    now = clock.now()
    found = _statement(shop, order, lines, wanted)
    claim(wanted)
    row = _return_row(shop, order, found, key)
    (written,) = insert_returning(Return, [row], "id")
    _write_parts(written.id, order, found, lines)
    insert_rows(ReturnEvent, [_event(written.id, actor, now)])
    index_returns([written.id])
    return str(row["number"])


def _statement(
    shop: ShopSettings, order: Row[Any], lines: Sequence[WizardLine], wanted: dict[int, int]
) -> Statement:
    """What these units come to: the customer pays for the way back already."""
    choices = tuple(
        Choice(line_id=line_id, quantity=units, reason=None, resolution=Resolution.MONEY)
        for line_id, units in wanted.items()
    )
    return order_statement(
        replace(shop.policy, fees=FeeSchedule(), rules=()),
        order_facts(order),
        lines,
        Basket(choices, None, None),
        now=clock.now(),
    )


def _return_row(
    shop: ShopSettings, order: Row[Any], found: Statement, key: str
) -> dict[str, Any]:  # fmt: skip
    number, now = new_return_number(), clock.now()
    return {
        "shop_id": shop.id,
        "order_id": order.id,
        "number": number,
        "number_norm": normalise_number(number),
        "status_token": secrets.token_urlsafe(24),
        "idempotency_key": key,
        "kind": "return",
        "status": "approved",
        "email": order.email,
        "locale": order.locale or shop.default_locale,
        "country": order.country,
        "method": Method.DROP_OFF_POINT,
        "carrier": None,
        "service_point": {},
        **_amounts(found),
        "decisions": [],
        "created_at": now,
        "approved_at": now,
        "goods_expected": True,
        "exchange_reference": "",
    }


def _amounts(found: Statement) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "fee": 0,
        "money_total": found.money_total,
        "credit_total": found.credit_total,
        "refund_total": found.total,
        "to_pay": 0,
        "outbound_shipping": found.outbound_shipping,
    }


def _write_parts(
    return_id: int, order: Row[Any], found: Statement, lines: Sequence[WizardLine]
) -> None:
    by_id = {line.facts.line_id: line for line in lines}
    with force_locale(order.locale or "en"):
        reason = _("Came without a return number")
    rows = [_line_row(return_id, by_id[line.line_id], line, reason) for line in found.lines]
    inserted = insert_returning(ReturnLine, rows, "parcel_line_id", "id")
    line_ids = {row.parcel_line_id: row.id for row in inserted}
    now = clock.now()
    ledger = [
        {
            "return_id": return_id,
            "return_line_id": line_ids.get(entry.line_id) if entry.line_id else None,
            "type": entry.type,
            "amount": entry.amount,
            "note": "",
            "created_at": now,
        }
        for entry in entries(found)
    ]
    insert_rows(MoneyEntry, ledger)


def _line_row(
    return_id: int, source: WizardLine, line: StatementLine, reason: str
) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "parcel_line_id": line.line_id,
        "order_line_id": source.facts.order_line_id,
        "quantity": line.quantity,
        "received": 0,
        "accepted": 0,
        "released": 0,
        "inspection_note": "",
        "reason_code": REASON,
        "reason_text": reason,
        "fault": "customer",
        "comment": "",
        "resolution": line.resolution,
        "share": line.paid_amount,
        "refund_amount": line.refund_amount,
        "bonus": 0,
        "exchange_sku": "",
        "exchange_title": "",
        "exchange_wish": "",
        "exchange_difference": 0,
    }


def _event(return_id: int, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "event": "unannounced",
        "from_status": None,
        "to_status": "approved",
        "actor": actor.code,
        "at": now,
        "data": {"by": actor.name},
    }
