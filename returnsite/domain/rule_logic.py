"""What conditions let through, so that two rules can be compared without any order at hand.

`Reach` is sound: what it calls impossible or implied is so for every order. It may miss some,
e.g. that two earlier rules together cover a third.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Protocol

from .policy import Condition, Resolution, Rule
from .rule_language import condition_problem

Closed = Mapping[str, frozenset[Any]]
"""For a field: all values it can have, case-folded, where there is an end to them."""

_KNOWN_VALUES: Closed = {
    "final_sale": frozenset({True, False}),
    "resolution": frozenset(map(str, Resolution)),
}
_MAY_BE_UNKNOWN = frozenset({"reason", "resolution", "days_since_delivery", "discount_percent"})
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "price": (0, inf),
    "order_value": (0, inf),
    "discount_percent": (0, 100),
    "days_since_delivery": (-inf, inf),
}
_SETS = frozenset({"tag", "customer_tag"})
_POSITIVE = frozenset({"is", "in"})
_NEGATIVE = frozenset({"is_not", "not_in"})


class _Demand(Protocol):
    """What is asked of one field."""

    @property
    def possible(self) -> bool:
        """Some value meets it."""

    def narrowed(self, condition: Condition) -> _Demand:
        """With one more condition."""

    def implies(self, condition: Condition) -> bool:
        """Every value that meets it meets the condition."""


class Reach:
    """The orders that conditions let through, field by field."""

    def __init__(self, conditions: Iterable[Condition], closed: Closed | None = None) -> None:
        self._closed = {**_KNOWN_VALUES, **(closed or {})}
        self._demands: dict[str, _Demand] = {}
        for one in conditions:
            before = self._demands.get(one.field) or self._anything(one.field)
            self._demands[one.field] = before.narrowed(one)

    @property
    def possible(self) -> bool:
        """Some order can meet all conditions."""
        return all(demand.possible for demand in self._demands.values())

    def implies(self, conditions: Iterable[Condition]) -> bool:
        """Every order let through meets these conditions as well."""
        return not self.possible or all(map(self._implies, conditions))

    def _implies(self, condition: Condition) -> bool:
        demand = self._demands.get(condition.field)
        if demand is None:
            if condition.field in _MAY_BE_UNKNOWN:
                return False
            demand = self._anything(condition.field)
        return demand.implies(condition)

    def _anything(self, field: str) -> _Demand:
        if field in _NUMBERS:
            return _Span(*_NUMBERS[field])
        return _Tags() if field in _SETS else _Word(self._closed.get(field))


@dataclass(frozen=True, slots=True)
class _Span:
    """A number between two others, both included."""

    low: float
    high: float

    @property
    def possible(self) -> bool:
        return self.low <= self.high

    def narrowed(self, condition: Condition) -> _Span:
        if condition.op == "at_least":
            return _Span(max(self.low, condition.value), self.high)
        return _Span(self.low, min(self.high, condition.value))

    def implies(self, condition: Condition) -> bool:
        if condition.op == "at_least":
            return bool(self.low >= condition.value)
        return bool(self.high <= condition.value)


@dataclass(frozen=True, slots=True)
class _Word:
    """One value: one of `allowed` (None: anything), not excluded, with these parts and heads."""

    allowed: frozenset[Any] | None = None
    excluded: frozenset[Any] = frozenset()
    parts: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        if self.allowed is not None:
            return bool(self._left())
        longest = max(self.heads, key=len, default="")
        return all(map(longest.startswith, self.heads))

    def narrowed(self, condition: Condition) -> _Word:
        words = words_of(condition)
        if condition.op in _POSITIVE:
            return replace(self, allowed=words if self.allowed is None else self.allowed & words)
        if condition.op in _NEGATIVE:
            return replace(self, excluded=self.excluded | words)
        return replace(self, **_searched(self, condition))

    def implies(self, condition: Condition) -> bool:
        words = words_of(condition)
        if self.allowed is not None:
            return all(_meets(value, condition.op, words) for value in self._left())
        if condition.op in _NEGATIVE:
            return not any(map(self._takes, words))
        return _search_implied(self.parts, self.heads, condition)

    def _left(self) -> frozenset[Any]:
        return frozenset(filter(self._takes, self.allowed or ()))

    def _takes(self, value: Any) -> bool:
        if value in self.excluded:
            return False
        has_parts = all(part in value for part in self.parts)
        return has_parts and all(map(str(value).startswith, self.heads))


@dataclass(frozen=True, slots=True)
class _Tags:
    """A set of words: one of each group is in it, none that is excluded, some with each part."""

    groups: tuple[frozenset[Any], ...] = ()
    excluded: frozenset[Any] = frozenset()
    parts: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return all(group - self.excluded for group in self.groups)

    def narrowed(self, condition: Condition) -> _Tags:
        words = words_of(condition)
        if condition.op in _POSITIVE:
            return replace(self, groups=(*self.groups, words))
        if condition.op in _NEGATIVE:
            return replace(self, excluded=self.excluded | words)
        return replace(self, **_searched(self, condition))

    def implies(self, condition: Condition) -> bool:
        words = words_of(condition)
        if condition.op in _NEGATIVE:
            return words <= self.excluded
        left = [group - self.excluded for group in self.groups]
        sure = any(all(_meets(tag, condition.op, words) for tag in group) for group in left)
        return sure or _search_implied(self.parts, self.heads, condition)


def _searched(demand: _Word | _Tags, condition: Condition) -> dict[str, Any]:
    """What changes when it must also contain or start with the condition's word."""
    word = fold(condition.value)
    if condition.op == "contains":
        return {"parts": (*demand.parts, word)}
    return {"heads": (*demand.heads, word)}


