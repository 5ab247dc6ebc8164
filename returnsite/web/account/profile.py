"""My account: everything about the person at hand, and what can be changed at once."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, g, redirect, request, url_for

from ...services.accounts.profile import change_profile, load_profile
from ...services.accounts.sessions import list_sessions, shops_of
from ...services.accounts.sign_in import has_password
from ...services.accounts.two_factor import recovery_codes_left
from ..confirmed import confirm_now, is_confirmed
from ..htmx import page
from ..i18n import gettext as _
from ..portal import LANGUAGE_NAMES
from . import bp
from .forms import AccountForm, optional_text, text
from .guard import home_of, next_url, signed_in
from .times import ago
from .words import words


class ProfileForm(AccountForm):
    """Name and language."""

    name = text("name_missing")
    language = optional_text(longest=8)


@bp.get("/account/")
@signed_in
def index() -> Response:
    """The person's account at a glance."""
    user_id = g.person.user_id
    profile = load_profile(user_id=user_id)
    return page(
        "account/index.html",
        profile=profile,
        language=LANGUAGE_NAMES.get(profile.locale, ""),
        codes_left=recovery_codes_left(user_id=user_id) if profile.has_two_factor else 0,
        sessions=list_sessions(user_id=user_id),
        shops=shops_of(user_id=user_id),
        ago=ago,
    )


@bp.get("/account/profile")
@signed_in
def profile() -> Response:
    """The form for name and language."""
    known = load_profile(user_id=g.person.user_id)
    return _show(ProfileForm(formdata=None, name=known.name, language=known.locale))


@bp.post("/account/profile")
@signed_in
def save_profile() -> Any:
    """Save name and language."""
    form = ProfileForm()
    languages = current_app.config["LANGUAGES"]
    if form.validate() and form.language.data not in (*languages, ""):
        form.refuse("language", words("not_offered"))
    if form.problems:
        return _show(form)
    change_profile(
        user_id=g.person.user_id,
        name=form.name.data,
        locale=form.language.data,
        actor=g.actor,
    )
    flash(_("Saved"))
    return redirect(url_for("account.index"), 303)


@bp.get("/account/confirm")
@signed_in
def confirm() -> Any:
    """The password again, on the way to a page that asks for it."""
    if is_confirmed():
        return redirect(next_url() or home_of(g.person.user_id), 303)
    return _show_confirm("")


@bp.post("/account/confirm")
@signed_in
def save_confirm() -> Any:
    """Renew the session and go on."""
    problem = confirm_now()
    if problem:
        return _show_confirm(problem)
    return redirect(next_url() or home_of(g.person.user_id), 303)


def _show_confirm(problem: str) -> Response:
    return page(
        "account/confirm.html",
        status=422 if problem else 200,
        action=url_for("account.confirm"),
        kept=[("next", next_url())],
        files=False,
        error=problem,
        target="#main",
        has_password=has_password(user_id=g.person.user_id),
    )


def _show(form: ProfileForm) -> Response:
    errors = form.problems
    return page(
        "account/profile.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        action=request.path,
        languages=[(code, LANGUAGE_NAMES[code]) for code in current_app.config["LANGUAGES"]],
    )
