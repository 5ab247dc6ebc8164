"""What a return still comes to: its ledger, what was paid of it, and what is open.

Money and credit are two pots. A return's own entries fill them as its statement did; a correction
says itself which one it is about. Nothing here goes below nothing, nor below what was paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from .money import round_half_up
from .policy import Resolution
from .refunds import EntryType


class Pot(StrEnum):
    """Where an amount is: paid as money, given as credit, or owed by the customer."""

    MONEY = "money"
    CREDIT = "credit"
    OWED = "owed"


class Cause(StrEnum):
    """Why a correction was made. The first three follow the counts, staff makes the others."""

    MISSING = "missing"
    NOT_ACCEPTED = "not_accepted"
    KEPT = "kept"
    """Was paid before a count said otherwise, and is not asked back."""
    AGREED = "agreed"
    WAIVED = "waived"


COUNTED = frozenset({Cause.MISSING, Cause.NOT_ACCEPTED, Cause.KEPT})


class Channel(StrEnum):
    """How something was given. Credit has a code; the others are the shop's own payments."""

    ORIGINAL = "original"
    BANK = "bank"
    CASH = "cash"
    OTHER = "other"
    CREDIT = "credit"

    @property
    def pot(self) -> Pot:
        """What it is taken from."""
        return Pot.CREDIT if self is Channel.CREDIT else Pot.MONEY


LIVE_PAYOUTS = frozenset({"pending", "done"})
"""States in which a payout counts; one that is pending counts once, like one that is done."""


class MoneyState(StrEnum):
    """Where the money of a return stands."""

    NONE = "none"
    DUE = "due"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger: signed, positive is for the customer."""

    type: EntryType
    amount: int
    line_id: int | None = None
    resolution: Resolution | None = None
    """That of the line."""
    pot: Pot | None = None
    cause: Cause | None = None
    """Of corrections only, as the pot."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the customer gets, and owes for exchanges after that. Never negative."""

    money: int = 0
    credit: int = 0
    to_pay: int = 0

    @property
    def total(self) -> int:
        """What the customer gets."""
        return self.money + self.credit

    @property
    def signed(self) -> int:
        """The sum of the ledger."""
        return self.money + self.credit - self.to_pay

    def of(self, pot: Pot) -> int:
        """One of the pots."""
        return {Pot.MONEY: self.money, Pot.CREDIT: self.credit, Pot.OWED: self.to_pay}[pot]


@dataclass(frozen=True, slots=True)
class Paid:
    """A payout: how much, how, and whether it counts."""

    amount: int
    channel: Channel
    state: str = "done"


@dataclass(frozen=True, slots=True)
class LineUnits:
    """How many of a line's `quantity` units do not count for the refund, and why."""

    line_id: int
    quantity: int
    not_accepted: int = 0
    missing: int = 0
    exchanged: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """What is due, what was paid of it, and what is open."""

    due: Totals
    paid: Totals

    @property
    def open_money(self) -> int:
        """Money still to be paid."""
        return max(0, self.due.money - self.paid.money)

    @property
    def open_credit(self) -> int:
        """Credit still to be given."""
        return max(0, self.due.credit - self.paid.credit)

    @property
    def open_total(self) -> int:
        """Everything still to be given."""
        return self.open_money + self.open_credit

    def open_of(self, channel: Channel) -> int:
        """What can still be given this way."""
        return self.open_credit if channel.pot is Pot.CREDIT else self.open_money

    @property
    def state(self) -> MoneyState:
        """In one word."""
        if self.open_total:
            return MoneyState.PARTLY_PAID if self.paid.total else MoneyState.DUE
        return MoneyState.PAID if self.paid.total else MoneyState.NONE


def balance(entries: Sequence[Entry], payouts: Iterable[Paid]) -> Balance:
    """The balance of a return."""
    return Balance(totals(entries), paid_totals(payouts))


