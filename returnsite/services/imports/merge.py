"""A newer (or older, or the same) version of an order merged into the one that is stored.

Whatever comes in which order: what was shipped, delivered, cancelled or claimed never goes back,
and money that a return stands on never moves.
"""

from __future__ import annotations

from typing import Any

from ... import clock
from ...extensions import db
from ...models import OrderLine, ParcelLine
from ...orders.base import SourceLine, SourceOrder
from .elsewhere import GoneLine, amounts_elsewhere
from .merge_parcels import merge_parcels
from .rows import line_values, order_values
from .stored import StoredOrder, assign

_MONEY = frozenset({"quantity", "line_paid", "list_price"})


def merge_order(shop_id: int, source: SourceOrder, stored: StoredOrder) -> bool:
    """Bring `stored` up to date; True when anything changed. The currency must be the same."""
    frozen = stored.frozen
    changed = _merge_header(source, stored)
    lines, lines_changed = _merge_lines(source, stored, frozen=frozen)
    changed |= lines_changed
    changed |= merge_parcels(shop_id, source, stored, lines)
    changed |= _merge_elsewhere(source, stored, lines)
    changed |= _merge_totals(source, stored, frozen=frozen)
    if changed:
        stored.order.imported_at = clock.now()
    return changed


def _merge_header(source: SourceOrder, stored: StoredOrder) -> bool:
    """What is known replaces what was known; what is missing now was not unsaid."""
    values = _said(order_values(source))
    if stored.order.cancelled_at is not None:
        values.pop("cancelled_at", None)
    return assign(stored.order, values)


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _merge_lines(
    source: SourceOrder, stored: StoredOrder, *, frozen: bool
) -> tuple[dict[str, OrderLine], bool]:
    """The stored line for each of the source's lines, by the source's external id."""
    lines = _match(source, stored)
    changed = False
    for line in source.lines:
        known = lines.get(line.external_id)
        if known is None:
            known = OrderLine(
                order_id=stored.order.id, external_id=line.external_id, **line_values(line)
            )
            known.amount_elsewhere = 0
            db.session.add(known)
            stored.lines.append(known)
            lines[line.external_id] = known
            changed = True
        elif known.id not in stored.shares:
            changed |= assign(known, _line_update(line, known, stored, frozen=frozen))
    db.session.flush()
    return lines, changed


def _match(source: SourceOrder, stored: StoredOrder) -> dict[str, OrderLine]:
    """Lines by external id; where the source has other ids (another format), by article."""
    by_id = {line.external_id: line for line in stored.lines}
    names = [line.external_id for line in source.lines]
    lines = {name: by_id[name] for name in names if name in by_id}
    taken = {line.id for line in lines.values()}
    for line in source.lines:
        if line.external_id in lines:
            continue
        for known in stored.lines:
            same = _article(known) == _article(line) and known.quantity == line.quantity
            if same and known.id not in taken:
                lines[line.external_id] = known
                taken.add(known.id)
                break
    return lines


def _article(line: OrderLine | SourceLine) -> str:
    """The SKU, or the full name however it is divided over title and variant."""
    name = line.title if line.title.endswith(line.variant) else f"{line.title} - {line.variant}"
    return line.sku or name


def _line_update(
    line: SourceLine, known: OrderLine, stored: StoredOrder, *, frozen: bool
) -> dict[str, Any]:
    """What may change on a line that is in no return."""
    values = _said(line_values(line))
    shipped = sum(content.qty_shipped for content in stored.contents_of(known))
    if frozen or line.quantity < shipped:
        return {name: value for name, value in values.items() if name not in _MONEY}
    return values


def _merge_elsewhere(source: SourceOrder, stored: StoredOrder, lines: dict[str, OrderLine]) -> bool:
    """Claim what came back outside this portal, and note the money that went back for it."""
    gone = any(line.qty_elsewhere or line.amount_elsewhere for line in source.lines)
    if not gone and not source.refunded_loose:
        return False
    known = [lines[line.external_id] for line in source.lines]
    units = [
        _claim(line, stored.contents_of(k)) for line, k in zip(source.lines, known, strict=True)
    ]
    amounts = amounts_elsewhere(
        [
            GoneLine(
                line_paid=k.line_paid,
                quantity=k.quantity,
                is_goods=k.is_goods,
                refunded=line.amount_elsewhere,
                units_elsewhere=sum(c.qty_elsewhere for c in stored.contents_of(k)),
                stored=k.amount_elsewhere,
                own_share=stored.shares.get(k.id, 0),
            )
            for line, k in zip(source.lines, known, strict=True)
        ],
        loose=source.refunded_loose,
        own_beside=stored.own_shipping,
    )
    changed = [
        assign(k, {"amount_elsewhere": amount}) for k, amount in zip(known, amounts, strict=True)
    ]
    return any(units) or any(changed)


def _claim(line: SourceLine, contents: list[ParcelLine]) -> bool:
    """Claim the units that came back elsewhere, as far as that many were shipped.

    A feed also reports the refunds of returns that were made here, so units that live returns
    hold count as part of what it reports.
    """
    more = line.qty_elsewhere - sum(content.qty_claimed for content in contents)
    changed = False
    for content in contents:
        units = max(0, min(more, content.qty_shipped - content.qty_claimed))
        if units:
            content.qty_claimed += units
            content.qty_elsewhere += units
            more -= units
            changed = True
    return changed


def _merge_totals(source: SourceOrder, stored: StoredOrder, *, frozen: bool) -> bool:
    shipping = stored.order.shipping_paid
    if source.shipping_paid is not None and not frozen:
        shipping = source.shipping_paid
    total = sum(line.line_paid for line in stored.lines) + shipping
    return assign(stored.order, {"shipping_paid": shipping, "paid_total": total})
