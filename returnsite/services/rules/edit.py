"""The changes somebody makes to the draft, one function each. All commit.

All raise DraftChanged when the draft is not at `version` any more, and RuleGone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...domain import rule_edits
from ...domain.policy import Rule
from ...domain.rule_edits import Entries, place_of
from ..audit import Actor
from .draft import RulesState, change_draft


def add_rule(*, shop_id: int, version: int, actor: Actor, rule: Rule) -> tuple[RulesState, int]:
    """Add a rule at the end; the new state and the rule's id. Raises TooManyRules."""
    state = change_draft(
        shop_id=shop_id,
        version=version,
        actor=actor,
        what="added",
        edit=lambda entries: rule_edits.add(entries, rule)[0],
    )
    return state, state.entries[-1].id


def save_rule(*, shop_id: int, version: int, actor: Actor, rule: Rule) -> RulesState:
    """Put a rule in the place of the one with its id."""
    return change_draft(
        shop_id=shop_id,
        version=version,
        actor=actor,
        what="changed",
        edit=lambda entries: rule_edits.put(entries, rule),
    )


def remove_rule(*, shop_id: int, version: int, actor: Actor, rule_id: int) -> RulesState:
    """Take a rule out."""
    return change_draft(
        shop_id=shop_id,
        version=version,
        actor=actor,
        what="removed",
        edit=lambda entries: rule_edits.remove(entries, rule_id),
    )


def switch_rule(
    *, shop_id: int, version: int, actor: Actor, rule_id: int, enabled: bool
) -> RulesState:
    """Switch a rule on or off."""
    return change_draft(
        shop_id=shop_id,
        version=version,
        actor=actor,
        what="switched_on" if enabled else "switched_off",
        edit=lambda entries: rule_edits.switch(entries, rule_id, enabled=enabled),
    )


def move_rule(
    *, shop_id: int, version: int, actor: Actor, rule_id: int, to: int | None = None, by: int = 0
) -> RulesState:
    """Move a rule to place `to` (from 0), or up or down `by` places."""

    def edit(entries: Entries) -> Entries:
        place = place_of(entries, rule_id) + by if to is None else to
        return rule_edits.move(entries, rule_id, place)

    return change_draft(shop_id=shop_id, version=version, actor=actor, what="moved", edit=edit)


def leave_out_faults(
    *, shop_id: int, version: int, actor: Actor, rule_id: int, reasons: Sequence[str]
) -> RulesState:
    """Have a rule pass over returns with these reasons. Raises TooManyRules."""
    return change_draft(
        shop_id=shop_id,
        version=version,
        actor=actor,
        what="changed",
        edit=lambda entries: rule_edits.leave_out_reasons(entries, rule_id, reasons),
    )


def restore_rules(*, shop_id: int, version: int, actor: Actor, entries: Entries) -> RulesState:
    """Make the draft what was published once (`history.entries_of_version`)."""
    return change_draft(
        shop_id=shop_id, version=version, actor=actor, what="restored", edit=lambda _old: entries
    )
