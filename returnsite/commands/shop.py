"""`flask shop …`: create, show, open and close a shop's portal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from ..config import DEFAULTS
from ..domain.errors import AmountInvalid
from ..domain.money import parse_amount, to_decimal
from ..domain.policy import Resolution
from ..services.activate_shop import (
    ReturnAddress,
    ShopRefused,
    activate_shop,
    deactivate_shop,
)
from ..services.create_shop import NewShop, create_shop
from ..services.embed_shop import set_frame_origins
from ..services.settings.return_address import set_return_address
from ..services.shops import ShopSettings, find_shop
from ..services.snippets import make_snippets

shop = AppGroup("shop", help="Shops: create, show, open and close their portals.")

_ADDRESS = {
    "company": "Company that receives the returns.",
    "contact": "Name on the label; the company if left out.",
    "street": "Street of the return address.",
    "house_number": "House number with its addition.",
    "postcode": "Postcode of the return address.",
    "city": "Town of the return address.",
    "address_country": "Country of the return address; the shop's if left out.",
    "phone": "Telephone number for the carrier.",
}


def _address_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options for a return address, given to the command as `address`, None without any."""

    @wraps(command)
    def with_address(**options: Any) -> None:
        given = {name: options.pop(name) or "" for name in _ADDRESS}
        given["name"] = given.pop("contact")
        given["country"] = given.pop("address_country").upper()
        command(address=ReturnAddress(**given) if any(given.values()) else None, **options)

    for name, text in reversed(_ADDRESS.items()):
        with_address = click.option(f"--{name.replace('_', '-')}", name, help=text)(with_address)
    return with_address


@shop.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="The shop's name, as customers know it.")
@click.option("--country", default="NL", show_default=True, help="Where the shop is.")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--time-zone", default="Europe/Amsterdam", show_default=True)
@click.option(
    "--language",
    "locales",
    multiple=True,
    type=click.Choice(DEFAULTS["LANGUAGES"]),
    help="Of the portal, the main one first; all if left out.",
)
@click.option("--notify", help="E-mail address that hears of every return.")
@click.option("--support", help="E-mail address customers can write to.")
@click.option("--window", default=30, show_default=True, help="Days to return after delivery.")
@click.option("--fee", default="0", show_default=True, help="Return fee, e.g. 4.95.")
@click.option(
    "--resolution",
    "resolutions",
    multiple=True,
    type=click.Choice([code.value for code in Resolution]),
    help="What customers can get; money and exchange if left out.",
)
@click.option("--carrier", "carriers", multiple=True, help="A carrier's code, the first one first.")
@click.option(
    "--own-contract", "own_contracts", multiple=True, help="The same, under your contract."
)
@_address_options
def create(*, slug: str, address: ReturnAddress | None, **options: Any) -> None:
    """Create a shop with usual reasons, rules and methods, to be changed later.

    Its portal is open at once when the return address is complete. Without a carrier, returns
    travel on the shop's own address label. A shop that is there already is left as it is.
    """
    created = _or_refuse(create_shop, _new_shop(slug, address, **options))
    if not created.created:
        click.echo(f"Shop “{slug}” was there already; nothing was changed.")
        return
    click.echo(f"Shop “{slug}” created.")
    if created.active:
        click.echo(f"Its portal is open at {_portal(slug)}")
    else:
        click.echo(f"Its portal is closed: give a return address with `flask shop address {slug}`.")


def _new_shop(slug: str, address: ReturnAddress | None, **options: Any) -> NewShop:
    currency = options["currency"].upper()
    try:
        fee = parse_amount(options["fee"], currency, "en")
    except AmountInvalid:
        raise click.BadParameter(f"“{options['fee']}” is not an amount.") from None
    given = {
        "locales": options["locales"],
        "resolutions": options["resolutions"],
        "carriers": options["carriers"],
        "own_contracts": options["own_contracts"],
    }
    return NewShop(
        slug=slug,
        name=options["name"],
        country=options["country"].upper(),
        currency=currency,
        time_zone=options["time_zone"],
        notification_email=options["notify"],
        support_email=options["support"],
        window_days=options["window"],
        fee=fee,
        return_address=address,
        **{name: value for name, value in given.items() if value},
    )


