"""`flask analytics …`: the figures behind the analytics pages."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ..services.analytics.refresh import rebuild, refresh_all
from ..services.shops import find_shop

analytics = AppGroup("analytics", help="Figures kept added up for the analytics pages.")


@analytics.command("rebuild")
@click.argument("shop")
def rebuild_figures(shop: str) -> None:
    """Make all figures of SHOP anew from its orders and returns.

    The worker keeps them true by itself; this is for after rows were changed or deleted by hand.
    """
    found = find_shop(slug=shop)
    if found is None:
        raise click.ClickException(f"There is no shop {shop}.")
    rebuild(shop_id=found.id)
    click.echo(f"Done in {refresh_all()} steps.")


@analytics.command("refresh")
def refresh_figures() -> None:
    """Bring the figures of all shops up to date now, without a worker."""
    click.echo(f"Done in {refresh_all()} steps.")
