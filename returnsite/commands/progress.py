"""A running count on a terminal, for imports whose length is not known beforehand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Give a function that shows how many have been read; silent where nobody watches."""
    watched = sys.stderr.isatty()

    def show(count: int) -> None:
        if watched:
            click.echo(f"\r{count} {what} read", nl=False, err=True)

    yield show
    if watched:
        click.echo("", err=True)
