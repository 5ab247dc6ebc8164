"""The second step of signing in: a code of the authenticator app, or a recovery code."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, url_for

from ...services.accounts.sign_in import check_code
from ..browsers import this_browser
from ..confirmed import wait_text
from ..htmx import page
from ..merchant.guard import here
from ..sign_in_limits import code_wait, forget_codes
from . import bp, halfway
from .forms import AccountForm, text
from .guard import anybody, enter
from .words import words


class CodeForm(AccountForm):
    """The code."""

    code = text("code_missing", longest=64)


@bp.get("/sign-in/code")
@anybody
def code() -> Any:
    """The form for a code of the app."""
    return _ask(recovery=False)


@bp.get("/sign-in/recovery")
@anybody
def recovery() -> Any:
    """The form for a recovery code."""
    return _ask(recovery=True)


@bp.post("/sign-in/code")
@anybody
def check_app_code() -> Any:
    """303 to where the person was going; 422 for a code that is wrong or was used."""
    return _check(recovery=False)


@bp.post("/sign-in/recovery")
@anybody
def check_recovery_code() -> Any:
    """The same for a recovery code."""
    return _check(recovery=True)


def _ask(*, recovery: bool) -> Any:
    """Without a password before it, back to the start."""
    if halfway.person() is None:
        return redirect(url_for("account.sign_in"), 303)
    return _show(CodeForm(formdata=None), recovery=recovery)


def _check(*, recovery: bool) -> Any:
    person, form = halfway.person(), CodeForm()
    if person is None:
        return redirect(url_for("account.sign_in"), 303)
    if not form.validate():
        return _show(form, recovery=recovery)
    if wait := code_wait(person.user_id):
        form.refuse("code", wait_text(wait))
        return _show(form, recovery=recovery)
    if _is_right(person, form, recovery=recovery):
        forget_codes(person.user_id)
        return enter(person.user_id, "recovery code" if recovery else "code", person.next_url)
    form.refuse("code", words("recovery_code_wrong" if recovery else "code_wrong"))
    return _show(form, recovery=recovery)


def _is_right(person: halfway.Halfway, form: CodeForm, *, recovery: bool) -> bool:
    return check_code(
        user_id=person.user_id,
        code=form.code.data,
        network=here(),
        browser=this_browser(),
        recovery=recovery,
    )


def _show(form: CodeForm, *, recovery: bool) -> Response:
    errors = form.problems
    return page(
        "account/code.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        recovery=recovery,
    )
