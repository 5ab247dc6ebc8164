"""Who changed what: the audit log, the state of each settings section, and the rules' history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from .types import BigInt, Json, JsonList, Moment, Pk, Short, Text200, UTCDateTime


class AuditEntry(Base):
    """Append-only: one row per change. `changes` is a list of {field, old, new}, secrets redacted.

    `section` is a settings section's name, or `rules`, `users`, `session`, `orders`, `returns`.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_shop_section", "shop_id", "section", "id"),
        Index("ix_audit_entry_user", "user_id", "id"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("shop.id"))
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    actor: Mapped[Text200]
    """The user's name then, `command line` or `system`."""
    section: Mapped[Short]
    event: Mapped[Short]
    subject: Mapped[Text200] = mapped_column(default="")
    """Which address, reason, rule or user it was about, in words."""
    changes: Mapped[JsonList]
    at: Mapped[Moment] = mapped_column(UTCDateTime, index=True)
    network: Mapped[Short] = mapped_column(default="")


class SectionState(Base):
    """How often a settings section was saved, and what it held before the last time, for undo."""

    __tablename__ = "section_state"
    __table_args__ = (UniqueConstraint("shop_id", "section"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    section: Mapped[Short]
    version: Mapped[int] = mapped_column(default=1)
    before: Mapped[Json]
    """The section's snapshot before the last save; empty where there is nothing to undo."""
    changed_at: Mapped[Moment]
    changed_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    changed_by_name: Mapped[Text200] = mapped_column(default="")


class RuleDraft(Base):
    """The rules as somebody is changing them; customers see nothing of it until published.

    `rules` is a list of `domain.rule_language.rule_to_json` with `enabled` beside it.
    """

    __tablename__ = "rule_draft"

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"), unique=True)
    rules: Mapped[JsonList]
    version: Mapped[int] = mapped_column(default=1)
    """Rises with each change, so that the second of two people is told."""
    is_open: Mapped[bool] = mapped_column(default=False)
    """Somebody is changing them; otherwise the live rules count and `rules` says nothing."""
    undo: Mapped[Json]
    """The last change: `what` it was, and `rules` and `is_open` before it; empty: none."""
    based_on: Mapped[int]
    """The number of the rule version it started from."""
    changed_at: Mapped[Moment]
    changed_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    changed_by_name: Mapped[Text200] = mapped_column(default="")


class RuleVersion(Base):
    """Rules that were published, numbered per shop; kept for ever."""

    __tablename__ = "rule_version"
    __table_args__ = (UniqueConstraint("shop_id", "number"),)

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    number: Mapped[int]
    rules: Mapped[JsonList]
    note: Mapped[Text200] = mapped_column(default="")
    published_at: Mapped[Moment]
    published_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    published_by_name: Mapped[Text200] = mapped_column(default="")


class Task(Base):
    """Work that takes longer than a request: an import, a simulation, an export.

    The worker runs it through an outbox row; pages show `done` of `total` and survive a reload.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_shop_kind", "shop_id", "kind", "id"),
        CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'stopped')", name="state"
        ),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    kind: Mapped[Short]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    params: Mapped[Json]
    result: Mapped[Json]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    """What went wrong, for people, in the language of whoever started it."""
    locale: Mapped[str] = mapped_column(String(8), default="")
    created_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    created_by_name: Mapped[Text200] = mapped_column(default="")
    created_at: Mapped[Moment]
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
