"""Saved views: filters with a name, one's own or shared with the shop."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from sqlalchemy import bindparam, delete, func, or_, select, update

from ... import clock
from ...database import insert_rows, run, writing
from ...domain.errors import DomainError
from ...models import SavedView, User

NAME_LENGTH = 60
MOST = 50
"""Views a person may keep in a shop."""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as one person sees it; `owner` is the name of whose it is."""

    id: int
    name: str
    filters: str
    """As the inbox's address says them."""
    shared: bool
    owner: str
    is_own: bool

    def pairs(self) -> list[tuple[str, str]]:
        """The filters as pairs."""
        return parse_qsl(self.filters)


def list_views(*, shop_id: int, user_id: int) -> list[View]:
    """One's own views and those shared in the shop, by name. One query."""
    rows = run(_VIEWS, {"shop": shop_id, "user": user_id})
    return [
        View(row.id, row.name, row.query, row.shared, row.owner, row.user_id == user_id)
        for row in rows
    ]


_VIEWS = (
    select(
        SavedView.id,
        SavedView.name,
        SavedView.query,
        SavedView.shared,
        User.name.label("owner"),
        SavedView.user_id,
    )
    .join(User, User.id == SavedView.user_id)
    .where(
        SavedView.shop_id == bindparam("shop"),
        or_(SavedView.user_id == bindparam("user"), SavedView.shared),
    )
    .order_by(func.lower(SavedView.name), SavedView.id)
    .limit(4 * MOST)
)


def save_view(*, shop_id: int, user_id: int, name: str, query: str, shared: bool) -> None:
    """Keep filters under a name; a view of one's own with that name is replaced. Commits.

    Raises DomainError: name_required, name_too_long, too_many_views.
    """
    name = _checked(name)
    with writing():
        own = SavedView.shop_id == shop_id, SavedView.user_id == user_id
        run(delete(SavedView).where(*own, SavedView.name == name))
        count = run(select(func.count()).select_from(SavedView).where(*own)).scalar_one()
        if count >= MOST:
            raise DomainError("too_many_views", most=MOST)
        row = {
            "shop_id": shop_id,
            "user_id": user_id,
            "name": name,
            "query": query[:2000],
            "shared": shared,
            "created_at": clock.now(),
        }
        insert_rows(SavedView, [row])


def change_view(*, shop_id: int, user_id: int, view_id: int, name: str, shared: bool) -> bool:
    """Rename or share a view of one's own; False when there is no such view. Commits.

    Raises DomainError: name_required, name_too_long, name_taken.
    """
    with writing():
        own = SavedView.shop_id == shop_id, SavedView.user_id == user_id
        if run(select(SavedView.id).where(*own, SavedView.id == view_id)).first() is None:
            return False
        name = _checked(name)
        taken = select(SavedView.id).where(*own, SavedView.name == name, SavedView.id != view_id)
        if run(taken).first() is not None:
            raise DomainError("name_taken")
        changed = run(
            update(SavedView).where(*own, SavedView.id == view_id).values(name=name, shared=shared)
        )
    return changed.rowcount == 1


def delete_view(*, shop_id: int, user_id: int, view_id: int) -> bool:
    """Delete a view of one's own; False when there is no such view. Commits."""
    with writing():
        gone = run(
            delete(SavedView).where(
                SavedView.shop_id == shop_id, SavedView.user_id == user_id, SavedView.id == view_id
            )
        )
    return gone.rowcount == 1


def _checked(name: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not plain:
        raise DomainError("name_required")
    if len(plain) > NAME_LENGTH:
        raise DomainError("name_too_long", most=NAME_LENGTH)
    return plain
