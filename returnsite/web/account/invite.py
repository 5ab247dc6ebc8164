"""The link of an invitation: a new account, or one that is there already, comes into the shop."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, redirect, request, url_for

from ...services.accounts.errors import AccountRefused, PasswordRefused
from ...services.accounts.joining import (
    Invitation,
    NewPerson,
    accept_invitation,
    find_invitation,
    join_shop,
)
from ..htmx import page
from ..i18n import gettext as _
from ..i18n import locale_code
from ..merchant.guard import here
from . import bp
from .forms import AccountForm, secret, text
from .guard import anybody, enter
from .links import link_over
from .words import refusal


class AcceptForm(AccountForm):
    """What a new account needs; its address is that of the invitation."""

    name = text("name_missing")
    password = secret("new_password_missing")


@bp.get("/invite/<token>")
@anybody
def invite(token: str) -> Response:
    """What the invitation is for, and how to accept it. Opening it changes nothing."""
    found = find_invitation(token=token)
    return _show(found, AcceptForm(formdata=None)) if found else link_over("invite")


@bp.post("/invite/<token>")
@anybody
def accept(token: str) -> Any:
    """Come into the shop: 303; 422 with what is wrong."""
    found = find_invitation(token=token)
    if found is None:
        return link_over("invite")
    if found.has_account:
        return _join(token, found)
    form = AcceptForm()
    return _accept(token, found, form) if form.validate() else _show(found, form)


def _accept(token: str, found: Invitation, form: AcceptForm) -> Any:
    person = NewPerson(form.name.data, found.email, form.password.data, locale_code())
    try:
        joined = accept_invitation(token=token, person=person, network=here())
    except PasswordRefused as error:
        form.refuse("password", refusal(error))
        return _show(found, form)
    except AccountRefused:
        return link_over("invite")
    return enter(joined.user_id, "invitation", url_for("merchant.home", slug=joined.slug))


def _join(token: str, found: Invitation) -> Any:
    if g.person is None:
        return redirect(url_for("account.sign_in", next=request.path), 303)
    try:
        slug = join_shop(token=token, user_id=g.person.user_id, network=here())
    except AccountRefused as error:
        if error.code == "other_account":
            return _show(found, AcceptForm(formdata=None), [("", refusal(error))])
        return link_over("invite")
    flash(_("You now work in %(shop)s.", shop=found.shop_name))
    return redirect(url_for("merchant.home", slug=slug), 303)


def _show(
    found: Invitation, form: AcceptForm, errors: list[tuple[str, str]] | None = None
) -> Response:
    errors = errors or form.problems
    return page(
        "account/invite.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        invitation=found,
        action=request.path,
    )
