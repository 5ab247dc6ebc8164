"""Step 1, find your order; and the signed link that skips it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ...services.checks import Problem
from ...services.demo import demo_hints
from ...services.drafts import create_draft
from ...services.find_order import find_order
from ...services.order_links import read_order_link
from ...services.queries.order_link import linked_order
from ..htmx import page
from ..i18n import locale_code, ngettext
from ..rate_limits import count_miss, lookup_wait
from ..security import form_token, form_token_fits
from . import bp
from .flow import STEPS
from .steps.base import without_nul
from .words import problem_text


class FindForm(FlaskForm):
    """Shape only; whether there is such an order is the service's answer."""

    class Meta:
        """The form token of the portal stands in for the session's."""

        csrf = False

    number = StringField(
        filters=[without_nul],
        validators=[InputRequired("number_missing"), Length(max=100, message="too_long")],
    )
    postcode = StringField(
        filters=[without_nul],
        validators=[InputRequired("postcode_missing"), Length(max=40, message="too_long")],
    )


@bp.get("/p/<slug>/")
def find(slug: str) -> Response:
    """The form."""
    form = FindForm(formdata=None)
    return page("portal/find.html", push_url=request.full_path.rstrip("?"), **find_context(form))


@bp.post("/p/<slug>/")
def look_up(slug: str) -> Any:
    """Find the order: 303 to its items; 422 for a miss, always the same; 429 after too many."""
    form = FindForm()
    if not form_token_fits(_scope(), request.form.get("form_token", "")):
        return _refuse(form, [Problem("form_expired", "")])
    if not form.validate():
        return _refuse(form, _say_in_words(form))
    number, postcode = form.number.data or "", form.postcode.data or ""
    if wait := lookup_wait(shop_id=g.shop.id, number=number):
        return _too_many(form, wait)
    found = find_order(shop=g.shop, number=number, postcode=postcode, locale=locale_code())
    if found is None:
        count_miss(shop_id=g.shop.id, number=number)
        return _refuse(form, [Problem("order_not_found", "number")], missed=True)
    return redirect(_first_step(slug, found.token), 303)


@bp.get("/p/<slug>/o/<link>")
def order_link(slug: str, link: str) -> Response:
    """The page behind a deep link: one press starts the return. Opening it changes nothing."""
    order = linked_order(shop=g.shop, order_id=read_order_link(g.shop.id, link)) or abort(404)
    return page(
        "portal/order_link.html",
        push_url=request.path,
        action=url_for("portal.start_from_link", slug=slug, link=link),
        form_token=form_token(f"link:{g.shop.id}:{link}"),
        order=order,
        find_url=url_for("portal.find", slug=slug),
    )


@bp.post("/p/<slug>/o/<link>")
def start_from_link(slug: str, link: str) -> Any:
    """Start a draft for the linked order."""
    order = linked_order(shop=g.shop, order_id=read_order_link(g.shop.id, link)) or abort(404)
    if not form_token_fits(f"link:{g.shop.id}:{link}", request.form.get("form_token", "")):
        return redirect(url_for("portal.order_link", slug=slug, link=link), 303)
    token = create_draft(
        shop=g.shop, order_id=order.id, locale=locale_code(), postcode=order.postcode
    )
    return redirect(_first_step(slug, token), 303)


def _first_step(slug: str, token: str) -> str:
    return url_for("portal.step", slug=slug, token=token, step=STEPS[0].name)


def _scope() -> str:
    return f"find:{g.shop.id}"


def _say_in_words(form: FindForm) -> list[Problem]:
    """The validators name codes; the words come from one table."""
    return [
        Problem(str(field.errors[0]), field.id)
        for field in (form.number, form.postcode)
        if field.errors
    ]


def _refuse(form: FindForm, problems: list[Problem], **context: Any) -> Response:
    for problem in problems:
        if problem.part and problem.code != "order_not_found":
            form[problem.part].errors = [problem_text(problem)]
    errors = [(problem.part, problem_text(problem)) for problem in problems]
    return page("portal/find.html", status=422, **find_context(form, errors=errors, **context))


def _too_many(form: FindForm, wait: int) -> Response:
    minutes = max(1, -(-wait // 60))
    text = ngettext(
        "Too many attempts. Try again in %(num)s minute.",
        "Too many attempts. Try again in %(num)s minutes.",
        minutes,
    )
    response = page("portal/find.html", status=429, **find_context(form, errors=[("", text)]))
    response.headers["Retry-After"] = str(wait)
    return response


def find_context(form: FindForm, **more: Any) -> dict[str, Any]:
    """What the page shows around its form."""
    keep: dict[str, Any] = {"lang": request.args["lang"]} if "lang" in request.args else {}
    return {
        "action": url_for("portal.look_up", slug=g.shop.slug, **keep),
        "form_token": form_token(_scope()),
        "errors": [],
        "form": form,
        "window_days": g.shop.policy.window_days,
        "order_example": g.shop.look.get("order_example") or "48217",
        "tracking_example": g.shop.look.get("tracking_example") or "3SABCD1234567",
        "missed": False,
        "hints": demo_hints(shop=g.shop) if current_app.config["DEMO"] and g.shop.is_demo else [],
        **more,
    }
