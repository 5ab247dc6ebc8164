"""The return window: from delivery to the end of a day in the shop's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .facts import LineFacts
from .policy import Policy, UnknownDelivery

_NEVER = datetime.max.replace(tzinfo=UTC)


def deadline(*, delivered_at: datetime, days: int, time_zone: str) -> datetime:
    """The first UTC instant that is too late: local midnight after day delivered + `days`.

    Daylight saving makes no day shorter or longer than the local calendar says.
    Raises ValueError for a `delivered_at` without time zone.
    """
    return _window(delivered_at, days, time_zone)[0]


def last_day(*, delivered_at: datetime, days: int, time_zone: str) -> date:
    """The last local day on which a return may start, for showing."""
    return _window(delivered_at, days, time_zone)[1]


def is_open(now: datetime, deadline: datetime | None) -> bool:
    """Whether a return may start; no deadline means open."""
    return deadline is None or now < deadline


@lru_cache(maxsize=8192)
def _window(start: datetime, days: int, time_zone: str) -> tuple[datetime, date]:
    """Exclusive end and last day. Cached: an order's lines share their delivery moment."""
    zone = ZoneInfo(time_zone)
    try:
        last = local_day(start, time_zone) + timedelta(days=days)
        # Where midnight is skipped by a clock change, fold=0 reads it with the offset before,
        # which is the instant of the change: the day's real beginning.
        midnight = datetime.combine(last + timedelta(days=1), time.min, zone)
        return midnight.astimezone(UTC), last
    except OverflowError:
        return _NEVER, date.max


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of an instant where the shop is."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    return moment.astimezone(ZoneInfo(time_zone)).date()


def days_since_delivery(line: LineFacts, now: datetime, time_zone: str) -> int | None:
    """Whole local days since delivery, or None when the delivery date is not known.

    Counted on the calendar, over months: day 61 is 61, not "1 month and 30 days".
    """
    if line.delivered_at is None:
        return None
    return (shop_day(now, time_zone) - shop_day(line.delivered_at, time_zone)).days


@lru_cache(maxsize=8192)
def shop_day(moment: datetime, time_zone: str) -> date:
    """`local_day`, remembered: many lines share their moments."""
    return local_day(moment, time_zone)


def line_window(policy: Policy, line: LineFacts, days: int) -> tuple[datetime, date] | None:
    """Deadline and last day of a line with a window of `days`, or None when there is no end.

    Without a delivery date the shop's choice counts: shipping date plus
    `unknown_delivery_days`, or no end while not even that is known. Whether an unknown
    delivery closes the line is `closed_by_unknown_delivery`.
    """
    if line.delivered_at is not None:
        return _window(line.delivered_at, days, policy.time_zone)
    estimate = policy.unknown_delivery is UnknownDelivery.SHIPPED_PLUS_DAYS
    if estimate and line.shipped_at is not None:
        return _window(line.shipped_at, policy.unknown_delivery_days + days, policy.time_zone)
    return None


def closed_by_unknown_delivery(policy: Policy, line: LineFacts) -> bool:
    """Whether the line waits for a delivery date before it can come back."""
    return line.delivered_at is None and policy.unknown_delivery is UnknownDelivery.CLOSED
