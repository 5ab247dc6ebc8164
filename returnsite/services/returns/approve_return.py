"""A return that waited for the shop is approved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from ...domain.lifecycle import Event
from ...domain.window import deadline
from ...extensions import db
from ...models import ReturnShipment
from ..audit import Actor
from ..shops import ShopSettings
from .case import Case, Done, changing
from .money import set_clock


def approve_return(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    with_label: bool = True,
    is_here: bool = False,
    seen_status: str | None = "requested",
) -> Done:
    """Approve a requested return. Commits.

    With a label the customer gets what the method asks for, and time to hand in from now on.
    Without, nothing has to come back: the customer keeps the goods and is refunded. A parcel that
    `is_here` already needs neither label nor word; counting it tells the customer.
    """
    with changing(
        shop=shop, return_id=return_id, actor=actor, event=Event.APPROVE, seen_status=seen_status
    ) as case:
        days = shop.policy.hand_in_days
        by = deadline(delivered_at=case.now, days=days, time_zone=shop.time_zone)
        event_id = case.move(
            Event.APPROVE,
            data={"with_label": with_label, "hand_in_by": _written(case.row.hand_in_by)},
            approved_at=case.now,
            goods_expected=with_label,
            hand_in_by=by if with_label else None,
        )
        if is_here:
            _void_label(case)
        else:
            _send_out(case, event_id, with_label)
        set_clock(case, approved_at=case.now, goods_expected=with_label)
        return case.done(event_id, undoable=True)


def _void_label(case: Case) -> None:
    db.session.execute(
        update(ReturnShipment)
        .where(ReturnShipment.return_id == case.id, ReturnShipment.state == "pending")
        .values(state="void")
    )


def _written(day: datetime | None) -> str | None:
    """The last day of before, for undo."""
    return day.isoformat() if day else None


def _send_out(case: Case, event_id: int, with_label: bool) -> None:
    """Label and mail, under the names by which the worker lets the mail wait for the label."""
    name = f"return.approved:{case.id}"
    if with_label:
        case.enqueue(name, "shipment", "prepare_handoff", event_id, undoable=True)
    else:
        _void_label(case)
    if case.row.email:
        case.enqueue(name, "mail", "customer_approved", event_id, undoable=True)
