"""How people come in: the first owner, invited colleagues, the demo's owner, further shops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from ... import clock
from ...database import writing
from ...domain.errors import DomainError
from ...domain.roles import Role
from ...extensions import db
from ...models import Membership, Shop, User
from ..audit import Actor, change, note_change
from ..create_shop import NewShop, add_shop
from .addresses import checked_email
from .errors import AccountRefused
from .passwords import hash_password, judge_password
from .start_links import start_token_works, use_start_token
from .tokens import find_token, take_token

DEMO_EMAIL = "owner@demo.example"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What somebody types to get an account."""

    name: str
    email: str
    password: str
    locale: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Who came in, and into which shop."""

    user_id: int
    slug: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page of an invitation shows. `has_account`: the address is already somebody's."""

    shop_name: str
    slug: str
    email: str
    role: str
    has_account: bool


def nobody_yet() -> bool:
    """Whether this installation has no user but the demo's."""
    return not db.session.scalar(select(exists().where(User.email != DEMO_EMAIL)))


def first_run_works(*, token: str) -> bool:
    """Whether a link makes the first owner: only while there is nobody."""
    return nobody_yet() and start_token_works("first_run", token)


def wrong_with_owner(*, person: NewPerson, shop: NewShop) -> list[tuple[str, DomainError]]:
    """All that would be refused of a first owner, by field; a blank field is not judged."""
    about = (person.email, person.name, shop.name, shop.slug)
    checks: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("email", person.email, lambda: checked_email(person.email)),
        ("password", person.password, lambda: judge_password(person.password, about=about)),
        ("slug", shop.slug, lambda: _refuse_taken(shop.slug)),
    )
    wrong: list[tuple[str, DomainError]] = []
    for field, value, check in checks:
        try:
            if value:
                check()
        except DomainError as error:
            wrong.append((field, error))
    return wrong


def make_first_owner(*, token: str, person: NewPerson, shop: NewShop, network: str) -> Joined:
    """Make the first owner with a shop. Commits.

    Raises AccountRefused, PasswordRefused and ShopRefused.
    """
    email = checked_email(person.email)
    judge_password(person.password, about=(email, person.name, shop.name, shop.slug))
    hashed = hash_password(person.password)
    try:
        with writing():
            if not nobody_yet():
                raise AccountRefused("link_over")
            use_start_token("first_run", token)
            user = _add_user(person, email, hashed)
            joined = _add_shop_of(user, shop, Actor(user.id, person.name, network))
    except IntegrityError:
        raise AccountRefused("link_over") from None
    return joined


def create_own_shop(*, user_id: int, shop: NewShop, actor: Actor) -> str:
    """Create a further shop of somebody, who owns it; returns its slug. Commits.

    Raises ShopRefused, and AccountRefused `slug_taken`.
    """
    try:
        with writing():
            user = db.session.get_one(User, user_id)
            slug = _add_shop_of(user, shop, actor).slug
    except IntegrityError:
        # Somebody took the address between the look and the writing.
        raise AccountRefused("slug_taken") from None
    return slug


def find_invitation(*, token: str) -> Invitation | None:
    """What a link invites to; None when it is over."""
    row = find_token("invite", token)
    if row is None or row.shop_id is None:
        return None
    shop = db.session.get_one(Shop, row.shop_id)
    known = db.session.scalar(select(exists().where(User.email == row.email)))
    return Invitation(shop.name, shop.slug, row.email, row.role, bool(known))


def accept_invitation(*, token: str, person: NewPerson, network: str) -> Joined:
    """Make an account for the invited address and let it in. Commits.

    The address is that of the invitation. Raises AccountRefused and PasswordRefused.
    """
    found = find_invitation(token=token)
    if found is None or found.has_account:
        raise AccountRefused("link_over")
    judge_password(person.password, about=(found.email, person.name, found.shop_name, found.slug))
    hashed = hash_password(person.password)
    try:
        with writing():
            user = _add_user(person, found.email, hashed)
            slug = _let_in(token, user, network)
    except IntegrityError:
        raise AccountRefused("link_over") from None
    return Joined(user.id, slug)


def join_shop(*, token: str, user_id: int, network: str) -> str:
    """Let a signed-in person into the shop they are invited to; returns its slug. Commits.

    The invitation is for one address. Raises AccountRefused `link_over` or `other_account`.
    """
    with writing():
        user = db.session.get_one(User, user_id)
        row = find_token("invite", token)
        if row is not None and row.email != user.email:
            raise AccountRefused("other_account", email=row.email)
        return _let_in(token, user, network)


def enter_demo(*, token: str) -> Joined:
    """The demo shop's owner by the link of a start. Commits. Raises AccountRefused."""
    try:
        with writing():
            use_start_token("demo", token)
            shop = db.session.scalars(select(Shop).where(Shop.is_demo).limit(1)).one_or_none()
            if shop is None:
                raise AccountRefused("link_over")
            joined = Joined(add_demo_owner(shop).id, shop.slug)
    except IntegrityError:
        raise AccountRefused("link_over") from None
    return joined


def add_demo_owner(shop: Shop) -> User:
    """The demo's owner, made when missing, in the caller's transaction; has no password."""
    user = db.session.scalars(select(User).where(User.email == DEMO_EMAIL)).one_or_none()
    if user is None:
        user = User(email=DEMO_EMAIL, name="Demo", locale="", created_at=clock.now())
        db.session.add(user)
        db.session.flush()
    if not any(each.shop_id == shop.id for each in user.memberships):
        _add_member(user, shop.id, Role.OWNER)
    return user


def _add_user(person: NewPerson, email: str, hashed: str) -> User:
    now = clock.now()
    user = User(
        email=email,
        name=person.name.strip()[:200],
        locale=person.locale,
        password_hash=hashed,
        password_changed_at=now,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    return user


def _refuse_taken(slug: str) -> None:
    if db.session.scalar(select(exists().where(Shop.slug == slug))):
        raise AccountRefused("slug_taken")


def _add_shop_of(user: User, new: NewShop, actor: Actor) -> Joined:
    _refuse_taken(new.slug)
    shop = add_shop(replace(new, notification_email=new.notification_email or user.email))
    _add_member(user, shop.id, Role.OWNER)
    note_change(
        shop_id=shop.id, actor=actor, section="users", event="shop_created", subject=shop.name
    )
    return Joined(user.id, shop.slug)


def _let_in(token: str, user: User, network: str) -> str:
    """Use an invitation up; somebody who is a member already stays what they are."""
    row = take_token("invite", token)
    shop = db.session.get_one(Shop, row.shop_id)
    if not any(each.shop_id == shop.id for each in user.memberships):
        _add_member(user, shop.id, Role(row.role))
    note_change(
        shop_id=shop.id,
        actor=Actor(user.id, user.name or user.email, network),
        section="users",
        event="joined",
        subject=f"{user.name} <{user.email}>",
        changes=[change("role", None, row.role)],
    )
    return shop.slug


def _add_member(user: User, shop_id: int, role: Role) -> None:
    now = clock.now()
    user.memberships.append(Membership(shop_id=shop_id, role=role.value, created_at=now))
    db.session.flush()
