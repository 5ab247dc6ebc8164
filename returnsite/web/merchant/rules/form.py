"""The form of one rule: rows as typed, and what they come to.

A row's fields are named `c0-field`, `c0-op`, `c0-value` for conditions, `e0-kind`, `e0-value`,
`e0-text` for what the rule does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from ....domain.money import to_decimal
from ....domain.policy import Condition, Effect, Rule
from ....domain.rule_changes import text_of
from ....domain.rule_language import FIELD_OPS, MAX_CONDITIONS, EffectKind
from ....services.rules.sentences import is_less_than

Typed = MultiDict[str, str]
_ROW = re.compile(r"([ce])(\d{1,3})-(?:field|kind)")
MAX_EFFECTS = len(EffectKind)
MAX_TYPED = 20_000
"""Characters of a field that are kept."""

MONEY = ("price", "order_value")
WORDS = ("sku", "title", "category", "tag", "customer_tag")
CHOICES = ("reason", "resolution")


def offered_ops(name: str) -> tuple[str, ...]:
    """The operators the editor offers for a field: one for one value and several alike."""
    ops = FIELD_OPS.get(name, ())
    if "at_least" not in ops:
        return tuple(op for op in ops if op not in {"in", "not_in"})
    return ("at_least", "less_than", "at_most") if name in MONEY else tuple(ops)


EFFECTS: Mapping[str, tuple[EffectKind, Any]] = {
    "refuse": (EffectKind.RETURNABLE, False),
    "allow": (EffectKind.RETURNABLE, True),
    "fee": (EffectKind.FEE, None),
    "window_days": (EffectKind.WINDOW_DAYS, None),
    "resolutions": (EffectKind.RESOLUTIONS, None),
    "methods": (EffectKind.METHODS, None),
    "review": (EffectKind.MANUAL_APPROVAL, True),
    "approve": (EffectKind.MANUAL_APPROVAL, False),
    "close": (EffectKind.COUNTRY_CLOSED, True),
    "open": (EffectKind.COUNTRY_CLOSED, False),
}
"""What the editor offers: the effect, and its value where there is nothing to fill in."""


@dataclass(slots=True)
class ConditionRow:
    """A condition as typed. `name` is its field; `error` stands beside `at`: field or value."""

    name: str = ""
    op: str = ""
    values: list[str] = field(default_factory=list)
    error: str = ""
    at: str = "value"

    def settle(self) -> None:
        """An operator that is none for this field becomes the field's first."""
        ops = offered_ops(self.name)
        if self.op not in ops:
            self.op = ops[0] if ops else ""


@dataclass(slots=True)
class EffectRow:
    """What the rule does, as typed. `kind` is a key of EFFECTS."""

    kind: str = ""
    values: list[str] = field(default_factory=list)
    text: str = ""
    error: str = ""
    at: str = "value"


@dataclass(slots=True)
class RuleForm:
    """A rule as typed; `rule_id` 0 for one that is not in the list yet."""

    rule_id: int = 0
    name: str = ""
    conditions: list[ConditionRow] = field(default_factory=list)
    effects: list[EffectRow] = field(default_factory=list)
    error: str = ""
    """What is wrong with it as a whole."""

    @property
    def is_new(self) -> bool:
        """Saving adds it."""
        return self.rule_id == 0


def empty_form() -> RuleForm:
    """One condition and one effect to choose."""
    return RuleForm(conditions=[ConditionRow()], effects=[EffectRow()])


def form_of(rule: Rule, name: str, currency: str, mark: str) -> RuleForm:
    """A rule as the editor shows it; `mark` is the decimal mark of the language."""
    return RuleForm(
        rule_id=rule.id,
        name=name,
        conditions=[_condition_row(one, currency, mark) for one in rule.conditions],
        effects=[_effect_row(one, currency, mark) for one in rule.effects],
    )


