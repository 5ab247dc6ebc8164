"""Store credit: codes that were given for returns, and what was used of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import BigInt, Minor, Moment, Pk, Short, Text200, UTCDateTime


class StoreCredit(Base):
    """A code and what it is worth. The code itself is nowhere: `code_hash` finds it, and the
    worker makes it again from `nonce` and the secret key when it mails it.

    `balance` is the sum of the entries, kept here so that one statement can test and take it.
    """

    __tablename__ = "store_credit"
    __table_args__ = (
        UniqueConstraint("shop_id", "code_hash"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("balance >= 0 AND balance <= amount", name="balance"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"), index=True)
    payout_id: Mapped[int] = mapped_column(BigInt, ForeignKey("payout.id"), unique=True)
    """One credit a payout: pressing twice gives one code."""
    code_hash: Mapped[str] = mapped_column(String(64))
    code_end: Mapped[str] = mapped_column(String(8))
    """Its last characters, enough to tell two apart and too few to use."""
    nonce: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Minor]
    balance: Mapped[Minor]
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[Moment]


class CreditEntry(Base):
    """Append-only: what was put on a code and taken off it; signed, minor units."""

    __tablename__ = "credit_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('issue', 'redeem', 'undo')", name="kind"),
        UniqueConstraint("credit_id", "idempotency_key"),
    )

    id: Mapped[Pk]
    credit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("store_credit.id"))
    kind: Mapped[Short]
    amount: Mapped[Minor]
    reference: Mapped[Text200] = mapped_column(default="")
    idempotency_key: Mapped[str] = mapped_column(String(80))
    actor: Mapped[Text200]
    actor_name: Mapped[Text200] = mapped_column(default="")
    at: Mapped[Moment]
