"""What the editor of one rule shows: its rows with their inputs, errors and buttons."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from ....domain.rule_edits import Entry
from ....domain.rule_language import MAX_CONDITIONS
from ....services.rules.draft import RulesState
from ...i18n import gettext as _
from ...problems import tell_apart
from . import words
from .context import own_name
from .form import MAX_EFFECTS, ConditionRow, EffectRow, RuleForm, form_of, offered_ops


def form_of_entry(entry: Entry) -> RuleForm:
    """A stored rule as typed; a name nobody gave stays empty."""
    named = entry.rule.name != own_name(entry.rule)
    name = entry.rule.name if named else ""
    return form_of(entry.rule, name, g.shop.currency, words.decimal_mark())


def editor_context(form: RuleForm, state: RulesState, *, focus: str = "") -> dict[str, Any]:
    """The editor; `focus` is the row or button to go to (see `form.press`)."""
    rows = [
        *(condition_context(row, n, form.rule_id) for n, row in enumerate(form.conditions)),
        *(effect_context(row, n, form.rule_id) for n, row in enumerate(form.effects)),
    ]
    return {
        "rule_id": form.rule_id,
        "is_new": form.is_new,
        "heading": _heading(form, state),
        "name": {"name": "name", "id": f"r{form.rule_id}-name", "value": form.name,
                 "label": _("Name (only you see it)")},
        "rows": rows,
        "first_effect": len(form.conditions),
        "focus": _focus(form, focus),
        "errors": _errors(form, rows),
        "action": _action(form),
        "full": len(form.conditions) >= MAX_CONDITIONS,
        "effects_full": len(form.effects) >= MAX_EFFECTS,
    }  # fmt: skip


def _heading(form: RuleForm, state: RulesState) -> str:
    if form.is_new:
        return _("New rule")
    return _("Rule %(place)s", place=state.place(form.rule_id))


def _action(form: RuleForm) -> str:
    if form.is_new:
        return url_for("merchant.rules_new")
    return url_for("merchant.rules_edit", rule_id=form.rule_id)


def _focus(form: RuleForm, focus: str) -> str:
    """The id of what gets the focus; by default the first choice."""
    prefix = f"r{form.rule_id}-"
    if focus in {"addcondition", "addeffect", "name"}:
        return prefix + focus
    row, _, value = focus.partition("v")
    if value:
        return f"{prefix}{row}-v{value}"
    if row:
        return f"{prefix}{row}-{'field' if row.startswith('c') else 'kind'}"
    return f"{prefix}c0-field" if form.conditions else f"{prefix}e0-kind"


def _errors(form: RuleForm, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    whole = [("", form.error)] if form.error else []
    wrong = [(row["error_for"], row["place"], row["error"]) for row in rows if row["error"]]
    return whole + tell_apart(wrong)


def condition_context(row: ConditionRow, number: int, rule_id: int) -> dict[str, Any]:
    """One condition with the inputs its field needs."""
    sort = words.input_of(row.name)
    given = _row(f"c{number}", rule_id, row.values, (sort, row.name))
    return {
        **given,
        "place": _("Condition %(number)s", number=number + 1),
        "lead": _("If") if number == 0 else _("and"),
        "select": f"{given['row']}-field",
        "select_id": f"{given['id']}-field",
        "select_label": _("Condition %(number)s: what to look at", number=number + 1),
        "options": words.field_options(),
        "chosen": row.name,
        "ops": [(op, words.op_words(op)) for op in offered_ops(row.name)],
        "op": row.op,
        "drop": f"dropcondition-{number}",
        "drop_label": _("Take condition %(number)s out", number=number + 1),
        "add_value": f"addvalue-{number}",
        "error": row.error,
        "error_for": _error_for(given, "field" if row.at == "field" else ""),
        "at": row.at,
        "text": None,
    }


def effect_context(row: EffectRow, number: int, rule_id: int) -> dict[str, Any]:
    """One effect with the inputs it needs."""
    sort = words.effect_input_of(row.kind)
    given = _row(f"e{number}", rule_id, row.values, (sort, row.kind))
    return {
        **given,
        "place": _("Effect %(number)s", number=number + 1),
        "lead": _("then") if number == 0 else _("and"),
        "select": f"{given['row']}-kind",
        "select_id": f"{given['id']}-kind",
        "select_label": _("Effect %(number)s: what the rule does", number=number + 1),
        "options": words.effect_options(),
        "chosen": row.kind,
        "ops": [],
        "op": "",
        "drop": f"dropeffect-{number}",
        "drop_label": _("Take effect %(number)s out", number=number + 1),
        "error": row.error,
        "error_for": _error_for(given, "kind" if row.at == "kind" else ""),
        "at": row.at,
        "text": {"name": f"{given['row']}-text", "id": f"{given['id']}-text", "value": row.text,
                 "label": _("What the customer reads (optional)")},
    }  # fmt: skip


def _row(row: str, rule_id: int, values: list[str], what: tuple[str, str]) -> dict[str, Any]:
    """What both kinds of rows have; `what` is the sort of input and what it is for."""
    sort, name = what
    value = values[0] if values else ""
    found: dict[str, Any] = {
        "row": row,
        "id": f"r{rule_id}-{row}",
        "url": url_for("merchant.rules_fields", row=row, rule=rule_id),
        "sort": sort,
        "value": value,
    }
    if sort == "chips":
        folded = {one.casefold() for one in values}
        found["chips"] = [
            (code, text, code.casefold() in folded)
            for code, text in words.choices(name, g.shop, values)
        ]
    if sort == "countries":
        found["countries"] = [(one, words.country_options(one)) for one in values or [""]]
    if sort == "lines":
        found["value"] = "\n".join(values)
        found["height"] = min(max(len(values) + 1, 2), 10)
    if sort == "number":
        found["unit"] = words.unit_of(name)
    return found


def _error_for(given: dict[str, Any], part: str) -> str:
    """The id of the input an error is about."""
    if part:
        return f"{given['id']}-{part}"
    return (
        f"{given['id']}-v0" if given["sort"] in {"countries", "chips"} else f"{given['id']}-value"
    )
