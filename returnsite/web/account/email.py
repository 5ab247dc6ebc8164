"""Another e-mail address: asked for here, changed by a link that proves it."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l

from ...services.accounts.errors import AccountRefused
from ...services.accounts.profile import confirm_email, email_waiting, request_email
from ..confirmed import recently_confirmed, wait_text
from ..htmx import page
from ..i18n import gettext as _
from ..merchant.guard import here
from ..sign_in_limits import mail_wait
from . import bp
from .answers import show_card, show_saved
from .forms import AccountForm, text
from .guard import anybody, signed_in
from .links import link_over
from .words import refusal


class EmailForm(AccountForm):
    """The new address."""

    email = text(
        "email_missing",
        longest=254,
        label=_l("New e-mail address"),
        description=_l("It becomes your address once you open the link that confirms it."),
        render_kw={
            "type": "email",
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


@bp.get("/account/email")
@signed_in
def email() -> Response:
    """The form for another address, in its place."""
    return _show(EmailForm(formdata=None))


@bp.post("/account/email")
@signed_in
@recently_confirmed
def send_email_link() -> Any:
    """Mail the link to the new address, and a word to the old one."""
    form = EmailForm()
    if form.validate() and (wait := mail_wait()):
        form.refuse("email", wait_text(wait))
    if form.problems:
        return _show(form)
    try:
        request_email(user_id=g.person.user_id, email=form.email.data, actor=g.actor)
    except AccountRefused as error:
        form.refuse("email", refusal(error))
        return _show(form)
    return show_saved("about", "email")


@bp.get("/account/email/<token>")
@anybody
def email_link(token: str) -> Response:
    """What the link confirms. Opening it changes nothing."""
    address = email_waiting(token=token)
    if address is None:
        return link_over("email")
    return page("account/email_link.html", address=address, action=request.path)


@bp.post("/account/email/<token>")
@anybody
def save_email(token: str) -> Any:
    """Change the address."""
    try:
        confirm_email(token=token, network=here())
    except AccountRefused:
        return link_over("email")
    if g.person is None:
        return redirect(url_for("account.sign_in", signed="email"), 303)
    flash(_("Your e-mail address is changed."))
    return redirect(url_for("account.index"), 303)


def _show(form: EmailForm) -> Response:
    return show_card("about", part="email", form=form)
