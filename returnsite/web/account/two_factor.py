"""Switching two-factor sign-in on and off, and new recovery codes."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, redirect, url_for
from flask_babel import lazy_gettext as _l

from ...documents.qr import qr_svg
from ...services.accounts.errors import AccountRefused
from ...services.accounts.two_factor import (
    renew_recovery_codes,
    setup_address,
    turn_off,
    turn_on,
)
from ..confirmed import recently_confirmed, wait_text
from ..i18n import gettext as _
from ..sign_in_limits import code_wait, forget_codes
from . import bp
from .answers import show_card, show_saved
from .forms import AccountForm, text
from .guard import signed_in
from .setup import end_setup, secret_in_setup
from .words import refusal


class TwoFactorForm(AccountForm):
    """A code of the app that was just set up."""

    code = text(
        "code_missing",
        longest=32,
        label=_l("Code"),
        description=_l("Six digits."),
        render_kw={
            "css": "input-code",
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "spellcheck": "false",
        },
    )


@bp.get("/account/two-factor")
@signed_in
@recently_confirmed
def two_factor() -> Response:
    """In its place: the QR code to scan; or, when it is on, what can be changed."""
    return _show(TwoFactorForm(formdata=None))


@bp.get("/account/two-factor/code.svg")
@signed_in
@recently_confirmed
def two_factor_image() -> Response:
    """The QR code as a picture."""
    secret = secret_in_setup() or abort(404)
    address = setup_address(secret, email=g.person.email)
    return Response(qr_svg(address), mimetype="image/svg+xml")


@bp.post("/account/two-factor")
@signed_in
@recently_confirmed
def save_two_factor() -> Any:
    """Switch it on with a code of the app, and show the recovery codes, once."""
    form, secret = TwoFactorForm(), secret_in_setup()
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
    news = _("Two-factor sign-in is off.")
    return show_saved("signing-in", "two-factor", also="browsers", news=news)


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
    end_setup()
    return codes


def _show_codes(codes: list[str]) -> Response:
    return show_card("signing-in", also="browsers", codes=codes)


def _show(form: TwoFactorForm) -> Response:
    return show_card("signing-in", part="two-factor", form=form)
