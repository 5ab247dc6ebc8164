"""Parcels of Shopify's JSON, made from its fulfilments."""

from __future__ import annotations

from collections.abc import Sequence

from ..base import UNTRACKED, ReadContext, SourceParcel
from ..carriers import carrier_code
from ..nodes import Node
from ..text import distinct, identity, several

_CALLED_OFF = frozenset(["cancelled", "error", "failure"])
"""Nothing was shipped; a tracking number that was given out still finds the order."""
_NOT_YET = frozenset(["pending", "open"])


def read_parcels(
    order: Node, items: Sequence[Node], context: ReadContext
) -> tuple[SourceParcel, ...]:
    """The order's parcels. Where it lists no fulfilments, lines marked fulfilled are in one."""
    if isinstance(order.value.get("fulfillments"), list):
        found = [(fulfilment, _trackings(fulfilment)) for fulfilment in order.items("fulfillments")]
        return tuple(
            _parcel(fulfilment, trackings, items, context)
            for fulfilment, trackings in found
            if trackings or _was_sent(fulfilment)
        )
    sent = {
        item.text("id"): item.units("quantity")
        for item in items
        if item.text("fulfillment_status") == "fulfilled"
    }
    if not sent:
        return ()
    return (SourceParcel(UNTRACKED, sent, shipped_at=order.moment("closed_at", context.time_zone)),)


def _was_sent(fulfilment: Node) -> bool:
    """A request that waits counts once it has a tracking number; one called off never does."""
    status = fulfilment.text("status")
    if status in _NOT_YET:
        return bool(_trackings(fulfilment))
    return status not in _CALLED_OFF


def _trackings(fulfilment: Node) -> tuple[str, ...]:
    """All tracking numbers; the list, the single member, or both may be null, empty or missing."""
    listed = fulfilment.value.get("tracking_numbers")
    numbers = [str(number) for number in listed if number] if isinstance(listed, list) else []
    numbers.append(fulfilment.text("tracking_number", 1000))
    return distinct(part for number in numbers for part in several(number))


def _parcel(
    fulfilment: Node, trackings: tuple[str, ...], items: Sequence[Node], context: ReadContext
) -> SourceParcel:
    contents: dict[str, int] = {}
    # Without a list of its own, a fulfilment is of the whole order.
    for item in (fulfilment.items("line_items") or items) if _was_sent(fulfilment) else ():
        name = item.text("id")
        contents[name] = contents.get(name, 0) + item.units("quantity")
    delivered = fulfilment.text("shipment_status") == "delivered"
    return SourceParcel(
        external_id=identity(fulfilment.text("id", 1000) or UNTRACKED, f"{fulfilment.path}.id"),
        contents=contents,
        trackings=trackings,
        carrier=carrier_code(fulfilment.text("tracking_company")),
        shipped_at=fulfilment.moment("created_at", context.time_zone),
        delivered_at=fulfilment.moment("updated_at", context.time_zone) if delivered else None,
        delivery_exact=False,
    )
