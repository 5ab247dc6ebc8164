"""One page of the inbox: which returns, in which order, from where on.

Pages go by key, not by number: a return that comes in meanwhile moves nobody to another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import repeat
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    GenerativeSelect,
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
from ...models import Return, ReturnLine, ReturnShipment
from ..shops import ShopSettings
from .search import plan_number_search, plan_search

PAGE = 25
MANY, SOME = 1_000, 100
"""Matches are counted this far; then it is "more than 999", or "more than 99"."""
RARE = 1_000
"""Lines of a reason that are looked up; of a reason with more, the list is read in its order."""

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
    """The WHERE of a list: ids to start from (few), and what is asked of each of those returns."""

    ids: GenerativeSelect | None
    conditions: tuple[ColumnElement[bool], ...]
    countable: int = MANY
    """How far matches are counted: not far where each return has to be asked for its terms."""

    def of(self, *columns: Any) -> Select[Any]:
        """A query for columns of what is selected."""
        query = select(*columns)
        if self.ids is not None:
            query = _start_from(self.ids, query)
        return query.where(*self.conditions)

    def each(self) -> GenerativeSelect:
        """A query for the ids, in no order."""
        return self.of(Return.id) if self.conditions or self.ids is None else self.ids


def _start_from(ids: GenerativeSelect, query: Select[Any]) -> Select[Any]:
    """Have the planner look up these few, whatever order is asked for, and not read them all."""
    if db.engine.dialect.name == "postgresql":
        return query.where(Return.id == func.any(func.array(ids.scalar_subquery())))
    few = ids.cte().prefix_with("MATERIALIZED")
    return query.select_from(few).join(Return, Return.id == few.c.return_id)


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

    A cursor that says nothing sensible is the first page. At most seven queries.
    """
    selection = select_returns(shop=shop, filters=filters)
    parts = _PARTS[filters.sort]
    at = _read_cursor(cursor, parts)
    if at is None:
        rows = _read(selection, parts, None, selection.countable)
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        ids = tuple(return_id for _part, return_id in rows[:PAGE])
        _before, more = _cursors(parts, None, last)
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
        tuple(return_id for _part, return_id in rows),
        total,
        total >= selection.countable,
        *_cursors(parts, rows[0] if has_previous else None, rows[-1] if has_next else None),
    )


def select_returns(*, shop: ShopSettings, filters: Filters) -> Selection:
    """What the filters let through, as the WHERE of a query.

    One query for a search, or two, and one for reasons.
    """
    find = plan_search if filters.personal else plan_number_search
    search = find(shop.id, filters.query)
    conditions = _conditions(shop, filters)
    if search.condition is not None:
        conditions.append(search.condition)
    countable = SOME if search.condition is not None else MANY
    if search.ids is not None:
        both = (*conditions, *_tab_conditions(filters), shop_of_few() == shop.id)
        return Selection(search.ids, both, countable)
    rare = _with_rare_reasons(filters.reasons)
    if rare is not None:
        both = (*conditions, *_tab_conditions(filters), shop_of_few() == shop.id)
        return Selection(rare, both, countable)
    if filters.tab is Tab.TO_PAY or filters.overdue:
        both = (*conditions, *_tab_conditions(filters))
        return Selection(open_returns(shop.id, *both), (), countable)
    if filters.tab is Tab.FAILED:
        return Selection(failed_handoffs(shop.id), tuple(conditions), countable)
    return Selection(None, (Return.shop_id == shop.id, *conditions), countable)


def shop_of_few() -> Any:
    """The shop of returns that are found by something else: ids, or what failed.

    There, its column must not lead SQLite through all of the shop's returns. PostgreSQL weighs
    that itself, and a sum would tell it of far fewer rows than there are."""
    return Return.shop_id + 0 if db.engine.dialect.name == "sqlite" else Return.shop_id


def count_returns(selection: Selection) -> int:
    """How many are selected, counted as far as `countable`."""
    some = selection.each().limit(selection.countable).subquery()
    return int(run(select(func.count()).select_from(some)).scalar_one())


