"""Trying out other rules on what was really bought: what each item would come to, and why.

An item that came back is judged by its own reason, resolution, method and date. One that did
not is judged as if it came back, once for each sort of reason the rules tell apart. Units already
returned count as not returned: the trial is about rules, not about stock.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .eligibility import LineVerdict, assess_line, judge_line
from .facts import Choice, LineFacts, OrderFacts
from .fees import settle_fee
from .policy import Fault, Policy, ReasonSpec
from .rule_language import effect_problem
from .rule_logic import Sieve, words_of
from .rules import CompiledRule, Decision, EffectKind, Facts, compile_rules, facts_of, match
from .window import days_since_delivery, shop_day

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
Pair = tuple[Decided, Decided]
"""What the live rules and the draft's decide for one item."""


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
        self._reasons: tuple[str | None, ...] = tuple(_told_apart(live, draft)) or (None,)
        self._sieve = Sieve((*live.rules, *draft.rules))
        self._seen: dict[Hashable, Pair | None] = {}
        self._found: dict[Hashable, tuple[Pair, Difference | None]] = {}
        self._dearest = _dearest_fee(live, draft)

    def judge(self, case: Case) -> Difference | None:
        """What the draft changes for this item, the most important thing; None for nothing."""
        days = days_since_delivery(case.line, case.now, self.live.time_zone)
        facts = facts_of(case.order, case.line, case.choice, days)
        if case.choice.reason is not None:
            return self._compare(case, facts)
        found: Difference | None = None
        for reason in self._reasons:
            facts["reason"] = reason and reason.casefold()
            one = self._decide(facts) and self._compare(_for_reason(case, reason), facts)
            if one and (found is None or one.weight > found.weight):
                found = one
        return found

    def sides(self, case: Case) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
        """All there is to say about one item, by the live rules and by the draft's."""
        return outcomes(self.live, case), outcomes(self.draft, case)

    def fees(self, cases: Sequence[Case]) -> tuple[int, int]:
        """What the items cost as one return, by the live rules and by the draft's."""
        live = [self._decided(self._live, case) for case in cases]
        draft = [self._decided(self._draft, case) for case in cases]
        return _fee(self.live, cases, live)[0], _fee(self.draft, cases, draft)[0]

    def _decided(self, rules: Sequence[CompiledRule], case: Case) -> Decided:
        return match(rules, _facts(self.live, case), case.line.line_id)

    def _decide(self, facts: Facts) -> Pair | None:
        """What the two sets decide, None when it is the same; many items are alike to the rules."""
        key = self._sieve.key(facts)
        if key not in self._seen:
            if len(self._seen) >= _MOST_KEYS:
                self._seen.clear()
            pair = match(self._live, facts, 0), match(self._draft, facts, 0)
            self._seen[key] = None if _values(pair[0]) == _values(pair[1]) else pair
        return self._seen[key]

    def _compare(self, case: Case, facts: Facts) -> Difference | None:
        pair = self._decide(facts)
        if pair is None:
            return None
        key = id(pair), *self._situation(case)
        if key not in self._found:
            if len(self._found) >= _MOST_KEYS:
                self._found.clear()
            # With the pair beside it, so that its id is given to no other meanwhile.
            self._found[key] = pair, self._explained(case, *pair)
        return self._found[key][1]

    def _situation(self, case: Case) -> tuple[Hashable, ...]:
        """All that what is decided comes to depends on, besides the shop's settings.

        Windows count in local days, and only a refund below the fees makes these smaller.
        """
        order, line, choice, zone = case.order, case.line, case.choice, self.live.time_zone
        free_from = self.live.fees.free_from_order_value
        return (
            line.delivered_at and shop_day(line.delivered_at, zone),
            line.shipped_at and shop_day(line.shipped_at, zone),
            shop_day(case.now, zone),
            (line.final_sale, line.is_goods, line.qty_shipped > 0, line.qty_open > 0),
            (order.country, order.currency, order.cancelled),
            free_from is not None and order.value >= free_from,
            (choice.reason, choice.resolution, case.method),
            min(line.unit_paid * choice.quantity, self._dearest),
        )

    def _explained(self, case: Case, now: Decided, then: Decided) -> Difference | None:
        found = self._difference(case, now, then)
        if found is None:
            return None
        reason = self.live.reason(case.choice.reason) if case.choice.reason else None
        return Difference(*found, case.choice.reason, str(reason.fault) if reason else None)

    def _difference(
        self, case: Case, now: Decided, then: Decided
    ) -> tuple[Kind, Outcome, Outcome] | None:
        before = judge_line(self.live, case.order, case.line, now, now=case.now)
        after = judge_line(self.draft, case.order, case.line, then, now=case.now)
        if bool(before.why) is not bool(after.why):
            kind: Kind = "refused" if after.why else "accepted"
            return kind, _closed_or_open(before.why, now), _closed_or_open(after.why, then)
        if before.why:
            return None
        was = Outcome("fee", *_fee(self.live, [case], [now]))
        becomes = Outcome("fee", *_fee(self.draft, [case], [then]))
        if was.value != becomes.value:
            return "fee", was, becomes
        return _other(before, after, now, then)


