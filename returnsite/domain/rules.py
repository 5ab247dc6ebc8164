"""Return rules at work: which rule decides what for a line, and how to say so.

A rule applies when all its conditions are met; the first rule that applies wins, for each
effect on its own. A condition about something not known yet (a reason not chosen, a delivery
date missing) is not met. A malformed condition is never met and a malformed effect decides
nothing: checking happens when rules are saved, never in front of a customer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .facts import Choice, LineFacts, OrderFacts
from .policy import Condition, Effect, Rule
from .rule_language import (
    FIELD_OPS,
    EffectKind,
    condition_problem,
    effect_problem,
    rule_from_json,
    rule_to_json,
    validate_rule,
)

__all__ = [
    "FIELD_OPS",
    "CompiledRule",
    "Decision",
    "EffectKind",
    "Facts",
    "RuleBook",
    "compile_rules",
    "decide",
    "decision_to_json",
    "explain",
    "facts_of",
    "match",
    "rule_from_json",
    "rule_to_json",
    "validate_rule",
]

Facts = dict[str, Any]
Test = Callable[[Facts], bool]
_SET_FIELDS = frozenset({"tag", "customer_tag"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule decided for one line; kept with the return for ever."""

    effect: str
    value: Any
    rule_id: int
    rule_name: str
    line_id: int
    text: str = ""
    """What the merchant wrote for the customer to read, if anything."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule made ready for many lines: tests to run and well-formed effects."""

    rule: Rule
    tests: tuple[Test, ...]
    effects: tuple[tuple[str, Any, str], ...]
    """Kind, value and text."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A shop's rules made ready, those that cannot decide anything left out."""

    source: tuple[Rule, ...]
    rules: tuple[CompiledRule, ...]
    closing: tuple[CompiledRule, ...]
    """Those that can open or close a line."""
    closing_reasons: frozenset[str]
    """Reason codes the closing rules name, case-folded."""


_books: dict[int, RuleBook] = {}
_MAX_BOOKS = 64
_CLOSING = frozenset({EffectKind.RETURNABLE, EffectKind.COUNTRY_CLOSED, EffectKind.WINDOW_DAYS})


def compile_rules(rules: tuple[Rule, ...]) -> RuleBook:
    """The rules made ready for many lines; remembered, as every line of an order asks."""
    book = _books.get(id(rules))
    if book is None:
        ready = tuple(filter(None, map(_compile_rule, rules)))
        closing = tuple(one for one in ready if any(part[0] in _CLOSING for part in one.effects))
        book = RuleBook(rules, ready, closing, frozenset().union(*map(_reasons_named, closing)))
        if len(_books) >= _MAX_BOOKS:
            _books.clear()
        # The book holds on to `rules`, so their id is given to no other tuple meanwhile.
        _books[id(rules)] = book
    return book


def _reasons_named(ready: CompiledRule) -> frozenset[str]:
    return frozenset(
        word
        for condition in ready.rule.conditions
        if condition.field == "reason"
        for word in _words(condition)
    )


def _words(condition: Condition) -> list[str]:
    value = condition.value
    return [_fold(word) for word in (value if condition.op in {"in", "not_in"} else [value])]


def _compile_rule(rule: Rule) -> CompiledRule | None:
    effects = tuple(_compile_effect(part) for part in rule.effects if not effect_problem(part))
    if not effects or any(map(condition_problem, rule.conditions)):
        return None
    return CompiledRule(rule, tuple(map(_compile_condition, rule.conditions)), effects)


def _compile_effect(effect: Effect) -> tuple[str, Any, str]:
    value, text = effect.value, ""
    if isinstance(value, Mapping):
        value, text = effect.value["returnable"], effect.value.get("text", "")
    return str(effect.kind), tuple(value) if isinstance(value, list) else value, text


def _compile_condition(condition: Condition) -> Test:
    field, op, value = condition.field, condition.op, condition.value
    if op == "at_least":
        return lambda facts: facts[field] is not None and facts[field] >= value
    if op == "at_most":
        return lambda facts: facts[field] is not None and facts[field] <= value
    if field == "final_sale":
        return lambda facts: facts[field] is value
    words = _words(condition)
    if op in {"contains", "starts_with"}:
        return _compile_search(field, op, words[0])
    return _compile_membership(field, frozenset(words), wanted=op in {"is", "in"})


def _compile_membership(field: str, words: frozenset[str], *, wanted: bool) -> Test:
    if field in _SET_FIELDS:
        return lambda facts: words.isdisjoint(facts[field]) is not wanted
    return lambda facts: facts[field] is not None and (facts[field] in words) is wanted


