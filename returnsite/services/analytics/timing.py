"""How long returns take: the middle and the slow end of each stage.

Up to some five thousand returns all are read and the values are exact. Above that a fixed sample
is: the returns whose lottery number is low. `Middle.low` and `high` then bound the value of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Any

from sqlalchemy import and_, exists, func, select, true

from ...database import run
from ...domain.periods import day_number
from ...domain.statistics import Middle, quantile
from ...models import ReturnCell, ReturnFact, ReturnTiming
from .source import Scope, cell_limits

STAGES = ("approve", "hand_in", "receive", "close", "whole")
LOTTERY = 256
SAMPLE = 5_000
"""Returns that are read at least, where there are more."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage, in minutes; None where no return got through it."""

    name: str
    median: Middle | None
    slow: Middle | None
    """Nine of ten were done by then."""


@dataclass(frozen=True, slots=True)
class Timings:
    """All stages, and whether they are those of a sample."""

    stages: list[Stage]
    is_sample: bool

    def stage(self, name: str) -> Stage:
        """The stage of this name."""
        return next(each for each in self.stages if each.name == name)


def read_timings(scope: Scope, *, sample: int = SAMPLE) -> Timings:
    """How long the returns asked for in the period took, stage by stage."""
    drawn = _tickets(scope, sample)
    columns = [getattr(ReturnTiming, name) for name in STAGES]
    rows = run(select(*columns).where(_asked(scope, drawn), _limits(scope))).all()
    stages = []
    for name, column in zip(STAGES, zip(*rows, strict=True) if rows else repeat(()), strict=False):
        minutes = sorted(minute for minute in column if minute is not None)
        stages.append(Stage(name, quantile(minutes, 0.5), quantile(minutes, 0.9)))
    return Timings(stages, is_sample=drawn < LOTTERY)


def _tickets(scope: Scope, sample: int) -> int:
    """How many of the lottery's numbers to read, judged by how many returns have one of them."""
    one = run(select(func.count()).where(_asked(scope, 1))).scalar() or 0
    if one * LOTTERY <= sample:
        return LOTTERY
    return min(LOTTERY, max(1, -(-sample // one)))


def _asked(scope: Scope, tickets: int) -> Any:
    first, last = day_number(scope.period.first), day_number(scope.period.last)
    return and_(
        ReturnTiming.shop_id == scope.shop_id,
        ReturnTiming.lottery.in_(range(tickets)),
        ReturnTiming.requested_day.between(first, last),
    )


def _limits(scope: Scope) -> Any:
    """Returns with at least one line that the filters let through."""
    filters = scope.filters
    limits = [
        getattr(ReturnTiming, name) == value
        for name in ("country", "method", "carrier")
        if (value := getattr(filters, name)) is not None
    ]
    if filters.of_lines:
        line = (
            exists()
            .where(
                ReturnFact.return_id == ReturnTiming.return_id,
                ReturnCell.id == ReturnFact.cell_id,
                cell_limits(filters),
            )
            .correlate(ReturnTiming)
        )
        if filters.product is not None:
            line = line.where(ReturnFact.product_id == filters.product)
        limits.append(line)
    return and_(true(), *limits)


def drawn(scope: Scope) -> tuple[Any, bool]:
    """The returns that `read_timings` reads, as a condition, and whether they are a sample."""
    tickets = _tickets(scope, SAMPLE)
    return and_(_asked(scope, tickets), _limits(scope)), tickets < LOTTERY