def paid_totals(payouts: Iterable[Paid]) -> Totals:
    """What was given, by pot; failed payouts do not count."""
    given = {Pot.MONEY: 0, Pot.CREDIT: 0}
    for payout in payouts:
        if payout.state in LIVE_PAYOUTS:
            given[payout.channel.pot] += payout.amount
    return Totals(given[Pot.MONEY], given[Pot.CREDIT])


def totals(entries: Sequence[Entry]) -> Totals:
    """What the ledger comes to: without corrections exactly what the statement said.

    The fee is taken off the money first, then off the credit; then what exchanges cost more.
    """
    pots, shipping, fee = _gross(entries)
    pots[Pot.CREDIT if _is_credit_alone(pots) else Pot.MONEY] += shipping
    for entry in entries:
        if entry.type is EntryType.CORRECTION:
            pot = entry.pot or Pot.MONEY
            pots[pot] += -entry.amount if pot is Pot.OWED else entry.amount
    money, credit, owed = (max(0, pots[pot]) for pot in Pot)
    money, credit, _ = _take(fee, money, credit)
    return Totals(*_take(owed, money, credit))


def _gross(entries: Sequence[Entry]) -> tuple[dict[Pot, int], int, int]:
    """The pots before shipping, fee and corrections; the shipping; the fee."""
    pots = dict.fromkeys(Pot, 0)
    shipping = fee = 0
    for entry in entries:
        if entry.type is EntryType.OUTBOUND_SHIPPING:
            shipping += entry.amount
        elif entry.type is EntryType.FEE:
            fee -= entry.amount
        elif entry.type is not EntryType.CORRECTION:
            pots[pot_of(entry)] += abs(entry.amount)
    return pots, shipping, fee


def _is_credit_alone(pots: Mapping[Pot, int]) -> bool:
    return bool(pots[Pot.CREDIT] and not pots[Pot.MONEY])


def pot_of(entry: Entry) -> Pot:
    """The pot an entry of a statement fills."""
    if entry.type is EntryType.EXCHANGE_DIFFERENCE:
        return Pot.OWED if entry.amount < 0 else Pot.MONEY
    return Pot.CREDIT if entry.resolution is Resolution.CREDIT else Pot.MONEY


def _take(amount: int, money: int, credit: int) -> tuple[int, int, int]:
    from_money = min(amount, money)
    from_credit = min(amount - from_money, credit)
    return money - from_money, credit - from_credit, amount - from_money - from_credit


def follow_counts(
    entries: Sequence[Entry], units: Sequence[LineUnits], paid: Totals
) -> tuple[Entry, ...]:
    """The corrections that make the ledger follow what arrived and was accepted.

    Given the corrections made before, these are the differences: counting the same again gives
    none. What was paid already is never taken back: the ledger stays at or above it.
    """
    standing = [entry for entry in entries if entry.cause not in COUNTED]
    wanted: list[Entry] = []
    for line in units:
        for correction in _deductions(standing, line):
            wanted.append(_borne([*standing, *wanted], correction, paid))
    for correction in _postage(standing, units):
        wanted.append(_borne([*standing, *wanted], correction, paid))
    wanted += _kept([*standing, *wanted], paid)
    return tuple(_differences(wanted, entries))


def _kept(entries: Sequence[Entry], paid: Totals) -> list[Entry]:
    """What holds the pots at what was paid, where an exchange that costs more came back to life:
    its price would be taken off money that has left the house."""
    kept: list[Entry] = []
    most = paid.total + sum(abs(entry.amount) for entry in entries)
    for pot in (Pot.MONEY, Pot.CREDIT):

        def entry_of(amount: int, pot: Pot = pot) -> Entry:
            return Entry(EntryType.CORRECTION, amount, None, None, pot, Cause.KEPT)

        low, high = 0, most
        while low < high:
            middle = (low + high) // 2
            due = totals([*entries, *kept, entry_of(middle)])
            low, high = (low, middle) if due.of(pot) >= paid.of(pot) else (middle + 1, high)
        if low:
            kept.append(entry_of(low))
    return kept


