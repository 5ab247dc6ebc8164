"""Signing in with e-mail address and password, and signing out."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, redirect, request, session, url_for

from ...services.accounts.joining import nobody_yet
from ...services.accounts.sessions import end_session
from ...services.accounts.sign_in import Person, check_password, note_sign_out
from ..browsers import this_browser
from ..confirmed import wait_text
from ..htmx import page
from ..merchant.guard import SESSION_KEY, here
from ..sign_in_limits import forget_tries, sign_in_wait
from . import bp, halfway
from .forms import AccountForm, secret, text
from .guard import anybody, enter, home_of, next_url
from .words import words


class SignInForm(AccountForm):
    """Who it is."""

    email = text("email_missing", longest=254)
    password = secret("password_missing")


@bp.get("/sign-in")
@anybody
def sign_in() -> Any:
    """The form; who is signed in already goes on."""
    if g.person is not None:
        return redirect(next_url() or home_of(g.person.user_id), 303)
    return _show(SignInForm(formdata=None))


@bp.post("/sign-in")
@anybody
def check() -> Any:
    """303 to where the person was going, or to the second factor; 422, the same for every miss."""
    form = SignInForm()
    if not form.validate():
        return _show(form, form.problems)
    if wait := sign_in_wait(form.email.data):
        return _show(form, [("", wait_text(wait))], status=429, retry_after=wait)
    person = _person_of(form)
    if person is None:
        return _show(form, [("email", words("sign_in_wrong"))])
    forget_tries(form.email.data)
    if person.needs_code:
        return halfway.begin(person.user_id, next_url())
    return enter(person.user_id, "password", next_url())


@bp.post("/sign-out")
@anybody
def sign_out() -> Response:
    """End the session on the server and empty the browser's."""
    if g.person is not None:
        end_session(session_id=g.person.session_id)
        note_sign_out(actor=g.actor)
    session.clear()
    response: Response = redirect(url_for("account.sign_in", signed="out"), 303)  # type: ignore[assignment]
    response.headers["Clear-Site-Data"] = '"cookies", "storage"'
    return response


def _person_of(form: SignInForm) -> Person | None:
    return check_password(
        email=form.email.data,
        password=form.password.data,
        network=here(),
        browser=this_browser(),
    )


_NEWS = ("out", "reset", "email")
"""Why somebody comes to the form, as its address says."""


def _news() -> str:
    """That, or `over`: the browser still has a session that is none any more."""
    news = request.args.get("signed", "")
    if news in _NEWS:
        return news
    return "over" if session.get(SESSION_KEY) and g.person is None else ""


def _show(
    form: SignInForm,
    errors: list[tuple[str, str]] | None = None,
    *,
    status: int = 422,
    retry_after: int = 0,
) -> Response:
    response = page(
        "account/sign_in.html",
        status=status if errors else 200,
        form=form,
        errors=errors,
        next_url=next_url(),
        news=_news(),
        nobody_yet=not current_app.config["DEMO"] and nobody_yet(),
    )
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
