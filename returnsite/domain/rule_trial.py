"""Trying out other rules on what was really bought: what each item would come to, and why.

An item that came back is judged by its own reason, resolution, method and date. One that did
not is judged as if it came back, once without a reason and once for each reason the rules tell
apart. Units already returned count as not returned: the trial is about rules, not about stock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from .eligibility import LineAssessment, assess_line
from .facts import Basket, Choice, LineFacts, OrderFacts
from .fees import quote_fee
from .policy import Fault, Policy, ReasonSpec
from .rule_logic import words_of
from .rules import Decision, EffectKind, Facts, compile_rules, facts_of, match
from .window import days_since_delivery

Kind = Literal["refused", "accepted", "fee", "other"]
_WEIGHT: Mapping[str, int] = {"refused": 4, "accepted": 3, "fee": 2, "other": 1}
_REST = (
    ("last_day", EffectKind.WINDOW_DAYS),
    ("resolutions", EffectKind.RESOLUTIONS),
    ("methods", EffectKind.METHODS),
    ("manual_approval", EffectKind.MANUAL_APPROVAL),
)
"""What else a customer notices: parts of an assessment, and the effect that decides them."""
Decided = Mapping[str, Decision]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one item comes to. `about` says what `value` is: closed (why), open (reasons that open
    it, None: any), fee (amount), last_day, resolutions, methods or manual_approval. `rule_id`
    decided it, 0: the settings."""

    about: str
    value: Any
    rule_id: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that other rules treat differently; `reason` and `fault` as far as one was given."""

    kind: Kind
    now: Outcome
    then: Outcome
    reason: str | None
    fault: str | None

    @property
    def weight(self) -> int:
        """How much it matters to a customer."""
        return _WEIGHT[self.kind]


@dataclass(frozen=True, slots=True)
class Case:
    """One item at one moment. `choice` has the reason and resolution of a real return, or none."""

    order: OrderFacts
    line: LineFacts
    choice: Choice
    now: datetime
    method: str | None = None


class Trial:
    """Two sets of rules side by side, all other settings equal."""

    def __init__(self, live: Policy, draft: Policy) -> None:
        self.live = live
        self.draft = draft
        self._live = compile_rules(live.rules).rules
        self._draft = compile_rules(draft.rules).rules
        self._reasons = (None, *_told_apart(live, draft))

    def judge(self, case: Case) -> Difference | None:
        """What the draft changes for this item, the most important thing; None for nothing."""
        days = days_since_delivery(case.line, case.now, self.live.time_zone)
        facts = facts_of(case.order, case.line, case.choice, days)
        if case.choice.reason is not None:
            return self._compare(case, facts)
        found: Difference | None = None
        for reason in self._reasons:
            facts["reason"] = reason and reason.casefold()
            one = self._compare(replace(case, choice=replace(case.choice, reason=reason)), facts)
            if one and (found is None or one.weight > found.weight):
                found = one
        return found

    def sides(self, case: Case) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
        """All there is to say about one item, by the live rules and by the draft's."""
        return outcomes(self.live, case), outcomes(self.draft, case)

    def fees(self, cases: Sequence[Case]) -> tuple[int, int]:
        """What the items cost as one return, by the live rules and by the draft's."""
        return _fee(self.live, cases)[0], _fee(self.draft, cases)[0]

    def _compare(self, case: Case, facts: Facts) -> Difference | None:
        line_id = case.line.line_id
        now = match(self._live, facts, line_id)
        then = match(self._draft, facts, line_id)
        if _values(now) == _values(then):
            return None
        found = self._difference(case, now, then)
        if found is None:
            return None
        reason = self.live.reason(case.choice.reason) if case.choice.reason else None
        fault = str(reason.fault) if reason else None
        return Difference(*found, case.choice.reason, fault)

    def _difference(
        self, case: Case, now: Decided, then: Decided
    ) -> tuple[Kind, Outcome, Outcome] | None:
        before = _assess(self.live, case)
        after = _assess(self.draft, case)
        was, becomes = _closed(before, now), _closed(after, then)
        if bool(was) is not bool(becomes):
            kind: Kind = "refused" if becomes else "accepted"
            fallback = _cause(now, EffectKind.RETURNABLE), _cause(then, EffectKind.RETURNABLE)
            return (
                kind,
                was or Outcome("open", None, fallback[0]),
                becomes or Outcome("open", None, fallback[1]),
            )
        if was:
            return None
        fees = _fee(self.live, [case]), _fee(self.draft, [case])
        if fees[0][0] != fees[1][0]:
            return "fee", Outcome("fee", *fees[0]), Outcome("fee", *fees[1])
        return _other(before, after, now, then)


