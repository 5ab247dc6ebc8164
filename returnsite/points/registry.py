"""All sources of service points; a new one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import dhl, inpost, laposte, osm, own_csv, postnl
from .base import PointSource, Row
from .files import open_text, read_head

SOURCES: tuple[PointSource, ...] = (
    laposte.SOURCE,
    own_csv.SOURCE,
    postnl.SOURCE,
    dhl.SOURCE,
    inpost.SOURCE,
    osm.SOURCE,
)


class UnknownFormatError(ValueError):
    """No source recognises the file, or none has the key that was asked for."""


def find_source(path: Path, key: str = "") -> PointSource:
    """The source with `key`, or the first that recognises the file. Raises UnknownFormatError."""
    head = "" if key else read_head(path)
    for source in SOURCES:
        if source.key == key or (not key and source.recognises(head)):
            return source
    raise UnknownFormatError(key or path.name)


def read_points(path: Path, source: PointSource, *, country: str = "") -> Iterator[Row]:
    """Every row of the file, one at a time. Raises OSError and BadZipFile when it cannot open."""
    with open_text(path) as file:
        yield from source.read(file, country=country)
