"""Store credit is given: a code, mailed to the customer and shown to nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...database import insert_returning, insert_rows
from ...domain.errors import DomainError
from ...domain.ledger import Channel
from ...domain.window import deadline
from ...extensions import db
from ...models import CreditEntry, Payout, Shop, StoreCredit
from ..audit import Actor
from ..credit_codes import new_code
from ..shops import ShopSettings
from .case import Case, Done, changing
from .money import finish_if_settled, load_ledger, set_clock
from .record_payout import pay


def issue_credit(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    amount: int | None = None,
    seen_status: str | None = None,
    seen_event: int | None = None,
) -> Done:
    """Issue the open credit of a return, or a part of it, as one code. Commits.

    Of a return that is not complete yet at most what is here is given: a code that was mailed
    cannot be taken back. The rest is open once it comes. Raises DomainError: nothing_open (also
    for the second of two presses), payout_above_open (max), no_email (a code goes to the
    customer's address only).
    """
    with changing(
        shop=shop,
        return_id=return_id,
        actor=actor,
        event="credit",
        seen_status=seen_status,
        seen_event=seen_event,
    ) as case:
        event_id = case.note("credit", _give(case, amount))
        case.tell("credit", event_id)
        finish_if_settled(case)
        set_clock(case)
        return case.done(event_id)


def _give(case: Case, amount: int | None) -> dict[str, Any]:
    """Write payout and credit; returns what the event says of them."""
    if not case.row.email:
        raise DomainError("no_email")
    open_credit = load_ledger(case.id).payable(case.status).open_credit
    if not open_credit:
        raise DomainError("nothing_open")
    given = open_credit if amount is None else amount
    if given > open_credit:
        raise DomainError("payout_above_open", max=open_credit, currency=case.row.currency)
    key = f"{case.id}:credit:{_count(case.id)}"
    payout_id = pay(case, given, Channel.CREDIT, key=key)
    credit_id, end = _write(case, payout_id, given)
    return {"payout": payout_id, "credit": credit_id, "amount": given, "end": end}


def _count(return_id: int) -> int:
    query = select(func.count()).where(
        Payout.return_id == return_id, Payout.channel == Channel.CREDIT
    )
    return db.session.scalar(query) or 0


def _write(case: Case, payout_id: int, amount: int) -> tuple[int, str]:
    code = new_code()
    row = {
        "shop_id": case.shop.id,
        "return_id": case.id,
        "payout_id": payout_id,
        "code_hash": code.code_hash,
        "code_end": code.code_end,
        "nonce": code.nonce,
        "currency": case.row.currency,
        "amount": amount,
        "balance": amount,
        "expires_at": _expiry(case),
        "created_at": case.now,
    }
    (written,) = insert_returning(StoreCredit, [row], "id")
    entry = {
        "credit_id": written.id,
        "kind": "issue",
        "amount": amount,
        "reference": case.row.number,
        "idempotency_key": "issue",
        "actor": case.actor.code,
        "actor_name": case.actor.name[:200],
        "at": case.now,
    }
    insert_rows(CreditEntry, [entry])
    return int(written.id), code.code_end


def _expiry(case: Case) -> datetime | None:
    days = db.session.scalar(select(Shop.credit_valid_days).where(Shop.id == case.shop.id))
    if days is None:
        return None
    return deadline(delivered_at=case.now, days=days, time_zone=case.shop.time_zone)