def _compile_search(field: str, op: str, word: str) -> Test:
    found: Callable[[str], bool] = (
        (lambda text: word in text) if op == "contains" else (lambda text: text.startswith(word))
    )
    if field in _SET_FIELDS:
        return lambda facts: any(map(found, facts[field]))
    return lambda facts: found(facts[field])


def facts_of(
    order: OrderFacts, line: LineFacts, choice: Choice | None, days_since_delivery: int | None
) -> Facts:
    """The value of every field a condition can name; None where it is not known."""
    return {
        "country": order.country.casefold(),
        "sku": _fold(line.sku),
        "title": _fold(line.title),
        "category": _fold(line.category),
        "tag": {_fold(tag) for tag in line.tags},
        "price": line.unit_paid,
        "discount_percent": _discount_percent(line),
        "days_since_delivery": days_since_delivery,
        "reason": _fold(choice.reason) if choice and choice.reason else None,
        "resolution": _fold(choice.resolution) if choice and choice.resolution else None,
        "order_value": order.value,
        "customer_tag": {_fold(tag) for tag in order.customer_tags},
        "final_sale": line.final_sale,
    }


def _fold(text: str) -> str:
    return text.strip().casefold()


def _discount_percent(line: LineFacts) -> int | None:
    """Discount on the list price in whole per cents, half up; None without a list price."""
    if not line.list_price or line.list_price < 0:
        return None
    full = line.list_price * line.quantity
    return max(0, (200 * (full - line.line_paid) + full) // (2 * full))


def match(rules: Sequence[CompiledRule], facts: Facts, line_id: int) -> dict[str, Decision]:
    """The deciding rule for each effect any rule decides, by effect kind."""
    decided: dict[str, Decision] = {}
    for ready in rules:
        for test in ready.tests:
            if not test(facts):
                break
        else:
            _take_effects(ready, line_id, decided)
    return decided


def _take_effects(ready: CompiledRule, line_id: int, decided: dict[str, Decision]) -> None:
    rule = ready.rule
    for kind, value, text in ready.effects:
        if kind not in decided:
            decided[kind] = Decision(kind, value, rule.id, rule.name, line_id, text)


def decide(
    rules: tuple[Rule, ...],
    order: OrderFacts,
    line: LineFacts,
    choice: Choice | None,
    *,
    days_since_delivery: int | None,
) -> dict[str, Decision]:
    """What the rules decide for one line, by effect kind. Never raises on malformed rules."""
    facts = facts_of(order, line, choice, days_since_delivery)
    return match(compile_rules(rules).rules, facts, line.line_id)


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """A plain dict to keep with the return."""
    value = decision.value
    plain = [str(part) for part in value] if isinstance(value, tuple) else value
    return {
        "effect": decision.effect,
        "value": plain,
        "rule_id": decision.rule_id,
        "rule_name": decision.rule_name,
        "line_id": decision.line_id,
        "text": decision.text,
    }


def explain(decision: Decision) -> tuple[str, dict[str, Any]]:
    """Message code and parameters for a person; always with the rule's name as `rule`.

    rule_returnable and rule_not_returnable (text), rule_country_closed, rule_country_open,
    rule_fee (amount), rule_fee_free, rule_window_days (days), rule_resolutions (resolutions),
    rule_methods (methods), rule_manual_approval, rule_automatic_approval.
    """
    code, params = _EXPLAINERS[EffectKind(decision.effect)](decision)
    return code, {"rule": decision.rule_name, **params}


Explained = tuple[str, dict[str, Any]]


def _either(yes: str, no: str) -> Callable[[Decision], Explained]:
    return lambda decision: (yes if decision.value else no, {"text": decision.text})


def _value_as(code: str, name: str) -> Callable[[Decision], Explained]:
    return lambda decision: (code, {name: decision.value})


def _explain_fee(decision: Decision) -> Explained:
    return ("rule_fee", {"amount": decision.value}) if decision.value else ("rule_fee_free", {})


_EXPLAINERS: Mapping[StrEnum, Callable[[Decision], Explained]] = {
    EffectKind.RETURNABLE: _either("rule_returnable", "rule_not_returnable"),
    EffectKind.COUNTRY_CLOSED: _either("rule_country_closed", "rule_country_open"),
    EffectKind.FEE: _explain_fee,
    EffectKind.WINDOW_DAYS: _value_as("rule_window_days", "days"),
    EffectKind.RESOLUTIONS: _value_as("rule_resolutions", "resolutions"),
    EffectKind.METHODS: _value_as("rule_methods", "methods"),
    EffectKind.MANUAL_APPROVAL: _either("rule_manual_approval", "rule_automatic_approval"),
}
