"""The shop (tenant) and its addresses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Base
from .types import BigInt, Json, JsonList, Moment, Pk, Short, Text200, UTCDateTime


class Shop(Base):
    """One merchant's portal. `settings_version` rises with every change of any setting,
    so that a policy built from the settings can be kept in memory."""

    __tablename__ = "shop"
    __table_args__ = (
        CheckConstraint("NOT active OR return_address_id IS NOT NULL", name="active_has_address"),
        CheckConstraint("window_days BETWEEN 0 AND 3650", name="window_days"),
    )

    id: Mapped[Pk]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Text200]
    active: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    settings_version: Mapped[int] = mapped_column(default=1)
    time_zone: Mapped[Short] = mapped_column(default="Europe/Amsterdam")
    country: Mapped[str] = mapped_column(String(2), default="NL")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    locales: Mapped[JsonList]
    default_locale: Mapped[str] = mapped_column(String(8), default="nl")
    return_address_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("address.id", use_alter=True, name="fk_shop_return_address")
    )
    notification_email: Mapped[str | None] = mapped_column(String(254))
    support_email: Mapped[str | None] = mapped_column(String(254))
    policy_url: Mapped[str | None] = mapped_column(String(500))
    support_url: Mapped[str | None] = mapped_column(String(500))
    privacy_url: Mapped[str | None] = mapped_column(String(500))
    window_days: Mapped[int] = mapped_column(default=30)
    unknown_delivery: Mapped[Short] = mapped_column(default="shipped_plus_days")
    unknown_delivery_days: Mapped[int] = mapped_column(default=7)
    resolutions: Mapped[JsonList]
    methods: Mapped[JsonList]
    credit_bonus_bp: Mapped[int] = mapped_column(default=0)
    free_from_order_value: Mapped[int | None] = mapped_column(BigInt)
    free_for_shop_fault: Mapped[bool] = mapped_column(default=True)
    free_for_exchange: Mapped[bool] = mapped_column(default=False)
    free_for_credit: Mapped[bool] = mapped_column(default=False)
    refund_outbound_shipping: Mapped[bool] = mapped_column(default=True)
    manual_approval: Mapped[bool] = mapped_column(default=False)
    hand_in_days: Mapped[int] = mapped_column(default=14)
    refund_days: Mapped[int] = mapped_column(default=14)
    credit_valid_days: Mapped[int | None] = mapped_column(default=730)
    """How long a credit code can be used; NULL: for ever."""
    frame_origins: Mapped[JsonList]
    look: Mapped[Json]
    """`hue` 0–360, `chroma` 0–0.2, `colour` as the merchant chose it, `logo` file name."""
    texts: Mapped[Json]
    """The shop's own words on portal pages: locale → place → text."""
    mail: Mapped[Json]
    """The shop's own mail server, its password encrypted; empty: the installation's."""
    created_at: Mapped[Moment]

    return_address: Mapped[Address | None] = relationship(
        foreign_keys=[return_address_id], post_update=True
    )


class Address(Base):
    """An address of the shop: where returns go, or a store that takes them in."""

    __tablename__ = "address"

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    name: Mapped[Text200]
    company: Mapped[Text200] = mapped_column(default="")
    street: Mapped[Text200]
    house_number: Mapped[Short] = mapped_column(default="")
    postcode: Mapped[Short]
    city: Mapped[Text200]
    province: Mapped[Text200] = mapped_column(default="")
    country: Mapped[str] = mapped_column(String(2))
    phone: Mapped[Short] = mapped_column(default="")
    is_store: Mapped[bool] = mapped_column(default=False)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    opening_hours: Mapped[Text200] = mapped_column(default="")
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
