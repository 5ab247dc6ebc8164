"""A label that a carrier refused is asked for once more."""

from __future__ import annotations

from sqlalchemy import update

from ...domain.errors import DomainError
from ...domain.lifecycle import Status
from ...extensions import db
from ...models import ReturnShipment
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing


def retry_handoff(*, shop: ShopSettings, return_id: int, actor: Actor) -> Done:
    """Let failed hand-offs of this return be tried again. Commits.

    Raises DomainError(nothing_failed) when there are none (any more).
    """
    with changing(shop=shop, return_id=return_id, actor=actor, event="handoff_retry") as case:
        again = db.session.execute(
            update(ReturnShipment)
            .where(ReturnShipment.return_id == case.id, ReturnShipment.state == "failed")
            .values(state="pending", error="")
        )
        if case.status != Status.APPROVED or not again.rowcount:  # type: ignore[attr-defined]
            raise DomainError("nothing_failed")
        event_id = case.note("handoff_retry", {})
        name = f"return.handoff_retry:{case.id}:{event_id}"
        case.enqueue(name, "shipment", "prepare_handoff", event_id)
        return case.done(event_id)
