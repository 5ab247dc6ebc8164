"""The wizard's pages: one URL a step, a whole page or its fragment, and their live parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, abort, g, redirect, request, send_file, url_for

from ...domain.errors import AlreadyClaimed, DraftConfirmed, DraftExpired, StatementChanged
from ...services.checks import Problem
from ...services.confirm_return import AnswersChanged, confirm_return
from ...services.drafts import Wizard, save_answers
from ...services.photos import Upload, add_photos, drop_photo, photo_file
from ..htmx import fragments, fragments_beside, page, partial, text_of
from ..i18n import locale_code
from ..security import form_token, form_token_fits
from . import bp, take_draft
from .flow import STEPS, TOTAL, after, first_open_step, number_of, step_named, view_of
from .points import point_carriers
from .steps import items, reasons, review, shipment
from .steps.base import Step, View
from .summary import summary
from .words import problem_text

Answer = Response | Any


@bp.get("/p/<slug>/r/<token>/<step>")
def step(slug: str, token: str, step: str) -> Answer:
    """A step of the wizard; asking for one too early leads to the first that is open."""
    current = step_named(step)
    view = view_of(current, g.wizard)
    if current is items and not items.anything_returnable(view):
        return _not_returnable(view)
    open_step = first_open_step(view, before=current)
    if open_step is not None:
        return redirect(_url(open_step), 303)
    return _render(current, view)


@bp.post("/p/<slug>/r/<token>/<step>")
def save_step(slug: str, token: str, step: str) -> Answer:
    """Answer a step: 303 to the next one, or 422 with everything typed still there."""
    current = step_named(step)
    if not form_token_fits(_scope(current), request.form.get("form_token", "")):
        part = current.read(request.form, g.wizard).part
        problem = Problem("form_expired", "form")
        return _refuse(current, g.wizard.with_answers(current.name, part), (problem,))
    if current is review:
        return _confirm(slug, token)
    return _save(current, g.wizard)


@bp.get("/p/<slug>/r/<token>/<step>/_quote")
def quote(slug: str, token: str, step: str) -> Answer:
    """What the answers on the screen would come to; nothing is kept."""
    current = step_named(step)
    view = _live_view(current)
    if current is reasons:
        return _reason_effect(view)
    main, *others = current.live_blocks or abort(404)
    return fragments(current.template, main, tuple(others), **_live_context(view))


@bp.get("/p/<slug>/r/<token>/shipment/_points")
def points(slug: str, token: str) -> Answer:
    """The service-point finder alone, for another place or carrier."""
    view = view_of(shipment, g.wizard, priced=False)
    if not point_carriers(view, view.query.get("method", "")):
        abort(404)
    return partial("partials/points.html", **shipment.points_context(view))


@bp.get("/p/<slug>/r/<token>/photos/<file>")
def photo(slug: str, token: str, file: str) -> Answer:
    """A photo of this draft, for nobody else."""
    path = photo_file(wizard=g.wizard, file=file)
    if path is None or not path.exists():
        abort(404)
    return send_file(path, mimetype="image/jpeg", max_age=0)


@bp.errorhandler(DraftConfirmed)
@bp.errorhandler(DraftExpired)
def show_what_became_of_it(_error: Exception) -> Answer:
    """The draft ended while an answer was on its way: its page says how."""
    return redirect(url_for("portal.step", **(request.view_args or {})), 303)


def _save(current: Step, wizard: Wizard) -> Answer:
    refused = _photos(wizard) if current is reasons else ()
    if current is reasons and request.form.get("drop-photo"):
        return _drop_photo(wizard)
    if refused or (current is reasons and any(request.files.values())):
        wizard = _reload()
    reading = current.read(request.form, wizard)
    wizard = wizard.with_answers(current.name, reading.part)
    view = view_of(current, wizard, form=request.form)
    if open_step := first_open_step(view, before=current):
        return redirect(_url(open_step), 303)
    problems = reading.problems + refused
    if current is shipment:
        part, more = shipment.settle(view)
        problems += more
        view = view_of(current, wizard.with_answers(current.name, part), form=request.form)
    if _only_looking(current, view):
        return _keep(current, view, current)
    problems += tuple(current.check(view))
    if problems:
        return _refuse(current, view.wizard, problems)
    return _keep(current, view, after(current, view))


def _keep(current: Step, view: View, target: Step) -> Answer:
    part = view.wizard.answers[current.name]
    save_answers(wizard=view.wizard, step=current.name, part=part, locale=locale_code())
    # The same page again must say why: it now has the points of the method.
    more = {"points": 1} if target is current is shipment else {}
    return redirect(_url(target, **more), 303)


def _only_looking(current: Step, view: View) -> bool:
    """A post that asks for another number or more of the same page, without JavaScript."""
    if current is items:
        return bool(request.form.get("less") or request.form.get("more"))
    if current is not shipment:
        return False
    method = view.wizard.answers["shipment"].get("method") or ""
    return bool(point_carriers(view, method)) and "near" not in request.form


def _refuse(current: Step, wizard: Wizard, problems: tuple[Problem, ...]) -> Answer:
    view = view_of(current, wizard, problems=problems, form=request.form)
    if open_step := first_open_step(view, before=current):
        return redirect(_url(open_step), 303)
    return _render(current, view, status=422)


def _photos(wizard: Wizard) -> tuple[Problem, ...]:
    uploads = [
        Upload(line.facts.line_id, file.filename or "", file.read())
        for line in wizard.lines
        if str(line.facts.line_id) in wizard.answers.get("items", {})
        for file in request.files.getlist(f"photo-{line.facts.line_id}")
        if file.filename
    ]
    refused = add_photos(wizard=wizard, uploads=uploads) if uploads else []
    return tuple(Problem(r.code, "photo", r.line_id, r.params) for r in refused)


def _drop_photo(wizard: Wizard) -> Answer:
    text = request.form["drop-photo"]
    known = text.isascii() and text.isdigit() and len(text) < 19
    if not known or not drop_photo(wizard=wizard, photo_id=int(text)):
        abort(404)
    wizard = _reload()
    part = reasons.read(request.form, wizard).part
    save_answers(wizard=wizard, step=reasons.name, part=part, locale=locale_code())
    return redirect(_url(reasons), 303)


def _reload() -> Wizard:
    return take_draft(g.wizard.shop.slug, g.wizard.token)


def _confirm(slug: str, token: str) -> Answer:
    try:
        confirmed = confirm_return(
            slug=slug, token=token, seen=request.form.get("seen", ""), locale=locale_code()
        )
    except StatementChanged:
        return redirect(_url(review, changed=1), 303)
    except AnswersChanged as error:
        return redirect(_url(step_named(error.step), changed=1), 303)
    except AlreadyClaimed:
        return redirect(_url(items, changed=1), 303)
    if confirmed is None:
        abort(404)
    return redirect(url_for("portal.done", slug=slug, token=confirmed.status_token), 303)


def _live_view(current: Step) -> View:
    wizard: Wizard = g.wizard
    part = current.read(request.args, wizard).part
    view = view_of(current, wizard.with_answers(current.name, part))
    return replace(view, problems=())


def _reason_effect(view: View) -> Response:
    text = request.args.get("line", "")
    line = (
        view.wizard.line(int(text))
        if text.isascii() and text.isdigit() and len(text) < 19
        else None
    )
    if line is None:
        abort(404)
    context = _live_context(view) | {"effect": reasons.effect(view, line)}
    return fragments_beside(
        "partials/line_effect.html", reasons.template, reasons.live_blocks, **context
    )


def _live_context(view: View) -> dict[str, Any]:
    """What the live blocks show: the return so far, not the step around them."""
    chosen = view.quote.basket.choices
    return {"summary": _summary(view), "chosen_count": sum(choice.quantity for choice in chosen)}


def _render(current: Step, view: View, status: int = 200) -> Response:
    return page(
        current.template,
        status=status,
        push_url=request.full_path.rstrip("?"),
        **_context(current, view),
    )


def _context(current: Step, view: View) -> dict[str, Any]:
    place = STEPS.index(current)
    route: dict[str, Any] = {"slug": view.wizard.shop.slug, "token": view.wizard.token}
    back = _url(STEPS[place - 1]) if place else url_for("portal.find", slug=view.wizard.shop.slug)
    keep: dict[str, Any] = {
        key: request.args[key] for key in ("review", "lang") if key in request.args
    }
    return {
        "action": url_for("portal.save_step", step=current.name, **route, **keep),
        "form_token": form_token(_scope(current)),
        "quote_url": url_for("portal.quote", step=current.name, **route),
        "errors": _errors(current, view),
        "step": {"number": number_of(current), "total": TOTAL, "back_url": back},
        "summary": _summary(view),
        "changed": "changed" in request.args,
        **current.context(view),
    }


def _summary(view: View) -> dict[str, Any]:
    """The return so far; its text stands in the panel and in the bar."""
    shown = summary(view)
    return {**shown, "text": text_of("partials/summary.html", summary=shown)}


def _errors(current: Step, view: View) -> list[tuple[str, str]]:
    return [
        (current.field_id(p, view) if p.part != "form" else "", _named(p, view))
        for p in view.problems
    ]


def _named(problem: Problem, view: View) -> str:
    """In the summary an error about one of several items says which."""
    text = problem_text(problem)
    line = view.wizard.line(problem.line_id) if problem.line_id else None
    return f"{line.facts.title}: {text}" if line and len(view.wizard.lines) > 1 else text


def _not_returnable(view: View) -> Response:
    context = items.context(view)
    wizard = view.wizard
    return page(
        "portal/not_returnable.html",
        push_url=request.path,
        find_url=url_for("portal.find", slug=wizard.shop.slug),
        lines=[line for parcel in context["parcels"] for line in parcel["lines"]],
        order={"number": wizard.order.number, "delivered_on": items.delivered_on(view)},
        options=items.ways_out(view),
    )


def _scope(current: Step) -> str:
    return f"draft:{g.wizard.draft_id}:{current.name}"


def _url(target: Step, **query: Any) -> str:
    wizard: Wizard = g.wizard
    if "review" in request.args and target is not review:
        query.setdefault("review", 1)
    return url_for(
        "portal.step", slug=wizard.shop.slug, token=wizard.token, step=target.name, **query
    )
