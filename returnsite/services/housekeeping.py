"""Throwing away what has served its time: drafts with their photos, counters,
tasks with files, sessions and links of people."""

from __future__ import annotations

import shutil
from dataclasses import astuple, dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select

from .. import clock
from ..database import writing
from ..extensions import db
from ..models import Draft, Order, Photo, RateCounter, Shop, Task
from .accounts.housekeeping import clear_accounts
from .order_index import index_orders
from .order_uploads import clear_uploads
from .photos import photo_folder
from .settings.logos import clear_pending, clear_replaced
from .tasks import RUNNABLE, task_folder

KEEP_DRAFTS = timedelta(days=2)
"""After a draft has expired its address still says so for a while, instead of "not found"."""

KEEP_PHOTOS = timedelta(hours=1)
"""After they are of no use: a confirmation that is under way may still want them."""

KEEP_TASKS = timedelta(days=30)
"""What a task found out, and the files it made, can be looked at for so long."""

_BATCH = 500
"""Rows a transaction, so that customers never wait long for the database."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """How much was thrown away."""

    drafts: int
    photos: int
    counters: int
    tasks: int
    accounts: int
    uploads: int
    logos: int
    indexed: int
    """Orders that the list could not find yet."""

    @property
    def is_all(self) -> bool:
        """Whether nothing was left for another batch."""
        return all(count < _BATCH for count in astuple(self))


def clear_expired() -> Cleared:
    """Delete what has expired, a batch of each; call it again while it finds much. Commits."""
    photos = _clear_photos()
    return Cleared(
        drafts=_clear_drafts(),
        photos=photos,
        counters=_clear_counters(),
        tasks=_clear_tasks(),
        accounts=clear_accounts(),
        uploads=clear_uploads(),
        logos=clear_pending() + clear_replaced(),
        indexed=_index_orders(),
    )


def _clear_photos() -> int:
    """Photos that are part of no return: of expired drafts, and taken out by the customer.

    Files go first: a crash in between leaves rows, and rows are found again.
    """
    before = clock.now() - KEEP_PHOTOS
    dead = or_(
        Photo.draft_id.is_(None),
        Draft.expires_at <= before,
        and_(Photo.deleted_at.is_not(None), Photo.deleted_at <= before),
    )
    query = (
        select(Photo.id, Photo.file)
        .outerjoin(Draft, Draft.id == Photo.draft_id)
        .where(Photo.return_line_id.is_(None), dead)
        .order_by(Photo.id)
        .limit(_BATCH)
    )
    found = db.session.execute(query).all()
    db.session.rollback()
    for row in found:
        (photo_folder() / row.file).unlink(missing_ok=True)
    ids = [row.id for row in found]
    free = Photo.return_line_id.is_(None)
    return _delete(delete(Photo).where(Photo.id.in_(ids), free)) if ids else 0


def _clear_drafts() -> int:
    query = (
        select(Draft.id)
        .where(
            Draft.expires_at <= clock.now() - KEEP_DRAFTS,
            # Its photos go first; deleting the draft would orphan those that are left.
            ~select(Photo.id)
            .where(Photo.draft_id == Draft.id, Photo.return_line_id.is_(None))
            .exists(),
        )
        .order_by(Draft.expires_at)
        .limit(_BATCH)
    )
    ids = db.session.scalars(query).all()
    db.session.rollback()
    return _delete(delete(Draft).where(Draft.id.in_(ids))) if ids else 0


def _clear_counters() -> int:
    over = RateCounter.expires_at <= clock.now().timestamp()
    keys = db.session.scalars(select(RateCounter.key).where(over).limit(_BATCH)).all()
    db.session.rollback()
    if not keys:
        return 0
    # A window that began anew meanwhile is kept.
    return _delete(delete(RateCounter).where(RateCounter.key.in_(keys), over))


def _clear_tasks() -> int:
    """Tasks that are long over. Their files go first: rows that are left are found again."""
    over = (Task.state.not_in(RUNNABLE), Task.finished_at <= clock.now() - KEEP_TASKS)
    ids = db.session.scalars(select(Task.id).where(*over).limit(_BATCH)).all()
    db.session.rollback()
    for task_id in ids:
        shutil.rmtree(task_folder(task_id), ignore_errors=True)
    return _delete(delete(Task).where(Task.id.in_(ids))) if ids else 0


def _index_orders() -> int:
    """Orders of before the index was there, or that somebody wrote past it."""
    shops = db.session.scalars(select(Shop.id)).all()
    new = [
        order_id
        for shop_id in shops
        for order_id in db.session.scalars(
            select(Order.id).where(Order.shop_id == shop_id, Order.stage == "").limit(_BATCH)
        )
    ][:_BATCH]
    db.session.rollback()
    if new:
        with writing():
            index_orders(new)
    return len(new)


def _delete(statement: object) -> int:
    with writing():
        result = db.session.execute(statement)  # type: ignore[call-overload]
    return int(result.rowcount)