def _deductions(entries: Sequence[Entry], line: LineUnits) -> Iterator[Entry]:
    """What units that do not count take off a line, per pot and cause; nothing left out twice."""
    own = [e for e in entries if e.line_id == line.line_id and e.type is not EntryType.CORRECTION]
    for pot in Pot:
        amounts = [entry for entry in own if pot_of(entry) is pot]
        whole = sum(entry.amount for entry in amounts)
        without = _part(whole, line.quantity - line.not_accepted, line.quantity)
        left = _part(whole, line.quantity - line.not_accepted - line.missing, line.quantity)
        steps = ((Cause.NOT_ACCEPTED, without - whole), (Cause.MISSING, left - without))
        for cause, amount in steps:
            if amount:
                yield Entry(EntryType.CORRECTION, amount, line.line_id, None, pot, cause)


def _postage(entries: Sequence[Entry], units: Sequence[LineUnits]) -> Iterator[Entry]:
    """The order's postage goes back with all of the order; an exchange has no part in that."""
    if not any(line.missing and not line.exchanged for line in units):
        return
    pots, shipping, _fee = _gross(entries)
    if shipping:
        pot = Pot.CREDIT if _is_credit_alone(pots) else Pot.MONEY
        yield Entry(EntryType.CORRECTION, -shipping, None, None, pot, Cause.MISSING)


def is_postage(entry: Entry) -> bool:
    """Whether the entry takes postage off."""
    return entry.cause is Cause.MISSING and entry.line_id is None


def postage(entries: Iterable[Entry]) -> int:
    """What of the order's postage goes back with this return."""
    return sum(
        entry.amount
        for entry in entries
        if entry.type is EntryType.OUTBOUND_SHIPPING or is_postage(entry)
    )


def earned(amount: int, line: LineUnits) -> int:
    """What is left of a line's amount for the units that count."""
    return _part(amount, line.quantity - line.not_accepted - line.missing, line.quantity)


def _part(amount: int, units: int, quantity: int) -> int:
    return round_half_up(Fraction(amount * max(0, units), quantity))


def _borne(entries: Sequence[Entry], correction: Entry, paid: Totals) -> Entry:
    """The correction, no larger than the pots can bear: found by halving, as pots feed each other
    and the more is taken the less is left."""
    if correction.amount >= 0:
        return correction
    before = totals(entries).signed

    def bears(amount: int) -> bool:
        after = totals([*entries, replace(correction, amount=amount)])
        covered = after.money >= paid.money and after.credit >= paid.credit
        return covered and after.signed == before + amount

    low, high = correction.amount, 0
    while low < high:
        middle = (low + high) // 2
        if bears(middle):
            high = middle
        else:
            low = middle + 1
    return replace(correction, amount=low)


def _differences(wanted: Sequence[Entry], entries: Sequence[Entry]) -> Iterator[Entry]:
    """What has to be added to the corrections there are, so that they are those wanted."""
    keys = {
        (e.line_id, e.pot, e.cause): 0 for e in [*entries, *wanted] if e.cause in COUNTED
    }  # fmt: skip
    for sign, rows in ((1, wanted), (-1, entries)):
        for entry in rows:
            if entry.cause in COUNTED:
                keys[entry.line_id, entry.pot, entry.cause] += sign * entry.amount
    for (line_id, pot, cause), amount in keys.items():
        if amount:
            yield Entry(EntryType.CORRECTION, amount, line_id, None, pot, cause)


def corrected(entries: Sequence[Entry], correction: Entry, paid: Totals) -> int:
    """How much of the correction the return can bear: all of it, or the most that is possible."""
    return _borne(entries, correction, paid).amount


def waivers(entries: Sequence[Entry], paid: Totals) -> tuple[Entry, ...]:
    """The corrections that leave nothing open."""
    due = totals(entries)
    return tuple(
        Entry(EntryType.CORRECTION, -(due.of(pot) - paid.of(pot)), None, None, pot, Cause.WAIVED)
        for pot in (Pot.MONEY, Pot.CREDIT)
        if due.of(pot) > paid.of(pot)
    )
