"""The list of return rules: order, switches, the draft, publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, g, redirect, request, url_for

from ....domain.roles import Permission
from ....domain.rule_edits import TooManyRules
from ....services.rules import draft, edit
from ....services.rules.change_words import change_text
from ....services.rules.draft import DraftChanged, RulesState, load_rules
from ....services.rules.known import fault_reasons
from ....services.rules.publish import publish_rules
from ...htmx import fragments, fragments_beside, is_fragment, page, retarget
from .. import bp
from ..guard import permission
from .answers import changed_meanwhile, require_rule, seen_version
from .context import changes_by_rule, rule_item, rules_context, state_context, vocabulary

LIST = "merchant/rules/list.html"
BESIDE = ("rules_state", "trial")


@bp.get("/rules")
@permission(Permission.SEE_SETTINGS)
def rules(slug: str) -> Response:
    """All rules, as they are or as somebody is changing them."""
    notice = "published" if request.args.get("done") == "published" else None
    return page(LIST, **rules_context(load_rules(g.shop.id), notice=notice))


@bp.post("/rules/<int(signed=True):rule_id>")
@permission(Permission.CHANGE_RULES)
def rules_change(slug: str, rule_id: int) -> Response:
    """A button beside a rule: up, down, on, off, to a place, or leave out the shop's fault."""
    require_rule(load_rules(g.shop.id), rule_id)
    change = _CHANGES.get(request.form.get("do", ""))
    if change is None:
        abort(400)
    try:
        state = change(rule_id)
    except DraftChanged as changed:
        return changed_meanwhile(changed)
    except TooManyRules:
        abort(400)
    switched = request.form["do"] in {"on", "off"}
    return one_rule(state, rule_id) if switched else whole_list(state, f"#rule-{rule_id}")


def whole_list(state: RulesState, anchor: str = "", *, focus: str = "") -> Response:
    """The list after a change, for htmx; the page itself for others."""
    if not is_fragment():
        return redirect(url_for("merchant.rules") + anchor, 303)  # type: ignore[return-value]
    context = rules_context(state, focus=focus)
    return retarget(fragments(LIST, "rules_list", BESIDE, **context), "#rules-list")


def one_rule(state: RulesState, rule_id: int, *, focus: str = "") -> Response:
    """One rule after a change, for htmx; the page itself for others."""
    if not is_fragment():
        return redirect(url_for("merchant.rules") + f"#rule-{rule_id}", 303)  # type: ignore[return-value]
    entry = state.entry(rule_id)
    if entry is None:
        abort(404)
    rule = rule_item(state, entry, vocabulary(), changes_by_rule(state))
    context = {**rules_context(state, focus=focus), "rule": rule}
    return fragments_beside("merchant/rules/rule.html", LIST, BESIDE, **context)


def _who() -> dict[str, Any]:
    return {"shop_id": g.shop.id, "version": seen_version(), "actor": g.actor}


def _to_place(rule_id: int) -> RulesState:
    """What dragging sends: the place counts from 1."""
    place = request.form.get("place", "")
    if not (place.isascii() and place.isdigit() and len(place) < 6):
        abort(400)
    return edit.move_rule(**_who(), rule_id=rule_id, to=int(place) - 1)


_CHANGES: dict[str, Callable[[int], RulesState]] = {
    "up": lambda rule_id: edit.move_rule(**_who(), rule_id=rule_id, by=-1),
    "down": lambda rule_id: edit.move_rule(**_who(), rule_id=rule_id, by=1),
    "place": _to_place,
    "on": lambda rule_id: edit.switch_rule(**_who(), rule_id=rule_id, enabled=True),
    "off": lambda rule_id: edit.switch_rule(**_who(), rule_id=rule_id, enabled=False),
    "faults": lambda rule_id: edit.leave_out_faults(
        **_who(), rule_id=rule_id, reasons=fault_reasons(g.shop)
    ),
}


@bp.post("/rules/undo")
@permission(Permission.CHANGE_RULES)
def rules_undo(slug: str) -> Response:
    """Take the last change of the draft back."""
    try:
        return whole_list(draft.undo_change(**_who()))
    except DraftChanged as changed:
        return changed_meanwhile(changed)


@bp.get("/rules/discard")
@permission(Permission.CHANGE_RULES)
def rules_discard(slug: str) -> Response:
    """Ask before the draft is thrown away."""
    state, words = load_rules(g.shop.id), vocabulary()
    said = [change_text(change, words) for change in state.changes]
    return page("merchant/rules/discard.html", changes=said, **state_context(state))


@bp.post("/rules/discard")
@permission(Permission.CHANGE_RULES)
def rules_discard_now(slug: str) -> Response:
    """Throw the draft away; Undo brings it back."""
    try:
        draft.discard_draft(**_who())
    except DraftChanged as changed:
        return changed_meanwhile(changed)
    return redirect(url_for("merchant.rules"), 303)  # type: ignore[return-value]


@bp.post("/rules/publish")
@permission(Permission.CHANGE_RULES)
def rules_publish(slug: str) -> Response:
    """Make the draft what customers meet."""
    try:
        number = publish_rules(shop=g.shop, version=seen_version(), actor=g.actor)
    except DraftChanged as changed:
        return changed_meanwhile(changed)
    done = "published" if number else None
    return redirect(url_for("merchant.rules", done=done), 303)  # type: ignore[return-value]
