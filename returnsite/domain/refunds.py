"""The refund statement: one function, one stored value, the same on every page and mail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from .facts import Basket, Choice, LineFacts, OrderFacts
from .fees import FeeQuote, chosen_lines, quote_fee, settled_resolution
from .money import line_share, round_half_up
from .policy import Policy, Resolution


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one line comes to, in minor units.

    `paid_amount` is the share of what was paid that these units stand for, whatever the
    resolution. `list_amount − discount_share = paid_amount`, for showing; None and 0 without a
    list price. `refund_amount` is refunded as money or credit, `bonus` comes on top of credit.
    `exchange_difference`: positive is owed by the customer, negative is refunded as money.
    """

    line_id: int
    quantity: int
    resolution: Resolution
    list_amount: int | None
    paid_amount: int
    discount_share: int
    refund_amount: int
    bonus: int
    exchange_difference: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a return comes to, in minor units of `currency`; nothing in it is negative but
    `exchange_difference` of a line.

    `total` = `money_total` + `credit_total` is what the customer gets, fee and exchange
    differences already taken off; `bonus_total` is part of it. `to_pay` is what the customer
    still owes for exchanges after that.
    """

    lines: tuple[StatementLine, ...]
    fee: FeeQuote | None
    outbound_shipping: int
    money_total: int
    credit_total: int
    bonus_total: int
    to_pay: int
    total: int
    currency: str


class EntryType(StrEnum):
    """What a ledger entry is for."""

    ITEMS = "items"
    OUTBOUND_SHIPPING = "outbound_shipping"
    FEE = "fee"
    BONUS = "bonus"
    EXCHANGE_DIFFERENCE = "exchange_difference"
    CORRECTION = "correction"
    """Made by staff after inspection; never part of a statement."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A signed amount: positive is for the customer."""

    type: EntryType
    amount: int
    line_id: int | None = None


def statement(
    policy: Policy,
    order: OrderFacts,
    lines: Sequence[LineFacts],
    basket: Basket,
    *,
    units_total: int,
    units_back_before: int,
    shipping_refunded_before: bool,
    now: datetime,
) -> Statement:
    """What returning `basket` comes to.

    `units_total`: goods units of the whole order; `units_back_before`: those already back for
    money or credit. When this return brings the last of them, the outbound shipping is
    refunded, once, if the shop does so. The fee is taken off the money first, then off the
    credit; then what exchanges cost more, in the same order; the rest is `to_pay`.
    A choice without a resolution counts as money; without any choice there is no fee.
    """
    shown = tuple(_lines(policy, lines, basket))
    complete = units_back_before + _refunded_units(lines, shown) >= units_total
    due = policy.refund_outbound_shipping and complete and not shipping_refunded_before
    shipping = max(0, order.shipping_paid) if due and _refunds_anything(shown) else 0
    refundable = sum(_pots(shown, shipping))
    fee = None
    if shown:
        method = basket.method
        fee = quote_fee(policy, order, lines, basket, method=method, refundable=refundable, now=now)
    return _settle(shown, shipping, fee, order.currency)


def _settle(
    shown: tuple[StatementLine, ...], shipping: int, fee: FeeQuote | None, currency: str
) -> Statement:
    """Take what the customer owes off what is refunded, and total it."""
    money, credit = _pots(shown, shipping)
    money, credit, _ = _take(fee.amount if fee else 0, money, credit)
    owed = sum(max(0, line.exchange_difference) for line in shown)
    money, credit, to_pay = _take(owed, money, credit)
    return Statement(
        lines=shown,
        fee=fee,
        outbound_shipping=shipping,
        money_total=money,
        credit_total=credit,
        bonus_total=sum(line.bonus for line in shown),
        to_pay=to_pay,
        total=money + credit,
        currency=currency,
    )


def _lines(policy: Policy, lines: Sequence[LineFacts], basket: Basket) -> Iterator[StatementLine]:
    """The statement's lines. Two parcels may hold units of one order line: the share of the
    second starts where the first ended."""
    before: dict[int, tuple[int, int]] = {}
    for line, choice in chosen_lines(lines, basket):
        units, amount = before.get(line.order_line_id, (line.returned_before, line.amount_before))
        share = line_share(
            line_paid=line.line_paid,
            quantity=line.quantity,
            returned_before=units,
            amount_before=amount,
            returning=choice.quantity,
        )
        before[line.order_line_id] = (units + choice.quantity, amount + share)
        yield _line(policy, line, choice, share)


