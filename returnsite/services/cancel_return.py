"""The customer takes a return back, before anything was handed over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from .. import clock
from ..database import writing
from ..domain.errors import WrongState
from ..domain.lifecycle import Event, customer_can_cancel, transition
from ..extensions import db
from ..models import Return, ReturnEvent, ReturnShipment, Shop
from .outbox import cancellation_rows, enqueue
from .returns.case import has_payouts
from .returns.claims import release_all


def cancel_return(*, slug: str, token: str) -> bool:
    """Cancel the return behind a status token; False when this shop has no such return. Commits.

    Releases the claimed units and takes label and code out of use, in one transaction. Raises
    WrongState when it is on its way already or has ended; nothing is changed then.
    """
    with writing():
        found = _locked(slug, token)
        if found is not None:
            _cancel(found.id, found.status, handed_over=found.handed_over_at is not None)
            now = clock.now()
            rows = cancellation_rows(
                shop_id=found.shop_id, return_id=found.id, customer=found.email, now=now
            )
            enqueue(rows)
    return found is not None


def _locked(slug: str, token: str) -> Any:
    """Nobody pays for the return or hands it over until the transaction ends."""
    return db.session.execute(
        select(Return.id, Return.shop_id, Return.status, Return.handed_over_at, Return.email)
        .join(Shop, Shop.id == Return.shop_id)
        .where(Shop.slug == slug, Return.status_token == token)
        .with_for_update(of=Return)
    ).one_or_none()


def _cancel(return_id: int, status: str, *, handed_over: bool) -> None:
    then = transition(status, Event.CANCEL)
    if not customer_can_cancel(status, handed_over) or has_payouts(return_id):
        raise WrongState(status=status, event="cancel")
    now = clock.now()
    moved = db.session.execute(
        update(Return)
        .where(Return.id == return_id, Return.status == status, Return.handed_over_at.is_(None))
        .values(status=then.to, ended_at=now, settle_by=None)
    )
    # Somebody else was first: their transition counts, not this one.
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(status=status, event="cancel")
    release_all(return_id)
    db.session.execute(
        update(ReturnShipment).where(ReturnShipment.return_id == return_id).values(state="void")
    )
    db.session.execute(
        insert(ReturnEvent).values(
            return_id=return_id,
            event="cancel",
            from_status=status,
            to_status=then.to,
            actor="customer",
            at=now,
            data={},
        )
    )