def outcomes(policy: Policy, case: Case) -> tuple[Outcome, ...]:
    """Why it is closed, or that it is open (which reasons open it, where not all do), its fee, last
    day, resolutions, methods and approval."""
    days = days_since_delivery(case.line, case.now, policy.time_zone)
    facts = facts_of(case.order, case.line, case.choice, days)
    decided = match(compile_rules(policy.rules).rules, facts, case.line.line_id)
    assessment = _assess(policy, case)
    if closed := _closed(assessment, decided):
        return (closed,)
    opened = Outcome("open", assessment.allowed_reasons, _cause(decided, EffectKind.RETURNABLE))
    rest = (
        Outcome(about, getattr(assessment, about), _cause(decided, kind)) for about, kind in _REST
    )
    return opened, Outcome("fee", *_fee(policy, [case])), *rest


def _assess(policy: Policy, case: Case) -> LineAssessment:
    return assess_line(policy, case.order, case.line, case.choice, now=case.now)


def _closed(assessment: LineAssessment, decided: Decided) -> Outcome | None:
    """Why it cannot come back; one that some reason opens can."""
    if assessment.status != "closed":
        return None
    kinds = {
        "country_closed": EffectKind.COUNTRY_CLOSED,
        "window_over": EffectKind.WINDOW_DAYS,
    }
    kind = kinds.get(assessment.why or "", EffectKind.RETURNABLE)
    return Outcome("closed", assessment.why, _cause(decided, kind))


def _cause(decided: Decided, kind: str) -> int:
    decision = decided.get(kind)
    return decision.rule_id if decision else 0


def _fee(policy: Policy, cases: Sequence[Case]) -> tuple[int, int]:
    """The fee of one return, and the rule that set it (0: the fee settings)."""
    first = cases[0]
    quote = quote_fee(
        policy,
        first.order,
        [case.line for case in cases],
        Basket(tuple(case.choice for case in cases)),
        method=first.method,
        refundable=sum(case.line.unit_paid * case.choice.quantity for case in cases),
        now=first.now,
    )
    dearest = quote.decisions[0] if quote.decisions else None
    by_rule = dearest and quote.waived_by in {None, "rule"} and dearest.value == quote.amount
    return quote.amount, dearest.rule_id if dearest and by_rule else 0


def _other(
    before: LineAssessment, after: LineAssessment, now: Decided, then: Decided
) -> tuple[Kind, Outcome, Outcome] | None:
    """The first of what else a customer would notice."""
    for about, kind in _REST:
        was, becomes = getattr(before, about), getattr(after, about)
        if was != becomes:
            return (
                "other",
                Outcome(about, was, _cause(now, kind)),
                Outcome(about, becomes, _cause(then, kind)),
            )
    return None


def _values(decided: Decided) -> dict[str, Any]:
    return {kind: decision.value for kind, decision in decided.items()}


def _told_apart(live: Policy, draft: Policy) -> Iterable[str]:
    """One reason of each sort that conditions, or who is at fault, tell apart.

    Reasons no condition names are alike within their fault; where no rule asks for a reason,
    none is needed.
    """
    named = [
        words_of(condition)
        for book in (compile_rules(live.rules), compile_rules(draft.rules))
        for ready in book.rules
        for condition in ready.rule.conditions
        if condition.field == "reason"
    ]
    sorts: dict[tuple[Any, ...], str] = {}
    for reason in live.reasons if named else ():
        sorts.setdefault(_sort(reason, named), reason.code)
    return sorts.values()


def _sort(reason: ReasonSpec, named: Sequence[frozenset[Any]]) -> tuple[Any, ...]:
    fault = reason.fault is not Fault.CUSTOMER
    return fault, *(reason.code.casefold() in words for words in named)
