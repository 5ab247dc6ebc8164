"""Whether a line can come back, until when, and what the customer may ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from .facts import Choice, LineFacts, OrderFacts
from .policy import Method, Policy, Resolution
from .rules import Decision, EffectKind, Facts, compile_rules, facts_of, match
from .window import closed_by_unknown_delivery, days_since_delivery, is_open, line_window

Offer = TypeVar("Offer", Resolution, Method)
Status = Literal["open", "conditional", "closed"]
Why = tuple[str, dict[str, Any]]
Decided = Mapping[str, Decision]
_FINAL = frozenset({"cancelled", "not_goods", "not_shipped", "all_returned"})
"""Closed whatever the reason."""


@dataclass(frozen=True, slots=True)
class LineAssessment:
    """The answer for one line.

    `why` and `params` say what closes it (also for `conditional`: what closes it without one of
    `allowed_reasons`). `max_quantity` is 0 when closed. `deadline` is the first instant that is
    too late and `last_day` the last local day, both None without an end. `allowed_reasons` are
    the reason codes for which the line is open, None when the reason makes no difference.
    `decisions` are those behind this answer; fees are decided for the return, in `fees`.
    """

    line_id: int
    status: Status
    max_quantity: int
    why: str | None
    params: dict[str, Any]
    deadline: datetime | None
    last_day: date | None
    allowed_reasons: tuple[str, ...] | None
    resolutions: tuple[Resolution, ...]
    methods: tuple[Method, ...]
    manual_approval: bool
    decisions: tuple[Decision, ...]


def assess_line(
    policy: Policy, order: OrderFacts, line: LineFacts, choice: Choice | None, *, now: datetime
) -> LineAssessment:
    """Assess one line, with the customer's answers as far as they are known.

    What closes a line, the first that holds: the order was cancelled (`cancelled`), the line is
    not goods (`not_goods`), a rule closes the country (`country_closed`), nothing of it was
    shipped in this parcel (`not_shipped`), all of it is already in a return (`all_returned`), a
    rule or the final sale refuses it (`not_returnable`; a rule saying "returnable" lifts the
    final sale), the window unless staff has lifted it: `window_unknown_closed`, `window_over`.

    With a reason in `choice` the answer is exact. Without one, a closed line that some reason
    opens is `conditional`, and an open line lists the reasons if any of them closes it.
    A rule narrows resolutions and methods to those the shop offers; one that would leave
    nothing is passed over, so that nobody gets stuck.
    """
    case = _Case(policy, order, line, now)
    facts = case.facts(choice)
    decided = match(case.book.rules, facts, line.line_id)
    why = case.closed_by(decided)
    allowed = case.allowed_reasons(facts, why)
    if allowed == () and why is None:
        why = case.closed_for(facts, policy.reasons[0].code)
    unsettled = allowed and facts["reason"] is None
    status: Status = ("conditional" if unsettled else "closed") if why else "open"
    end = case.window(decided)
    return LineAssessment(
        line_id=line.line_id,
        status=status,
        max_quantity=0 if status == "closed" else line.qty_open,
        why=why[0] if why else None,
        params=why[1] if why else {},
        deadline=end[0] if end else None,
        last_day=end[1] if end else None,
        allowed_reasons=allowed,
        resolutions=_narrowed(policy.resolutions, decided.get(EffectKind.RESOLUTIONS)),
        methods=_narrowed(policy.methods, decided.get(EffectKind.METHODS)),
        manual_approval=_approval(policy, decided),
        decisions=tuple(d for kind, d in decided.items() if kind != EffectKind.FEE),
    )


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What rules' decisions come to for one line when nothing is left to be asked.

    `why` says what closes it, None when it is open; the rest as in `LineAssessment`.
    """

    why: str | None
    last_day: date | None
    resolutions: tuple[Resolution, ...]
    methods: tuple[Method, ...]
    manual_approval: bool


