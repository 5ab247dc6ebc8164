"""Parcels of a newer version of an order merged into the stored ones."""

from __future__ import annotations

from sqlalchemy import select

from ...extensions import db
from ...models import OrderLine, Parcel, ParcelLine, ParcelTracking, ReturnLine
from ...orders.base import UNTRACKED, SourceOrder, SourceParcel
from .rows import parcel_values, tracking_norms
from .stored import StoredOrder, assign


def merge_parcels(
    shop_id: int, source: SourceOrder, stored: StoredOrder, lines: dict[str, OrderLine]
) -> bool:
    """Add parcels, tracking numbers and units; nothing shipped or delivered goes back.

    Units that were known as shipped without a parcel move to the parcel that turns up for them.
    """
    changed = False
    for parcel in source.parcels:
        known = _find(parcel, stored)
        if known is None and parcel.external_id == UNTRACKED and not _room(parcel, lines, stored):
            continue
        if known is None:
            known = _add(shop_id, parcel, source, stored)
            changed = True
        else:
            changed |= _update(known, parcel, source.delivery.country)
        changed |= _add_trackings(shop_id, known, parcel, stored)
        for name, units in parcel.contents.items():
            if name in lines:
                changed |= _ship(known, lines[name], units, stored)
    if changed:
        _drop_emptied(stored)
    return changed


def _find(parcel: SourceParcel, stored: StoredOrder) -> Parcel | None:
    """The same parcel by its id, or by a tracking number they share."""
    for known in stored.parcels:
        if known.external_id == parcel.external_id:
            return known
    norms = set(tracking_norms(parcel))
    return next((k for k in stored.parcels if norms & stored.trackings[k.id]), None)


def _add(shop_id: int, parcel: SourceParcel, source: SourceOrder, stored: StoredOrder) -> Parcel:
    added = Parcel(
        shop_id=shop_id,
        order_id=stored.order.id,
        external_id=parcel.external_id,
        **parcel_values(parcel, source.delivery.country),
    )
    db.session.add(added)
    db.session.flush()
    stored.parcels.append(added)
    return added


def _update(known: Parcel, parcel: SourceParcel, country: str) -> bool:
    """Fill in what was not known. Of two exact delivery dates the later counts, in any order."""
    values = parcel_values(parcel, country)
    update = {name: value for name, value in values.items() if value and not getattr(known, name)}
    delivered = parcel.delivered_at
    later = delivered and known.delivered_at and delivered > known.delivered_at
    if later and parcel.delivery_exact:
        update["delivered_at"] = delivered
    return assign(known, update)


def _room(parcel: SourceParcel, lines: dict[str, OrderLine], stored: StoredOrder) -> bool:
    """Whether any unit in it is not known to be in another parcel already."""
    return any(
        sum(content.qty_shipped for content in stored.contents_of(lines[name]))
        < lines[name].quantity
        for name in parcel.contents
        if name in lines
    )


def _add_trackings(shop_id: int, known: Parcel, parcel: SourceParcel, stored: StoredOrder) -> bool:
    new = [norm for norm in tracking_norms(parcel) if norm not in stored.trackings[known.id]]
    for norm in new:
        db.session.add(ParcelTracking(shop_id=shop_id, parcel_id=known.id, tracking_norm=norm))
        stored.trackings[known.id].add(norm)
    return bool(new)


def _ship(parcel: Parcel, line: OrderLine, units: int, stored: StoredOrder) -> bool:
    """Raise the units of a line in a parcel to `units`, as far as that many were bought."""
    contents = stored.contents_of(line)
    here = next((c for c in contents if c.parcel_id == parcel.id), None)
    more = units - (here.qty_shipped if here else 0)
    if more <= 0:
        return False
    free = line.quantity - sum(content.qty_shipped for content in contents)
    if free < more:
        free += _take_untracked(parcel, contents, more - free, stored)
    more = min(more, free)
    if more <= 0:
        return False
    if here is None:
        here = ParcelLine(
            parcel_id=parcel.id,
            order_line_id=line.id,
            qty_shipped=0,
            qty_claimed=0,
            qty_elsewhere=0,
        )
        db.session.add(here)
        stored.contents.append(here)
    here.qty_shipped += more
    return True


def _take_untracked(
    parcel: Parcel, contents: list[ParcelLine], wanted: int, stored: StoredOrder
) -> int:
    """Units taken out of the parcel nobody knew; those in a return stay where it found them."""
    source = next((p for p in stored.parcels if p.external_id == UNTRACKED), None)
    if source is None or source is parcel:
        return 0
    held = next((c for c in contents if c.parcel_id == source.id), None)
    taken = min(wanted, held.qty_shipped - held.qty_claimed) if held else 0
    if held and taken > 0:
        held.qty_shipped -= taken
        _update_from(parcel, source)
    return max(0, taken)


def _update_from(parcel: Parcel, source: Parcel) -> None:
    """What was shipped and delivered stays so when it moves to another parcel."""
    parcel.shipped_at = parcel.shipped_at or source.shipped_at
    parcel.delivered_at = parcel.delivered_at or source.delivered_at


def _drop_emptied(stored: StoredOrder) -> None:
    """Remove the unknown parcel's lines, and it, when all units moved and no return names them."""
    source = next((p for p in stored.parcels if p.external_id == UNTRACKED), None)
    if source is None:
        return
    held = [c for c in stored.contents if c.parcel_id == source.id]
    empty = [c for c in held if c.qty_shipped == 0]
    if not empty:
        return
    db.session.flush()
    used = set(
        db.session.scalars(
            select(ReturnLine.parcel_line_id).where(
                ReturnLine.parcel_line_id.in_([content.id for content in empty])
            )
        )
    )
    gone = [content for content in empty if content.id not in used]
    for content in gone:
        stored.contents.remove(content)
        db.session.delete(content)
    db.session.flush()
    if len(gone) == len(held) and not stored.trackings[source.id]:
        stored.parcels.remove(source)
        db.session.delete(source)
