"""What the merchant's inbox needs besides the returns themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..domain.search_terms import TERM_LENGTH
from ..extensions import Base
from .return_ import Return, ReturnShipment
from .types import BigInt, JsonList, Moment, Pk, Short, UTCDateTime

# In the order of their bytes on both databases, so that all terms with one start are neighbours.
_TERM = String(TERM_LENGTH).with_variant(String(TERM_LENGTH, collation="C"), "postgresql")


class ReturnTerm(Base):
    """What a return is found by: the terms (`domain.search_terms`) of its numbers, customer and
    articles."""

    __tablename__ = "return_term"
    __table_args__ = (
        Index("ix_return_term_return", "return_id", "term"),
        {"sqlite_with_rowid": False},
    )

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    term: Mapped[str] = mapped_column(_TERM, primary_key=True)
    return_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("return.id", ondelete="CASCADE"), primary_key=True
    )


class SavedView(Base):
    """A set of filters somebody gave a name. `query` is what the inbox's address says of it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("shop_id", "user_id", "name"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(2000))
    shared: Mapped[bool] = mapped_column(default=False)
    """Whether everybody of the shop sees it."""
    created_at: Mapped[Moment]


class BulkAction(Base):
    """What somebody did to many returns at once, for telling how it went and for undoing it."""

    __tablename__ = "bulk_action"
    __table_args__ = (Index("ix_bulk_action_shop_user", "shop_id", "user_id", "id"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"))
    action: Mapped[Short]
    done: Mapped[JsonList]
    """Per return that was changed: {id, number, event}, `event` being the timeline's row."""
    failed: Mapped[JsonList]
    """Per return that was not: {id, number, code, params}."""
    remaining: Mapped[int] = mapped_column(default=0)
    """Chosen returns that were left for another time, as one press has its limit."""
    created_at: Mapped[Moment]
    undo_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until then mails and labels wait; NULL where there is nothing to undo."""
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_FILTERED = (
    Return.status,
    Return.country,
    Return.method,
    Return.carrier,
    Return.refund_total,
    Return.resolutions,
    Return.settle_by,
    Return.reason_codes,
)
"""What the inbox filters by stands in its indexes, so that a filter with few matches among very
many returns reads the index and not the rows."""

Index("ix_return_inbox_created", Return.shop_id, Return.created_at, Return.id, *_FILTERED)
Index(
    "ix_return_inbox_status",
    Return.shop_id,
    Return.status,
    Return.created_at,
    Return.id,
    *_FILTERED[1:],
)
Index(
    "ix_return_inbox_value",
    Return.shop_id,
    Return.refund_total,
    Return.id,
    Return.created_at,
    *(column for column in _FILTERED if column is not Return.refund_total),
)
# Partial: a planner that finds the settled ones in it would sort all of them.
_OPEN = text("settle_by IS NOT NULL")
Index(
    "ix_return_inbox_due",
    Return.shop_id,
    Return.settle_by,
    Return.id,
    Return.created_at,
    *(column for column in _FILTERED if column is not Return.settle_by),
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_return_shop_country", Return.shop_id, Return.country)
Index(
    "ix_return_shipment_failed",
    ReturnShipment.return_id,
    sqlite_where=text("state = 'failed'"),
    postgresql_where=text("state = 'failed'"),
)
