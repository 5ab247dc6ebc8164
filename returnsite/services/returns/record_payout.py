"""The shop paid a customer, by its own means, and says so here: once."""

from __future__ import annotations

from sqlalchemy import select

from ...database import insert_returning
from ...domain.errors import AmountInvalid, DomainError, WrongState
from ...domain.ledger import Channel
from ...domain.lifecycle import Status
from ...extensions import db
from ...models import Payout, ReturnEvent
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing
from .money import finish_if_settled, load_ledger, set_clock
from .texts import one_line

PAYABLE = frozenset(
    {Status.APPROVED, Status.IN_TRANSIT, Status.RECEIVED, Status.LOST, Status.CLOSED}
)
"""Statuses in which something can be given; what a closed return owes comes of a correction."""


def record_payout(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    amount: int,
    channel: str,
    idempotency_key: str,
    reference: str = "",
    seen_status: str | None = None,
    seen_event: int | None = None,
) -> Done:
    """Record that money was paid. Commits. The same key again is the same payout.

    Raises DomainError: amount_invalid, channel_unknown, payout_above_open (max),
    payout_differs (the key was used for another amount).
    """
    reference = one_line(reference)
    if channel not in set(Channel) or channel == Channel.CREDIT:
        raise DomainError("channel_unknown")
    with changing(shop=shop, return_id=return_id, actor=actor, event="payout") as case:
        key = f"{case.id}:{idempotency_key}"[:80]
        if earlier := _earlier(case, key, amount):
            return earlier
        case.expect("payout", seen_status, seen_event)
        payout_id = pay(case, amount, Channel(channel), key=key, reference=reference)
        data = {"payout": payout_id, "amount": amount, "channel": channel, "reference": reference}
        event_id = case.note("payout", data)
        case.tell("refunded", event_id, undoable=True)
        finish_if_settled(case)
        set_clock(case)
        return case.done(event_id, undoable=True)


def pay(case: Case, amount: int, channel: Channel, *, key: str, reference: str = "") -> int:
    """Write a payout that the ledger covers; returns its id. Part of the caller's transaction."""
    if case.status not in PAYABLE:
        raise WrongState(status=case.status, event="payout")
    if amount <= 0:
        raise AmountInvalid()
    most = load_ledger(case.id).balance.open_of(channel)
    if amount > most:
        raise DomainError("payout_above_open", max=most, currency=case.row.currency)
    row = {
        "return_id": case.id,
        "amount": amount,
        "channel": channel,
        "state": "done",
        "external_ref": reference,
        "idempotency_key": key,
        "created_at": case.now,
    }
    (written,) = insert_returning(Payout, [row], "id")
    return int(written.id)


def _earlier(case: Case, key: str, amount: int) -> Done | None:
    """What this key did before."""
    payout = db.session.execute(
        select(Payout.id, Payout.amount).where(Payout.idempotency_key == key)
    ).one_or_none()
    if payout is None:
        return None
    if payout.amount != amount:
        raise DomainError("payout_differs", amount=payout.amount)
    events = db.session.execute(
        select(ReturnEvent.id, ReturnEvent.data)
        .where(ReturnEvent.return_id == case.id, ReturnEvent.event == "payout")
        .order_by(ReturnEvent.id.desc())
    )
    return case.done(next(row.id for row in events if row.data.get("payout") == payout.id))
