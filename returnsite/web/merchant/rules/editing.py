"""One rule in its place: open it, change its rows, save it, take it out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from flask import Response, abort, g, request

from ....domain.policy import Rule
from ....domain.roles import Permission
from ....domain.rule_edits import TooManyRules
from ....services.rules import edit
from ....services.rules.draft import DraftChanged, load_rules
from ...htmx import fragments_beside, is_fragment, page, partial
from ...i18n import gettext as _
from ...typed import asked_form, posted_form
from .. import bp
from ..guard import permission
from .answers import changed_meanwhile, require_rule, seen_version
from .context import changes_by_rule, own_name, rule_item, rules_context, state_context, vocabulary
from .editor import condition_context, editor_context, effect_context, form_of_entry
from .form import (
    ConditionRow,
    EffectRow,
    RuleForm,
    empty_form,
    press,
    read_condition,
    read_effect,
    read_form,
)
from .reading import drop_misfits, read_rule
from .views import LIST, one_rule, whole_list
from .words import effect_input_of, input_of

_ROW = re.compile(r"[ce]\d{1,3}")


@bp.get("/rules/new")
@permission(Permission.CHANGE_RULES)
def rules_new(slug: str) -> Response:
    """A rule to fill in, below the others."""
    return _show(empty_form())


@bp.post("/rules/new")
@permission(Permission.CHANGE_RULES)
def rules_add(slug: str) -> Response:
    """Change the rows of a new rule, or add it."""
    return _answer(read_form(posted_form(), 0))


@bp.get("/rules/<int(signed=True):rule_id>/edit")
@permission(Permission.CHANGE_RULES)
def rules_edit(slug: str, rule_id: int) -> Response:
    """A rule open in its place."""
    entry = load_rules(g.shop.id).entry(rule_id)
    if entry is None:
        abort(404)
    return _show(form_of_entry(entry))


@bp.post("/rules/<int(signed=True):rule_id>/edit")
@permission(Permission.CHANGE_RULES)
def rules_save(slug: str, rule_id: int) -> Response:
    """Change the rows of a rule, save it, or take it out."""
    require_rule(load_rules(g.shop.id), rule_id)
    if request.form.get("do") == "delete":
        return _delete(rule_id)
    return _answer(read_form(posted_form(), rule_id))


@bp.get("/rules/<int(signed=True):rule_id>/_show")
@permission(Permission.CHANGE_RULES)
def rules_show(slug: str, rule_id: int) -> Response:
    """A rule closed again, nothing changed; without scripts this is the page itself."""
    state = load_rules(g.shop.id)
    entry = state.entry(rule_id)
    if entry is None:
        abort(404)
    item = rule_item(state, entry, vocabulary(), changes_by_rule(state))
    focus = f"rule-{rule_id}-edit"
    context = {"rule": item, "focus": focus, "version": state.version, "may_change": True}
    return partial("merchant/rules/rule.html", **context)


@bp.get("/rules/_fields")
@permission(Permission.CHANGE_RULES)
def rules_fields(slug: str) -> Response:
    """One row with the inputs its choice needs; without scripts the form's button does this."""
    row, rule = request.args.get("row", ""), request.args.get("rule", "")
    if not (_ROW.fullmatch(row) and re.fullmatch(r"-?\d{1,18}", rule)):
        abort(400)
    number = int(row[1:])
    if row.startswith("c"):
        condition = fitting(read_condition(asked_form(), row))
        found = condition_context(condition, number, int(rule))
    else:
        found = effect_context(fitting(read_effect(asked_form(), row)), number, int(rule))
    return partial("merchant/rules/row.html", row=found)


Row = TypeVar("Row", ConditionRow, EffectRow)


def fitting(row: Row) -> Row:
    """The row without values that belonged to another choice."""
    sort = input_of(row.name) if isinstance(row, ConditionRow) else effect_input_of(row.kind)
    drop_misfits(row, sort, g.shop)
    return row


def _show(form: RuleForm, *, focus: str = "", status: int = 200) -> Response:
    """The editor alone for htmx, within the page for others."""
    state = load_rules(g.shop.id)
    editor = editor_context(form, state, focus=focus)
    if not is_fragment():
        return page(LIST, status=status, **rules_context(state, editor=editor))
    response = fragments_beside("merchant/rules/editor.html", LIST, (), editor=editor,
                                **state_context(state))  # fmt: skip
    response.status_code = status
    return response


def _answer(form: RuleForm) -> Response:
    """What the pressed button asks for; any other saves."""
    focus = press(form, request.form.get("do", ""))
    if focus is not None:
        if request.form["do"] == "show":
            form.conditions = [fitting(row) for row in form.conditions]
            form.effects = [fitting(row) for row in form.effects]
        return _show(form, focus=focus)
    rule = read_rule(form, g.shop)
    return _show(form, status=422) if rule is None else _save(form, rule)


def _save(form: RuleForm, rule: Rule) -> Response:
    rule = replace(rule, name=rule.name or own_name(rule))
    who = {"shop_id": g.shop.id, "version": seen_version(), "actor": g.actor}
    try:
        if not form.is_new:
            state = edit.save_rule(**who, rule=rule)
            return one_rule(state, rule.id, focus=f"rule-{rule.id}-edit")
        state, rule_id = edit.add_rule(**who, rule=rule)
        return whole_list(state, f"#rule-{rule_id}", focus=f"rule-{rule_id}-edit")
    except DraftChanged as changed:
        return _keep_typed(form, changed)
    except TooManyRules as full:
        form.error = _("A shop can have %(most)s rules at most.", **full.params)
        return _show(form, status=422)


def _keep_typed(form: RuleForm, changed: DraftChanged) -> Response:
    """What was typed, open again in the list as it is now; if the rule is gone, as a new one."""
    state = load_rules(g.shop.id)
    if state.entry(form.rule_id) is None:
        form.rule_id = 0
    return changed_meanwhile(changed, editor=editor_context(form, state))


def _delete(rule_id: int) -> Response:
    try:
        state = edit.remove_rule(
            shop_id=g.shop.id, version=seen_version(), actor=g.actor, rule_id=rule_id
        )
    except DraftChanged as changed:
        return changed_meanwhile(changed)
    return whole_list(state)
