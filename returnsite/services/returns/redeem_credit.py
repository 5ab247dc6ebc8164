"""Store credit is spent, at the shop's own till: a code is looked up and a part of it taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from ... import clock
from ...database import insert_rows, writing
from ...domain.errors import AmountInvalid, DomainError
from ...extensions import db
from ...models import CreditEntry, Return, StoreCredit
from ..audit import Actor
from ..credit_codes import hash_code
from ..shops import ShopSettings
from .texts import one_line


@dataclass(frozen=True, slots=True)
class CreditUse:
    """One thing that was put on or taken off a code."""

    kind: str
    amount: int
    reference: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CreditView:
    """A code as staff sees it: without the code."""

    id: int
    end: str
    currency: str
    amount: int
    balance: int
    expires_at: datetime | None
    return_number: str
    created_at: datetime
    uses: tuple[CreditUse, ...]
    is_expired: bool


def find_credit(*, shop: ShopSettings, code: str) -> CreditView | None:
    """The credit behind a code of this shop, None when there is none."""
    return _view(StoreCredit.code_hash == hash_code(code), shop)


def load_credit(*, shop: ShopSettings, credit_id: int) -> CreditView | None:
    """The credit with this id, None when this shop has no such."""
    return _view(StoreCredit.id == credit_id, shop)


def redeem_credit(
    *,
    shop: ShopSettings,
    credit_id: int,
    actor: Actor,
    amount: int,
    idempotency_key: str,
    reference: str = "",
) -> CreditView:
    """Take `amount` off a code. Commits. The same key again takes nothing more.

    Raises LookupError for a credit of no or another shop, DomainError: amount_invalid,
    credit_expired, credit_too_little (max).
    """
    if amount <= 0:
        raise AmountInvalid()
    entry = {
        "credit_id": credit_id,
        "kind": "redeem",
        "amount": -amount,
        "reference": one_line(reference),
        "idempotency_key": idempotency_key[:80],
        "actor": actor.code,
        "actor_name": actor.name[:200],
        "at": clock.now(),
    }
    with writing():
        _redeem(shop, amount, entry)
    return _found(load_credit(shop=shop, credit_id=credit_id))


def _found(credit: CreditView | None) -> CreditView:
    if credit is None:
        raise LookupError("store credit")
    return credit


def _redeem(shop: ShopSettings, amount: int, entry: dict[str, Any]) -> None:
    credit = db.session.execute(
        select(StoreCredit.id, StoreCredit.balance, StoreCredit.expires_at, StoreCredit.currency)
        .where(StoreCredit.id == entry["credit_id"], StoreCredit.shop_id == shop.id)
        .with_for_update()
    ).one_or_none()
    if credit is None:
        raise LookupError("store credit")
    same_key = CreditEntry.idempotency_key == entry["idempotency_key"]
    if db.session.execute(
        select(CreditEntry.id).where(CreditEntry.credit_id == credit.id, same_key)
    ).first():
        return
    if credit.expires_at is not None and credit.expires_at <= entry["at"]:
        raise DomainError("credit_expired")
    if amount > credit.balance:
        raise DomainError("credit_too_little", max=credit.balance, currency=credit.currency)
    db.session.execute(
        update(StoreCredit)
        .where(StoreCredit.id == credit.id, StoreCredit.balance >= amount)
        .values(balance=StoreCredit.balance - amount)
        .execution_options(synchronize_session=False)
    )
    insert_rows(CreditEntry, [entry])


def _view(condition: object, shop: ShopSettings) -> CreditView | None:
    row = db.session.execute(
        select(StoreCredit.__table__, Return.number)
        .join(Return, Return.id == StoreCredit.return_id)
        .where(condition, StoreCredit.shop_id == shop.id)  # type: ignore[arg-type]
    ).one_or_none()
    if row is None:
        return None
    entries = db.session.execute(
        select(CreditEntry.__table__)
        .where(CreditEntry.credit_id == row.id)
        .order_by(CreditEntry.id)
    )
    return CreditView(
        id=row.id,
        end=row.code_end,
        currency=row.currency,
        amount=row.amount,
        balance=row.balance,
        expires_at=row.expires_at,
        return_number=row.number,
        created_at=row.created_at,
        uses=tuple(
            CreditUse(each.kind, each.amount, each.reference, each.actor_name, each.at)
            for each in entries
        ),
        is_expired=row.expires_at is not None and row.expires_at <= clock.now(),
    )
