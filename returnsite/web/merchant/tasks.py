"""Long work on a page: how far it is, what became of it, and a button to stop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, g, redirect, url_for

from ...domain.roles import Permission
from ...services.tasks import TaskView, load_task, stop_task
from ..htmx import page, partial_with
from ..i18n import gettext as _
from ..rendering import number
from . import bp
from .guard import permission

Words = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """How pages speak of a kind of task. The endpoints get the task's id, `back` nothing.

    `result` None: the result is where the work was started.
    """

    title: Words
    back: str
    back_text: Words
    result: str | None = None
    result_text: Words | None = None


KINDS: Mapping[str, Kind] = {
    "returns_export": Kind(
        title=lambda: _("Writing your returns to a file"),
        back="merchant.analytics",
        back_text=lambda: _("Analytics"),
        result="merchant.analytics_exported",
        result_text=lambda: _("Download the file"),
    ),
    "rule_trial": Kind(
        title=lambda: _("Trying the draft on your orders"),
        back="merchant.rules",
        back_text=lambda: _("Return rules"),
        result="merchant.rules_trial",
        result_text=lambda: _("See what changes"),
    ),
    "check_orders": Kind(
        title=lambda: _("Reading the file"),
        back="merchant.orders_import",
        back_text=lambda: _("Import orders"),
        result="merchant.orders_checked",
        result_text=lambda: _("See what is in it"),
    ),
    "import_orders": Kind(
        title=lambda: _("Importing orders"),
        back="merchant.orders",
        back_text=lambda: _("Orders"),
        result="merchant.orders_import_result",
    ),
}
"""By `task.kind`; one line a kind."""


def task_context(task: TaskView) -> dict[str, Any]:
    """What the partials `task.html` and `task_progress.html` show of a task."""
    kind = KINDS.get(task.kind)
    here = url_for("merchant.task", task_id=task.id)
    done = kind.result if kind and task.state in ("done", "stopped") else None
    return {
        "id": task.id,
        "state": task.state,
        "title": kind.title() if kind else _("Work in the background"),
        "words": _words(task),
        "error": task.error,
        "done": min(task.done, task.total),
        "total": task.total,
        "count": _count(task),
        "url": here,
        "progress_url": url_for("merchant.task_progress", task_id=task.id),
        "stop_url": url_for("merchant.task_stop", task_id=task.id),
        "result_url": url_for(done, task_id=task.id) if done else None,
        "result_text": kind.result_text() if kind and kind.result_text else _("See the result"),
        "back_url": url_for(kind.back) if kind else None,
        "back_text": kind.back_text() if kind else None,
    }


def find_task(task_id: int) -> TaskView:
    """This shop's task; 404 for another shop's."""
    task = load_task(g.shop.id, task_id)
    if task is None:
        abort(404)
    return task


@bp.get("/tasks/<id:task_id>")
@permission(Permission.SEE_TASKS)
def task(slug: str, task_id: int) -> Response:
    """How far one task is."""
    return page("merchant/task.html", task=task_context(find_task(task_id)))


@bp.get("/tasks/<id:task_id>/_progress")
@permission(Permission.SEE_TASKS)
def task_progress(slug: str, task_id: int) -> Response:
    """The part of the page that changes; once it is over, also what can be done then."""
    found = find_task(task_id)
    beside = {f"task-{found.id}-actions": "partials/task_actions.html"} if found.is_over else {}
    return partial_with("partials/task_progress.html", beside, task=task_context(found))


@bp.post("/tasks/<id:task_id>/stop")
@permission(Permission.STOP_TASKS)
def task_stop(slug: str, task_id: int) -> Response:
    """Stop it before its next step; pressing this for one that is over does nothing."""
    found = find_task(task_id)
    stop_task(g.shop.id, found.id)
    return redirect(url_for("merchant.task", task_id=found.id), 303)  # type: ignore[return-value]


def _words(task: TaskView) -> str:
    return {
        "waiting": _("Starting …"),
        "running": _("Under way"),
        "done": _("Done"),
        "failed": _("It did not work"),
        "stopped": _("Stopped"),
    }[task.state]


def _count(task: TaskView) -> str:
    if task.total:
        return _("%(done)s of %(total)s", done=number(task.done), total=number(task.total))
    return number(task.done) if task.done else ""
