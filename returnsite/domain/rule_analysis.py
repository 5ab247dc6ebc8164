"""What a shopkeeper should know about rules before customers meet them.

Looks at the rules alone, no orders. Each finding is certain; some may be missed, e.g. a rule
that two earlier ones cover together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .policy import Condition, Effect, Resolution, Rule
from .rule_language import EffectKind, condition_problem, effect_problem
from .rule_logic import Reach, fold, words_of

WITHDRAWAL_DAYS = 14
"""Days from delivery in which a consumer in the EU may change their mind."""


@dataclass(frozen=True, slots=True)
class Known:
    """What exists, so that a rule about what is gone is noticed. Words are case-folded."""

    reasons: frozenset[str] = frozenset()
    fault_reasons: tuple[str, ...] = ()
    """Codes of reasons that are the shop's or the carrier's fault, as the shop writes them."""
    others: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For fields that are checked at all (country, sku, category): the words that exist."""
    consumer_countries: frozenset[str] = frozenset()
    """Countries with the right of withdrawal."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at in one rule.

    never: its conditions exclude each other. unreachable: earlier `rules` decide all its effects.
    shadowed: earlier `rules` decide `effect` whenever it applies. contradiction: where both
    apply, the earlier `rules` win for `effect`. gone: `words` of `field` no longer exist.
    refuses_faulty: refuses `reasons` that are the shop's fault. refuses_withdrawal,
    short_window (`days`), no_money: less than EU consumers may ask for within 14 days.
    """

    code: str
    rule_id: int
    effect: str = ""
    rules: tuple[int, ...] = ()
    field: str = ""
    words: tuple[str, ...] = ()
    days: int = 0


def analyse(rules: Sequence[Rule], known: Known) -> list[Finding]:
    """All findings, rule by rule. Malformed rules are passed over."""
    closed = {"reason": known.reasons | named_words(rules, "reason")} if known.reasons else {}
    cases: list[_Case] = []
    findings: list[Finding] = []
    for rule in rules:
        if any(map(condition_problem, rule.conditions)) or any(map(effect_problem, rule.effects)):
            continue
        case = _Case(rule, Reach(rule.conditions, closed), closed)
        findings += _gone(rule, known)
        if not case.reach.possible:
            findings.append(Finding("never", rule.id))
            continue
        findings += _findings(case, cases, known)
        cases.append(case)
    return findings


@dataclass(frozen=True, slots=True)
class _Case:
    rule: Rule
    reach: Reach
    closed: Mapping[str, frozenset[Any]]

    def value(self, kind: str) -> Any:
        """What it decides about `kind`, None when nothing."""
        return next((plain_value(one) for one in self.rule.effects if one.kind == kind), None)

    def joined(self, *conditions: Condition) -> Reach:
        """What it lets through of that for which `conditions` hold as well."""
        return Reach((*self.rule.conditions, *conditions), self.closed)


def plain_value(effect: Effect) -> Any:
    """What is decided, without the customer's text and the order of a list."""
    value = effect.value
    if isinstance(value, Mapping):
        value = value["returnable"]
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else value


def _findings(case: _Case, earlier: Sequence[_Case], known: Known) -> Iterator[Finding]:
    shadows = {
        str(effect.kind): [
            one
            for one in earlier
            if one.value(effect.kind) is not None and case.reach.implies(one.rule.conditions)
        ]
        for effect in case.rule.effects
    }
    if all(shadows.values()):
        firsts = dict.fromkeys(found[0].rule.id for found in shadows.values())
        yield Finding("unreachable", case.rule.id, rules=tuple(firsts))
        return
    for kind, found in shadows.items():
        if found:
            yield Finding("shadowed", case.rule.id, kind, (found[0].rule.id,))
        else:
            yield from _contradictions(case, earlier, kind)
    live = [kind for kind, found in shadows.items() if not found]
    yield from _refused_faults(case, earlier, live, known)
    yield from _withdrawal(case, live, known)


def _contradictions(case: _Case, earlier: Sequence[_Case], kind: str) -> Iterator[Finding]:
    """Earlier rules that say something else where both apply.

    One that is narrower in every respect is an exception made on purpose, not a contradiction.
    """
    value = case.value(kind)
    winners = tuple(
        one.rule.id
        for one in earlier
        if one.value(kind) not in {None, value}
        and case.joined(*one.rule.conditions).possible
        and not one.reach.implies(case.rule.conditions)
    )
    if winners:
        yield Finding("contradiction", case.rule.id, kind, winners)


def _refused_faults(
    case: _Case, earlier: Sequence[_Case], kinds: Sequence[str], known: Known
) -> Iterator[Finding]:
    refusing = [kind for kind in kinds if _refuses(case, kind)]
    reasons = tuple(
        code
        for code in known.fault_reasons
        if any(_refuses_reason(case, earlier, kind, code) for kind in refusing)
    )
    if reasons:
        yield Finding("refuses_faulty", case.rule.id, refusing[0], field="reason", words=reasons)


def _refuses(case: _Case, kind: str) -> bool:
    value = case.value(kind)
    return (kind == EffectKind.RETURNABLE and value is False) or (
        kind == EffectKind.COUNTRY_CLOSED and value is True
    )


def _refuses_reason(case: _Case, earlier: Sequence[_Case], kind: str, code: str) -> bool:
    """With this reason it can apply, and no earlier rule always has its say first."""
    reach = case.joined(Condition("reason", "is", code))
    return reach.possible and not any(
        one.value(kind) is not None and reach.implies(one.rule.conditions) for one in earlier
    )


def _withdrawal(case: _Case, kinds: Sequence[str], known: Known) -> Iterator[Finding]:
    consumers = tuple(sorted(known.consumer_countries))
    early = (
        Condition("days_since_delivery", "at_most", WITHDRAWAL_DAYS),
        Condition("country", "in", consumers),
    )
    if not consumers or not case.joined(*early).possible:
        return
    days = case.value(EffectKind.WINDOW_DAYS)
    if EffectKind.WINDOW_DAYS in kinds and days < WITHDRAWAL_DAYS:
        yield Finding("short_window", case.rule.id, EffectKind.WINDOW_DAYS, days=days)
    if any(_refuses(case, kind) for kind in kinds):
        yield Finding("refuses_withdrawal", case.rule.id, EffectKind.RETURNABLE)
    offered = case.value(EffectKind.RESOLUTIONS)
    if EffectKind.RESOLUTIONS in kinds and Resolution.MONEY not in offered:
        yield Finding("no_money", case.rule.id, EffectKind.RESOLUTIONS)


def _gone(rule: Rule, known: Known) -> Iterator[Finding]:
    there = {**known.others, **({"reason": known.reasons} if known.reasons else {})}
    for condition in rule.conditions:
        if condition.op not in {"is", "in", "is_not", "not_in"} or condition.field not in there:
            continue
        named = condition.value if condition.op.endswith("in") else (condition.value,)
        words = tuple(word for word in named if fold(word) not in there[condition.field])
        if words:
            yield Finding("gone", rule.id, field=condition.field, words=words)


def named_words(rules: Sequence[Rule], field: str) -> frozenset[str]:
    """The words rules name exactly for a field, case-folded, to ask which of them exist."""
    return frozenset().union(
        *(
            words_of(condition)
            for rule in rules
            for condition in rule.conditions
            if condition.field == field
            and condition.op in {"is", "in", "is_not", "not_in"}
            and not condition_problem(condition)
        )
    )
