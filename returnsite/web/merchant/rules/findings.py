"""What to look at in the rules, in a shopkeeper's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....domain.rule_analysis import Finding
from ....services.rules.draft import RulesState
from ....services.rules.sentences import Vocabulary
from ...i18n import gettext as _

Say = Callable[[Finding, RulesState, Vocabulary], str]

MOST = 10
"""Findings of a sort that are shown; once some are mended, the others come up."""

_WARNINGS = frozenset({"never", "unreachable", "gone", "refuses_faulty", "shadowed"})
_LAW = frozenset({"refuses_withdrawal", "short_window", "no_money"})


def finding_items(
    findings: Sequence[Finding], state: RulesState, words: Vocabulary
) -> dict[str, Any]:
    """The findings in three lists: certain mistakes, overlaps, and what the law says.

    `more` says how many of each are left out, `quiet` how many there are but mistakes.
    """
    groups: dict[str, list[dict[str, Any]]] = {"warnings": [], "overlaps": [], "law": []}
    for finding in findings:
        group = "law" if finding.code in _LAW else "overlaps"
        groups["warnings" if finding.code in _WARNINGS else group].append(
            {
                "rule_id": finding.rule_id,
                "rule": _rule(state, finding.rule_id),
                "text": _SAY[finding.code](finding, state, words),
                "fix": finding.code == "refuses_faulty",
            }
        )
    shown: dict[str, Any] = {name: items[:MOST] for name, items in groups.items()}
    shown["more"] = {name: len(items) - len(shown[name]) for name, items in groups.items()}
    shown["quiet"] = len(groups["overlaps"]) + len(groups["law"])
    return shown


def _rule(state: RulesState, rule_id: int) -> str:
    return _("Rule %(place)s", place=state.place(rule_id))


def _rules(finding: Finding, state: RulesState, words: Vocabulary) -> str:
    """`rule 1 and rule 3`."""
    return words.both(_("rule %(place)s", place=state.place(one)) for one in finding.rules)


def effect_name(kind: str) -> str:
    """What an effect decides about, inside a sentence."""
    return {
        "returnable": _("whether it can be returned"),
        "country_closed": _("whether the country is closed"),
        "fee": _("the return fee"),
        "window_days": _("the return period"),
        "resolutions": _("what the customer can choose"),
        "methods": _("how it can come back"),
        "manual_approval": _("who approves it"),
    }[kind]


def _gone(finding: Finding, state: RulesState, words: Vocabulary) -> str:
    named = words.both(f"‘{words.word(finding.field, one)}’" for one in finding.words)
    return {
        "reason": _("names %(words)s, which is no reason customers can choose.", words=named),
        "country": _("names %(words)s, which is no country.", words=named),
        "category": _(
            "names the category %(words)s, which none of your last orders has.", words=named
        ),
        "sku": _(
            "names the SKU %(words)s, which neither your last orders nor your catalogue have.",
            words=named,
        ),
    }[finding.field]


def _faulty(finding: Finding, state: RulesState, words: Vocabulary) -> str:
    reasons = words.either(f"‘{words.reason(one)}’" for one in finding.words)
    return _("also refuses what is not the customer's fault: %(reasons)s.", reasons=reasons)


_SAY: Mapping[str, Say] = {
    "never": lambda f, s, w: _("never applies: its conditions exclude each other."),
    "unreachable": lambda f, s, w: _(
        "never decides anything: %(rules)s comes first and decides the same.",
        rules=_rules(f, s, w),
    ),
    "shadowed": lambda f, s, w: _(
        "never decides %(effect)s: %(rules)s always comes first.",
        effect=effect_name(f.effect),
        rules=_rules(f, s, w),
    ),
    "contradiction": lambda f, s, w: _(
        "and %(rules)s can both fit, and differ about %(effect)s. The earlier one decides then.",
        rules=_rules(f, s, w),
        effect=effect_name(f.effect),
    ),
    "gone": _gone,
    "refuses_faulty": _faulty,
    "refuses_withdrawal": lambda f, s, w: _(
        "refuses returns in the first 14 days. Consumers in the EU may change their mind then, "
        "also about sale items. Exceptions are few: made to measure, perishable, or sealed for "
        "hygiene and opened after delivery."
    ),
    "short_window": lambda f, s, w: _(
        "gives %(days)s days. Consumers in the EU have at least 14 from delivery.", days=f.days
    ),
    "no_money": lambda f, s, w: _(
        "offers no money back. Within 14 days of delivery consumers in the EU may ask for it."
    ),
}
