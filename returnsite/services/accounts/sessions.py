"""Sessions of signed-in people. The browser holds a random token, the database its hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, bindparam, select, update

from ... import clock
from ...database import run, writing
from ...extensions import db
from ...models import Membership, Shop, User, UserSession
from .tokens import hash_token

_SHOWN = 50
_SEEN_EVERY = timedelta(minutes=1)
"""How exact `last_seen_at` is: a write a minute, not one a request."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person whose session is alive."""

    session_id: int
    user_id: int
    name: str
    email: str
    locale: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in person in one of their shops."""

    session_id: int
    user_id: int
    name: str
    email: str
    locale: str
    role: str
    confirmed_at: datetime
    shop_id: int
    settings_version: int


def start_session(*, user_id: int, network: str = "", browser: str = "") -> str:
    """Open a session and return its token. Commits."""
    token, now = secrets.token_urlsafe(24), clock.now()
    with writing():
        db.session.add(
            UserSession(
                user_id=user_id,
                token_hash=hash_token(token),
                created_at=now,
                last_seen_at=now,
                confirmed_at=now,
                ends_at=now + timedelta(hours=current_app.config["SESSION_HOURS"]),
                network=network,
                browser=browser[:200],
            )
        )
    return token


def find_session(*, token: str) -> SignedIn | None:
    """The person behind a token, or None when the session is over. One query."""
    row = run(_SESSION, {"hash": hash_token(token)}).one_or_none()
    if row is None or not _alive(row.last_seen_at, row.ends_at):
        return None
    _note_seen(row.session_id, row.last_seen_at)
    return SignedIn(row.session_id, row.user_id, row.name, row.email, row.locale, row.confirmed_at)


def find_member(*, token: str, slug: str) -> Member | None:
    """The person behind a token as a member of the shop `slug`, else None. One query."""
    row = run(_MEMBER, {"hash": hash_token(token), "slug": slug}).one_or_none()
    if row is None or not _alive(row.last_seen_at, row.ends_at):
        return None
    _note_seen(row.session_id, row.last_seen_at)
    values = row._mapping
    return Member(**{name: values[name] for name in Member.__dataclass_fields__})


def renew_session(*, session_id: int) -> str:
    """A new token for a session whose person has just typed the password again. Commits.

    Whoever had got hold of the old token has nothing of it any more.
    """
    token = secrets.token_urlsafe(24)
    with writing():
        db.session.execute(
            update(UserSession)
            .where(UserSession.id == session_id)
            .values(token_hash=hash_token(token), confirmed_at=clock.now())
        )
    return token


def end_session(*, session_id: int) -> None:
    """Sign out. Commits."""
    with writing():
        _revoke(UserSession.id == session_id)


def end_session_of(*, user_id: int, session_id: int) -> bool:
    """End one of a user's sessions; False when it is none of theirs or over. Commits."""
    with writing():
        ended = _revoke(UserSession.id == session_id, UserSession.user_id == user_id)
    return ended > 0


def end_other_sessions(*, user_id: int, keep: int) -> int:
    """End all sessions of a user but one; returns how many. Commits."""
    with writing():
        return revoke_sessions(user_id=user_id, keep=keep)


def revoke_sessions(*, user_id: int, keep: int | None) -> int:
    """End all sessions of a user but `keep`, within the caller's transaction."""
    conditions = [UserSession.user_id == user_id]
    if keep is not None:
        conditions.append(UserSession.id != keep)
    return _revoke(*conditions)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in, for the list."""

    id: int
    browser: str
    network: str
    created_at: datetime
    last_seen_at: datetime


def list_sessions(*, user_id: int) -> list[OpenSession]:
    """The sessions of a user that are alive, the one used last first."""
    now = clock.now()
    query = (
        select(
            UserSession.id,
            UserSession.browser,
            UserSession.network,
            UserSession.created_at,
            UserSession.last_seen_at,
        )
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.ends_at > now,
            UserSession.last_seen_at > now - _idle(),
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(_SHOWN)
    )
    return [OpenSession(**row._mapping) for row in db.session.execute(query)]


def shops_of(*, user_id: int) -> list[tuple[str, str]]:
    """Slug and name of every shop a user belongs to, by name."""
    return [(row.slug, row.name) for row in run(_SHOPS, {"user_id": user_id})]


_SHOPS = (
    select(Shop.slug, Shop.name)
    .join(Membership, Membership.shop_id == Shop.id)
    .where(Membership.user_id == bindparam("user_id"))
    .order_by(Shop.name)
)
_OF_SESSION = (
    UserSession.id.label("session_id"),
    UserSession.last_seen_at,
    UserSession.ends_at,
    UserSession.confirmed_at,
    User.id.label("user_id"),
    User.name,
    User.email,
    User.locale,
)
_SESSION = (
    select(*_OF_SESSION)
    .join(User, User.id == UserSession.user_id)
    .where(
        UserSession.token_hash == bindparam("hash"),
        UserSession.revoked_at.is_(None),
        User.deleted_at.is_(None),
    )
)
_MEMBER = (
    select(*_OF_SESSION, Membership.role, Shop.id.label("shop_id"), Shop.settings_version)
    .join(User, User.id == UserSession.user_id)
    .join(Membership, Membership.user_id == User.id)
    .join(Shop, Shop.id == Membership.shop_id)
    .where(
        UserSession.token_hash == bindparam("hash"),
        UserSession.revoked_at.is_(None),
        User.deleted_at.is_(None),
        Shop.slug == bindparam("slug"),
    )
)


def _revoke(*conditions: ColumnElement[bool]) -> int:
    result = db.session.execute(
        update(UserSession)
        .where(*conditions, UserSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _alive(last_seen_at: datetime, ends_at: datetime) -> bool:
    now = clock.now()
    return now < ends_at and now - last_seen_at < _idle()


def _idle() -> timedelta:
    return timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"])


def _note_seen(session_id: int, last_seen_at: datetime) -> None:
    now = clock.now()
    if now - last_seen_at < _SEEN_EVERY:
        return
    with writing():
        db.session.execute(
            update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now)
        )
