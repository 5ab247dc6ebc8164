"""The wizard's memory, and the photos added in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import BigInt, Json, Moment, Pk, Text200, UTCDateTime


class Draft(Base):
    """A return being filled in: claims nothing and counts nowhere until confirmed.

    `answers` holds one entry per step; see `services.drafts`. Only a hash of the
    token in the URL is kept. `expires_at` moves with each saved answer, never past `ends_at`.
    """

    __tablename__ = "draft"

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("order.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(8))
    postcode: Mapped[str] = mapped_column(String(16), default="")
    """As typed when finding the order: where the search for service points starts."""
    answers: Mapped[Json]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(UTCDateTime, index=True)
    ends_at: Mapped[Moment]
    return_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("return.id"))
    started_by: Mapped[int | None] = mapped_column(BigInt)
    """The user who started it on the customer's behalf, with the name then."""
    started_by_name: Mapped[Text200] = mapped_column(default="")
    override: Mapped[str] = mapped_column(String(500), default="")
    """Why that user lifted the return window; empty: it counts."""


class Photo(Base):
    """A picture of a line, re-encoded without metadata; `file` names it in the data folder."""

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_draft_line", "draft_id", "line_id"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    draft_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("draft.id", ondelete="SET NULL")
    )
    return_line_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("return_line.id"), index=True
    )
    line_id: Mapped[int] = mapped_column(BigInt)
    """The parcel line it shows."""
    file: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Text200]
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[Moment]
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
