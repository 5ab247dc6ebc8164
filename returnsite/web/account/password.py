"""A new password: by a mailed link for who forgot it, and from one's own account."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, redirect, request, session, url_for
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField

from ...services.accounts.errors import AccountRefused, PasswordRefused
from ...services.accounts.profile import (
    change_password,
    request_reset,
    reset_password,
    reset_works,
)
from ...services.accounts.sign_in import has_password
from ..confirmed import wait_text
from ..htmx import page
from ..i18n import gettext as _
from ..merchant.guard import here
from ..portal.steps.base import without_nul
from ..sign_in_limits import forget_passwords, mail_wait, may_mail, password_wait
from . import bp
from .answers import show_card, show_saved
from .forms import AccountForm, secret, text
from .guard import anybody, signed_in
from .links import link_over
from .words import refusal


class ForgotForm(AccountForm):
    """Whose password."""

    email = text("email_missing", longest=254)


class ResetForm(AccountForm):
    """The new password."""

    password = secret("new_password_missing")


class PasswordForm(AccountForm):
    """The password of now, and the new one."""

    current = PasswordField(
        _l("Your password of now"),
        filters=[without_nul],
        render_kw={"type": "password", "autocomplete": "current-password"},
    )
    password = secret(
        "new_password_missing",
        label=_l("New password"),
        description=_l(
            "At least 12 characters. A few unusual words are easy to keep and hard to guess."
        ),
        render_kw={"type": "password", "autocomplete": "new-password", "minlength": 12},
    )


@bp.get("/forgot-password")
@anybody
def forgot() -> Response:
    """The form that asks for a link."""
    return _show_forgot(ForgotForm(formdata=None))


@bp.post("/forgot-password")
@anybody
def send_link() -> Response:
    """Have a link mailed; the answer is the same for every address."""
    form = ForgotForm()
    if form.validate():
        if wait := mail_wait():
            form.refuse("email", wait_text(wait))
        elif may_mail(form.email.data):
            request_reset(email=form.email.data)
    return _show_forgot(form, sent=not form.problems)


@bp.get("/reset/<token>")
@anybody
def reset(token: str) -> Response:
    """The form behind a mailed link. Opening it changes nothing."""
    if not reset_works(token=token):
        return link_over("reset")
    return _show_reset(ResetForm(formdata=None))


@bp.post("/reset/<token>")
@anybody
def save_reset(token: str) -> Any:
    """Set the password; the person signs in with it, second factor included."""
    form = ResetForm()
    if not form.validate():
        return _show_reset(form)
    try:
        reset_password(token=token, new=form.password.data, network=here())
    except PasswordRefused as error:
        form.refuse("password", refusal(error))
        return _show_reset(form)
    except AccountRefused:
        return link_over("reset")
    session.clear()
    return redirect(url_for("account.sign_in", signed="reset"), 303)


@bp.get("/account/password")
@signed_in
def password() -> Response:
    """The form for a new password, in its place."""
    return _show_password(PasswordForm(formdata=None))


@bp.post("/account/password")
@signed_in
def save_password() -> Any:
    """Set a new password; all other browsers are signed out."""
    form = PasswordForm()
    if form.validate() and _change(form):
        news = _("Your password is changed. All other browsers are signed out.")
        return show_saved("signing-in", "password", also="browsers", news=news)
    return _show_password(form)


def _change(form: PasswordForm) -> bool:
    person = g.person
    if wait := password_wait(person.user_id):
        form.refuse("current", wait_text(wait))
        return False
    try:
        change_password(
            user_id=person.user_id,
            current=form.current.data,
            new=form.password.data,
            keep=person.session_id,
            actor=g.actor,
        )
    except AccountRefused as error:
        form.refuse("current" if error.code == "password_wrong" else "password", refusal(error))
        if error.code != "password_wrong":
            forget_passwords(person.user_id)
        return False
    forget_passwords(person.user_id)
    return True


def _show_forgot(form: ForgotForm, *, sent: bool = False) -> Response:
    errors = form.problems
    return page(
        "account/forgot.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        sent=sent,
        mails=bool(current_app.config["MAIL_SERVER"]),
    )


def _show_reset(form: ResetForm) -> Response:
    errors = form.problems
    return page(
        "account/reset.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        action=request.path,
    )


def _show_password(form: PasswordForm) -> Response:
    """Who has no password yet is not asked for it."""
    if not has_password(user_id=g.person.user_id):
        del form.current
    return show_card("signing-in", part="password", form=form)
