"""What a return rule may say: fields, operators, effects, and how a rule is checked and stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from .policy import Condition, Effect, Method, Resolution, Rule

VERSION = 1
MAX_CONDITIONS = 20
MAX_VALUES = 500
MAX_AMOUNT = 10**12
MAX_DAYS = 3650

_CODE_OPS = ("is", "is_not", "in", "not_in")
_TEXT_OPS = (*_CODE_OPS, "contains", "starts_with")
_NUMBER_OPS = ("at_least", "at_most")

FIELD_OPS: Mapping[str, tuple[str, ...]] = {
    "country": _CODE_OPS,
    "sku": _TEXT_OPS,
    "title": _TEXT_OPS,
    "category": _TEXT_OPS,
    "tag": _TEXT_OPS,
    "price": _NUMBER_OPS,
    "discount_percent": _NUMBER_OPS,
    "days_since_delivery": _NUMBER_OPS,
    "reason": _CODE_OPS,
    "resolution": _CODE_OPS,
    "order_value": _NUMBER_OPS,
    "customer_tag": _CODE_OPS,
    "final_sale": ("is",),
}
"""Every field a condition can look at, with the operators that make sense for it.

`price` is the unit price paid and `order_value` the order's, in minor units;
`discount_percent` is rounded to a whole number, so that 40 % off 19.98 counts as 40.
`tag` and `customer_tag` are met by any one of the tags. Case never matters.
"""

_TOP = {"price": MAX_AMOUNT, "order_value": MAX_AMOUNT, "discount_percent": 100}
_COUNTRY = re.compile(r"[A-Za-z]{2}")


class EffectKind(StrEnum):
    """What a rule can decide."""

    RETURNABLE = "returnable"
    """True or False; or {"returnable": bool, "text": what the customer reads}."""
    COUNTRY_CLOSED = "country_closed"
    FEE = "fee"
    """Minor units of the shop's currency."""
    WINDOW_DAYS = "window_days"
    RESOLUTIONS = "resolutions"
    """The only resolutions allowed, as a list."""
    METHODS = "methods"
    """The only return methods allowed, as a list."""
    MANUAL_APPROVAL = "manual_approval"


def _whole(value: Any, top: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= top


def _words(value: Any) -> bool:
    """A non-empty list of non-blank texts."""
    return (
        isinstance(value, list | tuple)
        and 0 < len(value) <= MAX_VALUES
        and all(isinstance(word, str) and word.strip() for word in value)
    )


def _some_of(codes: type[StrEnum]) -> Callable[[Any], bool]:
    return lambda value: _words(value) and set(value) <= set(codes)


def _verdict(value: Any) -> bool:
    """True or False, with or without a text."""
    if not isinstance(value, Mapping):
        return isinstance(value, bool)
    return isinstance(value.get("returnable"), bool) and isinstance(value.get("text", ""), str)


_EFFECT_VALUES: Mapping[str, Callable[[Any], bool]] = {
    EffectKind.RETURNABLE: _verdict,
    EffectKind.COUNTRY_CLOSED: lambda value: isinstance(value, bool),
    EffectKind.FEE: lambda value: _whole(value, MAX_AMOUNT),
    EffectKind.WINDOW_DAYS: lambda value: _whole(value, MAX_DAYS),
    EffectKind.RESOLUTIONS: _some_of(Resolution),
    EffectKind.METHODS: _some_of(Method),
    EffectKind.MANUAL_APPROVAL: lambda value: isinstance(value, bool),
}


def condition_problem(condition: Condition) -> str | None:
    """The code of what is wrong with a condition, or None."""
    ops = FIELD_OPS.get(condition.field) if isinstance(condition.field, str) else None
    if ops is None:
        return "unknown_field"
    if condition.op not in ops:
        return "op_not_for_field"
    return None if _value_fits(condition) else "bad_value"


def _value_fits(condition: Condition) -> bool:
    field, op, value = condition.field, condition.op, condition.value
    if op in _NUMBER_OPS:
        return _whole(value, _TOP.get(field, MAX_DAYS))
    if field == "final_sale":
        return isinstance(value, bool)
    words = value if op in {"in", "not_in"} else [value]
    if not _words(words):
        return False
    if field == "country":
        return all(_COUNTRY.fullmatch(word) for word in words)
    return field != "resolution" or set(words) <= set(Resolution)


def effect_problem(effect: Effect) -> str | None:
    """The code of what is wrong with an effect, or None."""
    fits = _EFFECT_VALUES.get(effect.kind) if isinstance(effect.kind, str) else None
    if fits is None:
        return "unknown_effect"
    return None if fits(effect.value) else "bad_effect_value"


def validate_rule(rule: Rule) -> list[str]:
    """Codes of what is wrong with a rule, each once; empty when it can be published.

    no_name, too_many_conditions, unknown_field, op_not_for_field, bad_value, no_effects,
    unknown_effect, bad_effect_value, duplicate_effect.
    """
    kinds = [effect.kind for effect in rule.effects]
    problems = [
        None if rule.name.strip() else "no_name",
        "too_many_conditions" if len(rule.conditions) > MAX_CONDITIONS else None,
        *map(condition_problem, rule.conditions),
        None if kinds else "no_effects",
        *map(effect_problem, rule.effects),
        "duplicate_effect" if any(kinds.count(kind) > 1 for kind in kinds) else None,
    ]
    return list(dict.fromkeys(problem for problem in problems if problem))


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """A plain dict with a version, as `rule_from_json` reads it."""
    return {
        "version": VERSION,
        "id": rule.id,
        "name": rule.name,
        "conditions": [
            {"field": part.field, "op": part.op, "value": _plain(part.value)}
            for part in rule.conditions
        ],
        "effects": [{"kind": part.kind, "value": _plain(part.value)} for part in rule.effects],
    }


def rule_from_json(data: Mapping[str, Any]) -> Rule:
    """The rule in a stored dict; parts may be malformed, `validate_rule` tells.

    Raises ValueError for a version this code does not know or for something that is no rule.
    """
    if data.get("version", VERSION) != VERSION:
        raise ValueError(f"unknown rule version {data.get('version')!r}")
    try:
        conditions = tuple(
            Condition(part["field"], part["op"], _frozen(part["value"]))
            for part in data["conditions"]
        )
        effects = tuple(Effect(part["kind"], _frozen(part["value"])) for part in data["effects"])
        return Rule(int(data["id"]), str(data["name"]), conditions, effects)
    except (KeyError, TypeError) as error:
        raise ValueError("not a rule") from error


def _plain(value: Any) -> Any:
    """Only lists and texts: JSON knows neither tuples nor enums."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, StrEnum) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
