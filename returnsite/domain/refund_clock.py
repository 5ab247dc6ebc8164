"""By when a customer must have the refund: what the law says, what the shop promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .window import deadline

STATUTORY_DAYS = 14

WITHDRAWAL_COUNTRIES = frozenset(
    [
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
        *("IS", "LI", "NO"),
    ]
)
"""Where Directive 2011/83/EU holds: the EU and the EEA."""

FROM_RECEIPT_COUNTRIES = frozenset({"GB"})
"""Where the same days run from receipt or proof of dispatch (CCR 2013, regulation 34)."""


@dataclass(frozen=True, slots=True)
class Milestones:
    """When things happened to a return; None for what has not.

    `proof_at` is the first proof of dispatch: a carrier's scan, or what staff took for one.
    `counts_from` is when the promise starts: receipt, loss, or approval where nothing comes back.
    """

    announced_at: datetime
    delivered_at: datetime | None
    proof_at: datetime | None
    received_at: datetime | None
    counts_from: datetime | None


@dataclass(frozen=True, slots=True)
class DueDates:
    """First instants that are too late, None where there is no such date (yet)."""

    statutory: datetime | None
    promised: datetime | None

    @property
    def first(self) -> datetime | None:
        """The one that comes first."""
        known = [date for date in (self.statutory, self.promised) if date is not None]
        return min(known, default=None)


def due_dates(
    when: Milestones, *, is_withdrawal: bool, country: str, refund_days: int, time_zone: str
) -> DueDates:
    """The dates by which money has to be back, as ends of local days where the shop is."""
    promised = None
    if when.counts_from is not None:
        promised = deadline(
            delivered_at=when.counts_from, days=refund_days, time_zone=time_zone
        )  # fmt: skip
    return DueDates(_statutory(when, is_withdrawal, country, time_zone), promised)


def _statutory(
    when: Milestones, is_withdrawal: bool, country: str, time_zone: str
) -> datetime | None:
    """Fourteen days after the customer said so; the shop may wait for the goods or the proof
    that they were sent, whichever comes first, but no day longer."""
    if not (is_withdrawal or _may_withdraw(when, time_zone)):
        return None
    known = [moment for moment in (when.proof_at, when.received_at) if moment is not None]
    if not known:
        return None
    sent = min(known)
    if country in FROM_RECEIPT_COUNTRIES:
        return deadline(delivered_at=sent, days=STATUTORY_DAYS, time_zone=time_zone)
    if country not in WITHDRAWAL_COUNTRIES:
        return None
    told = deadline(delivered_at=when.announced_at, days=STATUTORY_DAYS, time_zone=time_zone)
    return max(told, deadline(delivered_at=sent, days=0, time_zone=time_zone))


def _may_withdraw(when: Milestones, time_zone: str) -> bool:
    """A return announced in the days in which a customer may withdraw is taken for one."""
    if when.delivered_at is None:
        return True
    ends = deadline(delivered_at=when.delivered_at, days=STATUTORY_DAYS, time_zone=time_zone)
    return when.announced_at < ends
