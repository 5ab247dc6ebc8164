"""Products and variants: what was sold of each and came back, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, select, true

from ...database import run
from ...domain.periods import day_number
from ...extensions import db
from ...models import FactProduct, ReturnCell, ReturnFact, SaleFact
from .source import (
    ORDERED,
    Flow,
    Scope,
    cell_limits,
    grouped,
    once,
    place_limits,
    product_sales,
    return_lines,
    sales,
    unindexed,
    whole,
)


@dataclass(frozen=True, slots=True)
class Product:
    """A product with what was sold of it and came back."""

    id: int
    title: str
    image_url: str
    sold: int
    back: int


def read_products(scope: Scope, *, back: int) -> list[Product]:
    """Every product that was sold or came back in the period, in no order.

    `back`: how many units came back of all that the scope lets through, as `read_ordered` says.
    """
    source = product_sales(scope)
    table: Any = source.table
    names = ("sold", "back")
    sums = once(grouped(source, [table.product_id], source.sums(names)), names)
    rows = {row.product_id: (int(row.sold), int(row.back)) for row in run(select(sums))}
    if scope.filters.of_returns:
        let_through = _let_through(scope, {key: each for key, (_, each) in rows.items()}, back)
        rows = {
            key: (rows.get(key, (0, 0))[0], let_through.get(key, 0))
            for key in rows.keys() | let_through
        }
    about = select(FactProduct.id, FactProduct.title, FactProduct.image_url).where(
        FactProduct.shop_id == scope.shop_id
    )
    if scope.filters.product is not None:
        about = about.where(FactProduct.id == scope.filters.product)
    return [
        Product(row.id, row.title, row.image_url, *rows[row.id])
        for row in run(about)
        if row.id in rows
    ]


def _let_through(scope: Scope, everything: dict[int, int], back: int) -> dict[int, int]:
    """Units that came back by product, of returns that the filters let through.

    The smaller side is counted, line by line: those returns, or the others to be taken off.
    """
    if 2 * back <= sum(everything.values()) or scope.filters.product is not None:
        return _back_by_product(scope, cell_limits(scope.filters))
    places = place_limits(ReturnCell, scope.filters)
    others = _back_by_product(scope, and_(places, not_(cell_limits(scope.filters))))
    return {key: units - others.get(key, 0) for key, units in everything.items()}


def _ordered_within(scope: Scope) -> Any:
    first, last = day_number(scope.period.first), day_number(scope.period.last)
    return and_(ReturnFact.shop_id == scope.shop_id, ReturnFact.ordered_day.between(first, last))


def _back_by_product(scope: Scope, limits: ColumnElement[bool]) -> dict[int, int]:
    cells = select(ReturnCell.id).where(ReturnCell.shop_id == scope.shop_id, limits)
    if scope.filters.product is not None:
        query = _of_lines(scope, ReturnFact.product_id, cells).where(
            ReturnFact.product_id == scope.filters.product
        )
    elif db.engine.dialect.name == "postgresql":
        query = _cell_by_cell(scope, cells)
    else:
        # SQLite is to go by the cells, which are few, and not by all products.
        query = _of_lines(scope, unindexed(ReturnFact.product_id), cells)
    return {row.product_id: int(row.units) for row in run(query)}


def _of_lines(scope: Scope, by: Any, cells: Select[Any]) -> Select[Any]:
    return (
        select(by.label("product_id"), func.sum(ReturnFact.units).label("units"))
        .where(_ordered_within(scope), ReturnFact.cell_id.in_(cells))
        .group_by(by)
    )


def _cell_by_cell(scope: Scope, cells: Select[Any]) -> Select[Any]:
    """The same for PostgreSQL, which would read the whole table sooner than a part by cells."""
    cell = cells.subquery()
    lines = (
        select(ReturnFact.product_id, func.sum(ReturnFact.units).label("units"))
        .where(_ordered_within(scope), ReturnFact.cell_id == cell.c.id)
        .group_by(ReturnFact.product_id)
        .lateral()
    )
    return (
        select(lines.c.product_id, func.sum(lines.c.units).label("units"))
        .select_from(cell.join(lines, true()))
        .group_by(lines.c.product_id)
    )


def read_top_reasons(scope: Scope, product_ids: list[int]) -> dict[int, tuple[str, int]]:
    """The reason named for most units of each of these products, and for how many."""
    if not product_ids:
        return {}
    query = (
        select(ReturnFact.product_id, ReturnCell.reason, func.sum(ReturnFact.units).label("units"))
        .join(ReturnCell, ReturnCell.id == ReturnFact.cell_id)
        .where(
            _ordered_within(scope),
            ReturnFact.product_id.in_(product_ids),
            cell_limits(scope.filters),
        )
        .group_by(ReturnFact.product_id, ReturnCell.reason)
    )
    top: dict[int, tuple[str, int]] = {}
    for row in sorted(run(query), key=lambda row: (-int(row.units), row.reason)):
        top.setdefault(row.product_id, (row.reason, int(row.units)))
    return top


def read_variants(scope: Scope) -> dict[str, Flow]:
    """Units sold and come back of each variant of the product the scope is limited to."""
    flows: dict[str, Flow] = defaultdict(Flow)
    source = sales(scope, whole(scope.period))
    sold = grouped(source, [SaleFact.variant], source.sums(["sold"]))
    for row in run(sold):
        flows[row.variant].sold += int(row.sold)
    source = return_lines(scope, ORDERED, whole(scope.period))
    back = grouped(source, [ReturnFact.variant], source.sums(["units"]), cells=scope.filters)
    for row in run(back):
        flows[row.variant].back += int(row.units)
    return dict(flows)
