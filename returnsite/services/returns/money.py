"""The ledger of a return within a change: read, corrected, and its clock set anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from ...database import insert_rows
from ...domain.ledger import (
    Balance,
    Cause,
    Channel,
    Entry,
    LineUnits,
    Paid,
    Pot,
    balance,
    follow_counts,
    postage,
)
from ...domain.lifecycle import RELEASED, Event, Status, allowed_events
from ...domain.policy import Resolution
from ...domain.refund_clock import DueDates, Milestones, due_dates
from ...domain.refunds import EntryType
from ...extensions import db
from ...models import MoneyEntry, Parcel, ParcelLine, Payout, Return, ReturnLine
from ..shops import ShopSettings
from .case import Case


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything about the money of one return, at one moment."""

    entries: tuple[Entry, ...]
    payouts: tuple[Paid, ...]
    lines: tuple[ReturnLine, ...]

    @property
    def balance(self) -> Balance:
        """What is due, paid and open."""
        return balance(self.entries, self.payouts)

    @property
    def arrived(self) -> Balance:
        """The balance if nothing more came than is here: what can be paid today."""
        units = [
            replace(each, missing=line.quantity - line.received)
            for each, line in zip(self.units(), self.lines, strict=True)
        ]
        less = follow_counts(self.entries, units, self.balance.paid)
        return balance([*self.entries, *less], self.payouts)

    def payable(self, status: str) -> Balance:
        """The balance to pay by: while more is waited for, that of what is here; any other return
        is paid whole, as staff then pays ahead of a parcel or instead of one."""
        return self.arrived if status == Status.RECEIVED else self.balance

    def units(self) -> list[LineUnits]:
        """How much of each line counts, as counted so far."""
        return [
            LineUnits(
                line.id,
                line.quantity,
                line.received - line.accepted,
                line.released,
                line.resolution == Resolution.EXCHANGE,
            )
            for line in self.lines
        ]

    @property
    def is_complete(self) -> bool:
        """Whether no unit is waited for any more."""
        return all(line.received + line.released >= line.quantity for line in self.lines)

    @property
    def wants_exchange(self) -> bool:
        """Whether some accepted or awaited unit is to be exchanged."""
        return any(
            line.resolution == Resolution.EXCHANGE
            and line.quantity - line.released - (line.received - line.accepted) > 0
            for line in self.lines
        )


def load_ledger(return_id: int) -> Ledger:
    """Read entries, payouts and lines: three queries."""
    lines = tuple(
        db.session.scalars(
            select(ReturnLine)
            .where(ReturnLine.return_id == return_id)
            .order_by(ReturnLine.id)
            .execution_options(populate_existing=True)
        )
    )
    resolutions = {line.id: Resolution(line.resolution) for line in lines}
    entries = db.session.execute(
        select(MoneyEntry.__table__)
        .where(MoneyEntry.return_id == return_id)
        .order_by(MoneyEntry.id)
    )
    payouts = db.session.execute(
        select(Payout.amount, Payout.channel, Payout.state).where(Payout.return_id == return_id)
    )
    return Ledger(
        tuple(_entry(row, resolutions) for row in entries),
        tuple(Paid(row.amount, known_channel(row.channel), row.state) for row in payouts),
        lines,
    )


def known_channel(text: str) -> Channel:
    """How it was given; `other` for what another version called differently."""
    return Channel(text) if text in set(Channel) else Channel.OTHER


def _entry(row: Any, resolutions: dict[int, Resolution]) -> Entry:
    return Entry(
        type=EntryType(row.type),
        amount=row.amount,
        line_id=row.return_line_id,
        resolution=resolutions.get(row.return_line_id),
        pot=Pot(row.pot) if row.pot else None,
        cause=Cause(row.cause) if row.cause else None,
    )


