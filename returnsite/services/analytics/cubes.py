"""Sums of facts by day and month, made anew where facts changed. All in SQL: a day at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from ...database import run
from ...domain.periods import days_of_month, utc_bounds
from ...extensions import Base, db
from ...models import (
    FactProduct,
    Order,
    OrderLine,
    ParcelLine,
    ProductCube,
    ReturnCell,
    ReturnCube,
    ReturnFact,
    SaleCube,
    SaleFact,
)
from ...models.analytics import MEASURES


def sum_days(shop_id: int, kind: str, days: Sequence[int], zone: ZoneInfo) -> None:
    """Add up days again: returns asked (r), returns of orders (o), or sales (s)."""
    if kind == "s":
        for day in days:
            _sales_of_day(shop_id, day, zone)
    else:
        _returns_of_days(shop_id, kind, days)
    if kind != "r":
        _products_of_days(shop_id, days)
        _sum_up(SaleCube, ProductCube, ("country", "category"), _Place(shop_id, "d", days))


def sum_months(shop_id: int, kind: str, months: Sequence[int]) -> None:
    """Add up months from their days again."""
    for month in months:
        place = _Place(shop_id, "m", [month])
        keys = ("country", "category")
        if kind != "s":
            _sum_up(ReturnCube, ReturnCube, ("cell_id",), place, basis=kind)
        if kind != "r":
            _sum_up(SaleCube, SaleCube, keys, place)
            _sum_up(ProductCube, ProductCube, ("product_id", *keys), place)


def _returns_of_days(shop_id: int, basis: str, days: Sequence[int]) -> None:
    day = ReturnFact.requested_day if basis == "r" else ReturnFact.ordered_day
    fixed = {"shop_id": shop_id, "basis": basis, "grain": "d"}
    run(delete(ReturnCube).where(*_equal(ReturnCube, fixed), ReturnCube.bucket.in_(days)))
    query = (
        select(*map(literal, fixed.values()), day, ReturnFact.cell_id, *_sums(ReturnFact, MEASURES))
        .where(ReturnFact.shop_id == shop_id, day.in_(days))
        .group_by(day, ReturnFact.cell_id)
    )
    run(insert(ReturnCube).from_select([*fixed, "bucket", "cell_id", *MEASURES], query))


def goods_sold() -> Select[Any]:
    """Units sold: shipped goods of orders that were not cancelled; columns are for the caller."""
    return (
        select()
        .select_from(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(ParcelLine, ParcelLine.order_line_id == OrderLine.id)
        .where(
            Order.cancelled_at.is_(None),
            OrderLine.is_goods,
            ParcelLine.qty_shipped > 0,
        )
    )


def product_key_column() -> Any:
    """`facts.product_key` as SQL."""
    return case(
        (OrderLine.product_key != "", OrderLine.product_key),
        (OrderLine.sku != "", OrderLine.sku),
        else_=OrderLine.title,
    )


def _sales_of_day(shop_id: int, day: int, zone: ZoneInfo) -> None:
    start, end = utc_bounds(date.fromordinal(day), zone)
    key = product_key_column()
    of_day = goods_sold().where(
        Order.shop_id == shop_id, Order.placed_at >= start, Order.placed_at < end
    )
    _know_products(
        of_day.add_columns(
            Order.shop_id, key, func.max(OrderLine.title), func.max(OrderLine.image_url)
        ).group_by(Order.shop_id, key)
    )
    run(delete(SaleFact).where(SaleFact.shop_id == shop_id, SaleFact.day == day))
    by = (FactProduct.id, OrderLine.variant, Order.country, OrderLine.category)
    query = (
        of_day.join(FactProduct, (FactProduct.shop_id == Order.shop_id) & (FactProduct.key == key))
        .add_columns(Order.shop_id, literal(day), *by, func.sum(ParcelLine.qty_shipped))
        .group_by(Order.shop_id, *by)
    )
    names = ("shop_id", "day", "product_id", "variant", "country", "category", "sold")
    run(insert(SaleFact).from_select(names, query))


def _know_products(query: Select[Any]) -> None:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    new = dialect.insert(FactProduct.__table__)
    names = ["shop_id", "key", "title", "image_url"]
    run(new.from_select(names, query).on_conflict_do_nothing())


def _products_of_days(shop_id: int, days: Sequence[int]) -> None:
    fixed = {"shop_id": shop_id, "grain": "d"}
    run(delete(ProductCube).where(*_equal(ProductCube, fixed), ProductCube.bucket.in_(days)))
    both = union_all(_sold_of(shop_id, days), _back_of(shop_id, days)).subquery()
    keys = (both.c.day, both.c.product_id, both.c.country, both.c.category)
    query = select(
        *map(literal, fixed.values()), *keys, func.sum(both.c.sold), func.sum(both.c.back)
    ).group_by(*keys)
    names = [*fixed, "bucket", "product_id", "country", "category", "sold", "back"]
    run(insert(ProductCube).from_select(names, query))


def _sold_of(shop_id: int, days: Sequence[int]) -> Select[Any]:
    columns = ("day", "product_id", "country", "category", "sold")
    return select(*(getattr(SaleFact, name) for name in columns), literal(0).label("back")).where(
        SaleFact.shop_id == shop_id, SaleFact.day.in_(days)
    )


def _back_of(shop_id: int, days: Sequence[int]) -> Any:
    return (
        select(
            ReturnFact.ordered_day,
            ReturnFact.product_id,
            ReturnCell.country,
            ReturnCell.category,
            literal(0),
            ReturnFact.units,
        )
        .join(ReturnCell, ReturnCell.id == ReturnFact.cell_id)
        .where(ReturnFact.shop_id == shop_id, ReturnFact.ordered_day.in_(days))
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Buckets of a shop's cubes: days, or one month."""

    shop_id: int
    grain: str
    buckets: Sequence[int]

    @property
    def days(self) -> tuple[int, int]:
        """The days a month is made of."""
        return days_of_month(self.buckets[0])


def _sum_up(
    into: type[Base], source: type[Base], keys: tuple[str, ...], place: _Place, **only: str
) -> None:
    """Replace buckets of a cube: days from another, a month from its days."""
    measures = MEASURES if into is ReturnCube else ("sold", "back")
    here = {"shop_id": place.shop_id, "grain": place.grain, **only}
    run(delete(into).where(*_equal(into, here), _column(into, "bucket").in_(place.buckets)))
    if place.grain == "d":
        bucket = _column(source, "bucket")
        within, by = bucket.in_(place.buckets), [bucket]
    else:
        bucket = literal(place.buckets[0])
        within, by = _column(source, "bucket").between(*place.days), []
    columns = [_column(source, name) for name in keys]
    query = (
        select(*map(literal, here.values()), bucket, *columns, *_sums(source, measures))
        .where(within, *_equal(source, {**here, "grain": "d"}))
        .group_by(*by, *columns)
    )
    run(insert(into).from_select([*here, "bucket", *keys, *measures], query))


def _sums(model: type[Base], names: Sequence[str]) -> list[Any]:
    return [func.sum(_column(model, name)) for name in names]


def _equal(model: type[Base], values: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    return [_column(model, name) == value for name, value in values.items()]


def _column(model: type[Base], name: str) -> Any:
    return getattr(model, name)
