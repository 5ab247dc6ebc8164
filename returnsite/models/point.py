"""Imported places: service points of carriers, and where postcodes lie."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import Json, JsonList, Moment, Pk, Short, Text200, UTCDateTime


class ServicePoint(Base):
    """A parcel shop, locker or post office. Shared by all shops; positions in WGS84 degrees.

    `hours` is weekly JSON (`{"mon": [["09:00", "18:00"]], …}`, day missing: closed; empty: not
    known), `hours_text` the source's own words. Only `status='open'` points are suggested.
    """

    __tablename__ = "service_point"
    __table_args__ = (
        UniqueConstraint("carrier", "code"),
        Index("ix_service_point_position", "latitude", "longitude"),
        Index("ix_service_point_carrier_position", "carrier", "latitude", "longitude"),
    )

    id: Mapped[Pk]
    carrier: Mapped[Short]
    code: Mapped[Text200]
    name: Mapped[Text200]
    type: Mapped[Short]
    """shop, locker or post_office."""
    street: Mapped[Text200] = mapped_column(default="")
    house_number: Mapped[Short] = mapped_column(default="")
    postcode: Mapped[Short] = mapped_column(default="")
    city: Mapped[Text200] = mapped_column(default="")
    country: Mapped[str] = mapped_column(String(2))
    latitude: Mapped[float]
    longitude: Mapped[float]
    hours: Mapped[Json]
    hours_text: Mapped[str] = mapped_column(Text, default="")
    services: Mapped[JsonList]
    accepts_returns: Mapped[bool] = mapped_column(default=True)
    accepts_labelless: Mapped[bool] = mapped_column(default=False)
    status: Mapped[Short] = mapped_column(default="open")
    closures: Mapped[JsonList]
    source: Mapped[Text200]
    fetched_at: Mapped[Moment]
    is_demo: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Postcode(Base):
    """Where a postcode lies; `code_norm` as `domain.lookup` writes it (GB: outward code)."""

    __tablename__ = "postcode"
    __table_args__ = (UniqueConstraint("country", "code_norm"),)

    id: Mapped[Pk]
    country: Mapped[str] = mapped_column(String(2))
    code_norm: Mapped[str] = mapped_column(String(16))
    place: Mapped[Text200] = mapped_column(default="")
    place_key: Mapped[str] = mapped_column(Text, default="")
    """The names in `place` for comparing, each between slashes (see `domain.geo.place_key`)."""
    latitude: Mapped[float]
    longitude: Mapped[float]
    spread_km: Mapped[float] = mapped_column(default=0.0)


class RateCounter(Base):
    """Counts of a rate limit's window, shared by all processes (see `web.rate_limits`)."""

    __tablename__ = "rate_counter"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[float] = mapped_column(index=True)
    """Unix seconds."""
