"""The people of a shop: members, their roles, invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from ... import clock
from ...database import writing
from ...domain.roles import Role
from ...extensions import db
from ...models import Membership, Shop, User, UserToken
from ..audit import Actor, change, note_change
from ..public_urls import public_url
from ..settings.mail import has_mail_server
from .addresses import checked_email
from .errors import AccountRefused
from .mails import enqueue_link
from .tokens import add_token, drop_tokens, new_seed, token_for

MOST_INVITES = 50
"""Invitations that wait in a shop: each is a mail to somebody who did not ask for it."""


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody who works in a shop."""

    id: int
    user_id: int
    name: str
    email: str
    role: str
    has_two_factor: bool
    is_last_owner: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation that nobody has accepted yet."""

    id: int
    email: str
    role: str
    created_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made. `link` is it, for handing on, where no server can mail it."""

    email: str
    link: str


@dataclass(frozen=True, slots=True)
class Team:
    """Members by name, then what waits."""

    members: tuple[TeamMember, ...]
    invites: tuple[Invite, ...]


def load_team(*, shop_id: int) -> Team:
    """Everybody of a shop, and who is invited."""
    query = select(Membership, User).join(User, User.id == Membership.user_id)
    rows = db.session.execute(
        query.where(Membership.shop_id == shop_id).order_by(User.name, User.id)
    ).all()
    owners = sum(1 for row in rows if row.Membership.role == Role.OWNER)
    members = [
        TeamMember(
            id=row.Membership.id,
            user_id=row.User.id,
            name=row.User.name,
            email=row.User.email,
            role=row.Membership.role,
            has_two_factor=row.User.totp_secret is not None,
            is_last_owner=row.Membership.role == Role.OWNER and owners == 1,
            created_at=row.Membership.created_at,
        )
        for row in rows
    ]
    return Team(tuple(members), _invites(shop_id))


def check_invite(*, shop_id: int, email: str) -> None:
    """Whether this address can be invited now. Raises AccountRefused as `invite` does."""
    _check_room(shop_id, checked_email(email))


def invite(*, shop_id: int, email: str, role: Role, actor: Actor) -> Invited:
    """Invite somebody by mail, in place of an earlier invitation, to the address as it is kept.

    Commits. Raises AccountRefused `email_invalid`, `already_member` or `too_many_invites`.
    """
    address = checked_email(email)
    changes = [change("role", None, role.value)]
    with writing():
        _check_room(shop_id, address)
        drop_tokens("invite", shop_id=shop_id, email=address)
        link = _send(shop_id, address, role, actor)
        _note("invited", address, shop_id=shop_id, actor=actor, changes=changes)
    return Invited(address, link)


def resend_invite(*, shop_id: int, invite_id: int, actor: Actor) -> Invited:
    """Mail an invitation anew, with a new link. Commits.

    Raises AccountRefused `gone`.
    """
    with writing():
        row = _own_invite(shop_id, invite_id)
        address, role = row.email, Role(row.role)
        drop_tokens("invite", shop_id=shop_id, email=address)
        link = _send(shop_id, address, role, actor)
        _note("invited_again", address, shop_id=shop_id, actor=actor)
    return Invited(address, link)


def revoke_invite(*, shop_id: int, invite_id: int, actor: Actor) -> str:
    """Take an invitation back; returns the address. Commits. Raises AccountRefused `gone`."""
    with writing():
        address = _own_invite(shop_id, invite_id).email
        drop_tokens("invite", shop_id=shop_id, email=address)
        _note("invite_revoked", address, shop_id=shop_id, actor=actor)
    return address