def _search_implied(parts: tuple[str, ...], heads: tuple[str, ...], condition: Condition) -> bool:
    """What must be in a text anyway settles the search."""
    if condition.op == "contains":
        return any(fold(condition.value) in known for known in (*parts, *heads))
    if condition.op == "starts_with":
        return any(head.startswith(fold(condition.value)) for head in heads)
    return False


def _meets(value: Any, op: str, words: frozenset[Any]) -> bool:
    if op in _POSITIVE:
        return value in words
    if op in _NEGATIVE:
        return value not in words
    (word,) = words
    return word in value if op == "contains" else bool(value.startswith(word))


class Sieve:
    """Tells facts apart as far as rules can: equal keys, equal decisions.

    A number counts by the limits the rules name that it reaches, anything else as it is; fields no
    rule looks at do not count.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        conditions = [
            one for rule in rules for one in rule.conditions if not condition_problem(one)
        ]
        self._limits: dict[str, list[int]] = {}
        for one in conditions:
            if one.field in _NUMBERS:
                # `at_least 5` turns at 5, `at_most 5` behind it.
                turn = one.value + (one.op == "at_most")
                self._limits.setdefault(one.field, []).append(turn)
        for limits in self._limits.values():
            limits.sort()
        self._plain = sorted({one.field for one in conditions} - self._limits.keys() - _SETS)
        self._sets = sorted({one.field for one in conditions} & _SETS)

    def key(self, facts: Mapping[str, Any]) -> Hashable:
        """What the rules can see of these facts."""
        cells = [
            None if facts[field] is None else bisect_right(limits, facts[field])
            for field, limits in self._limits.items()
        ]
        plain = [facts[field] for field in self._plain]
        return (*cells, *plain, *(frozenset(facts[field]) for field in self._sets))


def words_of(condition: Condition) -> frozenset[Any]:
    """The values a condition names, as comparing sees them."""
    values = condition.value if condition.op in {"in", "not_in"} else [condition.value]
    return frozenset(map(fold, values))


def fold(value: Any) -> Any:
    """A text as comparing sees it; anything else as it is."""
    return value.strip().casefold() if isinstance(value, str) else value
