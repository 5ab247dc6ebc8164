"""Links that open something once: invitations, new passwords, changed addresses.

The token follows from a seed and the installation's key, and the database keeps its hash. A mail
waiting in the outbox needs the seed only, so that neither table gives a usable link away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Literal

from flask import current_app
from sqlalchemy import delete, select, update

from ... import clock
from ...extensions import db
from ...models import UserToken
from .errors import AccountRefused

Kind = Literal["invite", "reset", "email"]

LIFETIMES: dict[Kind, timedelta] = {
    "invite": timedelta(hours=24),
    "reset": timedelta(minutes=30),
    "email": timedelta(hours=24),
}


def hash_token(token: str) -> str:
    """What the database keeps of a token of at least 128 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_seed(kind: Kind) -> str:
    """A random name for a link, which is also the event of its mail."""
    return f"user.{kind}:{secrets.token_urlsafe(24)}"


def token_for(seed: str) -> str:
    """The token of a seed, 256 bits."""
    key = f"returnsite.user-token:{current_app.secret_key!s}".encode()
    digest = hmac.new(key, seed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def add_token(
    kind: Kind,
    seed: str,
    *,
    user_id: int | None = None,
    shop_id: int | None = None,
    email: str = "",
    role: str = "",
    created_by: int | None = None,
) -> UserToken:
    """Add the row of a link within the caller's transaction."""
    now = clock.now()
    row = UserToken(
        kind=kind,
        token_hash=hash_token(token_for(seed)),
        user_id=user_id,
        shop_id=shop_id,
        email=email,
        role=role,
        created_by=created_by,
        created_at=now,
        expires_at=now + LIFETIMES[kind],
    )
    db.session.add(row)
    db.session.flush()
    return row


def find_token(kind: Kind, token: str) -> UserToken | None:
    """The row of a link that still works, else None."""
    return db.session.scalars(
        select(UserToken).where(
            UserToken.token_hash == hash_token(token),
            UserToken.kind == kind,
            UserToken.used_at.is_(None),
            UserToken.expires_at > clock.now(),
        )
    ).one_or_none()


def take_token(kind: Kind, token: str) -> UserToken:
    """Use a link up within the caller's transaction. Raises AccountRefused `link_over`."""
    row = find_token(kind, token)
    if row is None or not _mark_used(row.id):
        raise AccountRefused("link_over")
    return row


def drop_tokens(kind: Kind, **columns: object) -> None:
    """Delete links within the caller's transaction, such as those of before."""
    db.session.execute(delete(UserToken).where(UserToken.kind == kind).filter_by(**columns))


def _mark_used(token_id: int) -> bool:
    """Of two that use a link at the same moment, one gets through."""
    result = db.session.execute(
        update(UserToken)
        .where(UserToken.id == token_id, UserToken.used_at.is_(None))
        .values(used_at=clock.now())
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