def change_role(
    *, shop_id: int, member_id: int, role: str, was: str, actor: Actor
) -> TeamMember | None:
    """Give a member another role than the one the page showed (`was`). Commits.

    Raises AccountRefused `gone`, `not_offered`, `changed` when somebody else was faster, or
    `last_owner`.
    """
    changes = [change("role", was, role)]
    with writing():
        member = _own_member(shop_id, member_id)
        if role not in set(Role):
            raise AccountRefused("not_offered")
        if member.role != was:
            raise AccountRefused("changed")
        if member.role == Role.OWNER and role != Role.OWNER:
            _check_other_owner(shop_id, member_id)
        if member.role != role:
            _note("role_changed", _label(member), shop_id=shop_id, actor=actor, changes=changes)
            member.role = role
    return next((m for m in load_team(shop_id=shop_id).members if m.id == member_id), None)


def remove_member(*, shop_id: int, member_id: int, actor: Actor) -> str:
    """Take somebody out of the shop; returns who. The account stays. Commits.

    Raises AccountRefused `gone` or `last_owner`.
    """
    with writing():
        member = _own_member(shop_id, member_id)
        if member.role == Role.OWNER:
            _check_other_owner(shop_id, member_id)
        label, changes = _label(member), [change("role", member.role, None)]
        db.session.delete(member)
        _note("removed", label, shop_id=shop_id, actor=actor, changes=changes)
    return label


def _send(shop_id: int, address: str, role: Role, actor: Actor) -> str:
    """Add the invitation and its mail; returns its link where that mail goes nowhere, else ""."""
    seed = new_seed("invite")
    row = add_token(
        "invite",
        seed,
        shop_id=shop_id,
        email=address,
        role=role.value,
        created_by=actor.user_id,
    )
    enqueue_link(kind="account_invite", seed=seed, row=row)
    return "" if has_mail_server(shop_id) else public_url(f"/invite/{token_for(seed)}")


def _check_room(shop_id: int, address: str) -> None:
    query = select(Membership.id).join(User, User.id == Membership.user_id)
    if db.session.scalar(query.where(Membership.shop_id == shop_id, User.email == address)):
        raise AccountRefused("already_member")
    count = select(func.count()).where(*_open_invites(shop_id), UserToken.email != address)
    if (db.session.scalar(count) or 0) >= MOST_INVITES:
        raise AccountRefused("too_many_invites")


def _open_invites(shop_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        UserToken.kind == "invite",
        UserToken.shop_id == shop_id,
        UserToken.used_at.is_(None),
    )


def _invites(shop_id: int) -> tuple[Invite, ...]:
    """Those that are over too: they are shown until they are sent again or taken back."""
    query = (
        select(UserToken)
        .where(*_open_invites(shop_id))
        .order_by(UserToken.created_at.desc(), UserToken.id.desc())
    )
    now = clock.now()
    return tuple(
        Invite(row.id, row.email, row.role, row.created_at, row.expires_at <= now)
        for row in db.session.scalars(query)
    )


def _own_invite(shop_id: int, invite_id: int) -> UserToken:
    query = select(UserToken).where(*_open_invites(shop_id), UserToken.id == invite_id)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise AccountRefused("gone")
    return row


def _own_member(shop_id: int, member_id: int) -> Membership:
    """The shop is locked first: two owners who leave at once cannot both be "not the last"."""
    db.session.execute(select(Shop.id).where(Shop.id == shop_id).with_for_update())
    query = select(Membership).where(Membership.id == member_id, Membership.shop_id == shop_id)
    member = db.session.scalars(query).one_or_none()
    if member is None:
        raise AccountRefused("gone")
    return member


def _check_other_owner(shop_id: int, member_id: int) -> None:
    query = select(Membership.id).where(
        Membership.shop_id == shop_id, Membership.role == Role.OWNER
    )
    if not [found for found in db.session.scalars(query) if found != member_id]:
        raise AccountRefused("last_owner")


def _label(member: Membership) -> str:
    return f"{member.user.name} <{member.user.email}>".strip()


def _note(
    event: str,
    subject: str,
    *,
    shop_id: int,
    actor: Actor,
    changes: Sequence[Mapping[str, object]] = (),
) -> None:
    note_change(
        shop_id=shop_id,
        actor=actor,
        section="users",
        event=event,
        subject=subject,
        changes=changes,
    )
