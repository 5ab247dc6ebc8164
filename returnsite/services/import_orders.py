"""Import orders from any source: new ones are written, known ones merged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError

from ..database import begin_write
from ..domain.lookup import normalise_number
from ..extensions import db
from ..orders.base import RowProblem, SourceOrder
from .imports.insert import insert_orders
from .imports.merge import merge_order
from .imports.rows import order_key
from .imports.stored import StoredOrder, load_stored, numbers_taken
from .inbox.index import index_returns_of
from .order_index import index_orders

_CURRENCY = re.compile(r"[A-Z]{3}")

BATCH = 500
"""Orders written in one transaction: other writers wait for no longer than that takes."""


@dataclass(slots=True)
class ImportSummary:
    """How many orders were new, changed and the same, and which were set aside and why."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    set_aside: list[RowProblem] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Orders seen so far."""
        return self.imported + self.updated + self.unchanged + len(self.set_aside)

    def add(self, other: ImportSummary) -> None:
        """Count another summary in."""
        self.imported += other.imported
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.set_aside += other.set_aside


def import_orders(
    *,
    shop_id: int,
    source_orders: Iterable[SourceOrder | RowProblem],
    dry_run: bool = False,
) -> ImportSummary:
    """Write the orders batch by batch, each batch in one transaction.

    Importing the same twice changes nothing. An order that cannot be written is set aside and
    stops none of the others. With `dry_run` everything is tried and nothing kept.
    """
    summary = ImportSummary()
    for batch in _batches(source_orders, summary):
        summary.add(_save(shop_id, batch, dry_run=dry_run))
    return summary


def _batches(
    source_orders: Iterable[SourceOrder | RowProblem], summary: ImportSummary
) -> Iterator[list[SourceOrder]]:
    """Orders to write together; a second version of an order waits for the first to be written."""
    batch: dict[tuple[str, str], SourceOrder] = {}
    for order in source_orders:
        if isinstance(order, RowProblem):
            summary.set_aside.append(order)
            continue
        key = (order.source, order.external_id)
        if key in batch or len(batch) >= BATCH:
            yield list(batch.values())
            batch = {}
        batch[key] = order
    if batch:
        yield list(batch.values())


def _save(shop_id: int, batch: list[SourceOrder], *, dry_run: bool) -> ImportSummary:
    """One transaction for the batch; when the database refuses it, one for each order."""
    begin_write()
    try:
        summary = _write(shop_id, batch)
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
    except DBAPIError:
        db.session.rollback()
        if len(batch) == 1:
            message = _("The database refused this order; nothing of it was kept.")
            return ImportSummary(set_aside=[_problem(batch[0], "", message)])
        summary = ImportSummary()
        for order in batch:
            summary.add(_save(shop_id, [order], dry_run=dry_run))
    return summary


def _write(shop_id: int, batch: list[SourceOrder]) -> ImportSummary:
    summary = ImportSummary()
    stored = load_stored(shop_id, batch)
    fresh = [order for order in batch if (order.source, order.external_id) not in stored]
    taken = numbers_taken(shop_id, fresh) if fresh else {}
    writable = []
    changed: list[int] = []
    for order in batch:
        known = stored.get((order.source, order.external_id))
        problem = _refusal(order, known, taken)
        if problem:
            summary.set_aside.append(problem)
        elif known is None:
            writable.append(order)
        elif merge_order(shop_id, order, known):
            summary.updated += 1
            changed.append(known.order.id)
        else:
            summary.unchanged += 1
    index_orders([*insert_orders(shop_id, writable), *changed])
    index_returns_of(changed)
    summary.imported = len(writable)
    return summary


def _refusal(
    order: SourceOrder, known: StoredOrder | None, taken: dict[tuple[str, str], str]
) -> RowProblem | None:
    """Why an order that could be read cannot be stored."""
    fault = _fault(order)
    if fault is not None:
        return _problem(order, *fault)
    if known is not None:
        if known.order.currency == order.currency:
            return None
        message = _("The order is known in %(currency)s.", currency=known.order.currency)
        return _problem(order, "currency", message)
    other = taken.get(order_key(order))
    if other is None:
        return None
    # The same order twice would let its units come back twice.
    message = _("This order is known under another id, from “%(source)s”.", source=other)
    return _problem(order, "number", message)


def _fault(order: SourceOrder) -> tuple[str, str] | None:
    """What makes an order useless whatever is stored, by column."""
    if not normalise_number(order.number):
        return "number", _("The order number has no letters or digits.")
    if not _CURRENCY.fullmatch(order.currency):
        return "currency", _("“%(code)s” is not a currency code such as EUR.", code=order.currency)
    if not order.lines:
        return "lines", _("The order has no lines.")
    for column, ids in (
        ("lines", [line.external_id for line in order.lines]),
        ("parcels", [parcel.external_id for parcel in order.parcels]),
    ):
        if len(set(ids)) < len(ids):
            return column, _("Two of them have the same id.")
    return None


def _problem(order: SourceOrder, column: str, message: str) -> RowProblem:
    return RowProblem(order.row, column, message, order.number)
