"""Switching two-factor sign-in on and off, and new recovery codes."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, g, redirect, request, session, url_for

from ...documents.qr import qr_svg
from ...services.accounts.errors import AccountRefused
from ...services.accounts.profile import load_profile
from ...services.accounts.two_factor import (
    new_secret,
    renew_recovery_codes,
    setup_address,
    turn_off,
    turn_on,
)
from ...services.secrets import can_keep_secrets, decrypt_secret, encrypt_secret
from ..confirmed import recently_confirmed, wait_text
from ..htmx import page
from ..i18n import gettext as _
from ..sign_in_limits import code_wait, forget_codes
from . import bp
from .forms import AccountForm, text
from .guard import signed_in
from .words import refusal

_SETUP = "two_factor"
"""Where the cookie keeps the secret until a code proves it; encrypted, cookies are only signed."""


class TwoFactorForm(AccountForm):
    """A code of the app that was just set up."""

    code = text("code_missing", longest=32)


@bp.get("/account/two-factor")
@signed_in
@recently_confirmed
def two_factor() -> Response:
    """The QR code to scan; or, when it is on, what can be changed."""
    return _show(TwoFactorForm(formdata=None))


@bp.get("/account/two-factor/code.svg")
@signed_in
@recently_confirmed
def two_factor_image() -> Response:
    """The QR code as a picture."""
    secret = _secret_in_setup() or abort(404)
    address = setup_address(secret, email=g.person.email)
    return Response(qr_svg(address), mimetype="image/svg+xml")


@bp.post("/account/two-factor")
@signed_in
@recently_confirmed
def save_two_factor() -> Any:
    """Switch it on with a code of the app, and show the recovery codes, once."""
    form, secret = TwoFactorForm(), _secret_in_setup()
    if secret is None:
        return redirect(url_for("account.two_factor"), 303)
    if not form.validate():
        return _show(form)
    codes = _turn_on(form, secret)
    return _show_codes(codes) if codes else _show(form)


@bp.post("/account/two-factor/off")
@signed_in
@recently_confirmed
def two_factor_off() -> Any:
    """Switch it off."""
    turn_off(user_id=g.person.user_id, keep=g.person.session_id, actor=g.actor)
    flash(_("Two-factor sign-in is off."))
    return redirect(url_for("account.index"), 303)


@bp.post("/account/two-factor/codes")
@signed_in
@recently_confirmed
def new_codes() -> Any:
    """New recovery codes in place of the old ones, shown once."""
    try:
        codes = renew_recovery_codes(
            user_id=g.person.user_id, keep=g.person.session_id, actor=g.actor
        )
    except AccountRefused:
        return redirect(url_for("account.two_factor"), 303)
    return _show_codes(codes)


def _turn_on(form: TwoFactorForm, secret: str) -> list[str]:
    person = g.person
    if wait := code_wait(person.user_id):
        form.refuse("code", wait_text(wait))
        return []
    try:
        codes = turn_on(
            user_id=person.user_id,
            secret=secret,
            code=form.code.data,
            keep=person.session_id,
            actor=g.actor,
        )
    except AccountRefused as error:
        form.refuse("code", refusal(error))
        return []
    forget_codes(person.user_id)
    session.pop(_SETUP, None)
    return codes


def _secret_in_setup() -> str | None:
    kept = session.get(_SETUP)
    return decrypt_secret(kept) if kept else None


def _begin_setup() -> str:
    """The secret of before when the page is only shown again: the app may have it by now."""
    secret = _secret_in_setup()
    if secret is None:
        secret = new_secret()
        session[_SETUP] = encrypt_secret(secret)
    return secret


def _show_codes(codes: list[str]) -> Response:
    return page("account/recovery_codes.html", codes=codes)


def _show(form: TwoFactorForm) -> Response:
    profile = load_profile(user_id=g.person.user_id)
    errors = form.problems
    setting_up = not profile.has_two_factor and can_keep_secrets()
    return page(
        "account/two_factor.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        profile=profile,
        can_keep=can_keep_secrets(),
        secret=_begin_setup() if setting_up else "",
        action=request.path,
    )
