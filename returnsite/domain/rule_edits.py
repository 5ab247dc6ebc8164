"""A shop's rules as a list that is edited: one entry a rule, switched on or off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .errors import DomainError
from .policy import Condition, Rule
from .rule_language import MAX_CONDITIONS, rule_from_json, rule_to_json

MAX_RULES = 300


class RuleGone(DomainError):
    """The rule is no longer in the draft."""

    default_code = "rule_gone"


class TooManyRules(DomainError):
    """A shop's list is full; params: `most`."""

    default_code = "too_many_rules"


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule in the list. Rules that were never published have ids below zero."""

    rule: Rule
    enabled: bool = True

    @property
    def id(self) -> int:
        """The rule's id."""
        return self.rule.id


Entries = tuple[Entry, ...]


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """A plain dict, as `entry_from_json` reads it."""
    return {**rule_to_json(entry.rule), "enabled": entry.enabled}


def entry_from_json(data: Mapping[str, Any]) -> Entry:
    """The entry in a stored dict. Raises ValueError where it is no rule."""
    return Entry(rule_from_json(data), bool(data.get("enabled", True)))


def place_of(entries: Sequence[Entry], rule_id: int) -> int:
    """Where the rule stands, from 0. Raises RuleGone."""
    for place, entry in enumerate(entries):
        if entry.id == rule_id:
            return place
    raise RuleGone(rule=rule_id)


def add(entries: Entries, rule: Rule) -> tuple[Entries, int]:
    """The list with the rule at its end, and the id it got there. Raises TooManyRules."""
    if len(entries) >= MAX_RULES:
        raise TooManyRules(most=MAX_RULES)
    rule_id = min([0, *(entry.id for entry in entries)]) - 1
    return (*entries, Entry(replace(rule, id=rule_id))), rule_id


def put(entries: Entries, rule: Rule) -> Entries:
    """The list with this rule in the place of the one with its id. Raises RuleGone."""
    place = place_of(entries, rule.id)
    return (*entries[:place], replace(entries[place], rule=rule), *entries[place + 1 :])


def remove(entries: Entries, rule_id: int) -> Entries:
    """The list without the rule. Raises RuleGone."""
    place = place_of(entries, rule_id)
    return (*entries[:place], *entries[place + 1 :])


def switch(entries: Entries, rule_id: int, *, enabled: bool) -> Entries:
    """The list with the rule on or off. Raises RuleGone."""
    place = place_of(entries, rule_id)
    switched = replace(entries[place], enabled=enabled)
    return (*entries[:place], switched, *entries[place + 1 :])


def move(entries: Entries, rule_id: int, to: int) -> Entries:
    """The list with the rule at place `to`, or as near to it as there is. Raises RuleGone."""
    entry = entries[place_of(entries, rule_id)]
    rest = remove(entries, rule_id)
    to = max(0, min(to, len(rest)))
    return (*rest[:to], entry, *rest[to:])


def leave_out_reasons(entries: Entries, rule_id: int, reasons: Sequence[str]) -> Entries:
    """The list in which the rule no longer applies to returns with these reasons.

    Raises RuleGone, and TooManyRules where the rule can take no more conditions.
    """
    rule = entries[place_of(entries, rule_id)].rule
    wanted = {reason.casefold() for reason in reasons}
    kept: list[Condition] = []
    taken: list[str] = []
    for condition in rule.conditions:
        if condition.field == "reason" and condition.op in {"is_not", "not_in"}:
            taken += [condition.value] if condition.op == "is_not" else condition.value
        else:
            kept.append(condition)
    taken = [word for word in taken if word.casefold() not in wanted]
    kept.append(Condition("reason", "not_in", (*taken, *reasons)))
    if len(kept) > MAX_CONDITIONS:
        raise TooManyRules(most=MAX_CONDITIONS)
    return put(entries, replace(rule, conditions=tuple(kept)))