@shop.command("address")
@click.argument("slug")
@_address_options
def address_(*, slug: str, address: ReturnAddress | None) -> None:
    """Set where the returns of SLUG go."""
    _or_refuse(set_return_address, slug=slug, address=address or ReturnAddress())
    click.echo("Return address set.")


@shop.command("activate")
@click.argument("slug")
def activate(*, slug: str) -> None:
    """Open the portal of SLUG to customers."""
    _or_refuse(activate_shop, slug=slug)
    click.echo(f"The portal is open at {_portal(slug)}")


@shop.command("deactivate")
@click.argument("slug")
def deactivate(*, slug: str) -> None:
    """Close the portal of SLUG to new returns."""
    _or_refuse(deactivate_shop, slug=slug)
    click.echo("The portal is closed.")


@shop.command("embed")
@click.argument("slug")
@click.argument("origins", metavar="ORIGIN…", nargs=-1)
def embed(*, slug: str, origins: tuple[str, ...]) -> None:
    """Let pages of ORIGIN… (https://shop.example) show the portal of SLUG in a frame.

    They replace those of before; without any, no other site can frame it.
    """
    allowed = _or_refuse(set_frame_origins, slug=slug, origins=origins)
    if not allowed:
        click.echo("No other site can frame the portal.")
        return
    click.echo(f"Pages of {', '.join(allowed)} can frame it:")
    found = find_shop(slug=slug)
    lang = found.default_locale if found else "en"
    base_url = current_app.config["PUBLIC_URL"]
    click.echo(make_snippets(base_url=base_url, slug=slug, lang=lang).frame)


@shop.command("show")
@click.argument("slug")
def show(*, slug: str) -> None:
    """Show the settings of SLUG."""
    found = find_shop(slug=slug)
    if found is None:
        raise click.ClickException(f"shop: there is no “{slug}”")
    for label, value in _settings(found):
        click.echo(f"{label:16} {value}")


def _portal(slug: str) -> str:
    """The portal's address, without the host where RETURNSITE_URL does not tell it."""
    return f"{current_app.config['PUBLIC_URL']}/p/{slug}/"


def _settings(found: ShopSettings) -> list[tuple[str, str]]:
    policy, place = found.policy, found.return_address
    address = "none"
    if place is not None:
        street = f"{place.street} {place.house_number}".strip()
        address = f"{place.name}, {street}, {place.postcode} {place.city}, {place.country}"
    fees = [
        f"{to_decimal(entry.amount, found.currency)} {found.currency}"
        + (f" for {entry.method}" if entry.method else "")
        + (f" from {entry.country}" if entry.country else "")
        for entry in policy.fees.entries
    ]
    return [
        ("name", found.name),
        ("portal", "open" if found.active else "closed"),
        ("return address", address),
        ("country", policy.home_country),
        ("time zone", found.time_zone),
        ("languages", ", ".join(found.locales)),
        ("framed by", ", ".join(found.frame_origins) or "nobody"),
        ("window", f"{policy.window_days} days after delivery"),
        ("fees", "; ".join(fees) or "none"),
        ("resolutions", ", ".join(policy.resolutions)),
        ("methods", ", ".join(policy.methods)),
        ("carriers", ", ".join(contract.carrier for contract in policy.contracts) or "none"),
        ("reasons", ", ".join(reason.code for reason in policy.reasons)),
        ("rules", "; ".join(rule.name for rule in policy.rules) or "none"),
    ]


def _or_refuse(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a service; what it refuses ends the command with its reason."""
    try:
        return call(*args, **kwargs)
    except ShopRefused as refused:
        raise click.ClickException(str(refused)) from None
