"""Short ways to returns in every state, for tests about what staff does to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.models import Outbox, ParcelLine, Return
from returnsite.services.audit import Actor
from returnsite.services.returns.parts import LineCount
from returnsite.services.returns.record_payout import record_payout
from returnsite.services.shops import ShopSettings
from tests.factories import make_return

SANNE = Actor(7, "Sanne")
TOM = Actor(8, "Tom")


def new_return(session: Session, order: Any, **columns: Any) -> Return:
    """A return as `make_return` makes it, saved."""
    made = make_return(session, order, **columns)
    session.commit()
    return made


def claimed(session: Session, order: Any) -> int:
    """Units of the order that are in a return."""
    session.expire_all()
    return session.scalar(
        select(func.sum(ParcelLine.qty_claimed)).where(
            ParcelLine.order_line_id.in_([line.id for line in order.lines])
        )
    ) or 0  # fmt: skip


def outbox(session: Session, **columns: Any) -> list[str]:
    """The kinds of what is in the outbox, oldest first."""
    query = select(Outbox.kind).filter_by(**columns).order_by(Outbox.id)
    return list(session.scalars(query))


def count(line: Any, received: int, accepted: int | None = None, **more: Any) -> LineCount:
    """A count of a line; all accepted unless told."""
    return LineCount(line.id, received, received if accepted is None else accepted, **more)


def pay(settings: ShopSettings, return_: Return, amount: int, key: str = "a", **more: Any) -> Any:
    """Record a payout by Sanne."""
    return record_payout(
        shop=settings,
        return_id=return_.id,
        actor=SANNE,
        amount=amount,
        channel=more.pop("channel", "original"),
        idempotency_key=key,
        **more,
    )


def fresh(session: Session, return_: Return) -> Return:
    """The return as it is in the database now."""
    session.expire_all()
    return session.get_one(Return, return_.id)
