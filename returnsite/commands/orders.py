"""`flask orders import SHOP FILE…`: bring in orders and the variants of products."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from ..services.import_order_file import (
    ORDER_FORMATS,
    FileImport,
    UnusableOrderFile,
    import_order_file,
    import_variant_file,
)
from ..services.order_links import order_link
from ..services.shops import ShopSettings, find_shop
from .progress import counting

orders = AppGroup("orders", help="Orders, and the variants exchanges can offer.")

_FILE = click.Path(dir_okay=False, path_type=Path)


@orders.command("import")
@click.argument("slug", metavar="SHOP")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=_FILE)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(ORDER_FORMATS),
    help="The files' format, instead of recognising it.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_context
def import_files(
    context: click.Context,
    /,
    slug: str,
    files: tuple[Path, ...],
    *,
    format_name: str | None,
    dry_run: bool,
) -> None:
    """Import orders into SHOP. The format of each file is recognised.

    Importing the same file again changes nothing; a newer one adds to what is known. Orders with
    a fault are set aside and listed. The exit code is 2 when a whole file cannot be used.
    """
    shop = _shop(slug)
    usable = [_import(shop, path, format_name, dry_run=dry_run) for path in files]
    context.exit(0 if all(usable) else 2)


@orders.command("link")
@click.argument("slug", metavar="SHOP")
@click.argument("number", metavar="NUMBER")
def link(slug: str, number: str) -> None:
    """Print the link that leads the customer of an order straight to its items."""
    found = order_link(shop=_shop(slug), number=number)
    if found is None:
        raise click.ClickException(f"{slug} has no order {number}.")
    click.echo(found)


@orders.command("import-variants")
@click.argument("slug", metavar="SHOP")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_context
def import_variants(context: click.Context, /, slug: str, file: Path, *, dry_run: bool) -> None:
    """Import the variants (size, colour …) that customers of SHOP can exchange articles for."""
    shop = _shop(slug)
    try:
        found = import_variant_file(shop=shop, path=file, dry_run=dry_run)
    except UnusableOrderFile as error:
        click.echo(f"{file}: cannot be used. {error}", err=True)
        context.exit(2)
    _report(file, "variant", found, dry_run=dry_run)


def _shop(slug: str) -> ShopSettings:
    shop = find_shop(slug=slug)
    if shop is None:
        raise click.UsageError(f"There is no shop “{slug}”.")
    return shop


def _import(shop: ShopSettings, path: Path, format_name: str | None, *, dry_run: bool) -> bool:
    """Import one file and say what happened; False when it cannot be used."""
    try:
        with counting("orders") as progress:
            found = import_order_file(
                shop=shop,
                path=path,
                format_name=format_name,
                dry_run=dry_run,
                on_progress=progress,
            )
    except UnusableOrderFile as error:
        click.echo(f"{path}: cannot be used. {error}", err=True)
        return False
    _report(path, "order", found, dry_run=dry_run)
    return True


def _report(path: Path, what: str, found: FileImport, *, dry_run: bool) -> None:
    summary = found.summary
    click.echo(f"{path}: {found.label}{', nothing is kept (dry run)' if dry_run else ''}")
    click.echo(
        f"  imported {summary.imported}, updated {summary.updated}, "
        f"unchanged {summary.unchanged}, set aside {len(summary.set_aside)}"
    )
    for problem in summary.set_aside:
        place = f"  row {problem.row}"
        place += f", column {problem.column}" if problem.column else ""
        place += f" ({what} {problem.order_number})" if problem.order_number else ""
        click.echo(f"{place}: {problem.message}")
