"""Side effects waiting to happen, written in the transaction that caused them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import BigInt, Json, Moment, Pk, Short, UTCDateTime


class Outbox(Base):
    """One side effect: a mail (`channel='mail'`) or a carrier job (`channel='shipment'`).

    Mails about an account have no shop.

    `event` names what happened and to what, e.g. `return.confirmed:17`, so that the unique
    key makes one mail per event and recipient. A worker holds a row until `leased_until`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("event", "channel", "recipient"),
        CheckConstraint("state IN ('pending', 'sent', 'failed')", name="state"),
        Index("ix_outbox_due", "state", "next_try_at"),
        Index("ix_outbox_shop_kind", "shop_id", "kind", "id"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("shop.id"))
    event: Mapped[str] = mapped_column(String(120))
    channel: Mapped[Short]
    kind: Mapped[Short]
    """Which handler: `customer_confirmation`, `merchant_notification`, `create_label` …"""
    recipient: Mapped[str] = mapped_column(String(254), default="")
    payload: Mapped[Json]
    state: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    next_try_at: Mapped[Moment]
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(String(300), default="")
