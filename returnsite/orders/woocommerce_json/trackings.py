"""Parcels of WooCommerce orders. The shop itself knows no tracking; plugins note it in metas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..base import UNTRACKED, SourceParcel
from ..carriers import carrier_code
from ..nodes import Node
from ..text import distinct, several

_LISTS = ("_wc_shipment_tracking_items", "_aftership_tracking_items")
_SINGLES = {
    "_tracking_number": ("_tracking_provider", "_custom_tracking_provider", "_date_shipped"),
    "ywot_tracking_code": ("ywot_carrier_name", "ywot_carrier_id", "ywot_pick_up_date"),
    "_aftership_tracking_number": ("_aftership_tracking_provider_name", "", ""),
}
_GONE_OUT = frozenset(["completed", "refunded"])


@dataclass(frozen=True, slots=True)
class _Tracking:
    """A note of one plugin; `contents` only from plugins that say what is in the parcel."""

    numbers: tuple[str, ...]
    carrier: str
    shipped_at: datetime | None
    contents: dict[str, int]


def read_parcels(
    order: Node, items: Sequence[Node], status: str, completed_at: datetime | None
) -> tuple[SourceParcel, ...]:
    """The order's parcels.

    Plugins rarely note which lines are in which parcel: then all numbers belong to one parcel
    with the whole order in it, shipped when the last part was. Without any number, a completed
    order is one parcel and another order is not shipped.
    """
    whole = {item.text("id"): item.units("quantity") for item in items}
    found = list(_trackings(order))
    if not found:
        if status not in _GONE_OUT:
            return ()
        return (SourceParcel(UNTRACKED, whole, shipped_at=completed_at),)
    if all(tracking.contents for tracking in found):
        return tuple(
            SourceParcel(
                external_id=tracking.numbers[0],
                contents=tracking.contents,
                trackings=tracking.numbers,
                carrier=tracking.carrier,
                shipped_at=tracking.shipped_at or completed_at,
            )
            for tracking in found
        )
    moments = [tracking.shipped_at for tracking in found if tracking.shipped_at]
    return (
        SourceParcel(
            external_id="1",
            contents=whole,
            trackings=distinct(number for tracking in found for number in tracking.numbers),
            carrier=next((t.carrier for t in found if t.carrier), ""),
            shipped_at=max(moments, default=completed_at),
        ),
    )


def _trackings(order: Node) -> Iterator[_Tracking]:
    metas = {meta.text("key"): meta for meta in order.items("meta_data")}
    seen: set[str] = set()
    for tracking in (*_listed(metas), *_single(metas)):
        if tracking.numbers and not seen & set(tracking.numbers):
            seen |= set(tracking.numbers)
            yield tracking


def _listed(metas: dict[str, Node]) -> Iterator[_Tracking]:
    """Plugins that keep a list: WooCommerce Shipment Tracking and those like it, AfterShip."""
    for key in _LISTS:
        meta = metas.get(key)
        for item in _decoded(meta).items("value") if meta else ():
            provider = (
                item.text("tracking_provider")
                or item.text("custom_tracking_provider")
                or item.text("slug")
            )
            yield _Tracking(
                numbers=several(item.text("tracking_number", 1000)),
                carrier=carrier_code(provider),
                shipped_at=item.moment("date_shipped", "UTC"),
                contents=_contents(_decoded(item, "products_list")),
            )


def _decoded(node: Node, name: str = "value") -> Node:
    """The node with a list or object that some exports keep as JSON text."""
    value = node.value.get(name)
    if not isinstance(value, str) or not value.strip().startswith(("[", "{")):
        return node
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return node
    return Node({**node.value, name: decoded}, node.path)


def _contents(item: Node) -> dict[str, int]:
    """Units by line id where the plugin notes them (Advanced Shipment Tracking does)."""
    contents: dict[str, int] = {}
    for product in item.items("products_list"):
        name = product.text("item_id")
        if name:
            contents[name] = contents.get(name, 0) + product.units("qty")
    return contents


def _single(metas: dict[str, Node]) -> Iterator[_Tracking]:
    """Plugins that keep one number in a meta of its own."""
    for key, (provider, other_provider, date) in _SINGLES.items():
        meta = metas.get(key)
        if meta is None:
            continue
        names = (metas[name].text("value") for name in (provider, other_provider) if name in metas)
        dated = metas.get(date)
        yield _Tracking(
            numbers=several(meta.text("value", 1000)),
            carrier=carrier_code(next((name for name in names if name), "")),
            shipped_at=dated.moment("value", "UTC") if dated else None,
            contents={},
        )
