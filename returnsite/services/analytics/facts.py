"""Facts: each return line that counts, with all it is counted by, and how long returns took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ...database import insert_rows, run
from ...domain.ledger import LineUnits, earned
from ...domain.lifecycle import RELEASED
from ...domain.money import round_half_up
from ...domain.periods import day_number, local_day
from ...extensions import Base, db
from ...models import (
    FactProduct,
    Order,
    OrderLine,
    Payout,
    Return,
    ReturnCell,
    ReturnFact,
    ReturnLine,
    ReturnTiming,
    Shop,
)

Bucket = tuple[int, str, int]
"""Shop, kind and day whose sums are no longer right."""

CELL = ("shop_id", "country", "category", "reason", "fault", "resolution", "method", "carrier")


@dataclass(frozen=True, slots=True)
class ShopClock:
    """What a shop's days and amounts are counted in."""

    zone: ZoneInfo
    currency: str

    def day(self, moment: datetime) -> int:
        """The number of the shop's day a moment falls on."""
        return day_number(local_day(moment, self.zone))


def load_clocks(order_ids: Iterable[int]) -> dict[int, ShopClock]:
    """The clocks of the shops these orders belong to, by shop id."""
    query = select(Shop.id, Shop.time_zone, Shop.currency).where(
        Shop.id.in_(select(Order.shop_id).where(Order.id.in_(order_ids)))
    )
    return {row.id: ShopClock(ZoneInfo(row.time_zone), row.currency) for row in run(query)}


def rewrite_facts(order_ids: Sequence[int], clocks: Mapping[int, ShopClock]) -> set[Bucket]:
    """Replace the facts of these orders' returns; returns the days whose sums changed."""
    stale = _forget(order_ids)
    lines = defaultdict(list)
    for line in run(_lines(order_ids)):
        lines[line.return_id].append(line)
    returns = [each for each in run(_returns(order_ids)) if each.id in lines]
    cells = _ids(ReturnCell, CELL, [_cell(r, line) for r in returns for line in lines[r.id]])
    products = _product_ids(returns, lines)
    rows = [
        row
        for each in returns
        for row in _fact_rows(
            each, lines[each.id], clocks[each.shop_id], cells=cells, products=products
        )
    ]
    insert_rows(ReturnFact, rows)
    insert_rows(ReturnTiming, [_timing_row(each, clocks[each.shop_id]) for each in returns])
    return stale | _buckets(rows)


def _forget(order_ids: Sequence[int]) -> set[Bucket]:
    gone = run(
        delete(ReturnFact)
        .where(ReturnFact.order_id.in_(order_ids))
        .returning(ReturnFact.shop_id, ReturnFact.requested_day, ReturnFact.ordered_day)
    ).all()
    run(delete(ReturnTiming).where(ReturnTiming.order_id.in_(order_ids)))
    return _buckets(row._asdict() for row in gone)


def _buckets(rows: Iterable[Mapping[str, Any]]) -> set[Bucket]:
    days = {(row["shop_id"], row["requested_day"], row["ordered_day"]) for row in rows}
    return {(shop, "r", asked) for shop, asked, _ in days} | {
        (shop, "o", ordered) for shop, _, ordered in days
    }


def _returns(order_ids: Sequence[int]) -> Any:
    paid_at = (
        select(func.max(Payout.created_at))
        .where(Payout.return_id == Return.id, Payout.state == "done")
        .scalar_subquery()
    )
    columns = ("id", "shop_id", "order_id", "country", "method", "carrier", "currency", "fee")
    times = ("created_at", "approved_at", "handed_over_at", "received_at", "closed_at")
    return (
        select(
            *(getattr(Return, name) for name in (*columns, *times)),
            Order.placed_at,
            paid_at.label("paid_at"),
        )
        .join(Order, Order.id == Return.order_id)
        .where(Return.order_id.in_(order_ids), Return.status.not_in(RELEASED))
        .order_by(Return.id)
    )


def counted_units() -> Any:
    """Units of a return line that count: all but those that never came."""
    return ReturnLine.quantity - ReturnLine.released


COUNTS = ("quantity", "released", "received", "accepted")


def line_units(line: Any) -> LineUnits:
    """What of a row's COUNTS earns its bonus: neither what never came nor what was refused."""
    return LineUnits(line.id, line.quantity, line.received - line.accepted, line.released)


