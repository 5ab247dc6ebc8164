"""Figures added up beforehand. Everything here can be thrown away and made again from the orders
and returns (`flask analytics rebuild`); nothing else reads it but the analytics pages.

Database triggers note in `stale_order` which orders changed; the worker brings facts and cubes up
to date. Days are the shop's local days, as numbers (`domain.periods.day_number`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import BigInt, Minor, Moment, Pk, Short, Text200, UTCDateTime

CLUSTERED = {"sqlite_with_rowid": False}
"""Rows lie in the order of the key, so that a period is read in one go."""


class StaleOrder(Base):
    """An order that changed, or whose return did; a log, since a set would lose late comers."""

    __tablename__ = "stale_order"

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(BigInt, index=True)
    sold_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Set where sales changed too: when it was placed, before and after the change."""


class StaleBucket(Base):
    """A day or month whose figures must be added up again. kind: r and o for returns by the day
    asked and by the day ordered, s for sales."""

    __tablename__ = "stale_bucket"

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    grain: Mapped[str] = mapped_column(String(1), primary_key=True)
    kind: Mapped[str] = mapped_column(String(1), primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AnalyticsState(Base):
    """What a shop's figures stand on: its zone then, and when they were last brought up to date."""

    __tablename__ = "analytics_state"

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    time_zone: Mapped[Short]
    currency: Mapped[str] = mapped_column(String(3))
    refreshed_at: Mapped[Moment]


class ReturnCell(Base):
    """A combination of what a return line is counted by; a shop has some thousands."""

    __tablename__ = "return_cell"
    __table_args__ = (
        UniqueConstraint(
            *("shop_id", "country", "category", "reason", "fault"),
            *("resolution", "method", "carrier"),
            name="uq_return_cell_all",
        ),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    country: Mapped[str] = mapped_column(String(2))
    category: Mapped[Text200]
    reason: Mapped[Short]
    fault: Mapped[str] = mapped_column(String(16))
    resolution: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(32))
    carrier: Mapped[Short]


class FactProduct(Base):
    """A product as analytics knows it: by its key, else by SKU, else by title."""

    __tablename__ = "fact_product"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    key: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(String(500))
    image_url: Mapped[str] = mapped_column(Text, default="")


MEASURES = ("lines", "leads", "units", "value", "fee", "bonus", "foreign_lines")


class _Measures:
    """What is added up. `leads` counts returns: the first line of each carries it."""

    lines: Mapped[int] = mapped_column(default=0)
    leads: Mapped[int] = mapped_column(default=0)
    units: Mapped[int] = mapped_column(default=0)
    value: Mapped[Minor]
    fee: Mapped[Minor]
    bonus: Mapped[Minor]
    foreign_lines: Mapped[int] = mapped_column(default=0)
    """Lines in another currency than the shop's: counted, their amounts are not."""


class ReturnFact(_Measures, Base):
    """A return line that counts, with everything it is counted by beside it."""

    __tablename__ = "return_fact"
    __table_args__ = (
        Index("ix_return_fact_requested", "shop_id", "requested_day"),
        Index("ix_return_fact_ordered", "shop_id", "ordered_day"),
        # Everything that is read of one product: a popular one has lines all over the table.
        Index(
            "ix_return_fact_product",
            "shop_id",
            "product_id",
            "ordered_day",
            "cell_id",
            "requested_day",
            "variant",
            *MEASURES,
        ),
        Index("ix_return_fact_cell", "shop_id", "cell_id", "ordered_day", "product_id", "units"),
        # Whether a return has a line that filters let through.
        Index("ix_return_fact_return", "return_id", "cell_id", "product_id"),
        Index("ix_return_fact_order", "order_id"),
    )

    line_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    return_id: Mapped[int] = mapped_column(BigInt)
    order_id: Mapped[int] = mapped_column(BigInt)
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    requested_day: Mapped[int]
    ordered_day: Mapped[int]
    cell_id: Mapped[int] = mapped_column(BigInt)
    product_id: Mapped[int] = mapped_column(BigInt)
    variant: Mapped[Text200]


class ReturnTiming(Base):
    """How long the stages of a return took, in minutes. `lottery` draws a fixed sample."""

    __tablename__ = "return_timing"
    __table_args__ = (
        # Everything that is read of a sample: it lies all over the table.
        Index(
            "ix_return_timing_drawn",
            *("shop_id", "lottery", "requested_day", "return_id"),
            *("country", "method", "carrier", "approve", "hand_in", "receive", "close", "whole"),
        ),
    )

    return_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(BigInt, index=True)
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    requested_day: Mapped[int]
    lottery: Mapped[int] = mapped_column(SmallInteger)
    country: Mapped[str] = mapped_column(String(2))
    method: Mapped[str] = mapped_column(String(32))
    carrier: Mapped[Short]
    approve: Mapped[int | None]
    hand_in: Mapped[int | None]
    receive: Mapped[int | None]
    close: Mapped[int | None]
    """From received to closed, or to paid where that came first."""
    whole: Mapped[int | None]
    """From requested to closed or paid."""


class SaleFact(Base):
    """Units sold a day: goods that were shipped, of orders placed that day and not cancelled."""

    __tablename__ = "sale_fact"
    __table_args__ = (Index("ix_sale_fact_product", "shop_id", "product_id", "day"), CLUSTERED)

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    variant: Mapped[str] = mapped_column(String(200), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    sold: Mapped[int]


class ReturnCube(_Measures, Base):
    """Return lines added up by day or month and cell. basis: r by the day asked, o by the day
    ordered."""

    __tablename__ = "return_cube"
    __table_args__ = (CLUSTERED,)

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    basis: Mapped[str] = mapped_column(String(1), primary_key=True)
    grain: Mapped[str] = mapped_column(String(1), primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cell_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)


class SaleCube(Base):
    """Units sold and come back, by day or month ordered, country and category."""

    __tablename__ = "sale_cube"
    __table_args__ = (CLUSTERED,)

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    grain: Mapped[str] = mapped_column(String(1), primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    sold: Mapped[int]
    back: Mapped[int]


class ProductCube(Base):
    """Units sold and come back, by day or month ordered, product, country and category."""

    __tablename__ = "product_cube"
    __table_args__ = (CLUSTERED,)

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    grain: Mapped[str] = mapped_column(String(1), primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    sold: Mapped[int]
    back: Mapped[int]
