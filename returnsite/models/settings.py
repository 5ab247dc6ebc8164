"""What a merchant sets besides the shop itself; soft-deleted, so that old returns stay readable."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import BigInt, Json, JsonList, Minor, Pk, Short, Text200, UTCDateTime


class Reason(Base):
    """A return reason. `labels` maps locale to text; `fault` is customer, shop or carrier."""

    __tablename__ = "reason"
    __table_args__ = (
        Index(
            "uq_reason_live_code",
            "shop_id",
            "code",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        CheckConstraint("fault IN ('customer', 'shop', 'carrier')", name="fault"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    code: Mapped[Short]
    labels: Mapped[Json]
    fault: Mapped[str] = mapped_column(String(16), default="customer")
    comment_required: Mapped[bool] = mapped_column(default=False)
    photo_required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def is_retired(self) -> bool:
        """Whether it is out of the list; returns of before still name it."""
        return self.deleted_at is not None


class ReturnRule(Base):
    """Condition → effect; conditions and effects as `domain.rules` writes them."""

    __tablename__ = "return_rule"

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    name: Mapped[Text200]
    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    conditions: Mapped[JsonList]
    effects: Mapped[JsonList]
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FeeRule(Base):
    """Return fee for a method and country (NULL: any), in minor units of the shop's currency."""

    __tablename__ = "fee_rule"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    method: Mapped[str | None] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(2))
    amount: Mapped[Minor]
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CarrierContract(Base):
    """A carrier the shop uses for returns; an own contract must include returns to count."""

    __tablename__ = "carrier_contract"

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    carrier: Mapped[Short]
    own: Mapped[bool] = mapped_column(default=False)
    includes_returns: Mapped[bool] = mapped_column(default=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    reference: Mapped[Text200] = mapped_column(default="")
    """The carrier's customer or contract number."""
    credentials: Mapped[str] = mapped_column(Text, default="")
    """Encrypted (services.secrets); never shown again."""
    position: Mapped[int] = mapped_column(default=0)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
