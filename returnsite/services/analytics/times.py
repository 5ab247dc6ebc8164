"""The returns behind how long a stage takes, those first that took longest.

They are those the figure was made from: of very many returns, the sample it was drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from ...database import run
from ...models import Order, Return, ReturnTiming
from .lines import PAGE
from .source import Scope
from .timing import STAGES, drawn


@dataclass(frozen=True, slots=True)
class Which:
    """A stage, and whether only returns that took longer than so many minutes."""

    stage: str
    longer: int | None = None

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(self.stage)

    @property
    def minutes(self) -> Any:
        """The column with the stage's minutes."""
        return getattr(ReturnTiming, self.stage)


@dataclass(frozen=True, slots=True)
class Timed:
    """A return with how long it took. Nothing in it names the customer."""

    id: int
    number: str
    order_number: str
    status: str
    asked_at: datetime
    country: str
    method: str
    carrier: str
    minutes: int


def count_timed(scope: Scope, which: Which) -> tuple[int, bool]:
    """How many returns got through the stage, and whether they are a sample. Two queries."""
    condition, is_sample = drawn(scope)
    query = _narrowed(select(func.count()), condition, which)
    return int(run(query).scalar_one()), is_sample


def list_timed(
    scope: Scope, which: Which, *, after: tuple[int, int] | None = None, count: int = PAGE
) -> list[Timed]:
    """Returns after the one of these minutes and id. Three queries."""
    key = tuple_(which.minutes, ReturnTiming.return_id)
    query = _narrowed(select(ReturnTiming.return_id), drawn(scope)[0], which)
    if after is not None:
        query = query.where(key < after)
    order = which.minutes.desc(), ReturnTiming.return_id.desc()
    ids = run(query.order_by(*order).limit(count)).scalars().all()
    return _load(which, ids) if ids else []


def _narrowed(query: Select[Any], condition: Any, which: Which) -> Select[Any]:
    query = query.select_from(ReturnTiming).where(condition, which.minutes.is_not(None))
    return query if which.longer is None else query.where(which.minutes > which.longer)


def _load(which: Which, ids: Any) -> list[Timed]:
    columns = {
        "id": Return.id,
        "number": Return.number,
        "order_number": Order.number,
        "status": Return.status,
        "asked_at": Return.created_at,
        "country": Return.country,
        "method": Return.method,
        "carrier": func.coalesce(Return.carrier, ""),
        "minutes": which.minutes,
    }
    query = (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(ReturnTiming)
        .join(Return, Return.id == ReturnTiming.return_id)
        .join(Order, Order.id == Return.order_id)
        .where(ReturnTiming.return_id.in_(ids))
        .order_by(which.minutes.desc(), Return.id.desc())
    )
    return [Timed(**row._mapping) for row in run(query)]
