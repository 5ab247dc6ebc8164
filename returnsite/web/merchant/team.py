"""The people of a shop: who they are, what they may do, who is invited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, g, redirect, request, url_for

from ...domain.roles import Permission, Role
from ...services.accounts.errors import AccountRefused
from ...services.accounts.sign_ins import SignIn, shop_sign_ins
from ...services.accounts.team import (
    Invited,
    change_role,
    check_invite,
    invite,
    load_team,
    remove_member,
    resend_invite,
    revoke_invite,
)
from ..account.forms import AccountForm, text
from ..account.sign_in_words import from_where, what_happened
from ..account.words import refusal, words
from ..addresses import row_id
from ..confirmed import ask_password, recently_confirmed, wait_text
from ..htmx import page
from ..i18n import gettext as _
from ..rendering import day_and_time
from ..sign_in_limits import mail_wait
from . import bp
from .guard import may, permission
from .history import SHOWN, history_page
from .words import role_name

Errors = list[tuple[str, str]]


class InviteForm(AccountForm):
    """Whom, and as what."""

    email = text("email_missing", longest=254)
    role = text("not_offered", default=Role.STAFF.value)


@bp.get("/team")
@permission(Permission.SEE_TEAM)
def team(slug: str) -> Response:
    """Everybody of the shop, and who is invited."""
    return _show(InviteForm(formdata=None))


@bp.get("/team/history")
@permission(Permission.SEE_TEAM)
def team_history(slug: str) -> Response:
    """Who changed what about the people of the shop, newest first."""
    return history_page(
        "users",
        title=_("Team"),
        back_url=url_for("merchant.team"),
        back_text=_("Team"),
        also_url=url_for("merchant.team_sign_ins") if may("manage_team") else None,
        also_text=_("Sign-ins"),
    )


@bp.get("/team/sign-ins")
@permission(Permission.MANAGE_TEAM)
def team_sign_ins(slug: str) -> Response:
    """Who of the shop's people signed in, or tried to: when, from where and how."""
    before = request.args.get("before", type=row_id)
    found = shop_sign_ins(shop_id=g.shop.id, before_id=before, limit=SHOWN)
    older = url_for("merchant.team_sign_ins", before=found[SHOWN - 1].id) if found[SHOWN:] else None
    rows = [_sign_in(one) for one in found[:SHOWN]]
    return page("merchant/sign_ins.html", sign_ins=rows, older_url=older)


@bp.post("/team/invite")
@permission(Permission.MANAGE_TEAM)
def send_invite(slug: str) -> Any:
    """Invite somebody by mail; the password is asked for when the rest is right."""
    form = InviteForm()
    _check(form)
    if form.problems:
        return _show(form, form.problems)
    if (asked := ask_password()) is not None:
        return asked
    invited = _invite(form)
    return _show(form, form.problems) if invited is None else _tell(invited)


@bp.post("/team/members/<id:member_id>/role")
@permission(Permission.MANAGE_TEAM)
@recently_confirmed
def save_role(slug: str, member_id: int) -> Any:
    """Give a member another role."""
    role, was = request.form.get("role", ""), request.form.get("was", "")

    def save() -> str:
        member = change_role(
            shop_id=g.shop.id, member_id=member_id, role=role, was=was, actor=g.actor
        )
        name = (member.name or member.email) if member else ""
        return _("%(name)s is %(role)s now.", name=name, role=role_name(role))

    return _do(save)


@bp.get("/team/members/<id:member_id>/remove")
@permission(Permission.MANAGE_TEAM)
def ask_remove(slug: str, member_id: int) -> Any:
    """Say what removing somebody means before it happens."""
    found = [each for each in load_team(shop_id=g.shop.id).members if each.id == member_id]
    if not found:
        return _do(_gone, status=404)
    return page("merchant/team_remove.html", one=found[0], me=g.member.user_id)


@bp.post("/team/members/<id:member_id>/remove")
@permission(Permission.MANAGE_TEAM)
@recently_confirmed
def remove(slug: str, member_id: int) -> Any:
    """Take somebody out of the shop."""

    def save() -> str:
        who = remove_member(shop_id=g.shop.id, member_id=member_id, actor=g.actor)
        return _("%(who)s is removed.", who=who)

    return _do(save)


@bp.post("/team/invites/<id:invite_id>/resend")
@permission(Permission.MANAGE_TEAM)
@recently_confirmed
def send_invite_again(slug: str, invite_id: int) -> Any:
    """Mail an invitation anew; the link of before stops working."""
    if wait := mail_wait():
        return _do(lambda: wait_text(wait))
    try:
        invited = resend_invite(shop_id=g.shop.id, invite_id=invite_id, actor=g.actor)
    except AccountRefused:
        return _do(_gone)
    return _tell(invited)


@bp.post("/team/invites/<id:invite_id>/revoke")
@permission(Permission.MANAGE_TEAM)
@recently_confirmed
def take_invite_back(slug: str, invite_id: int) -> Any:
    """Let the link of an invitation stop working."""

    def save() -> str:
        who = revoke_invite(shop_id=g.shop.id, invite_id=invite_id, actor=g.actor)
        return _("The invitation of %(email)s is taken back.", email=who)

    return _do(save)


def _sign_in(one: SignIn) -> dict[str, Any]:
    return {
        "at": day_and_time(one.at),
        "name": one.name,
        "worked": one.worked,
        "what": what_happened(one),
        "where": from_where(one),
    }


def _check(form: InviteForm) -> None:
    """Say what is wrong with it, beside its field."""
    if not form.validate():
        return
    if form.role.data not in set(Role):
        form.refuse("role", words("not_offered"))
    try:
        check_invite(shop_id=g.shop.id, email=form.email.data)
    except AccountRefused as error:
        form.refuse("email", refusal(error))


def _invite(form: InviteForm) -> Invited | None:
    if wait := mail_wait():
        form.refuse("email", wait_text(wait))
        return None
    try:
        return invite(
            shop_id=g.shop.id, email=form.email.data, role=Role(form.role.data), actor=g.actor
        )
    except AccountRefused as error:
        form.refuse("email", refusal(error))
        return None


def _tell(invited: Invited) -> Any:
    """That it is on its way; or the link itself, this once, where no server can mail it."""
    if invited.link:
        return _show(InviteForm(formdata=None), invited=invited)
    flash(_("An invitation is on its way to %(email)s. It is good for 24 hours.",
            email=invited.email))  # fmt: skip
    return _back()


def _do(save: Callable[[], str], status: int = 422) -> Any:
    """Do it and go back to the list; what is not there is 404, what is refused is said there."""
    try:
        flash(save())
    except AccountRefused as error:
        status = 404 if error.code == "gone" else status
        return _show(InviteForm(formdata=None), [("", refusal(error))], status)
    return _back()


def _gone() -> str:
    raise AccountRefused("gone")


def _back() -> Any:
    return redirect(url_for("merchant.team"), 303)


def _show(
    form: InviteForm,
    errors: Errors | None = None,
    status: int = 422,
    invited: Invited | None = None,
) -> Response:
    people = load_team(shop_id=g.shop.id)
    return page(
        "merchant/team.html",
        status=status if errors else 200,
        form=form,
        errors=errors,
        invited=invited,
        members=people.members,
        invites=people.invites,
        roles=[(role.value, role_name(role)) for role in Role],
        role_name=role_name,
        me=g.member.user_id,
    )
