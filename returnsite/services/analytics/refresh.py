"""Keeping the figures true: what changed is noted by triggers and worked off here, bit by bit.

Orders that changed get their facts anew, which makes days stale; stale days are added up again,
then their months. Each bit is one short transaction, repeatable, and only one process does it at
a time. When nothing is stale, the figures equal what the orders and returns say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from ... import clock
from ...database import run, writing
from ...domain.periods import month_of_day
from ...extensions import db
from ...models import AnalyticsState, Order, ReturnCube, SaleFact, Shop, StaleBucket, StaleOrder
from .cubes import sum_days, sum_months
from .facts import Bucket, load_clocks, rewrite_facts

_BATCH = 400
"""Stale orders a transaction: writers wait for some hundredths of a second."""

_DAYS = 16
"""Stale days a transaction, likewise."""

_LOCK = 5_004_001
"""PostgreSQL's advisory lock: two refreshing processes would write the same facts twice."""


def refresh_for(seconds: float) -> int:
    """Work off what is stale, for about this long; returns how many bits that were. Commits."""
    until = time.monotonic() + seconds
    done = 0
    while time.monotonic() < until and refresh_once():
        done += 1
    return done


def refresh_all() -> int:
    """Work off all that is stale; returns how many bits that were. Commits each."""
    done = 0
    while refresh_once():
        done += 1
    return done


def refresh_once() -> bool:
    """One bit of what is stale; False when nothing is, or another process is at it. Commits."""
    found = _next_work()
    db.session.rollback()
    if found is None:
        return False
    with writing():
        # Asked again under the lock: another process may have done it meanwhile.
        work = _next_work() if _alone() else None
        if work is not None:
            work()
    return work is not None


def rebuild(*, shop_id: int) -> None:
    """Declare all of a shop's figures stale. Commits."""
    with writing():
        _start_over(shop_id)


def _next_work() -> Callable[[], None] | None:
    shop_id = _shop_counted_otherwise()
    if shop_id is not None:
        return partial(_start_over, shop_id)
    if run(select(StaleOrder.id).limit(1)).first() is not None:
        return _take_orders
    # "d" comes before "m": months are made of days.
    order_by = (StaleBucket.grain, StaleBucket.shop_id, StaleBucket.bucket)
    columns = (StaleBucket.grain, StaleBucket.shop_id, StaleBucket.kind)
    row = run(select(*columns).order_by(*order_by).limit(1)).first()
    return None if row is None else partial(_sum_buckets, *row)


def _shop_counted_otherwise() -> int | None:
    """A shop that is new here, or counts days or money otherwise since."""
    return db.session.scalar(
        select(Shop.id)
        .outerjoin(AnalyticsState, AnalyticsState.shop_id == Shop.id)
        .where(
            or_(
                AnalyticsState.shop_id.is_(None),
                AnalyticsState.time_zone != Shop.time_zone,
                AnalyticsState.currency != Shop.currency,
            )
        )
        .limit(1)
    )


def _alone() -> bool:
    if db.engine.dialect.name != "postgresql":
        return True
    return bool(run(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar())


def _start_over(shop_id: int) -> None:
    """Note all orders as changed, and every day that has figures, as it may have none in future."""
    orders = select(Order.id, Order.placed_at).where(Order.shop_id == shop_id)
    run(insert(StaleOrder).from_select(["order_id", "sold_at"], orders))
    sold = select(SaleFact.day).where(SaleFact.shop_id == shop_id).distinct()
    back = (
        select(ReturnCube.basis, ReturnCube.bucket)
        .where(ReturnCube.shop_id == shop_id, ReturnCube.grain == "d")
        .distinct()
    )
    _note({(shop_id, "s", row.day) for row in run(sold)})
    _note({(shop_id, row.basis, row.bucket) for row in run(back)})
    _stamp(shop_id)


def _stamp(shop_id: int) -> None:
    run(delete(AnalyticsState).where(AnalyticsState.shop_id == shop_id))
    values = select(Shop.id, Shop.time_zone, Shop.currency, literal(clock.now())).where(
        Shop.id == shop_id
    )
    names = ["shop_id", "time_zone", "currency", "refreshed_at"]
    run(insert(AnalyticsState).from_select(names, values))


def _take_orders() -> None:
    query = select(StaleOrder.id, StaleOrder.order_id, StaleOrder.sold_at)
    rows = run(query.order_by(StaleOrder.id).limit(_BATCH)).all()
    order_ids = sorted({row.order_id for row in rows})
    clocks = load_clocks(order_ids)
    known = select(Order.id, Order.shop_id).where(Order.id.in_(order_ids))
    shops = {row.id: row.shop_id for row in run(known)}
    stale = rewrite_facts(order_ids, clocks)
    for row in rows:
        if row.sold_at is not None and row.order_id in shops:
            shop_id = shops[row.order_id]
            stale.add((shop_id, "s", clocks[shop_id].day(row.sold_at)))
    _note(stale)
    run(delete(StaleOrder).where(StaleOrder.id.in_([row.id for row in rows])))


def _note(stale: set[Bucket], grain: str = "d") -> None:
    rows = [
        {"shop_id": shop_id, "grain": grain, "kind": kind, "bucket": bucket}
        for shop_id, kind, bucket in sorted(stale)
    ]
    if rows:
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        run(dialect.insert(StaleBucket.__table__).on_conflict_do_nothing(), rows)


def _sum_buckets(grain: str, shop_id: int, kind: str) -> None:
    """Add up the shop's next stale days of a kind, or a month."""
    here = (
        StaleBucket.shop_id == shop_id,
        StaleBucket.grain == grain,
        StaleBucket.kind == kind,
    )
    query = select(StaleBucket.bucket).where(*here).order_by(StaleBucket.bucket)
    buckets = [row.bucket for row in run(query.limit(_DAYS if grain == "d" else 1))]
    if grain == "d":
        zone = db.session.scalar(select(Shop.time_zone).where(Shop.id == shop_id))
        sum_days(shop_id, kind, buckets, ZoneInfo(zone or "UTC"))
        _note({(shop_id, kind, month_of_day(day)) for day in buckets}, "m")
    else:
        sum_months(shop_id, kind, buckets)
    run(delete(StaleBucket).where(*here, StaleBucket.bucket.in_(buckets)))
    _stamp(shop_id)
