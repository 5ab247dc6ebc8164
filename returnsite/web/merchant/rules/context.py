"""What the rules page shows: each rule as a sentence, the draft, and what to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import force_locale

from ....domain.policy import Rule
from ....domain.rule_changes import RuleChange, text_of
from ....domain.rule_edits import Entry
from ....services.rules.change_words import part_texts
from ....services.rules.draft import RulesState
from ....services.rules.known import find_problems
from ....services.rules.sentences import Vocabulary, rule_text, sentence
from ....services.rules.trial import latest_trial
from ...i18n import gettext as _
from ...i18n import locale_code, ngettext
from ..guard import may
from .findings import finding_items
from .trial_words import trial_context

_NAME = 120


def own_name(rule: Rule) -> str:
    """The name of a rule nobody has named: its sentence, in the shop's language."""
    locale = g.shop.default_locale
    with force_locale(locale):
        return rule_text(rule, Vocabulary(g.shop, locale))[:_NAME]


def vocabulary() -> Vocabulary:
    """The words of this shop in the language of the request."""
    return Vocabulary(g.shop, locale_code())


def rules_context(state: RulesState, **more: Any) -> dict[str, Any]:
    """Everything of the page; `more` is the rule that is open, a notice and the like."""
    return {
        **list_context(state),
        "trial": trial_context(latest_trial(g.shop.id), state),
        "notice": None,
        "conflict": None,
        "editor": None,
        "focus": "",
        **more,
    }


def list_context(state: RulesState) -> dict[str, Any]:
    """The list and the state of the draft."""
    words = vocabulary()
    changed = changes_by_rule(state)
    return {
        **state_context(state),
        "rules": [rule_item(state, entry, words, changed) for entry in state.entries],
        "removed": [
            rule_text(change.old.rule, words)
            for change in state.changes
            if change.kind == "removed" and change.old
        ],
    }


def state_context(state: RulesState) -> dict[str, Any]:
    """The draft's banner and the findings."""
    count = len(state.changes)
    return {
        "version": state.version,
        "may_change": may("change_rules"),
        "is_open": state.is_open,
        "change_count": ngettext(
            "Draft with %(num)s change.", "Draft with %(num)s changes.", count
        ),
        "undo": undo_text(state.undo),
        "findings": finding_items(find_problems(g.shop, state.entries), state, vocabulary()),
    }


def undo_text(what: str) -> str:
    """What "Undo" would take back; empty for nothing."""
    return {
        "added": _("Undo: rule added"),
        "changed": _("Undo: rule changed"),
        "removed": _("Undo: rule taken out"),
        "moved": _("Undo: rule moved"),
        "switched_on": _("Undo: rule switched on"),
        "switched_off": _("Undo: rule switched off"),
        "restored": _("Undo: older rules put back"),
        "discarded": _("Undo: draft thrown away"),
    }.get(what, "")


def changes_by_rule(state: RulesState) -> dict[int, list[RuleChange]]:
    """The draft's changes by rule."""
    found: dict[int, list[RuleChange]] = defaultdict(list)
    for change in state.changes:
        found[change.rule_id].append(change)
    return found


def rule_item(
    state: RulesState,
    entry: Entry,
    words: Vocabulary,
    changed: dict[int, list[RuleChange]],
) -> dict[str, Any]:
    """One rule of the list."""
    place = state.place(entry.id)
    found = changed.get(entry.id, [])
    return {
        "id": entry.id,
        "place": place,
        "pieces": sentence(entry.rule, words),
        "name": entry.rule.name if entry.rule.name != own_name(entry.rule) else "",
        "texts": [text for effect in entry.rule.effects if (text := text_of(effect))],
        "enabled": entry.enabled,
        "first": place == 1,
        "last": place == len(state.entries),
        "is_new": any(change.kind == "added" for change in found),
        "badge": _badge(found),
        "what": _what(found, words),
    }


def _badge(found: Sequence[RuleChange]) -> str:
    kinds = [change.kind for change in found]
    if "added" in kinds:
        return _("New")
    if "changed" in kinds or len(kinds) > 1:
        return _("Changed")
    words = {
        "moved": _("Moved"),
        "switched_on": _("Switched on"),
        "switched_off": _("Switched off"),
    }
    return words[kinds[0]] if kinds else ""


def _what(found: Sequence[RuleChange], words: Vocabulary) -> str:
    """What differs from the live rules, in a few words."""
    said: list[str] = []
    for change in found:
        if change.kind == "changed":
            said += part_texts(change, words)
        elif change.kind == "moved":
            said.append(
                _("from place %(old)s to %(new)s", old=change.old_place, new=change.new_place)
            )
    return "; ".join(said)
