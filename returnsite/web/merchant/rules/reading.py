"""From a form as typed to a rule, or to words beside the fields."""

from __future__ import annotations

from typing import Any

from ....domain.errors import AmountInvalid
from ....domain.money import parse_amount
from ....domain.policy import Condition, Effect, Method, Resolution, Rule
from ....domain.rule_language import MAX_AMOUNT, MAX_CONDITIONS, MAX_DAYS, MAX_VALUES, validate_rule
from ....services.rules.known import country_codes
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ...i18n import locale_code
from .form import (
    CHOICES,
    EFFECTS,
    MONEY,
    WORDS,
    ConditionRow,
    EffectRow,
    RuleForm,
    amount_text,
)
from .words import decimal_mark


class _Wrong(Exception):
    """A field cannot stay as it is; the text says what to do."""

    def __init__(self, text: str, at: str = "value") -> None:
        super().__init__(text)
        self.at = at


def read_rule(form: RuleForm, shop: ShopSettings) -> Rule | None:
    """The rule, named as typed; None when something is wrong, which the rows say then."""
    conditions = [_read(row, lambda r: _condition(r, shop)) for row in form.conditions]
    effects = [_read(row, lambda r: _effect(r, shop)) for row in form.effects]
    _refuse_twice(form)
    if not form.effects:
        form.error = _("Add what the rule does.")
    if len(form.conditions) > MAX_CONDITIONS:
        form.error = _("A rule can have %(most)s conditions at most.", most=MAX_CONDITIONS)
    rows: list[ConditionRow | EffectRow] = [*form.conditions, *form.effects]
    if form.error or any(row.error for row in rows):
        return None
    rule = Rule(
        form.rule_id,
        form.name,
        tuple(one for one in conditions if one),
        tuple(one for one in effects if one),
    )
    problems = set(validate_rule(rule)) - {"no_name"}
    if problems:
        form.error = _("Something in this rule does not fit. Check each part of it.")
        return None
    return rule


def drop_misfits(row: ConditionRow | EffectRow, sort: str, shop: ShopSettings) -> None:
    """Take out values of the field that was chosen before: they mean nothing to this one."""
    fits: dict[str, set[str]] = {
        "countries": set(country_codes()),
        "chips": {*Resolution, *Method, *(reason.code for reason in shop.policy.reasons)},
        "sale": {"yes", "no"},
    }
    if sort in fits:
        row.values = [value for value in row.values if value in fits[sort]]
    elif sort in {"amount", "number"}:
        row.values = [value for value in row.values[:1] if any(map(str.isdigit, value))]


def _read(row: Any, read: Any) -> Any:
    try:
        return read(row)
    except _Wrong as wrong:
        row.error, row.at = str(wrong), wrong.at
        return None


def _refuse_twice(form: RuleForm) -> None:
    """Two effects of one kind would say two things."""
    seen = set()
    for row in form.effects:
        if not row.kind:
            continue
        if EFFECTS[row.kind][0] in seen and not row.error:
            row.at = "kind"
            row.error = _("The rule says this already. Take one of the two out.")
        seen.add(EFFECTS[row.kind][0])


def _condition(row: ConditionRow, shop: ShopSettings) -> Condition:
    if not row.name:
        raise _Wrong(_("Choose what to look at, or take this condition out."), "field")
    if row.name in MONEY:
        return _amount_condition(row, shop)
    if row.name in {"discount_percent", "days_since_delivery"}:
        top = 100 if row.name == "discount_percent" else MAX_DAYS
        return Condition(row.name, row.op, _whole(row.values, top))
    if row.name == "final_sale":
        return Condition(row.name, "is", _one(row.values) == "yes")
    values = [value for value in row.values if value]
    _refuse_values(row, values, shop)
    if row.op in {"contains", "starts_with"}:
        return Condition(row.name, row.op, values[0])
    if len(values) == 1:
        return Condition(row.name, row.op, values[0])
    return Condition(row.name, "in" if row.op == "is" else "not_in", tuple(values))


def _refuse_values(row: ConditionRow, values: list[str], shop: ShopSettings) -> None:
    if not values:
        raise _Wrong(_missing(row.name))
    if len(values) > MAX_VALUES:
        raise _Wrong(_("Use %(most)s lines at most.", most=MAX_VALUES))
    if row.op in {"contains", "starts_with"} and len(values) > 1:
        raise _Wrong(_("Enter one text here. Make another rule for the others."))
    if row.name == "country" and not set(values) <= set(country_codes()):
        raise _Wrong(_missing(row.name))
    if row.name == "resolution" and not set(values) <= set(Resolution):
        raise _Wrong(_missing(row.name))


def _missing(name: str) -> str:
    if name == "country":
        return _("Choose a country.")
    if name in CHOICES:
        return _("Choose at least one.")
    return _("Enter at least one, each on a line of its own.") if name in WORDS else ""


def _amount_condition(row: ConditionRow, shop: ShopSettings) -> Condition:
    amount = _amount(row.values, shop.currency)
    if row.op == "less_than":
        if amount == 0:
            raise _Wrong(_("Enter an amount above zero: nothing costs less than nothing."))
        return Condition(row.name, "at_most", amount - 1)
    return Condition(row.name, row.op, amount)


def _effect(row: EffectRow, shop: ShopSettings) -> Effect:
    if not row.kind:
        raise _Wrong(_("Choose what the rule does, or take this out."), "kind")
    kind, fixed = EFFECTS[row.kind]
    if fixed is not None:
        if row.text and row.kind == "refuse":
            return Effect(kind, {"returnable": fixed, "text": row.text})
        return Effect(kind, fixed)
    if row.kind == "fee":
        return Effect(kind, _amount(row.values, shop.currency))
    if row.kind == "window_days":
        return Effect(kind, _whole(row.values, MAX_DAYS))
    codes = [str(one) for one in (Resolution if row.kind == "resolutions" else Method)]
    chosen = tuple(code for code in codes if code in row.values)
    if not chosen:
        raise _Wrong(_("Choose at least one."))
    return Effect(kind, chosen)


def _one(values: list[str]) -> str:
    return values[0].strip() if values else ""


def _amount(values: list[str], currency: str) -> int:
    text = _one(values)
    if not text:
        raise _Wrong(_like(currency))
    try:
        amount = parse_amount(text, currency, locale_code())
    except AmountInvalid as wrong:
        raise _Wrong(_amount_words(wrong, currency)) from None
    if amount > MAX_AMOUNT:
        raise _Wrong(_("This amount is too large."))
    return amount


def _like(currency: str) -> str:
    example = amount_text(695, currency, decimal_mark())
    return _("Enter an amount, like %(example)s.", example=example)


def _amount_words(wrong: AmountInvalid, currency: str) -> str:
    if wrong.code == "amount_too_precise":
        return _("Use %(digits)s digits behind the decimal mark at most.", **wrong.params)
    if wrong.code == "amount_too_large":
        return _("This amount is too large.")
    return _like(currency)


def _whole(values: list[str], top: int) -> int:
    text = _one(values).removesuffix("%").strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > top:
        raise _Wrong(_("Enter a whole number from 0 to %(top)s.", top=top))
    return int(text)
