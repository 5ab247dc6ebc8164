"""One page of the inbox: which returns, in which order, from where on.

Pages go by key, not by number: a return that comes in meanwhile moves nobody to another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    asc,
    desc,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from ... import clock
from ...database import run
from ...domain.inbox import Filters, Sort, Tab
from ...extensions import db
from ...models import Return, ReturnShipment
from ..shops import ShopSettings
from .search import plan_number_search, plan_search

PAGE = 25
MANY, SOME = 1_000, 100
"""Matches are counted this far; then it is "more than 999", or "more than 99"."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of a page in order, how many match (`many`: at least that), and where the neighbours
    begin."""

    ids: tuple[int, ...]
    total: int
    many: bool
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The WHERE of a list: ids to start from (few), and conditions on each return."""

    ids: Any
    conditions: tuple[ColumnElement[bool], ...]
    countable: int = MANY
    """How far matches are counted: not far where each return has to be asked for its terms."""

    def of(self, *columns: Any) -> Select[Any]:
        """A query for columns of what is selected."""
        query = select(*columns).select_from(Return).where(*self.conditions)
        if self.ids is None:
            return query
        # Materialised: the planner must start from the few, whatever order is asked for.
        few = self.ids.cte().prefix_with("MATERIALIZED")
        return select(*columns).select_from(few).join(
            Return, Return.id == few.c.return_id
        ).where(*self.conditions)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows that follow each other by `key` and id."""

    key: Any
    order: Literal["up", "down"]
    conditions: tuple[ColumnElement[bool], ...] = ()


_PARTS: dict[Sort, tuple[_Part, ...]] = {
    Sort.NEWEST: (_Part(Return.created_at, "down"),),
    Sort.OLDEST: (_Part(Return.created_at, "up"),),
    Sort.VALUE: (_Part(Return.refund_total, "down"),),
    Sort.DUE: (
        _Part(Return.settle_by, "up", (Return.settle_by.is_not(None),)),
        _Part(Return.created_at, "down", (Return.settle_by.is_(None),)),
    ),
}


def list_returns(*, shop: ShopSettings, filters: Filters, cursor: str = "") -> Found:
    """The page of returns behind a cursor (`next` or `previous` of another page), or the first.

    A cursor that says nothing sensible is the first page. At most four queries.
    """
    selection = select_returns(shop=shop, filters=filters)
    parts = _PARTS[filters.sort]
    at = _read_cursor(cursor, parts)
    if at is None:
        rows = _read(selection, parts, None, selection.countable)
        more = _cursor("a", rows[PAGE - 1]) if len(rows) > PAGE else None
        ids = tuple(row[2] for row in rows[:PAGE])
        return Found(ids, len(rows), len(rows) >= selection.countable, None, more)
    backward, place = at
    rows = _read(selection, parts, place, PAGE + 1, backward=backward)
    beyond, rows = len(rows) > PAGE, rows[:PAGE]
    if not rows:
        return list_returns(shop=shop, filters=filters)
    total = count_returns(selection)
    if backward:
        rows.reverse()
    has_previous, has_next = (beyond, True) if backward else (True, beyond)
    return Found(
        tuple(row[2] for row in rows),
        total,
        total >= selection.countable,
        _cursor("b", rows[0]) if has_previous else None,
        _cursor("a", rows[-1]) if has_next else None,
    )


def select_returns(*, shop: ShopSettings, filters: Filters) -> Selection:
    """What the filters let through, as the WHERE of a query. One query for a search."""
    find = plan_search if filters.personal else plan_number_search
    search = find(shop.id, filters.query)
    conditions = [*_conditions(shop, filters), *_tab_conditions(filters)]
    if search.condition is not None:
        conditions.append(search.condition)
    ids = search.ids
    if ids is None:
        ids = _few_ids(shop, filters)
    conditions.insert(0, (Return.shop_id if ids is None else _shop_of_few()) == shop.id)
    return Selection(ids, tuple(conditions), SOME if search.condition is not None else MANY)


def _shop_of_few() -> Any:
    """Ids come with their shop: there, its column must not lead SQLite to the shop's index.
    PostgreSQL weighs that itself, and a sum would tell it of far fewer rows than there are."""
    return Return.shop_id + 0 if db.engine.dialect.name == "sqlite" else Return.shop_id


def count_returns(selection: Selection) -> int:
    """How many are selected, counted as far as `countable`."""
    some = selection.of(Return.id).limit(selection.countable).subquery()
    return int(run(select(func.count()).select_from(some)).scalar_one())


def _few_ids(shop: ShopSettings, filters: Filters) -> Select[Any] | None:
    """Ids on a pile that is small by nature: open work, not history."""
    mine = Return.shop_id == shop.id
    if filters.tab is Tab.FAILED:
        return (
            select(ReturnShipment.return_id)
            .join(Return, Return.id == ReturnShipment.return_id)
            .where(literal_column("return_shipment.state = 'failed'"), mine)
            .distinct()
        )
    if filters.overdue:
        return select(Return.id.label("return_id")).where(mine, Return.settle_by <= clock.now())
    if filters.tab is Tab.TO_PAY:
        return select(Return.id.label("return_id")).where(mine, Return.settle_by.is_not(None))
    return None


def _tab_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What ids of a search or of another pile do not say yet."""
    found: list[ColumnElement[bool]] = []
    if filters.tab is Tab.TO_PAY:
        found.append(Return.settle_by.is_not(None))
    if filters.overdue:
        found.append(Return.settle_by <= clock.now())
    if filters.tab is Tab.FAILED:
        failed = select(ReturnShipment.return_id).where(
            literal_column("return_shipment.state = 'failed'"),
            ReturnShipment.return_id == Return.id,
        )
        found.append(failed.exists())
    return found