def judge_line(
    policy: Policy, order: OrderFacts, line: LineFacts, decided: Decided, *, now: datetime
) -> LineVerdict:
    """`assess_line` where the decisions are known already, for thousands of lines at a time."""
    case = _Case(policy, order, line, now)
    why = case.closed_by(decided)
    end = case.window(decided)
    return LineVerdict(
        why=why[0] if why else None,
        last_day=end[1] if end else None,
        resolutions=_narrowed(policy.resolutions, decided.get(EffectKind.RESOLUTIONS)),
        methods=_narrowed(policy.methods, decided.get(EffectKind.METHODS)),
        manual_approval=_approval(policy, decided),
    )


def _narrowed(offered: tuple[Offer, ...], decision: Decision | None) -> tuple[Offer, ...]:
    """What the shop offers and the rule allows, in the shop's order."""
    if decision is None:
        return offered
    return tuple(one for one in offered if one in decision.value) or offered


def _approval(policy: Policy, decided: Decided) -> bool:
    """Whether a person must look at it: a rule's word counts above the shop's setting."""
    decision = decided.get(EffectKind.MANUAL_APPROVAL)
    return bool(decision.value) if decision else policy.manual_approval


class _Case:
    """One line with everything its decisions depend on but the customer's choice."""

    def __init__(self, policy: Policy, order: OrderFacts, line: LineFacts, now: datetime) -> None:
        self.policy = policy
        self.order = order
        self.line = line
        self.now = now
        self.book = compile_rules(policy.rules)
        self.days = days_since_delivery(line, now, policy.time_zone)

    def facts(self, choice: Choice | None) -> Facts:
        """What conditions can look at."""
        return facts_of(self.order, self.line, choice, self.days)

    def closed_by(self, decided: Decided) -> Why | None:
        """What closes the line, in the order `assess_line` promises; None when it is open."""
        return self._closed_for_good(decided) or self._refused(decided) or self._too_late(decided)

    def _closed_for_good(self, decided: Decided) -> Why | None:
        if self.order.cancelled:
            return "cancelled", {}
        if not self.line.is_goods:
            return "not_goods", {}
        country = decided.get(EffectKind.COUNTRY_CLOSED)
        if country and country.value:
            return "country_closed", {"country": self.order.country, "rule": country.rule_name}
        if self.line.qty_shipped <= 0:
            return "not_shipped", {}
        return ("all_returned", {}) if self.line.qty_open <= 0 else None

    def _refused(self, decided: Decided) -> Why | None:
        verdict = decided.get(EffectKind.RETURNABLE)
        if verdict is None:
            return ("not_returnable", {"final_sale": True}) if self.line.final_sale else None
        if verdict.value:
            return None
        return "not_returnable", {"rule": verdict.rule_name, "text": verdict.text}

    def _too_late(self, decided: Decided) -> Why | None:
        if self.order.window_lifted:
            return None
        if closed_by_unknown_delivery(self.policy, self.line):
            return "window_unknown_closed", {}
        end = self.window(decided)
        if end is None or is_open(self.now, end[0]):
            return None
        return "window_over", {"last_day": end[1]}

    def window(self, decided: Decided) -> tuple[datetime, date] | None:
        """Deadline and last day with the window the rules or the shop give."""
        rule = decided.get(EffectKind.WINDOW_DAYS)
        days = rule.value if rule else self.policy.window_days
        return line_window(self.policy, self.line, days)

    def allowed_reasons(self, facts: Facts, why: Why | None) -> tuple[str, ...] | None:
        """Reason codes that leave the line open; None when no reason changes anything.

        Only reasons that some closing rule names are tried, and one for all the others, which
        no rule can tell apart.
        """
        named = self.book.closing_reasons
        if not named or not self.policy.reasons or (why and why[0] in _FINAL):
            return None
        answers: dict[str, bool] = {}
        allowed = []
        for reason in self.policy.reasons:
            key = reason.code.casefold() if reason.code.casefold() in named else ""
            if key not in answers:
                answers[key] = self.closed_for(facts, reason.code) is None
            if answers[key]:
                allowed.append(reason.code)
        no_difference = len(allowed) == (0 if why else len(self.policy.reasons))
        return None if no_difference else tuple(allowed)

    def closed_for(self, facts: Facts, reason: str) -> Why | None:
        """What closes the line if this were the reason."""
        with_reason = facts | {"reason": reason.casefold()}
        return self.closed_by(match(self.book.closing, with_reason, self.line.line_id))
