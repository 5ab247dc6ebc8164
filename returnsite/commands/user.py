"""`flask user …`: the first owner, invitations and new passwords, for whoever runs the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from ..domain.roles import Role
from ..services.accounts.command_line import invite_link, list_users, reset_link, unlock_user
from ..services.accounts.errors import AccountRefused
from ..services.accounts.joining import nobody_yet
from ..services.accounts.start_links import make_start_token

user = AppGroup("user", help="People on the merchant's side: links to get in, and who there is.")

_WHY = {
    "email_invalid": "that is no e-mail address",
    "already_member": "this person is in the shop already",
    "no_shop": "there is no such shop",
    "no_user": "there is nobody with this address",
}


@user.command("first-run")
def first_run() -> None:
    """Print the link that makes the first owner and shop; only while there is nobody."""
    if not nobody_yet():
        raise click.ClickException("there are users already: see `flask user list`")
    click.echo(_url(f"first-run/{make_start_token('first_run')}"))
    click.echo("It works once, for 24 hours.")


@user.command("invite")
@click.argument("shop")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="owner")
def invite(*, shop: str, email: str, role: str) -> None:
    """Print a link that lets EMAIL into SHOP, as its owner unless --role says otherwise."""
    token = _or_refuse(invite_link, slug=shop, email=email, role=Role(role))
    click.echo(_url(f"invite/{token}"))
    click.echo("It works once, for 24 hours.")


@user.command("reset-link")
@click.argument("email")
def reset(*, email: str) -> None:
    """Print a link with which EMAIL chooses a new password."""
    token = _or_refuse(reset_link, email=email)
    click.echo(_url(f"reset/{token}"))
    click.echo("It works once, for 30 minutes.")


@user.command("two-factor-off")
@click.argument("email")
def two_factor_off(*, email: str) -> None:
    """Let EMAIL sign in by password alone, for who lost phone and recovery codes."""
    _or_refuse(unlock_user, email=email)
    click.echo("Two-factor sign-in is off. All browsers of this person are signed out.")


@user.command("list")
def list_() -> None:
    """List everybody, with their shops and roles."""
    for each in list_users():
        shops = ", ".join(f"{slug} ({role})" for slug, role in each.shops) or "no shop"
        factor = "two-factor" if each.has_two_factor else "password only"
        click.echo(f"{each.email:40} {each.name:24} {factor:14} {shops}")


def _url(path: str) -> str:
    """The address, without the host where RETURNSITE_URL does not tell it."""
    return f"{current_app.config['PUBLIC_URL']}/{path}"


def _or_refuse(call: Callable[..., Any], **values: Any) -> Any:
    """Call a service; what it refuses ends the command with its reason."""
    try:
        return call(**values)
    except AccountRefused as refused:
        raise click.ClickException(_WHY.get(refused.code, refused.code)) from None
