"""The people on the merchant's side: users, what they may do in which shop, and their sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Base
from .shop import Shop
from .types import BigInt, Moment, Pk, Short, Text200, UTCDateTime


class User(Base):
    """A person with an e-mail address; what they may do stands in their memberships.

    `email` is kept in small letters. `totp_secret` is encrypted (services.secrets);
    `totp_step` is the last time step used, so that a code works once.
    """

    __tablename__ = "user"

    id: Mapped[Pk]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Text200] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(String(8), default="")
    password_hash: Mapped[Text200 | None]
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int | None] = mapped_column(BigInt)
    created_at: Mapped[Moment]
    password_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", order_by="Membership.shop_id"
    )


class Membership(Base):
    """What a user is in a shop; `role` as `domain.roles` names them."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "shop_id"),
        CheckConstraint("role IN ('owner', 'staff', 'read_only')", name="role"),
    )

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"))
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[Moment]

    user: Mapped[User] = relationship(back_populates="memberships")
    shop: Mapped[Shop] = relationship()


class UserSession(Base):
    """A signed-in browser. Only a hash of its token is kept; revoking ends it at once."""

    __tablename__ = "user_session"

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    confirmed_at: Mapped[Moment]
    """When the password was last typed: some changes ask for it again."""
    ends_at: Mapped[Moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    network: Mapped[Short] = mapped_column(default="")
    """Where from, without the last part of the address."""
    browser: Mapped[Text200] = mapped_column(default="")


class UserToken(Base):
    """A link sent or printed once: `kind` says what it opens. Only its hash is kept."""

    __tablename__ = "user_token"
    __table_args__ = (
        CheckConstraint("kind IN ('first_run', 'demo', 'invite', 'reset', 'email')", name="kind"),
        CheckConstraint("role IN ('', 'owner', 'staff', 'read_only')", name="role"),
    )

    id: Mapped[Pk]
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"), index=True)
    shop_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("shop.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    role: Mapped[str] = mapped_column(String(16), default="")
    created_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCode(Base):
    """Stands in once for a code of the authenticator app; hashed."""

    __tablename__ = "recovery_code"

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
