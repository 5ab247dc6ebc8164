"""A shop's rules as they are and as somebody is changing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ... import clock
from ...database import writing
from ...domain.errors import DomainError
from ...domain.policy import Condition, Effect, Rule
from ...domain.rule_changes import RuleChange, changes
from ...domain.rule_edits import Entries, Entry, entry_from_json, entry_to_json
from ...extensions import db
from ...models import ReturnRule, RuleDraft, Shop
from ..audit import Actor

Edit = Callable[[Entries], Entries]


class DraftChanged(DomainError):
    """Somebody else changed the rules meanwhile; params: `by` and `at`."""

    default_code = "draft_changed"


@dataclass(frozen=True, slots=True)
class RulesState:
    """The rules at one moment. `entries` are the draft's while one is open, else the live ones.

    `version` rises with every change of the draft and with publishing. `undo` says what the last
    change was, empty where there is none to take back.
    """

    version: int
    is_open: bool
    live: Entries
    entries: Entries
    undo: str
    changed_by: str
    changed_at: datetime | None

    @property
    def changes(self) -> list[RuleChange]:
        """What publishing would change."""
        return changes(self.live, self.entries) if self.is_open else []

    def entry(self, rule_id: int) -> Entry | None:
        """The rule with this id, None when it is not in the list."""
        return next((entry for entry in self.entries if entry.id == rule_id), None)

    def place(self, rule_id: int) -> int:
        """Where a rule stands, from 1; 0 when it is not in the list."""
        places = (place for place, entry in enumerate(self.entries, 1) if entry.id == rule_id)
        return next(places, 0)


def load_rules(shop_id: int) -> RulesState:
    """The rules of a shop, live and draft. Two queries."""
    return _state(_draft(shop_id), live_entries(shop_id))


def live_entries(shop_id: int) -> Entries:
    """The rules customers meet, in order, those switched off included."""
    rows = db.session.scalars(
        select(ReturnRule)
        .where(ReturnRule.shop_id == shop_id, ReturnRule.deleted_at.is_(None))
        .order_by(ReturnRule.position, ReturnRule.id)
    )
    return tuple(Entry(rule_of(row), row.enabled) for row in rows)


def rule_of(row: ReturnRule) -> Rule:
    """The rule in a row."""
    return Rule(
        id=row.id,
        name=row.name,
        conditions=tuple(Condition(c["field"], c["op"], c["value"]) for c in row.conditions),
        effects=tuple(Effect(e["kind"], e["value"]) for e in row.effects),
    )


def change_draft(*, shop_id: int, version: int, actor: Actor, what: str, edit: Edit) -> RulesState:
    """Edit the draft, or start one from the live rules. Commits.

    Raises DraftChanged when it is not at `version` any more, and what `edit` raises; nothing is
    written then.
    """
    with writing_rules(shop_id, version) as (draft, state):
        entries = edit(state.entries)
        if entries != state.entries:
            store_draft(draft, state, entries, what=what, actor=actor)
    return _state(draft, state.live)


def undo_change(*, shop_id: int, version: int, actor: Actor) -> RulesState:
    """Take the last change of the draft back; a second time does nothing. Commits.

    Raises DraftChanged.
    """
    with writing_rules(shop_id, version) as (draft, state):
        if draft.undo:
            was_open = bool(draft.undo["is_open"])
            draft.rules = draft.undo["rules"] if was_open else []
            draft.is_open = was_open
            draft.undo = {}
            _sign(draft, actor)
    return _state(draft, state.live)


def discard_draft(*, shop_id: int, version: int, actor: Actor) -> None:
    """Drop all changes; `undo_change` brings them back. Commits. Raises DraftChanged."""
    with writing_rules(shop_id, version) as (draft, state):
        if state.is_open:
            draft.undo = {"what": "discarded", "rules": draft.rules, "is_open": True}
            draft.rules = []
            draft.is_open = False
            _sign(draft, actor)


@contextmanager
def writing_rules(shop_id: int, version: int) -> Iterator[tuple[RuleDraft, RulesState]]:
    """A writing transaction in which nobody else changes the shop's rules; commits at the end.

    Raises DraftChanged when the draft is not at `version`.
    """
    with writing():
        db.session.execute(select(Shop.id).where(Shop.id == shop_id).with_for_update())
        draft = _draft(shop_id)
        if draft is None:
            draft = RuleDraft(shop_id=shop_id, rules=[], version=0, based_on=0, undo={})
            draft.changed_at = clock.now()
            db.session.add(draft)
        if draft.version != version:
            raise DraftChanged(by=draft.changed_by_name, at=draft.changed_at)
        yield draft, _state(draft, live_entries(shop_id))


def store_draft(
    draft: RuleDraft, before: RulesState, entries: Sequence[Entry], *, what: str, actor: Actor
) -> None:
    """Put `entries` into the draft; one that equals the live rules is closed."""
    draft.undo = {"what": what, "rules": _to_json(before.entries), "is_open": before.is_open}
    draft.is_open = bool(changes(before.live, entries))
    draft.rules = _to_json(entries) if draft.is_open else []
    if not draft.is_open:
        draft.undo = {}
    _sign(draft, actor)


def close_draft(draft: RuleDraft, *, based_on: int, actor: Actor) -> None:
    """The draft is live now."""
    draft.rules, draft.is_open, draft.undo = [], False, {}
    draft.based_on = based_on
    _sign(draft, actor)


def _sign(draft: RuleDraft, actor: Actor) -> None:
    draft.version += 1
    draft.changed_at = clock.now()
    draft.changed_by = actor.user_id
    draft.changed_by_name = actor.name[:200]


def _draft(shop_id: int) -> RuleDraft | None:
    return db.session.scalar(select(RuleDraft).where(RuleDraft.shop_id == shop_id))


def _state(draft: RuleDraft | None, live: Entries) -> RulesState:
    if draft is None:
        return RulesState(0, False, live, live, "", "", None)  # noqa: FBT003  # is_open
    entries = tuple(map(entry_from_json, draft.rules)) if draft.is_open else live
    return RulesState(
        version=draft.version,
        is_open=draft.is_open,
        live=live,
        entries=entries,
        undo=str(draft.undo.get("what", "")),
        changed_by=draft.changed_by_name,
        changed_at=draft.changed_at,
    )


def _to_json(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [entry_to_json(entry) for entry in entries]
