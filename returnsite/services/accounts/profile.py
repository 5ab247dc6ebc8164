"""What people change about themselves: name, language, password, e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ... import clock
from ...database import writing
from ...extensions import db
from ...models import Membership, Shop, User, UserToken
from ..audit import Actor, change, note_change
from .addresses import checked_email, normal_email
from .errors import AccountRefused
from .mails import enqueue_link, enqueue_notice, enqueue_reset
from .passwords import hash_password, judge_password, password_fits
from .sessions import revoke_sessions
from .tokens import add_token, drop_tokens, find_token, new_seed, take_token


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the account page shows them."""

    user_id: int
    name: str
    email: str
    locale: str
    has_password: bool
    has_two_factor: bool
    password_changed_at: datetime | None
    new_email: str
    """An address that waits for confirmation."""


def load_profile(*, user_id: int) -> Profile:
    """Everything the account page shows of a person."""
    user = db.session.get_one(User, user_id)
    waiting = db.session.scalar(
        select(UserToken.email).where(
            UserToken.kind == "email",
            UserToken.user_id == user_id,
            UserToken.used_at.is_(None),
            UserToken.expires_at > clock.now(),
        )
    )
    return Profile(
        user_id=user.id,
        name=user.name,
        email=user.email,
        locale=user.locale,
        has_password=user.password_hash is not None,
        has_two_factor=user.totp_secret is not None,
        password_changed_at=user.password_changed_at,
        new_email=waiting or "",
    )


def change_profile(
    *, user_id: int, name: str | None = None, locale: str | None = None, actor: Actor
) -> None:
    """Save name, language or both. Commits."""
    with writing():
        user = db.session.get_one(User, user_id)
        before = {"name": user.name, "locale": user.locale}
        if name is not None:
            user.name = name.strip()[:200]
        if locale is not None:
            user.locale = locale
        changes = [
            change(field, old, getattr(user, field))
            for field, old in before.items()
            if old != getattr(user, field)
        ]
        if changes:
            _note(actor, "profile_changed", changes)


def change_password(
    *, user_id: int, current: str, new: str, keep: int | None, actor: Actor
) -> None:
    """Set a new password; all other sessions end. Commits.

    Raises AccountRefused `password_wrong` and PasswordRefused.
    """
    user = db.session.get_one(User, user_id)
    if user.password_hash is not None and not password_fits(user.password_hash, current):
        raise AccountRefused("password_wrong")
    judge_password(new, about=known_of(user_id=user_id))
    hashed = hash_password(new)
    with writing():
        set_password(user_id, hashed, keep=keep)
        _note(actor, "password_changed")


def set_password(user_id: int, hashed: str, *, keep: int | None) -> None:
    """Keep a password's hash, end sessions and links, tell the owner: in the caller's transaction.

    A change of address that waits ends too: whoever had got hold of the account may have asked it.
    """
    values = {"password_hash": hashed, "password_changed_at": clock.now()}
    db.session.execute(update(User).where(User.id == user_id).values(values))
    revoke_sessions(user_id=user_id, keep=keep)
    drop_tokens("reset", user_id=user_id)
    drop_tokens("email", user_id=user_id)
    enqueue_notice(user_id=user_id, what="password_changed")


def known_of(*, user_id: int) -> list[str]:
    """What a password must not be made of: the person's name and address, and their shops."""
    user = db.session.get_one(User, user_id)
    query = select(Shop.name, Shop.slug).join(Membership, Membership.shop_id == Shop.id)
    shops = db.session.execute(query.where(Membership.user_id == user_id)).all()
    return [user.email, user.name, *(text for row in shops for text in row)]


def request_reset(*, email: str) -> None:
    """Have a link to a new password mailed, if the address is somebody's. Commits."""
    address = normal_email(email)
    with writing():
        enqueue_reset(email=address, seed=new_seed("reset"))


def reset_works(*, token: str) -> bool:
    """Whether a link to a new password can still be used."""
    return find_token("reset", token) is not None


def reset_password(*, token: str, new: str, network: str) -> int:
    """Set a new password by a mailed link; all sessions end. Returns the user's id. Commits.

    Two-factor sign-in stays as it is. Raises AccountRefused `link_over` and PasswordRefused.
    """
    row = find_token("reset", token)
    if row is None or row.user_id is None:
        raise AccountRefused("link_over")
    user_id = row.user_id
    judge_password(new, about=known_of(user_id=user_id))
    hashed = hash_password(new)
    with writing():
        take_token("reset", token)
        set_password(user_id, hashed, keep=None)
        user = db.session.get_one(User, user_id)
        _note(Actor(user_id, user.name or user.email, network), "password_reset")
    return user_id


def request_email(*, user_id: int, email: str, actor: Actor) -> None:
    """Mail a link that proves a new address, and a word to the old one. Commits.

    The answer is the same for an address that somebody else has. Raises AccountRefused.
    """
    address = checked_email(email)
    with writing():
        drop_tokens("email", user_id=user_id)
        seed = new_seed("email")
        row = add_token("email", seed, user_id=user_id, email=address, created_by=user_id)
        enqueue_link(kind="account_email", seed=seed, row=row)
        enqueue_notice(user_id=user_id, what="email_asked")
        _note(actor, "email_asked")


def email_waiting(*, token: str) -> str | None:
    """The address a link confirms; None when the link is over."""
    row = find_token("email", token)
    return row.email if row else None


def confirm_email(*, token: str, network: str) -> None:
    """Change to the address a link proves; sessions stay, links to a new password that went to the
    old address end. Commits. Raises AccountRefused."""
    try:
        with writing():
            row = take_token("email", token)
            user = db.session.get_one(User, row.user_id)
            before, user.email = user.email, row.email
            drop_tokens("reset", user_id=user.id)
            actor = Actor(user.id, user.name or before, network)
            enqueue_notice(user_id=user.id, what="email_changed", recipient=before)
            _note(actor, "email_changed", [change("email", before, row.email)])
    except IntegrityError:
        raise AccountRefused("email_taken") from None


def _note(actor: Actor, event: str, changes: list[dict[str, object]] | None = None) -> None:
    note_change(shop_id=None, actor=actor, section="users", event=event, changes=changes or ())
