"""What whoever runs the machine does for people who cannot get in: links without a mail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ...database import writing
from ...domain.roles import Role
from ...extensions import db
from ...models import Membership, Shop, User
from ..audit import COMMAND_LINE, change, note_change
from .addresses import checked_email, normal_email
from .errors import AccountRefused
from .tokens import add_token, drop_tokens, new_seed, token_for
from .two_factor import turn_off


@dataclass(frozen=True, slots=True)
class UserRow:
    """Somebody with their shops, as (slug, role)."""

    email: str
    name: str
    has_two_factor: bool
    shops: tuple[tuple[str, str], ...]


def list_users() -> list[UserRow]:
    """Everybody, by address."""
    query = select(User).where(User.deleted_at.is_(None)).order_by(User.email)
    loaded = selectinload(User.memberships).joinedload(Membership.shop)
    return [
        UserRow(
            user.email,
            user.name,
            user.totp_secret is not None,
            tuple((each.shop.slug, each.role) for each in user.memberships),
        )
        for user in db.session.scalars(query.options(loaded))
    ]


def invite_link(*, slug: str, email: str, role: Role) -> str:
    """The token of an invitation that nobody mails. Commits.

    Raises AccountRefused `no_shop`, `email_invalid` or `already_member`.
    """
    address = checked_email(email)
    with writing():
        shop = db.session.scalars(select(Shop).where(Shop.slug == slug)).one_or_none()
        if shop is None:
            raise _refused("no_shop")
        member = select(Membership.id).join(User, User.id == Membership.user_id)
        if db.session.scalar(member.where(Membership.shop_id == shop.id, User.email == address)):
            raise _refused("already_member")
        drop_tokens("invite", shop_id=shop.id, email=address)
        seed = new_seed("invite")
        add_token("invite", seed, shop_id=shop.id, email=address, role=role.value)
        note_change(
            shop_id=shop.id,
            actor=COMMAND_LINE,
            section="users",
            event="invited",
            subject=address,
            changes=[change("role", None, role.value)],
        )
    return token_for(seed)


def reset_link(*, email: str) -> str:
    """The token of a link to a new password that nobody mails. Commits.

    Raises AccountRefused `no_user`.
    """
    with writing():
        user = _user(email)
        drop_tokens("reset", user_id=user.id)
        seed = new_seed("reset")
        add_token("reset", seed, user_id=user.id)
        note_change(
            shop_id=None,
            actor=COMMAND_LINE,
            section="users",
            event="reset_sent",
            subject=user.email,
        )
    return token_for(seed)


def unlock_user(*, email: str) -> None:
    """Switch somebody's two-factor sign-in off. Commits. Raises AccountRefused `no_user`."""
    user_id = _user(email).id
    turn_off(user_id=user_id, keep=None, actor=COMMAND_LINE)


def _user(email: str) -> User:
    query = select(User).where(User.email == normal_email(email), User.deleted_at.is_(None))
    user = db.session.scalars(query).one_or_none()
    if user is None:
        raise _refused("no_user")
    return user


def _refused(code: str) -> AccountRefused:
    db.session.rollback()
    return AccountRefused(code)
