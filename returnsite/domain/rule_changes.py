"""What differs between two lists of rules: the fewest changes that lead from one to the other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .policy import Condition, Effect, Rule
from .rule_edits import Entry
from .rule_logic import fold

Kind = Literal["added", "removed", "changed", "switched_on", "switched_off", "moved"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of one rule. Places count from 1; 0 where it does not stand in that list."""

    kind: Kind
    rule_id: int
    old: Entry | None
    new: Entry | None
    old_place: int = 0
    new_place: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One difference inside a rule. `what` is condition, effect, text or name.

    `old` and `new` are the conditions, effects or texts; None where there is none. `added` and
    `removed` are words of a list, when only they differ.
    """

    what: Literal["condition", "effect", "text", "name"]
    old: Any
    new: Any
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def changes(before: Sequence[Entry], after: Sequence[Entry]) -> list[RuleChange]:
    """What was done to `before` to get `after`, in the order of `after`, removed rules last."""
    old = {entry.id: (place, entry) for place, entry in enumerate(before, 1)}
    new_ids = {entry.id for entry in after}
    moved = _moved([one.id for one in before if one.id in new_ids], [e.id for e in after])
    found: list[RuleChange] = []
    for place, entry in enumerate(after, 1):
        if entry.id not in old:
            found.append(RuleChange("added", entry.id, None, entry, 0, place))
            continue
        was_at, was = old[entry.id]
        kinds: list[Kind] = []
        if not same_rule(was.rule, entry.rule):
            kinds.append("changed")
        if was.enabled is not entry.enabled:
            kinds.append("switched_on" if entry.enabled else "switched_off")
        if entry.id in moved:
            kinds.append("moved")
        found += [RuleChange(kind, entry.id, was, entry, was_at, place) for kind in kinds]
    found += [
        RuleChange("removed", one.id, one, None, place)
        for place, one in enumerate(before, 1)
        if one.id not in new_ids
    ]
    return found


def _moved(before: Sequence[int], after: Sequence[int]) -> set[int]:
    """The fewest ids that must have moved: those outside a longest run kept in order."""
    places = {rule_id: place for place, rule_id in enumerate(before)}
    kept = [rule_id for rule_id in after if rule_id in places]
    tops: list[int] = []
    ends: list[int] = []
    previous: dict[int, int | None] = {}
    for rule_id in kept:
        at = bisect_left(tops, places[rule_id])
        previous[rule_id] = ends[at - 1] if at else None
        tops[at : at + 1] = [places[rule_id]]
        ends[at : at + 1] = [rule_id]
    staying: set[int] = set()
    one: int | None = ends[-1] if ends else None
    while one is not None:
        staying.add(one)
        one = previous[one]
    return set(kept) - staying


def same_rule(one: Rule, other: Rule) -> bool:
    """Equal in all that is shown; lists may be stored as tuples."""
    return not parts(one, other)


def parts(old: Rule, new: Rule) -> list[Part]:
    """The differences inside a rule, in the order of the new one."""
    found = _condition_parts(list(old.conditions), list(new.conditions))
    found += _effect_parts(old, new)
    if old.name != new.name:
        found.append(Part("name", old.name, new.name))
    return found


def _condition_parts(old: list[Condition], new: list[Condition]) -> list[Part]:
    left = [one for one in old if not any(_same(one, other) for other in new)]
    fresh = [one for one in new if not any(_same(one, other) for other in old)]
    found = []
    for condition in fresh:
        twin = next((one for one in left if _group(one) == _group(condition)), None)
        if twin is not None:
            left.remove(twin)
        found.append(_condition_part(twin, condition))
    return found + [Part("condition", one, None) for one in left]


def _condition_part(old: Condition | None, new: Condition) -> Part:
    if old is None or not isinstance(_list(new)[0], str):
        return Part("condition", old, new)
    before, after = set(map(fold, _list(old))), set(map(fold, _list(new)))
    added = tuple(word for word in _list(new) if fold(word) not in before)
    removed = tuple(word for word in _list(old) if fold(word) not in after)
    return Part("condition", old, new, added, removed)


def _effect_parts(old: Rule, new: Rule) -> list[Part]:
    before = {effect.kind: effect for effect in old.effects}
    after = {effect.kind: effect for effect in new.effects}
    found = []
    for kind, effect in after.items():
        was = before.get(kind)
        if was is None or _decides(was) != _decides(effect):
            found.append(Part("effect", was, effect))
        elif text_of(was) != text_of(effect):
            found.append(Part("text", text_of(was), text_of(effect)))
    return found + [Part("effect", one, None) for kind, one in before.items() if kind not in after]


def text_of(effect: Effect) -> str:
    """What the customer reads about it, if the shop wrote anything."""
    return str(effect.value.get("text", "")) if isinstance(effect.value, dict) else ""


def _decides(effect: Effect) -> Any:
    if isinstance(effect.value, dict):
        return effect.value["returnable"]
    return set(effect.value) if isinstance(effect.value, list | tuple) else effect.value


def _same(one: Condition, other: Condition) -> bool:
    return _group(one) == _group(other) and set(_list(one)) == set(_list(other))


def _group(condition: Condition) -> tuple[str, str]:
    """Conditions that say the same of one or of several words belong together."""
    op = {"is": "in", "is_not": "not_in"}.get(condition.op, condition.op)
    return condition.field, op


def _list(condition: Condition) -> list[Any]:
    value = condition.value
    return list(value) if isinstance(value, list | tuple) else [value]