def _line(policy: Policy, line: LineFacts, choice: Choice, share: int) -> StatementLine:
    resolution = settled_resolution(policy, choice)
    exchanged = resolution is Resolution.EXCHANGE
    price = choice.exchange_price if exchanged else None
    listed = line.list_price * choice.quantity if line.list_price else None
    if listed is not None and listed < share:
        listed = None
    credited = resolution is Resolution.CREDIT
    return StatementLine(
        line_id=line.line_id,
        quantity=choice.quantity,
        resolution=resolution,
        list_amount=listed,
        paid_amount=share,
        discount_share=listed - share if listed is not None else 0,
        refund_amount=0 if exchanged else share,
        bonus=_bonus(share, policy.credit_bonus_bp) if credited else 0,
        exchange_difference=price * choice.quantity - share if price is not None else 0,
    )


def _bonus(amount: int, basis_points: int) -> int:
    return max(0, round_half_up(Fraction(amount * basis_points, 10_000)))


def _refunds_anything(shown: Sequence[StatementLine]) -> bool:
    return any(line.resolution is not Resolution.EXCHANGE for line in shown)


def _refunded_units(lines: Sequence[LineFacts], shown: Sequence[StatementLine]) -> int:
    """Goods units in this return that come back for money or credit."""
    goods = {line.line_id for line in lines if line.is_goods}
    return sum(
        line.quantity
        for line in shown
        if line.line_id in goods and line.resolution is not Resolution.EXCHANGE
    )


def _pots(shown: Sequence[StatementLine], shipping: int) -> tuple[int, int]:
    """Money and credit before anything is taken off. Shipping goes back as money, unless the
    customer chose credit for everything that is refunded: then there is one payment, not two."""
    money = credit = 0
    for line in shown:
        if line.resolution is Resolution.CREDIT:
            credit += line.refund_amount + line.bonus
        else:
            money += line.refund_amount + max(0, -line.exchange_difference)
    return (money, credit + shipping) if credit and not money else (money + shipping, credit)


def _take(amount: int, money: int, credit: int) -> tuple[int, int, int]:
    """Take `amount` off money, then credit; the third value is what neither could bear."""
    from_money = min(amount, money)
    from_credit = min(amount - from_money, credit)
    return money - from_money, credit - from_credit, amount - from_money - from_credit


def entries(statement: Statement) -> tuple[LedgerEntry, ...]:
    """The ledger of a statement, without zeros; sums to money_total + credit_total − to_pay."""
    shown = statement.lines
    ledger = [
        *(LedgerEntry(EntryType.ITEMS, line.refund_amount, line.line_id) for line in shown),
        *(LedgerEntry(EntryType.BONUS, line.bonus, line.line_id) for line in shown),
        *(
            LedgerEntry(EntryType.EXCHANGE_DIFFERENCE, -line.exchange_difference, line.line_id)
            for line in shown
        ),
        LedgerEntry(EntryType.OUTBOUND_SHIPPING, statement.outbound_shipping),
        LedgerEntry(EntryType.FEE, -statement.fee.amount if statement.fee else 0),
    ]
    return tuple(entry for entry in ledger if entry.amount)


def fingerprint(statement: Statement) -> str:
    """A hash of every amount the customer sees; the review page posts it back as `seen`.

    Rules are not in it: a republished rule that changes no amount disturbs nobody.
    """
    fee = statement.fee
    seen = {
        "lines": [
            [
                line.line_id,
                line.quantity,
                line.resolution,
                line.list_amount,
                line.paid_amount,
                line.refund_amount,
                line.bonus,
                line.exchange_difference,
            ]
            for line in statement.lines
        ],
        "fee": [fee.amount, fee.base, fee.waived_by] if fee else None,
        "totals": [
            statement.outbound_shipping,
            statement.money_total,
            statement.credit_total,
            statement.to_pay,
            statement.currency,
        ],
    }
    canonical = json.dumps(seen, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
