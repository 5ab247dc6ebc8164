"""Changes of rules in words, for the draft, the history and the audit log."""

from __future__ import annotations

from ...domain.policy import Condition, Effect
from ...domain.rule_changes import Part, RuleChange, parts
from ..texts import gettext as _
from .sentences import Vocabulary, condition_pieces, effect_text, plain, rule_text


def change_text(change: RuleChange, words: Vocabulary) -> str:
    """One change as a line: `Rule 2 changed: ‘Socks’ added`."""
    match change.kind:
        case "added":
            return _("Rule %(place)s added: %(rule)s", **_placed(change, words))
        case "removed":
            return _("Rule %(place)s taken out: %(rule)s", **_placed(change, words))
        case "moved":
            return _(
                "Rule moved from place %(old)s to %(new)s: %(rule)s",
                old=change.old_place,
                new=change.new_place,
                rule=_rule(change, words),
            )
        case "switched_on":
            return _("Rule %(place)s switched on: %(rule)s", **_placed(change, words))
        case "switched_off":
            return _("Rule %(place)s switched off: %(rule)s", **_placed(change, words))
        case _:
            what = "; ".join(part_texts(change, words))
            return _("Rule %(place)s changed: %(what)s", place=change.new_place, what=what)


def part_texts(change: RuleChange, words: Vocabulary) -> list[str]:
    """What differs inside a changed rule, a few words each."""
    if change.old is None or change.new is None:
        return []
    return [_part(part, words) for part in parts(change.old.rule, change.new.rule)]


def _placed(change: RuleChange, words: Vocabulary) -> dict[str, object]:
    return {"place": change.new_place or change.old_place, "rule": _rule(change, words)}


def _rule(change: RuleChange, words: Vocabulary) -> str:
    entry = change.new or change.old
    return rule_text(entry.rule, words) if entry else ""


def _part(part: Part, words: Vocabulary) -> str:
    if part.added or part.removed:
        return _words(part, words)
    if part.what == "name":
        return _("the name is now ‘%(name)s’", name=part.new)
    if part.what == "text":
        if not part.new:
            return _("no text for the customer any more")
        return _("the customer now reads ‘%(text)s’", text=part.new)
    if part.new is None:
        return _("no longer: %(what)s", what=_said(part.old, words))
    if part.old is None:
        return _("new: %(what)s", what=_said(part.new, words))
    return _("%(new)s (was: %(old)s)", new=_said(part.new, words), old=_said(part.old, words))


def _words(part: Part, words: Vocabulary) -> str:
    """`‘Socks’ added, ‘Hats’ taken out`."""
    field = part.new.field
    said = []
    for named, text in (
        (part.added, _("%(words)s added")),
        (part.removed, _("%(words)s taken out")),
    ):
        if named:
            quoted = words.both(f"‘{words.word(field, one)}’" for one in named)
            said.append(text % {"words": quoted})
    return ", ".join(said)


def _said(what: Condition | Effect, words: Vocabulary) -> str:
    if isinstance(what, Condition):
        return plain(condition_pieces(what, words))
    return effect_text(what, words)
