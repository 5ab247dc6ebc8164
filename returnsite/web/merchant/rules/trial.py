"""Trying the draft out: on the last orders, on one order, or on an item described by hand."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Response, abort, g, redirect, request, url_for

from ....domain.roles import Permission
from ....services.rules.draft import RulesState, load_rules
from ....services.rules.trial import (
    KIND,
    LISTED,
    NothingToTry,
    latest_trial,
    start_trial,
)
from ....services.rules.try_one import TriedItem, try_described, try_order
from ....services.tasks import TaskView
from ...htmx import fragments, is_fragment, page, partial, retarget
from ...typed import asked_form, whole
from .. import bp
from ..guard import may, permission
from ..tasks import find_task, task_context
from .describing import TryForm, read_try
from .trial_words import SIZES, result_context, running_trial, sides, trial_context
from .views import LIST

PAGE = 50


@bp.post("/rules/trial")
@permission(Permission.CHANGE_RULES)
def rules_trial_start(slug: str) -> Response:
    """Try the draft on the last orders, in the background."""
    orders = whole(request.form.get("orders", ""), SIZES[1])
    with suppress(NothingToTry):  # somebody published or dropped the draft: the panel says so
        start_trial(shop=g.shop, actor=g.actor, orders=orders)
    if not is_fragment():
        return redirect(url_for("merchant.rules") + "#trial", 303)  # type: ignore[return-value]
    return _panel()


@bp.get("/rules/trial/<id:task_id>/_progress")
@permission(Permission.SEE_SETTINGS)
def rules_trial_progress(slug: str, task_id: int) -> Response:
    """How far the trial below the rules is; then what it found, in the panel's place."""
    task = _trial(task_id)
    if task.is_over:
        return retarget(_panel(), "#trial")
    return partial("partials/task_progress.html", task=running_trial(task))


@bp.get("/rules/trial/<id:task_id>")
@permission(Permission.SEE_SETTINGS)
def rules_trial(slug: str, task_id: int) -> Response:
    """One trial: while it runs how far it is, then every change."""
    task = _trial(task_id)
    number = request.args.get("page", "1")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    start = max(0, at - 1) * PAGE
    context: dict[str, Any] = {"task": task_context(task), "result": None, "kept": LISTED}
    if task.state == "done":
        state = load_rules(g.shop.id)
        context["result"] = result_context(task, state, start=start, stop=start + PAGE)
        context["version"] = state.version
        context["may_change"] = may("change_rules")
        context |= {"at": start // PAGE + 1, "last": start + PAGE >= len(task.result["listed"])}
    return page("merchant/rules/trial.html", **context)


@bp.get("/rules/try")
@permission(Permission.SEE_SETTINGS)
def rules_try(slug: str) -> Response:
    """One order or one item, typed in: what becomes of it now and with the draft."""
    state = load_rules(g.shop.id)
    form = read_try(asked_form(), g.shop)
    tried = _tried(form, state) if form.is_asked and not form.errors else []
    status = 422 if form.errors else 200
    return page(
        "merchant/rules/try.html",
        status=status,
        form=form.context(),
        items=[_item(one, state) for one in tried],
        missing=form.is_asked and not form.errors and not tried,
        is_open=state.is_open,
    )


def _trial(task_id: int) -> TaskView:
    task = find_task(task_id)
    if task.kind != KIND:
        abort(404)
    return task


def _panel() -> Response:
    """The panel below the rules alone, with the newest trial."""
    state = load_rules(g.shop.id)
    found = trial_context(latest_trial(g.shop.id), state)
    may_change = may("change_rules")
    return fragments(LIST, "trial", (), trial=found, may_change=may_change, version=state.version)


def _tried(form: TryForm, state: RulesState) -> list[TriedItem]:
    if form.number:
        return try_order(shop=g.shop, state=state, number=form.number, reason=form.reason)
    if form.item is None:
        return []
    return [try_described(shop=g.shop, state=state, item=form.item, reason=form.reason)]


def _item(one: TriedItem, state: RulesState) -> dict[str, Any]:
    live, draft = (
        {entry.id: place for place, entry in enumerate(entries, 1)}
        for entries in (state.live, state.entries)
    )
    rows = sides(one.now, one.then, now_places=live, then_places=draft)
    return {
        "title": one.title,
        "order": one.order,
        "differing": [row for row in rows if row["differs"]],
        "same": [row["then"] + (f" ({row['then_by']})" if row["then_by"] else "") for row in rows
                 if not row["differs"]],
    }  # fmt: skip
