"""Staff changes what a customer gets, and says why; the customer reads it."""

from __future__ import annotations

from sqlalchemy import func, select

from ...domain.errors import AmountInvalid, DomainError, SeveralErrors, WrongState
from ...domain.ledger import Cause, Entry, Pot, corrected
from ...domain.lifecycle import RELEASED
from ...domain.policy import Resolution
from ...domain.refunds import EntryType
from ...extensions import db
from ...models import Order, OrderLine, Return
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing
from .money import Ledger, add_entries, load_ledger, set_clock
from .record_payout import PAYABLE
from .texts import noting, required


def correct_amount(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    line_id: int | None,
    delta: int,
    reason: str,
    seen_status: str | None = None,
    seen_event: int | None = None,
) -> Done:
    """Add `delta` (minor units, either sign) to what the customer gets. Commits.

    Raises DomainError: reason_required, amount_invalid, correction_line (not of this return),
    correction_below (less than nothing, or than was paid; params: `max` to take off),
    correction_above (more than was paid for the order; params: `max` to add); or SeveralErrors.
    """
    wrong: list[DomainError] = []
    kept = noting(wrong, required, reason) or ""
    with changing(
        shop=shop,
        return_id=return_id,
        actor=actor,
        event="correct",
        seen_status=seen_status,
        seen_event=seen_event,
    ) as case:
        _refuse_state(case)
        entry = noting(wrong, _checked, case, line_id, delta)
        if entry is None or wrong:
            raise SeveralErrors(wrong[::-1])
        add_entries(case, [entry], note=kept)
        event_id = case.note("correct", {"amount": delta, "line": line_id, "reason": kept})
        case.tell("corrected", event_id)
        set_clock(case)
        return case.done(event_id)


def _refuse_state(case: Case) -> None:
    if case.status not in PAYABLE:
        raise WrongState(status=case.status, event="correct")


def _checked(case: Case, line_id: int | None, delta: int) -> Entry:
    if delta == 0:
        raise AmountInvalid()
    ledger = load_ledger(case.id)
    correction = _correction(ledger, line_id, delta)
    _check(case, ledger, correction)
    return correction


def _correction(ledger: Ledger, line_id: int | None, delta: int) -> Entry:
    """Credit for a line of credit; without a line whatever the return is about."""
    line = next((each for each in ledger.lines if each.id == line_id), None)
    if line is None and line_id is not None:
        raise DomainError("correction_line")
    due = ledger.balance.due
    credit = line.resolution == Resolution.CREDIT if line else bool(due.credit and not due.money)
    pot = Pot.CREDIT if credit else Pot.MONEY
    return Entry(EntryType.CORRECTION, delta, line_id, None, pot, Cause.AGREED)


def _check(case: Case, ledger: Ledger, correction: Entry) -> None:
    currency = case.row.currency
    if correction.amount < 0:
        borne = corrected(ledger.entries, correction, ledger.balance.paid)
        if borne != correction.amount:
            raise DomainError("correction_below", max=-borne, currency=currency)
        return
    room = _room(case)
    if correction.amount > room:
        raise DomainError("correction_above", max=room, currency=currency)


def _room(case: Case) -> int:
    """What can still be promised for this order: all that was paid, less all that is promised."""
    order = db.session.execute(
        select(Order.paid_total).where(Order.id == case.row.order_id).with_for_update()
    ).one()
    elsewhere = db.session.scalar(
        select(func.sum(OrderLine.amount_elsewhere)).where(OrderLine.order_id == case.row.order_id)
    )
    live = db.session.scalars(
        select(Return.id).where(
            Return.order_id == case.row.order_id, Return.status.not_in(RELEASED)
        )
    ).all()
    promised = sum(_without_bonus(load_ledger(each)) for each in live)
    return max(0, int(order.paid_total) - int(elsewhere or 0) - promised)


def _without_bonus(ledger: Ledger) -> int:
    bonus = sum(entry.amount for entry in ledger.entries if entry.type is EntryType.BONUS)
    return max(0, ledger.balance.due.total - bonus)
