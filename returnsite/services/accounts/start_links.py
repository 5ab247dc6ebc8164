"""The link that `make run` prints: for the first owner, and into the demo.

It is signed, not stored: whoever starts the program knows the key, and starting must not wait for
the database. `scripts/start_link.py` makes the same ones. What is stored is that one was used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

from flask import current_app
from sqlalchemy import exists, select

from ... import clock
from ...extensions import db
from ...models import UserToken
from .errors import AccountRefused
from .tokens import hash_token

StartKind = Literal["first_run", "demo"]

LIFETIMES: dict[StartKind, timedelta] = {
    "first_run": timedelta(hours=24),
    "demo": timedelta(hours=1),
}

_TOKEN = re.compile(r"(?P<ends>[0-9a-f]{8,9})\.[\w-]{16,64}\.(?P<proof>[\w-]{43})", re.ASCII)


def make_start_token(kind: StartKind) -> str:
    """A token for the link of this kind."""
    ends = int((clock.now() + LIFETIMES[kind]).timestamp())
    return sign_start_token(str(current_app.secret_key), kind, ends, secrets.token_urlsafe(16))


def sign_start_token(key: str, kind: str, ends: int, nonce: str) -> str:
    """`<end in hex>.<nonce>.<proof>`."""
    text = f"{ends:x}.{nonce}"
    digest = hmac.new(f"returnsite.start:{key}".encode(), f"{kind}.{text}".encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest.digest()).decode().rstrip('=')}"


def start_token_works(kind: StartKind, token: str) -> bool:
    """Whether a token is ours, not too old, and was not used yet."""
    if _end(kind, token) is None:
        return False
    return not db.session.scalar(select(exists().where(UserToken.token_hash == hash_token(token))))


def use_start_token(kind: StartKind, token: str) -> None:
    """Use a token up within the caller's transaction. Raises AccountRefused `link_over`.

    The hash is unique, so of two at the same moment one fails when it is written.
    """
    ends = _end(kind, token)
    if ends is None or not start_token_works(kind, token):
        raise AccountRefused("link_over")
    now = clock.now()
    db.session.add(
        UserToken(
            kind=kind,
            token_hash=hash_token(token),
            created_at=now,
            # Housekeeping forgets it once the signature says it is over.
            expires_at=ends,
            used_at=now,
        )
    )
    db.session.flush()


def _end(kind: StartKind, token: str) -> datetime | None:
    """When a token of ours ends; None when it is none or has ended."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    ends, nonce = int(parts["ends"], 16), token.split(".")[1]
    wanted = sign_start_token(str(current_app.secret_key), kind, ends, nonce)
    moment = datetime.fromtimestamp(ends, UTC)
    return moment if hmac.compare_digest(wanted, token) and clock.now() < moment else None