def _conditions(shop: ShopSettings, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.tab is not Tab.ALL or filters.statuses:
        found.append(Return.status.in_(filters.wanted_statuses))
    for column, values in (
        (Return.country, filters.countries),
        (Return.method, filters.methods),
        (Return.carrier, filters.carriers),
    ):
        if values:
            found.append(column.in_(values))
    if filters.resolutions:
        found.append(Return.resolutions.in_(_combinations(filters.resolutions)))
    if filters.reasons:
        found.append(
            or_(*(_find(Return.reason_codes, f",{code},") > 0 for code in filters.reasons))
        )
    return [*found, *_ranges(shop, filters)]


def _ranges(shop: ShopSettings, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.since:
        found.append(Return.created_at >= _start_of(filters.since, shop))
    if filters.until:
        found.append(Return.created_at < _start_of(filters.until + timedelta(days=1), shop))
    if filters.least is not None:
        found.append(Return.refund_total >= filters.least)
    if filters.most is not None:
        found.append(Return.refund_total <= filters.most)
    return found


def _find(column: Any, text: str) -> Any:
    """Where in a column a text begins. LIKE would take an underscore for any letter."""
    return {"sqlite": func.instr, "postgresql": func.strpos}[db.engine.dialect.name](column, text)


def _combinations(wanted: Sequence[str]) -> list[str]:
    """All texts of `Return.resolutions` that name one of those wanted."""
    codes = ("credit", "exchange", "money")
    texts = [
        [code for n, code in enumerate(codes) if mask >> n & 1]
        for mask in range(1, 1 << len(codes))
    ]
    return ["+".join(text) for text in texts if set(text) & set(wanted)]


def _start_of(day: date, shop: ShopSettings) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(shop.time_zone)).astimezone(UTC)


_Row = tuple[int, Any, int]
"""Part, key and id."""


def _read(
    selection: Selection,
    parts: Sequence[_Part],
    place: _Row | None,
    limit: int,
    *,
    backward: bool = False,
) -> list[_Row]:
    """The next `limit` rows behind a place (before it, nearest first, when `backward`)."""
    numbers = range(len(parts))
    rows: list[_Row] = []
    for number in reversed(numbers) if backward else numbers:
        if place is not None and (number > place[0] if backward else number < place[0]):
            continue
        part, left = parts[number], limit - len(rows)
        if left <= 0:
            break
        down = (part.order == "down") != backward
        query = selection.of(part.key.label("key"), Return.id.label("id")).where(*part.conditions)
        if place is not None and number == place[0]:
            pair = tuple_(part.key, Return.id)
            here = tuple_(literal(place[1], part.key.type), place[2])
            query = query.where(pair < here if down else pair > here)
        order = desc if down else asc
        found = run(query.order_by(order(part.key), order(Return.id)).limit(left))
        rows += [(number, row.key, row.id) for row in found]
    return rows


def _cursor(direction: str, row: _Row) -> str:
    number, key, return_id = row
    plain = (key - _EPOCH) // _MICROSECOND if isinstance(key, datetime) else key
    return f"{direction}.{number}.{plain}.{return_id}"


def _read_cursor(text: str, parts: Sequence[_Part]) -> tuple[bool, _Row] | None:
    """Whether it leads back, and the place it leads from; None for what is no cursor."""
    direction, *numbers = text.split(".")
    if direction not in ("a", "b") or len(text) > 60 or len(numbers) != 3:
        return None
    try:
        number, key, return_id = (int(each) for each in numbers)
        moment = _EPOCH + key * _MICROSECOND
    except (ValueError, OverflowError):
        return None
    if not 0 <= number < len(parts) or max(abs(key), abs(return_id)) >= 1 << 62:
        return None
    is_moment = parts[number].key is not Return.refund_total
    return direction == "b", (number, moment if is_moment else key, return_id)
