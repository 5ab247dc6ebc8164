"""Orders as imported: a snapshot that later edits in the shop do not change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..domain.search import TERM_LENGTH
from ..extensions import Base
from .types import BigInt, Json, JsonList, Minor, Moment, Pk, Short, Text200, UTCDateTime


class Order(Base):
    """One order. The `*_norm` columns hold what `domain.lookup` makes of number and postcode."""

    __tablename__ = "order"
    __table_args__ = (
        UniqueConstraint("shop_id", "source", "external_id"),
        Index("ix_order_shop_number", "shop_id", "number_norm"),
        Index("ix_order_shop_placed", "shop_id", "placed_at", "id"),
        Index("ix_order_shop_country", "shop_id", "country", "placed_at", "id"),
        Index("ix_order_shop_stage", "shop_id", "stage", "placed_at", "id"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    source: Mapped[Short]
    external_id: Mapped[Text200]
    number: Mapped[Text200]
    number_norm: Mapped[Text200]
    currency: Mapped[str] = mapped_column(String(3))
    locale: Mapped[str] = mapped_column(String(8), default="")
    placed_at: Mapped[Moment]
    email: Mapped[str] = mapped_column(String(254), default="")
    customer_name: Mapped[Text200] = mapped_column(default="")
    customer_tags: Mapped[JsonList]
    country: Mapped[str] = mapped_column(String(2), default="")
    """Delivery country, ISO 3166-1 alpha-2."""
    delivery_address: Mapped[Json]
    """name, street, house_number, postcode, city, country; the billing address alike."""
    billing_address: Mapped[Json]
    delivery_postcode_norm: Mapped[str] = mapped_column(String(16), default="")
    billing_postcode_norm: Mapped[str] = mapped_column(String(16), default="")
    paid_total: Mapped[Minor]
    shipping_paid: Mapped[Minor]
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    imported_at: Mapped[Moment]
    stage: Mapped[str] = mapped_column(String(16), default="")
    """open, on_the_way, delivered or cancelled, for the list of orders; empty until
    `services.order_index`, which alone writes it, has seen the order."""

    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", order_by="OrderLine.id", cascade="all, delete-orphan"
    )
    parcels: Mapped[list[Parcel]] = relationship(
        back_populates="order", order_by="Parcel.id", cascade="all, delete-orphan"
    )


class OrderLine(Base):
    """What was bought. `line_paid` is gross for all units, after every discount."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "external_id"),
        CheckConstraint("quantity >= 1", name="quantity"),
        CheckConstraint("line_paid >= 0", name="line_paid"),
    )

    id: Mapped[Pk]
    order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("order.id"))
    external_id: Mapped[Text200]
    sku: Mapped[Text200] = mapped_column(default="")
    title: Mapped[str] = mapped_column(String(500))
    variant: Mapped[Text200] = mapped_column(default="")
    product_key: Mapped[Text200] = mapped_column(default="")
    image_url: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[Text200] = mapped_column(default="")
    tags: Mapped[JsonList]
    quantity: Mapped[int]
    line_paid: Mapped[Minor]
    list_price: Mapped[int | None] = mapped_column(BigInt)
    """Unit price before discounts, gross, minor units."""
    tax_bp: Mapped[int | None]
    final_sale: Mapped[bool] = mapped_column(default=False)
    is_goods: Mapped[bool] = mapped_column(default=True)
    amount_elsewhere: Mapped[Minor]
    """Refunded outside this portal, as the order feed says; part of `line_paid`."""

    order: Mapped[Order] = relationship(back_populates="lines")


class Parcel(Base):
    """One outgoing shipment. The return window runs per parcel, from delivery."""

    __tablename__ = "parcel"
    __table_args__ = (UniqueConstraint("order_id", "external_id"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("order.id"))
    external_id: Mapped[Text200]
    tracking_no: Mapped[Text200] = mapped_column(default="")
    """The first number, as given, for showing; all numbers are in `parcel_tracking`."""
    carrier: Mapped[Short] = mapped_column(default="")
    shipped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    pickup_postcode_norm: Mapped[str] = mapped_column(String(16), default="")

    order: Mapped[Order] = relationship(back_populates="parcels")
    trackings: Mapped[list[ParcelTracking]] = relationship(
        order_by="ParcelTracking.id", cascade="all, delete-orphan"
    )
    lines: Mapped[list[ParcelLine]] = relationship(
        back_populates="parcel", order_by="ParcelLine.id", cascade="all, delete-orphan"
    )


class ParcelTracking(Base):
    """Every tracking number of a parcel (a parcel may have several), normalised, for look-up."""

    __tablename__ = "parcel_tracking"
    __table_args__ = (
        Index("ix_parcel_tracking_shop_number", "shop_id", "tracking_norm"),
        UniqueConstraint("parcel_id", "tracking_norm"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    parcel_id: Mapped[int] = mapped_column(BigInt, ForeignKey("parcel.id", ondelete="CASCADE"))
    tracking_norm: Mapped[Text200]


class ParcelLine(Base):
    """Units of an order line in a parcel. `qty_claimed` is only moved by compare-and-swap."""

    __tablename__ = "parcel_line"
    __table_args__ = (
        UniqueConstraint("parcel_id", "order_line_id"),
        CheckConstraint("qty_claimed >= 0 AND qty_claimed <= qty_shipped", name="claimed"),
        CheckConstraint("qty_elsewhere >= 0 AND qty_elsewhere <= qty_claimed", name="elsewhere"),
    )

    id: Mapped[Pk]
    parcel_id: Mapped[int] = mapped_column(BigInt, ForeignKey("parcel.id", ondelete="CASCADE"))
    order_line_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("order_line.id", ondelete="CASCADE"), index=True
    )
    qty_shipped: Mapped[int]
    qty_claimed: Mapped[int] = mapped_column(default=0)
    qty_elsewhere: Mapped[int] = mapped_column(default=0)
    """Of the claimed units, those returned outside this portal."""

    parcel: Mapped[Parcel] = relationship(back_populates="lines")
    order_line: Mapped[OrderLine] = relationship()


class OrderTerm(Base):
    """What an order can be found by, written by `services.order_index`; see `domain.search`.

    The key starts with what is looked for, so that a search reads one range of it.
    """

    __tablename__ = "order_term"
    __table_args__ = (
        Index("ix_order_term_order", "order_id", "term"),
        {"sqlite_with_rowid": False},
    )

    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), primary_key=True)
    term: Mapped[str] = mapped_column(
        String(TERM_LENGTH).with_variant(String(TERM_LENGTH, collation="C"), "postgresql"),
        primary_key=True,
    )
    order_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("order.id", ondelete="CASCADE"), primary_key=True
    )


class ProductVariant(Base):
    """What an exchange can offer. `options` maps option name to value; stock NULL is unknown."""

    __tablename__ = "product_variant"
    __table_args__ = (UniqueConstraint("shop_id", "product_key", "sku"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    product_key: Mapped[Text200]
    sku: Mapped[Text200]
    title: Mapped[Text200]
    options: Mapped[Json]
    price: Mapped[Minor]
    stock: Mapped[int | None]