_MOST_KEYS = 50_000


def _dearest_fee(*policies: Policy) -> int:
    """No return costs more than this."""
    effects = [effect for policy in policies for rule in policy.rules for effect in rule.effects]
    fees = [int(one.value) for one in effects if one.kind == "fee" and not effect_problem(one)]
    scheduled = [entry.amount for policy in policies for entry in policy.fees.entries]
    return max([0, *fees, *scheduled])


def _for_reason(case: Case, reason: str | None) -> Case:
    """The same item back for this reason; `dataclasses.replace` would take most of the time."""
    choice = Choice(case.choice.line_id, case.choice.quantity, reason)
    return Case(case.order, case.line, choice, case.now, case.method)


def _facts(policy: Policy, case: Case) -> Facts:
    days = days_since_delivery(case.line, case.now, policy.time_zone)
    return facts_of(case.order, case.line, case.choice, days)


def outcomes(policy: Policy, case: Case) -> tuple[Outcome, ...]:
    """Why it is closed, or that it is open (which reasons open it, where not all do), its fee, last
    day, resolutions, methods and approval."""
    decided = match(compile_rules(policy.rules).rules, _facts(policy, case), case.line.line_id)
    assessment = assess_line(policy, case.order, case.line, case.choice, now=case.now)
    if assessment.status == "closed":
        return (_closed_or_open(assessment.why, decided),)
    returnable = _cause(decided, EffectKind.RETURNABLE)
    rest = (
        Outcome(about, getattr(assessment, about), _cause(decided, kind)) for about, kind in _REST
    )
    return (
        Outcome("open", assessment.allowed_reasons, returnable),
        Outcome("fee", *_fee(policy, [case], [decided])),
        *rest,
    )


def _closed_or_open(why: str | None, decided: Decided) -> Outcome:
    kind = _CLOSED_BY.get(why or "", EffectKind.RETURNABLE)
    rule_id = _cause(decided, kind)
    return Outcome("closed", why, rule_id) if why else Outcome("open", None, rule_id)


_CLOSED_BY: Mapping[str, EffectKind] = {
    "country_closed": EffectKind.COUNTRY_CLOSED,
    "window_over": EffectKind.WINDOW_DAYS,
}
"""What decides about a line that is closed for this; else whether it can be returned."""


def _cause(decided: Decided, kind: str) -> int:
    decision = decided.get(kind)
    return decision.rule_id if decision else 0


def _fee(policy: Policy, cases: Sequence[Case], decided: Sequence[Decided]) -> tuple[int, int]:
    """The fee of one return, and the rule that set it (0: the fee settings)."""
    first = cases[0]
    quote = settle_fee(
        policy,
        first.order,
        [case.choice for case in cases],
        [one[EffectKind.FEE] for one in decided if EffectKind.FEE in one],
        method=first.method,
        refundable=sum(case.line.unit_paid * case.choice.quantity for case in cases),
    )
    dearest = quote.decisions[0] if quote.decisions else None
    by_rule = dearest and quote.waived_by in {None, "rule"} and dearest.value == quote.amount
    return quote.amount, dearest.rule_id if dearest and by_rule else 0


def _other(
    before: LineVerdict, after: LineVerdict, now: Decided, then: Decided
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