def _condition_row(condition: Condition, currency: str, mark: str) -> ConditionRow:
    name, op, value = condition.field, condition.op, condition.value
    if op in {"in", "not_in"}:
        return ConditionRow(name, "is" if op == "in" else "is_not", _shown(name, value))
    if name in MONEY:
        if is_less_than(condition, currency):
            op, value = "less_than", value + 1
        return ConditionRow(name, op, [amount_text(value, currency, mark)])
    if name == "final_sale":
        return ConditionRow(name, op, ["yes" if value else "no"])
    return ConditionRow(name, op, _shown(name, [str(value)]))


def _shown(name: str, values: Iterable[str]) -> list[str]:
    """Codes as the choices have them."""
    return [value.upper() if name == "country" else value for value in values]


def _effect_row(effect: Effect, currency: str, mark: str) -> EffectRow:
    value, text = effect.value, text_of(effect)
    if isinstance(value, Mapping):
        value = value["returnable"]
    for kind, (known, fixed) in EFFECTS.items():
        if known == effect.kind and fixed is not None and fixed is value:
            return EffectRow(kind, [], text)
    if effect.kind == EffectKind.FEE:
        return EffectRow("fee", [amount_text(value, currency, mark)])
    return EffectRow(
        effect.kind, list(map(str, value if isinstance(value, list | tuple) else [value]))
    )


def amount_text(amount: int, currency: str, mark: str) -> str:
    """`6,95`: what the field of an amount holds."""
    return str(to_decimal(amount, currency)).replace(".", mark)


def read_form(typed: Typed, rule_id: int) -> RuleForm:
    """The rows as they were sent, in order."""
    rows = sorted({(m[1], int(m[2])) for name in typed if (m := _ROW.fullmatch(name))})
    conditions = [read_condition(typed, f"c{number}") for kind, number in rows if kind == "c"]
    effects = [read_effect(typed, f"e{number}") for kind, number in rows if kind == "e"]
    return RuleForm(
        rule_id=rule_id,
        name=typed.get("name", "").strip()[:200],
        conditions=conditions[: MAX_CONDITIONS + 1],
        effects=effects[: MAX_EFFECTS + 1],
    )


def read_condition(typed: Typed, row: str) -> ConditionRow:
    """One condition as it was sent."""
    name = typed.get(f"{row}-field", "")
    found = ConditionRow(
        name if name in FIELD_OPS else "", typed.get(f"{row}-op", ""), _values(typed, row, name)
    )
    found.settle()
    return found


def read_effect(typed: Typed, row: str) -> EffectRow:
    """One effect as it was sent."""
    kind = typed.get(f"{row}-kind", "")
    values = [value.strip()[:200] for value in typed.getlist(f"{row}-value")]
    text = " ".join(typed.get(f"{row}-text", "").split())[:500]
    return EffectRow(kind if kind in EFFECTS else "", values, text)


def _values(typed: Typed, row: str, name: str) -> list[str]:
    """The values of a field; words stand on a line each."""
    values = typed.getlist(f"{row}-value")
    if name in WORDS:
        values = "\n".join(values)[:MAX_TYPED].splitlines()
    return list(dict.fromkeys(value.strip()[:200] for value in values if value.strip()))


def press(form: RuleForm, button: str) -> str | None:
    """What a button in the form does to its rows: the id-like name of the row to go to.

    None for a button that changes no rows: the form is to be saved then.
    """
    what, _, place = button.partition("-")
    number = int(place) if place.isascii() and place.isdigit() else -1
    if what == "addcondition":
        form.conditions = [*form.conditions, ConditionRow()][: MAX_CONDITIONS + 1]
        return f"c{len(form.conditions) - 1}"
    if what == "addeffect":
        form.effects = [*form.effects, EffectRow()][:MAX_EFFECTS]
        return f"e{len(form.effects) - 1}"
    if what == "addvalue" and number < len(form.conditions):
        form.conditions[number].values.append("")
        return f"c{number}v{len(form.conditions[number].values) - 1}"
    if what == "dropcondition":
        del form.conditions[number : number + 1]
        return "addcondition"
    if what == "dropeffect":
        del form.effects[number : number + 1]
        return "addeffect"
    return "name" if what == "show" else None