def _with_rare_reasons(codes: Sequence[str]) -> Select[Any] | None:
    """Ids of returns, of any shop, with a line for one of these reasons; None where there are many.

    One query, to count as far as it matters. Of many, the list read in its order soon has a page.
    """
    if not codes:
        return None
    lines = select(ReturnLine.return_id).where(ReturnLine.reason_code.in_(codes))
    some = select(func.count()).select_from(lines.limit(RARE).subquery())
    return lines.distinct() if run(some).scalar_one() < RARE else None


def open_returns(shop_id: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Ids of open returns that meet the conditions: their index holds all that these ask for."""
    return select(Return.id.label("return_id")).where(Return.shop_id == shop_id, *conditions)


def failed_handoffs(shop_id: Any) -> Select[Any]:
    """Ids of returns with a failed hand-off, which are few."""
    return (
        select(ReturnShipment.return_id)
        .join(Return, Return.id == ReturnShipment.return_id)
        .where(_failed(), shop_of_few() == shop_id)
        .distinct()
    )


def _failed() -> ColumnElement[bool]:
    """As the partial index says it: a parameter would hide it from the planner."""
    return literal_column("return_shipment.state = 'failed'")


def _tab_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What a tab asks of a return besides its status."""
    found: list[ColumnElement[bool]] = []
    if filters.tab is Tab.TO_PAY:
        found.append(Return.settle_by.is_not(None))
    if filters.overdue:
        found.append(Return.settle_by <= clock.now())
    if filters.tab is Tab.FAILED:
        own = select(ReturnShipment.return_id).where(
            _failed(), ReturnShipment.return_id == Return.id
        )
        found.append(own.exists())
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


_Row = tuple[int, int]
"""A return in the order of a list: which part of it, and its id."""


class _Place(NamedTuple):
    """Where a page begins: behind this key and id of a part."""

    part: int
    key: Any
    id: int


def _read(
    selection: Selection,
    parts: Sequence[_Part],
    place: _Place | None,
    limit: int,
    *,
    backward: bool = False,
) -> list[_Row]:
    """The next `limit` rows behind a place (before it, nearest first, when `backward`)."""
    numbers = range(len(parts))
    rows: list[_Row] = []
    for number in reversed(numbers) if backward else numbers:
        if place is not None and (number > place.part if backward else number < place.part):
            continue
        part, left = parts[number], limit - len(rows)
        if left <= 0:
            break
        down = (part.order == "down") != backward
        query = selection.of(Return.id).where(*part.conditions)
        if place is not None and number == place.part:
            pair = tuple_(part.key, Return.id)
            here = tuple_(literal(place.key, part.key.type), place.id)
            query = query.where(pair < here if down else pair > here)
        order = desc if down else asc
        found = run(query.order_by(order(part.key), order(Return.id)).limit(left)).scalars()
        rows += zip(repeat(number), found, strict=False)
    return rows


def _cursors(
    parts: Sequence[_Part], first: _Row | None, last: _Row | None
) -> tuple[str | None, str | None]:
    """Of the pages before and after these rows. One query for both keys, which the list itself
    leaves out: to read a thousand moments takes longer than to find them."""
    wanted = {row[1] for row in (first, last) if row is not None}
    if not wanted:
        return None, None
    columns = {part.key.key: part.key for part in parts}
    found = run(select(Return.id, *columns.values()).where(Return.id.in_(wanted)))
    keys = {row.id: row._mapping for row in found}

    def cursor(direction: str, row: _Row | None) -> str | None:
        if row is None:
            return None
        number, return_id = row
        return _cursor(direction, _Place(number, keys[return_id][parts[number].key.key], return_id))

    return cursor("b", first), cursor("a", last)


def _cursor(direction: str, place: _Place) -> str:
    number, key, return_id = place
    plain = (key - _EPOCH) // _MICROSECOND if isinstance(key, datetime) else key
    return f"{direction}.{number}.{plain}.{return_id}"


def _read_cursor(text: str, parts: Sequence[_Part]) -> tuple[bool, _Place] | None:
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
    return direction == "b", _Place(number, moment if is_moment else key, return_id)
