"""The only place that reads the time, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_frozen: list[datetime] = []


def now() -> datetime:
    """The present moment as an aware UTC datetime."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Hold `now()` at `moment` (aware) inside the block; process-wide, nests."""
    if moment.tzinfo is None:
        raise ValueError("freeze() needs an aware datetime")
    _frozen.append(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()