def _lines(order_ids: Sequence[int]) -> Any:
    columns = ("id", "return_id", "fault", "resolution", "share", "bonus", *COUNTS)
    goods = ("product_key", "sku", "title", "variant", "category", "image_url")
    units = counted_units()
    return (
        select(
            *(getattr(ReturnLine, name) for name in columns),
            ReturnLine.reason_code.label("reason"),
            *(getattr(OrderLine, name) for name in goods),
            units.label("units"),
        )
        .join(Return, Return.id == ReturnLine.return_id)
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .where(Return.order_id.in_(order_ids), Return.status.not_in(RELEASED), units > 0)
        .order_by(ReturnLine.id)
    )


def _cell(return_: Row[Any], line: Row[Any]) -> tuple[Any, ...]:
    where = (return_.shop_id, return_.country, line.category, line.reason, line.fault)
    return (*where, line.resolution, return_.method, return_.carrier or "")


def product_key(line: Any) -> str:
    """What tells one product from another: the shop's key, else the SKU, else the title."""
    return str(line.product_key or line.sku or line.title)


def _product_ids(
    returns: Sequence[Row[Any]], lines: Mapping[int, Sequence[Row[Any]]]
) -> dict[tuple[Any, ...], int]:
    found = {
        (each.shop_id, product_key(line)): (line.title, line.image_url)
        for each in returns
        for line in lines[each.id]
    }
    rows = [(*key, *about) for key, about in found.items()]
    return _ids(FactProduct, ("shop_id", "key"), rows, ("title", "image_url"))


def _ids(
    model: type[Base],
    key: tuple[str, ...],
    wanted: Sequence[tuple[Any, ...]],
    about: tuple[str, ...] = (),
) -> dict[tuple[Any, ...], int]:
    """The ids of dictionary rows by their key; missing ones are written."""
    if not wanted:
        return {}
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(model.__table__)
    upsert = insert.on_conflict_do_update(
        index_elements=key, set_={name: insert.excluded[name] for name in about or key[:1]}
    ).returning(model.__table__.c.id, *(model.__table__.c[name] for name in key))
    rows = [dict(zip((*key, *about), row, strict=True)) for row in sorted(set(wanted))]
    return {tuple(row[1:]): row.id for row in run(upsert, rows)}


_Ids = Mapping[tuple[Any, ...], int]


def _fact_rows(
    return_: Row[Any], lines: Sequence[Row[Any]], clock: ShopClock, *, cells: _Ids, products: _Ids
) -> list[dict[str, Any]]:
    native = return_.currency == clock.currency
    fees = spread(return_.fee if native else 0, [line.share for line in lines])
    return [
        {
            "line_id": line.id,
            "return_id": return_.id,
            "order_id": return_.order_id,
            "shop_id": return_.shop_id,
            "requested_day": clock.day(return_.created_at),
            "ordered_day": clock.day(return_.placed_at),
            "cell_id": cells[_cell(return_, line)],
            "product_id": products[return_.shop_id, product_key(line)],
            "variant": line.variant,
            "lines": 1,
            "leads": int(place == 0),
            "units": line.units,
            "value": line.share if native else 0,
            "fee": fees[place],
            "bonus": earned(line.bonus, line_units(line)) if native else 0,
            "foreign_lines": int(not native),
        }
        for place, line in enumerate(lines)
    ]


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Whole parts by weight that add up to the amount exactly; evenly where all weigh nothing."""
    total = sum(weights)
    each = list(weights) if total else [1] * len(weights)
    total = total or len(weights)
    parts, before, weight = [], 0, 0
    for one in each:
        weight += one
        upto = round_half_up(Fraction(amount * weight, total))
        parts.append(upto - before)
        before = upto
    return parts


def _timing_row(return_: Row[Any], clock: ShopClock) -> dict[str, Any]:
    done = return_.paid_at or return_.closed_at
    return {
        "return_id": return_.id,
        "order_id": return_.order_id,
        "shop_id": return_.shop_id,
        "requested_day": clock.day(return_.created_at),
        "lottery": lottery(return_.id),
        "country": return_.country,
        "method": return_.method,
        "carrier": return_.carrier or "",
        "approve": _minutes(return_.created_at, return_.approved_at),
        "hand_in": _minutes(return_.approved_at, return_.handed_over_at),
        "receive": _minutes(return_.handed_over_at, return_.received_at),
        "close": _minutes(return_.received_at, done),
        "whole": _minutes(return_.created_at, done),
    }


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    """None where a stage was skipped, is not over, or was done in another order."""
    if start is None or end is None or end < start:
        return None
    return int((end - start).total_seconds() // 60)


def lottery(return_id: int) -> int:
    """A number from 0 to 255 that has nothing to do with when or what the return was."""
    return (return_id * 2_654_435_761 % 2**32) >> 24
