"""Signing in: password, then a code where two-factor sign-in is on. Limits are the web's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from ...database import writing
from ...extensions import db
from ...models import User, UserSession
from ..audit import Actor, change, note_change
from .addresses import normal_email
from .mails import enqueue_notice
from .passwords import hash_password, needs_rehash, password_fits
from .sessions import start_session
from .two_factor import take_code, take_recovery_code


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose password was right."""

    user_id: int
    name: str
    needs_code: bool


def check_password(*, email: str, password: str, network: str, browser: str = "") -> Person | None:
    """The person with this address and password, else None; takes the same time. Commits."""
    user = db.session.execute(
        select(User.id, User.name, User.email, User.password_hash, User.totp_secret).where(
            User.email == normal_email(email), User.deleted_at.is_(None)
        )
    ).one_or_none()
    stored = user.password_hash if user else None
    fits = password_fits(stored, password)
    with writing():
        if user is None or not fits:
            # A row for unknown addresses too; what was typed there may be anything: it is not kept.
            known = Actor(user.id, user.name or user.email, network) if user else None
            _note(known or Actor(None, "unknown", network), "sign_in_failed", browser=browser)
            return None
        if stored and needs_rehash(stored):
            values = {"password_hash": hash_password(password)}
            db.session.execute(update(User).where(User.id == user.id).values(values))
    return Person(user.id, user.name or user.email, user.totp_secret is not None)


def check_own_password(*, user_id: int, password: str) -> bool:
    """Whether a signed-in person knows the password of the account.

    Who has none yet (the demo's owner, who came by a link) has nothing to prove.
    """
    stored = db.session.scalar(select(User.password_hash).where(User.id == user_id))
    return stored is None or password_fits(stored, password)


def has_password(*, user_id: int) -> bool:
    """Whether there is a password to ask for."""
    return db.session.scalar(select(User.password_hash).where(User.id == user_id)) is not None


def check_code(
    *, user_id: int, code: str, network: str, browser: str = "", recovery: bool = False
) -> bool:
    """Whether the second factor is right; a code is right once. Commits."""
    with writing():
        take = take_recovery_code if recovery else take_code
        right = take(user_id=user_id, code=code)
        if not right:
            _note(_actor(user_id, network), "code_failed", browser=browser)
        elif recovery:
            _note(_actor(user_id, network), "recovery_code_used")
            enqueue_notice(user_id=user_id, what="recovery_code_used")
    return right


def sign_in(*, user_id: int, network: str, browser: str, how: str = "password") -> str:
    """Open a session and return its token; a browser not seen before is worth a mail. Commits."""
    seen = db.session.execute(
        select(UserSession.network, UserSession.browser).where(UserSession.user_id == user_id)
    ).all()
    token = start_session(user_id=user_id, network=network, browser=browser)
    with writing():
        _note(_actor(user_id, network), "signed_in", how, browser=browser)
        if seen and not any(row.network == network or row.browser == browser for row in seen):
            enqueue_notice(user_id=user_id, what="new_browser")
    return token


def knows_network(*, email: str, network: str) -> bool:
    """Whether the person with this address has signed in from there before."""
    query = (
        select(UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .where(User.email == normal_email(email), UserSession.network == network)
        .limit(1)
    )
    return bool(network) and db.session.scalar(query) is not None


def note_sign_out(*, actor: Actor) -> None:
    """Keep that somebody signed out. Commits."""
    with writing():
        _note(actor, "signed_out")


def _actor(user_id: int, network: str) -> Actor:
    row = db.session.execute(select(User.name, User.email).where(User.id == user_id)).one()
    return Actor(user_id, row.name or row.email, network)


def _note(actor: Actor, event: str, subject: str = "", *, browser: str = "") -> None:
    note_change(
        shop_id=None,
        actor=actor,
        section="session",
        event=event,
        subject=subject,
        changes=[change("browser", None, browser[:200])] if browser else (),
    )
