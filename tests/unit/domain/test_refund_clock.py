"""By when a refund must be there: by law and as promised, in days of the shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.refund_clock import DueDates, Milestones, due_dates

ZONE = "Europe/Amsterdam"
TOLD = datetime(2026, 11, 14, 20, 2, tzinfo=UTC)


def at(days: float) -> datetime:
    return TOLD + timedelta(days=days)


def dates(
    *,
    proof: float | None = None,
    received: float | None = None,
    delivered: float | None = -5,
    country: str = "NL",
    withdrawal: bool = False,
) -> DueDates:
    def moment(days: float | None) -> datetime | None:
        return None if days is None else at(days)

    when = Milestones(TOLD, moment(delivered), moment(proof), moment(received), moment(received))
    return due_dates(when, is_withdrawal=withdrawal, country=country, refund_days=7, time_zone=ZONE)


def day(moment: datetime | None) -> str | None:
    """The last local day in time."""
    return (moment - timedelta(seconds=1)).astimezone().date().isoformat() if moment else None


@pytest.mark.parametrize(
    ("case", "statutory", "promised"),
    [
        (dates(), None, None),
        (dates(proof=2), "2026-11-28", None),
        (dates(received=4), "2026-11-28", "2026-11-25"),
        (dates(proof=2, received=20), "2026-11-28", "2026-12-11"),
        (dates(received=20), "2026-12-04", "2026-12-11"),
        (dates(proof=16, received=20), "2026-11-30", "2026-12-11"),
        (dates(received=4, delivered=-20), None, "2026-11-25"),
        (dates(received=4, delivered=-20, withdrawal=True), "2026-11-28", "2026-11-25"),
        (dates(received=4, delivered=None), "2026-11-28", "2026-11-25"),
        (dates(received=4, country="GB"), "2026-12-02", "2026-11-25"),
        (dates(proof=2, received=4, country="GB"), "2026-11-30", "2026-11-25"),
        (dates(received=4, country="US"), None, "2026-11-25"),
    ],
)
def test_law_and_promise_have_their_own_dates(
    case: DueDates, statutory: str | None, promised: str | None
) -> None:
    assert (day(case.statutory), day(case.promised)) == (statutory, promised)
    known = [one for one in (case.statutory, case.promised) if one]
    assert case.first == (min(known) if known else None)


@given(st.floats(0, 60), st.floats(0, 60))
def test_the_law_never_asks_before_fourteen_days_nor_before_anything_was_sent(
    proof: float, received: float
) -> None:
    due = dates(proof=proof, received=received).statutory
    assert due is not None
    assert due > at(13.9)
    assert due > min(at(proof), at(received))
    assert due <= max(at(14), min(at(proof), at(received))) + timedelta(days=1, hours=1)
