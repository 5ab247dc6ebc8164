"""Make the draft the rules customers meet, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import or_, select, update

from ... import clock
from ...domain.rule_edits import Entries, Entry, entry_to_json
from ...domain.rule_language import rule_to_json
from ...extensions import db
from ...models import ReturnRule, RuleVersion, Shop
from ..audit import Actor, change, note_change
from ..shops import ShopSettings
from .change_words import change_text
from .draft import RulesState, close_draft, writing_rules
from .history import latest_number
from .sentences import Vocabulary, rule_text


def publish_rules(*, shop: ShopSettings, version: int, actor: Actor) -> int | None:
    """Publish the draft; the new version's number, None when there was nothing to publish.

    Rules that stay keep their ids, those taken out stay readable for old returns. Commits.
    Raises DraftChanged when the draft is not at `version` any more.
    """
    with writing_rules(shop.id, version) as (draft, state):
        if not state.is_open:
            return None
        now = clock.now()
        published = _write_rules(shop.id, state, now)
        number = _write_version(shop.id, state.live, published, actor=actor, now=now)
        _note(shop, state, actor, number)
        close_draft(draft, based_on=number, actor=actor)
        db.session.execute(
            update(Shop)
            .where(Shop.id == shop.id)
            .values(settings_version=Shop.settings_version + 1)
            .execution_options(synchronize_session=False)
        )
    return number


def _write_rules(shop_id: int, state: RulesState, now: datetime) -> Entries:
    """Bring the rows in line with the draft; the entries with the ids they have there."""
    # A restored version may hold rules that were taken out: those come back as themselves.
    wanted = or_(
        ReturnRule.deleted_at.is_(None), ReturnRule.id.in_([one.id for one in state.entries])
    )
    query = select(ReturnRule).where(ReturnRule.shop_id == shop_id, wanted)
    rows = {row.id: row for row in db.session.scalars(query)}
    published = []
    for position, entry in enumerate(state.entries):
        row = rows.pop(entry.id, None)
        if row is None:
            row = ReturnRule(shop_id=shop_id)
            db.session.add(row)
        _fill(row, entry, position)
        db.session.flush()
        published.append(replace(entry, rule=replace(entry.rule, id=row.id)))
    for row in rows.values():
        row.deleted_at = row.deleted_at or now
    return tuple(published)


def _fill(row: ReturnRule, entry: Entry, position: int) -> None:
    values = rule_to_json(entry.rule)
    wanted: Mapping[str, Any] = {
        "name": entry.rule.name,
        "position": position,
        "enabled": entry.enabled,
        "conditions": values["conditions"],
        "effects": values["effects"],
        "deleted_at": None,
    }
    for name, value in wanted.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _write_version(
    shop_id: int, live: Entries, published: Entries, *, actor: Actor, now: datetime
) -> int:
    """Keep what was published; before the first time also what was there until then."""
    number = latest_number(shop_id)
    if not number:
        number = 1
        _add_version(shop_id, number, live, at=db.session.get_one(Shop, shop_id).created_at)
    _add_version(shop_id, number + 1, published, at=now, actor=actor)
    return number + 1


def _add_version(
    shop_id: int, number: int, entries: Entries, *, at: datetime, actor: Actor | None = None
) -> None:
    db.session.add(
        RuleVersion(
            shop_id=shop_id,
            number=number,
            rules=[entry_to_json(entry) for entry in entries],
            published_at=at,
            published_by=actor.user_id if actor else None,
            published_by_name=actor.name[:200] if actor else "",
        )
    )
    db.session.flush()


def _note(shop: ShopSettings, state: RulesState, actor: Actor, number: int) -> None:
    """The audit entry, in the shop's language: each change with the rule before and after."""
    with force_locale(shop.default_locale):
        words = Vocabulary(shop, shop.default_locale)
        noted = [
            change(
                change_text(one, words),
                rule_text(one.old.rule, words) if one.old else None,
                rule_text(one.new.rule, words) if one.new else None,
            )
            for one in state.changes
        ]
    note_change(
        shop_id=shop.id,
        actor=actor,
        section="rules",
        event="published",
        subject=str(number),
        changes=noted,
    )
