"""`flask points import FILE…`: bring in service points."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from ..services.import_points import (
    FORMATS,
    Options,
    PointsImport,
    UnreadableFileError,
    import_points,
)
from .progress import counting

points = AppGroup("points", help="Service points: parcel shops, lockers and post offices.")

_REASONS = {
    "missing": "nothing there, though it is needed",
    "unreadable": "not understood",
    "too_long": "too long",
    "no_position": "position 0,0",
    "out_of_range": "position outside the country",
    "swapped": "latitude and longitude swapped",
    "far": "far from its own postcode",
    "not_operating": "not in operation",
    "test": "a test record",
    "unknown_carrier": "carrier not known",
    "duplicate": "same point as an earlier row",
    "broken_file": "the file cannot be read any further",
}
_SHOWN = 20


@points.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--format", "source", type=click.Choice(FORMATS), help="Instead of recognising it.")
@click.option("--country", default="", metavar="XX", help="Where points lie that do not say it.")
@click.option(
    "--fetched",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the files are of, where they do not say it; today if left out.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="The files hold all points of their sources: close those that are missing.",
)
@click.option("--demo", is_flag=True, help="Mark the points as made up.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--verbose", is_flag=True, help="List every row set aside, up to 500.")
def import_files(  # noqa: PLR0917 — the options of a command
    files: tuple[Path, ...],
    source: str | None,
    country: str,
    fetched: datetime | None,
    complete: bool,
    demo: bool,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Import service points; the format of each file is recognised.

    Points that are new are added, changed ones updated; importing the same files again changes
    nothing. Rows with a fault are set aside and listed, the rest is imported.
    """
    options = Options(
        source=source or "",
        country=country.upper(),
        complete=complete,
        demo=demo,
        dry_run=dry_run,
        fetched_at=fetched.replace(tzinfo=UTC) if fetched else None,
    )
    try:
        with counting("points") as progress:
            summary = import_points(paths=files, options=options, progress=progress)
    except UnreadableFileError as error:
        raise click.ClickException(
            f"Cannot read {error}. Known formats: {', '.join(FORMATS)}."
        ) from error
    _report(summary, options, shown=len(summary.problems) if verbose else _SHOWN)


def _report(summary: PointsImport, options: Options, *, shown: int) -> None:
    for file, label in summary.formats.items():
        click.echo(f"{file}: {label}")
    would = "Would be " if options.dry_run else ""
    click.echo(
        f"{summary.read} rows read. {would}added: {summary.added}, updated: {summary.updated}, "
        f"closed: {summary.closed}. Unchanged: {summary.unchanged}."
    )
    if summary.older:
        click.echo(f"Not taken, as what is stored is of a later day: {summary.older}.")
    if summary.complete_refused:
        click.echo("Missing points were not closed: a file could not be read to its end.")
    total = sum(summary.set_aside.values())
    if not total:
        return
    click.echo(f"Set aside: {total}.")
    for reason, count in summary.set_aside.most_common():
        click.echo(f"  {count} × {_REASONS[reason]}")
    for problem in summary.problems[:shown]:
        where = f"{problem.file} row {problem.row}"
        where += f", {problem.column}" if problem.column else ""
        said = f" ({problem.value})" if problem.value else ""
        click.echo(f"  {where}: {_REASONS[problem.reason]}{said}")
    if total > shown:
        click.echo(f"  … and {total - min(shown, len(summary.problems))} more.")