def add_entries(case: Case, entries: Iterable[Entry], note: str = "") -> None:
    """Append to the ledger."""
    rows = [
        {
            "return_id": case.id,
            "return_line_id": entry.line_id,
            "type": entry.type,
            "amount": entry.amount,
            "pot": entry.pot,
            "cause": entry.cause,
            "note": note[:200],
            "created_at": case.now,
        }
        for entry in entries
    ]
    insert_rows(MoneyEntry, rows)


def follow(case: Case) -> Ledger:
    """Correct the ledger so that it follows the counts; returns it as it is then."""
    db.session.flush()
    ledger = load_ledger(case.id)
    corrections = follow_counts(ledger.entries, ledger.units(), ledger.balance.paid)
    add_entries(case, corrections)
    return replace(ledger, entries=(*ledger.entries, *corrections))


def is_settled(case: Case, ledger: Ledger, *, exchange_sent: bool | None = None) -> bool:
    """Whether the customer has everything: money, credit and exchange."""
    sent = case.row.exchange_sent_at is not None if exchange_sent is None else exchange_sent
    return ledger.balance.open_total == 0 and (sent or not ledger.wants_exchange)


def set_clock(case: Case, **known: Any) -> None:
    """Write anew what the customer gets now, and by when everything has to be settled.

    `known` holds columns of the return that were changed since the case was loaded.
    """
    write_clock(case.shop, {**case.row._mapping, "status": case.status, **known})


def write_clock(shop: ShopSettings, columns: dict[str, Any]) -> None:
    """The same from the columns of a return, in the caller's transaction."""
    ledger, status = load_ledger(columns["id"]), columns["status"]
    # A closed return waits for no exchange any more, but a later correction may open its money.
    sent = columns["exchange_sent_at"] is not None or status == Status.CLOSED
    settled = ledger.balance.open_total == 0 and (sent or not ledger.wants_exchange)
    due = None
    if not settled and status not in {*RELEASED, Status.REQUESTED}:
        due = clock_of(shop, columns, delivered_at(columns["id"])).first
    db.session.execute(
        update(Return)
        .where(Return.id == columns["id"])
        .values(
            settle_by=due,
            refund_total=ledger.balance.due.total,
            outbound_shipping=postage(ledger.entries),
        )
        .execution_options(synchronize_session=False)
    )


def clock_of(
    shop: ShopSettings, columns: dict[str, Any], delivered: datetime | None
) -> DueDates:  # fmt: skip
    """The due dates of a return, from its columns."""
    lost_at = columns["ended_at"] if columns["status"] == Status.LOST else None
    kept_at = None if columns["goods_expected"] else columns["approved_at"]
    when = Milestones(
        announced_at=columns["created_at"],
        delivered_at=delivered,
        proof_at=columns["handed_over_at"],
        received_at=columns["received_at"],
        counts_from=columns["received_at"] or lost_at or kept_at,
    )
    return due_dates(
        when,
        is_withdrawal=columns["kind"] == "withdrawal",
        country=columns["country"],
        refund_days=shop.policy.refund_days,
        time_zone=shop.time_zone,
    )


def delivered_at(return_id: int) -> datetime | None:
    """When the last of the parcels these goods came in was delivered, as far as known."""
    query = (
        select(func.max(Parcel.delivered_at))
        .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
        .join(ReturnLine, ReturnLine.parcel_line_id == ParcelLine.id)
        .where(ReturnLine.return_id == return_id)
    )
    return db.session.scalar(query)


def finish_if_settled(case: Case) -> bool:
    """Close a return for which nothing is left to do: all counted, all given."""
    ledger = load_ledger(case.id)
    waits = case.status == Status.RECEIVED and not ledger.is_complete
    expected = case.status == Status.APPROVED and case.row.goods_expected
    closable = Event.CLOSE in allowed_events(case.status)
    if waits or expected or not closable or not _settled_now(case, ledger):
        return False
    case.move(Event.CLOSE, data={"auto": True}, closed_at=case.now)
    return True


def _settled_now(case: Case, ledger: Ledger) -> bool:
    sent = db.session.scalar(select(Return.exchange_sent_at).where(Return.id == case.id))
    return is_settled(case, ledger, exchange_sent=sent is not None)
