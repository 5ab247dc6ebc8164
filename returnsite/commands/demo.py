"""`flask demo load`: a made-up shop to try everything on."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ..services.demo import DemoSummary, SlugTaken, load_demo

demo = AppGroup("demo", help="The demo shop: everything in it is made up.")


@demo.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when there is any shop.")
@click.option("--history", is_flag=True, help="Add fourteen months of orders, for analytics.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def load(*, if_empty: bool, dry_run: bool, history: bool) -> None:
    """Load the shop “demo” with orders, returns and service points; again changes nothing."""
    try:
        summary = load_demo(if_empty=if_empty, dry_run=dry_run, history=history)
    except SlugTaken as error:
        raise click.ClickException(
            "There is a shop “demo” already and it is not the demo shop: rename it first."
        ) from error
    if summary == DemoSummary():
        click.echo("Nothing to do: nothing was changed.")
        return
    click.echo(
        f"{'Would be added' if dry_run else 'Added'}: {summary.orders} orders, "
        f"{summary.returns} returns, {summary.points} service points."
    )
