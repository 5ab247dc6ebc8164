"""The draft of the return rules: changed by several people, published, and put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.policy import Condition, Effect, Rule
from returnsite.domain.rule_edits import RuleGone
from returnsite.models import AuditEntry, ReturnRule, RuleVersion, Shop
from returnsite.services.audit import Actor
from returnsite.services.rules import draft, edit
from returnsite.services.rules.draft import DraftChanged, RulesState, load_rules
from returnsite.services.rules.history import entries_of_version, list_versions
from returnsite.services.rules.publish import publish_rules
from returnsite.services.shops import find_shop
from tests import factories
from tests.conftest import Kept

ANNA, SARA = Actor(None, "Anna"), Actor(None, "Sara")
FREE = Rule(0, "Free", (Condition("reason", "is", "damaged"),), (Effect("fee", 0),))
SOCKS = Rule(0, "Socks", (Condition("category", "is", "Socks"),), (Effect("returnable", False),))


@pytest.fixture
def two(session: Session, shop: Any, kept: Kept) -> list[int]:
    """Two live rules; their ids."""
    return kept(lambda: [factories.make_rule(session, shop, fee=fee).id for fee in (100, 200)])


@pytest.fixture
def who(shop: Any) -> Callable[..., dict[str, Any]]:
    """Arguments of a change: as somebody who sees version `version`, by default the present one."""

    def make(actor: Actor = ANNA, version: int | None = None) -> dict[str, Any]:
        seen = load_rules(shop.id).version if version is None else version
        return {"shop_id": shop.id, "version": seen, "actor": actor}

    return make


def publish(shop: Any, actor: Actor = ANNA) -> int | None:
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    return publish_rules(shop=settings, version=load_rules(shop.id).version, actor=actor)


def ids(state: RulesState) -> list[int]:
    return [entry.id for entry in state.entries]


def test_customers_meet_nothing_of_a_draft(shop: Any, two: list[int], who: Any) -> None:
    edit.remove_rule(**who(), rule_id=two[0])

    state = load_rules(shop.id)
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    assert [change.kind for change in state.changes] == ["removed"]
    assert [rule.id for rule in settings.policy.rules] == two


def test_publishing_keeps_ids_and_what_was_taken_out_stays_readable(
    session: Session, shop: Any, two: list[int], who: Any
) -> None:
    version = shop.settings_version
    edit.remove_rule(**who(), rule_id=two[0])
    edit.add_rule(**who(), rule=FREE)
    edit.move_rule(**who(), rule_id=-1, to=0)

    number = publish(shop)

    session.expire_all()
    rows = session.scalars(select(ReturnRule).where(ReturnRule.shop_id == shop.id)).all()
    settings = find_shop(slug=shop.slug)
    assert settings is not None
    live = [rule.id for rule in settings.policy.rules]
    assert number == 2
    assert live[1] == two[1]
    assert live[0] not in {*two, -1}
    assert {row.id for row in rows if row.deleted_at} == {two[0]}
    assert session.get_one(Shop, shop.id).settings_version == version + 1
    assert not load_rules(shop.id).is_open


def test_a_publication_is_noted_with_each_change_in_words(
    session: Session, shop: Any, two: list[int], who: Any
) -> None:
    edit.switch_rule(**who(), rule_id=two[1], enabled=False)
    publish(shop, SARA)

    entry = session.scalars(select(AuditEntry).where(AuditEntry.section == "rules")).one()
    assert (entry.actor, entry.event, entry.subject) == ("Sara", "published", "2")
    assert len(entry.changes) == 1
    assert "2,00" in entry.changes[0]["new"]


def test_nothing_to_publish_publishes_nothing(session: Session, shop: Any, two: list[int]) -> None:
    assert publish(shop) is None
    assert session.scalars(select(RuleVersion)).all() == []


def test_the_second_of_two_people_is_told_and_overwrites_nothing(
    shop: Any, two: list[int], who: Any
) -> None:
    seen = load_rules(shop.id).version
    edit.remove_rule(**who(SARA, seen), rule_id=two[0])

    with pytest.raises(DraftChanged) as told:
        edit.move_rule(**who(ANNA, seen), rule_id=two[1], by=-1)
    with pytest.raises(DraftChanged):
        draft.discard_draft(**who(ANNA, seen))
    with pytest.raises(DraftChanged):
        draft.undo_change(**who(ANNA, seen))

    assert told.value.params["by"] == "Sara"
    assert ids(load_rules(shop.id)) == [two[1]]


def test_a_version_seen_before_a_discarded_or_published_draft_stays_stale(
    shop: Any, two: list[int], who: Any
) -> None:
    edit.remove_rule(**who(), rule_id=two[0])
    seen = load_rules(shop.id).version
    draft.discard_draft(**who())
    edit.remove_rule(**who(), rule_id=two[1])
    publish(shop)

    with pytest.raises(DraftChanged):
        edit.remove_rule(**who(ANNA, seen), rule_id=two[0])


def test_the_last_change_is_taken_back_once(shop: Any, two: list[int], who: Any) -> None:
    edit.move_rule(**who(), rule_id=two[1], by=-1)
    edit.remove_rule(**who(), rule_id=two[0])

    once = draft.undo_change(**who())
    again = draft.undo_change(**who())

    assert ids(once) == ids(again) == two[::-1]
    assert (once.undo, once.is_open) == ("", True)


def test_undoing_the_first_change_closes_the_draft(shop: Any, two: list[int], who: Any) -> None:
    edit.remove_rule(**who(), rule_id=two[0])

    state = draft.undo_change(**who())

    assert (ids(state), state.is_open, state.changes) == (two, False, [])


def test_a_draft_thrown_away_comes_back(shop: Any, two: list[int], who: Any) -> None:
    edit.remove_rule(**who(), rule_id=two[0])
    draft.discard_draft(**who())
    assert ids(load_rules(shop.id)) == two

    state = draft.undo_change(**who())

    assert (ids(state), state.is_open) == ([two[1]], True)


def test_a_change_and_its_opposite_leave_no_draft(shop: Any, two: list[int], who: Any) -> None:
    edit.switch_rule(**who(), rule_id=two[0], enabled=False)
    state = edit.switch_rule(**who(), rule_id=two[0], enabled=True)

    assert not state.is_open


def test_a_rule_of_another_shop_is_not_there(
    session: Session, shop: Any, two: list[int], who: Any
) -> None:
    other = factories.make_rule(session, factories.make_shop(session), fee=1)
    session.commit()

    with pytest.raises(RuleGone):
        edit.remove_rule(**who(), rule_id=other.id)


def test_older_rules_come_back_as_themselves(
    session: Session, shop: Any, two: list[int], who: Any
) -> None:
    edit.remove_rule(**who(), rule_id=two[0])
    edit.add_rule(**who(), rule=SOCKS)
    publish(shop)

    edit.restore_rules(**who(), entries=entries_of_version(shop.id, 1))
    publish(shop, SARA)

    settings = find_shop(slug=shop.slug)
    assert settings is not None
    assert [rule.id for rule in settings.policy.rules] == two


def test_the_history_says_what_each_publication_changed(
    shop: Any, two: list[int], who: Any
) -> None:
    edit.remove_rule(**who(), rule_id=two[0])
    publish(shop)
    edit.add_rule(**who(), rule=FREE)
    edit.switch_rule(**who(), rule_id=two[1], enabled=False)
    publish(shop, SARA)

    newest, older, first = list_versions(shop_id=shop.id)

    assert [change.kind for change in newest.changes or ()] == ["switched_off", "added"]
    assert (newest.by, newest.number) == ("Sara", 3)
    assert [change.kind for change in older.changes or ()] == ["removed"]
    assert (first.changes, first.by) == (None, "")
    assert [one.number for one in list_versions(shop_id=shop.id, below=3, limit=1)] == [2, 1]
