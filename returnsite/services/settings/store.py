"""A settings section as stored: its snapshot, saving it once for everybody, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ... import clock
from ...database import writing
from ...extensions import db
from ...models import SectionState, Shop
from ..activate_shop import missing_parts
from ..audit import REDACTED, Actor, differences, note_change
from ..audit import change as change_of
from ..shops import ShopSettings, known_settings, read_settings, remember_settings
from .activation import lost_steps

Snapshot = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Store:
    """How a section is kept. A snapshot is flat JSON: field → value, as audit and undo need it.

    `restore` writes a snapshot back, in the caller's transaction. `redact` names fields of
    snapshots that are secrets, by their beginning: the audit log gets bullets instead.
    """

    name: str
    snapshot: Callable[[Shop], Snapshot]
    restore: Callable[[Shop, Snapshot], None]
    redact: tuple[str, ...] = ()
    tables: tuple[type[Any], ...] = ()
    """What a change touches besides the shop; only that is read again."""


def columns(name: str, *names: str, tables: tuple[type[Any], ...] = ()) -> Store:
    """A section that is columns of the shop and nothing else."""

    def restore(shop: Shop, snapshot: Snapshot) -> None:
        for column in names:
            setattr(shop, column, snapshot[column])

    return Store(
        name,
        lambda shop: {column: getattr(shop, column) for column in names},
        restore,
        tables=tables,
    )


@dataclass(frozen=True, slots=True)
class State:
    """How a section stands: `version` is what a form was opened at."""

    version: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""
    can_undo: bool = False


class SectionChanged(Exception):
    """Somebody saved the section after the form was opened; nothing was written."""

    def __init__(self, state: State) -> None:
        super().__init__(state.changed_by)
        self.state = state


class PortalWouldClose(Exception):
    """An open portal would lack what it needs, and nobody agreed to that; nothing was written.

    `missing` is the code of what lacks, as `activation_steps` has it.
    """

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did, and the settings as they are now.

    `closed`: the portal had to be deactivated, as something it needs went.
    """

    changed: bool
    state: State
    settings: ShopSettings
    closed: bool = False


def load_states(*, shop_id: int) -> dict[str, State]:
    """The state of every section that was ever saved, by name. One query."""
    query = select(SectionState).where(SectionState.shop_id == shop_id)
    return {row.section: _state(row) for row in db.session.scalars(query)}


def save_section(
    *,
    shop_id: int,
    store: Store,
    actor: Actor,
    seen: int,
    change: Callable[[Shop], None],
    subject: str = "",
    event: str = "change",
    may_close: bool = False,
) -> Saved:
    """Change a section: audit, undo and the portal's state go with it. Commits.

    `seen` is the version the form was opened at; `may_close`: it may cost an open portal what it
    needs, which closes it. Raises SectionChanged when somebody else saved meanwhile,
    PortalWouldClose, and whatever `change` raises; nothing is written then.
    """
    with writing():
        saved = _save(
            shop_id, store, actor, seen, change=change, words=(event, subject), may_close=may_close
        )
    remember_settings(saved.settings)
    return saved


def undo_section(
    *, shop_id: int, store: Store, actor: Actor, seen: int, may_close: bool = False
) -> Saved:
    """Put back what the section held before it was last saved. Commits.

    Without anything to put back nothing changes. Raises what `save_section` raises.
    """
    held: Snapshot = {}

    def put_back(shop: Shop) -> None:
        row = _row(shop_id, store.name)
        held.update(row.before if row else {})
        if held:
            store.restore(shop, held)

    return save_section(
        shop_id=shop_id,
        store=store,
        actor=actor,
        seen=seen,
        change=put_back,
        event="undo",
        may_close=may_close,
    )


def _save(
    shop_id: int,
    store: Store,
    actor: Actor,
    seen: int,
    *,
    change: Callable[[Shop], None],
    words: tuple[str, str],
    may_close: bool,
) -> Saved:
    # PostgreSQL: whoever saves second waits here until the first is through.
    locked = select(Shop).where(Shop.id == shop_id).with_for_update(of=Shop)
    shop = db.session.scalars(locked).one()
    row = _row(shop_id, store.name)
    state = _seen_state(row, seen)
    known = known_settings(shop_id, shop.settings_version) or read_settings(shop_id)
    before = store.snapshot(shop)
    change(shop)
    db.session.flush()
    after = store.snapshot(shop)
    if after == before:
        return Saved(changed=False, state=state, settings=known)
    row = row or _new_row(shop_id, store.name)
    _bump(row, actor, {} if words[0] == "undo" else before)
    _log(shop, store, actor, words=words, changes=_changes(store, before, after))
    shop.settings_version += 1
    db.session.flush()
    settings = read_settings(shop.id, known=known, changed=store.tables)
    settings, closed = _close_if_needed(shop, settings, actor, before=known, may_close=may_close)
    return Saved(changed=True, state=_state(row), settings=settings, closed=closed)


def _log(
    shop: Shop,
    store: Store,
    actor: Actor,
    *,
    words: tuple[str, str],
    changes: list[dict[str, Any]],
) -> None:
    event, subject = words
    note_change(
        shop_id=shop.id,
        actor=actor,
        section=store.name,
        event=event,
        subject=subject,
        changes=changes,
    )


def _close_if_needed(
    shop: Shop, settings: ShopSettings, actor: Actor, *, before: ShopSettings, may_close: bool
) -> tuple[ShopSettings, bool]:
    """Close an open portal that lost what it needs; whether that happened.

    Without a return address it closes in any case, as parcels would go nowhere. Raises
    PortalWouldClose for what is lost by this change when that was not agreed to.
    """
    if not shop.active:
        return settings, False
    lost = lost_steps(before, settings)
    if lost and not may_close:
        raise PortalWouldClose(lost[0].missing)
    address = settings.return_address
    if not lost and address is not None and not missing_parts(address):
        return settings, False
    shop.active = False
    note_change(
        shop_id=shop.id,
        actor=actor,
        section="activation",
        event="deactivate",
        changes=[change_of("active", old=True, new=False)],
    )
    return replace(settings, active=False), True


def _row(shop_id: int, section: str) -> SectionState | None:
    query = select(SectionState).where(
        SectionState.shop_id == shop_id, SectionState.section == section
    )
    return db.session.scalars(query).one_or_none()


def _seen_state(row: SectionState | None, seen: int) -> State:
    """How the section stands. Raises SectionChanged when that is not what was seen."""
    state = _state(row) if row else State()
    if state.version != seen:
        raise SectionChanged(state)
    return state


def _new_row(shop_id: int, section: str) -> SectionState:
    row = SectionState(shop_id=shop_id, section=section, version=0)
    db.session.add(row)
    return row


def _bump(row: SectionState, actor: Actor, before: Snapshot) -> None:
    row.version += 1
    row.before = before
    row.changed_at = clock.now()
    row.changed_by = actor.user_id
    row.changed_by_name = actor.name


def _state(row: SectionState) -> State:
    return State(row.version, row.changed_at, row.changed_by_name, bool(row.before))


def _changes(store: Store, before: Snapshot, after: Snapshot) -> list[dict[str, Any]]:
    """What changed, with bullets in the place of secrets."""
    return [
        {"field": one["field"], "old": REDACTED, "new": REDACTED}
        if one["field"].startswith(store.redact)
        else one
        for one in differences(before, after)
    ]
