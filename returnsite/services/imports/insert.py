"""New orders, written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, insert

from ... import clock
from ...extensions import Base, db
from ...models import Order, OrderLine, Parcel, ParcelLine, ParcelTracking
from ...orders.base import SourceOrder
from .elsewhere import GoneLine, amounts_elsewhere
from .rows import line_values, order_values, parcel_values, tracking_norms


@dataclass(frozen=True, slots=True)
class _Content:
    """Units of a line in a parcel, of which some came back outside this portal."""

    line: str
    shipped: int
    elsewhere: int


def insert_orders(shop_id: int, orders: Sequence[SourceOrder]) -> Sequence[int]:
    """Write orders that are not there yet, in five statements however many; returns their ids."""
    now = clock.now()
    order_ids = _insert(
        Order,
        [
            {
                "shop_id": shop_id,
                "source": order.source,
                "external_id": order.external_id,
                "currency": order.currency,
                "shipping_paid": order.shipping_paid or 0,
                "paid_total": sum(line.line_paid for line in order.lines)
                + (order.shipping_paid or 0),
                "imported_at": now,
                **order_values(order),
            }
            for order in orders
        ],
    )
    planned = [
        (order_id, order, _plan(order)) for order_id, order in zip(order_ids, orders, strict=True)
    ]
    _insert_parcels(shop_id, planned, _insert_lines(planned))
    return order_ids


_Planned = tuple[int, SourceOrder, list[list[_Content]]]


def _plan(order: SourceOrder) -> list[list[_Content]]:
    """What each parcel holds: never more of a line than was bought, whatever the source says."""
    unshipped = {line.external_id: line.quantity for line in order.lines}
    gone = {line.external_id: line.qty_elsewhere for line in order.lines}
    plan = []
    for parcel in order.parcels:
        contents = []
        for name, units in parcel.contents.items():
            shipped = min(units, unshipped.get(name, 0))
            if shipped > 0:
                elsewhere = min(gone[name], shipped)
                unshipped[name] -= shipped
                gone[name] -= elsewhere
                contents.append(_Content(name, shipped, elsewhere))
        plan.append(contents)
    return plan


def _insert_lines(planned: Sequence[_Planned]) -> dict[tuple[int, str], int]:
    """Write the order lines; their ids by order and external id."""
    rows = [
        {
            "order_id": order_id,
            "external_id": line.external_id,
            "amount_elsewhere": amount,
            **line_values(line),
        }
        for order_id, order, plan in planned
        for line, amount in zip(order.lines, _gone(order, plan), strict=True)
    ]
    ids = _insert(OrderLine, rows)
    return {(row["order_id"], row["external_id"]): id_ for row, id_ in zip(rows, ids, strict=True)}


def _gone(order: SourceOrder, plan: list[list[_Content]]) -> list[int]:
    """What was refunded outside this portal, by line."""
    units: dict[str, int] = {}
    for content in (content for contents in plan for content in contents):
        units[content.line] = units.get(content.line, 0) + content.elsewhere
    return amounts_elsewhere(
        [
            GoneLine(
                line_paid=line.line_paid,
                quantity=line.quantity,
                is_goods=line.is_goods,
                refunded=line.amount_elsewhere,
                units_elsewhere=units.get(line.external_id, 0),
            )
            for line in order.lines
        ],
        loose=order.refunded_loose,
    )


def _insert_parcels(
    shop_id: int, planned: Sequence[_Planned], line_ids: Mapping[tuple[int, str], int]
) -> None:
    parcels = [
        (order_id, parcel, contents, order.delivery.country)
        for order_id, order, plan in planned
        for parcel, contents in zip(order.parcels, plan, strict=True)
    ]
    rows = [
        {
            "shop_id": shop_id,
            "order_id": order_id,
            "external_id": parcel.external_id,
            **parcel_values(parcel, country),
        }
        for order_id, parcel, _contents, country in parcels
    ]
    trackings: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for id_, (order_id, parcel, contents, _country) in zip(
        _insert(Parcel, rows), parcels, strict=True
    ):
        trackings += [
            {"shop_id": shop_id, "parcel_id": id_, "tracking_norm": norm}
            for norm in tracking_norms(parcel)
        ]
        lines += [_parcel_line(id_, line_ids[order_id, c.line], c) for c in contents]
    for model, found in ((ParcelTracking, trackings), (ParcelLine, lines)):
        if found:
            db.session.execute(insert(_table(model)), found)


def _parcel_line(parcel_id: int, line_id: int, content: _Content) -> dict[str, Any]:
    return {
        "parcel_id": parcel_id,
        "order_line_id": line_id,
        "qty_shipped": content.shipped,
        "qty_claimed": content.elsewhere,
        "qty_elsewhere": content.elsewhere,
    }


def _insert(model: type[Base], rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Write rows and return their ids in the same order."""
    if not rows:
        return []
    table = _table(model)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return db.session.scalars(statement, rows).all()


def _table(model: type[Base]) -> Table:
    """The model's table: rows by the thousand need none of the mapper's care."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 — every model of ours is one table
    return table
