"""`flask postcodes import FILE…`: bring in where postcodes lie."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from ..services.import_postcodes import UnreadableFileError, import_postcodes
from .progress import counting

postcodes = AppGroup("postcodes", help="Where postcodes lie, for finding points near one.")

_SHOWN = 20


@postcodes.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def import_files(files: tuple[Path, ...], dry_run: bool) -> None:
    """Import postcode positions: GeoNames' postal code dump (zip or text) or a CSV.

    The CSV has the columns country, postal_code, place, lat, lon and, if known, spread_km.
    """
    try:
        with counting("rows") as progress:
            summary = import_postcodes(paths=files, dry_run=dry_run, progress=progress)
    except UnreadableFileError as error:
        raise click.ClickException(
            f"Cannot read {error}. It is neither GeoNames' dump nor a CSV with country and "
            "postal_code."
        ) from error
    would = "Would be " if dry_run else ""
    click.echo(
        f"{summary.read} rows read, {sum(summary.countries.values())} postcodes in "
        f"{len(summary.countries)} countries. {would}added: {summary.added}, "
        f"updated: {summary.updated}. Unchanged: {summary.unchanged}."
    )
    if summary.set_aside:
        click.echo(f"Set aside: {summary.set_aside} rows.")
    for problem in summary.problems[:_SHOWN]:
        click.echo(f"  {problem.file} row {problem.row}, {problem.column}: {problem.value!r}")
