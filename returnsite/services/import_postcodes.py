"""Bring the positions of postcodes into their table, from GeoNames' dump or a CSV made of it."""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, TextIO
from zipfile import BadZipFile

from sqlalchemy import insert, select, update

from ..database import begin_write
from ..domain.geo import area_code, distance_m, place_key
from ..extensions import db
from ..models import Postcode
from ..points.files import header, iter_rows, open_text, read_head

BATCH = 2_000
_PROBLEMS_KEPT = 500
_NAMES_KEPT = 3
_DUMP_COLUMNS = 12
_postcode = Postcode.__table__


@dataclass(frozen=True, slots=True)
class PostcodeProblem:
    """A row that was not imported: file name, row, column, and what it said."""

    file: str
    row: int
    column: str
    value: str


@dataclass(slots=True)
class PostcodesImport:
    """What an import did: rows read, postcodes added, updated and unchanged, rows set aside."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    set_aside: int = 0
    countries: Counter[str] = field(default_factory=Counter)
    problems: list[PostcodeProblem] = field(default_factory=list)


class UnreadableFileError(ValueError):
    """The file cannot be opened or is neither format; nothing of any file was imported."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One row: a place that has the postcode. `spread_km` of a row that sums up several."""

    row: int
    country: str
    postcode: str
    name: str
    latitude: float
    longitude: float
    spread_km: float = 0.0


@dataclass(slots=True)
class _Area:
    """All places of one postcode; the first few names are kept."""

    positions: array[float] = field(default_factory=lambda: array("d"))
    names: list[str] = field(default_factory=list)
    spread_km: float = 0.0
    is_cedex: bool = False


def import_postcodes(
    *,
    paths: Iterable[Path],
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> PostcodesImport:
    """Add new postcodes and update changed ones; importing the same again changes nothing.

    Places that share a postcode become one position, their median, with the distance of the
    farthest. Commits once a batch. `progress` is told the number of rows read so far. Raises
    UnreadableFileError before anything is written.
    """
    summary, files = PostcodesImport(), list(paths)
    try:
        readers = [_reader_of(path) for path in files]
    except (OSError, BadZipFile) as error:
        raise UnreadableFileError(str(error)) from error
    for path, reader in zip(files, readers, strict=True):
        with open_text(path) as text:
            for country, areas in _by_country(reader(text), path.name, summary):
                _write(country, areas, summary, dry_run=dry_run)
                if progress:
                    progress(summary.read)
    return summary


def _reader_of(path: Path) -> Callable[[TextIO], Iterator[_Place | tuple[int, str, str]]]:
    head = read_head(path)
    if {"country", "postal_code"} <= set(header(head)):
        return _read_csv
    if len(head.split("\n", 1)[0].split("\t")) == _DUMP_COLUMNS:
        return _read_dump
    raise UnreadableFileError(path.name)


def _read_csv(text: TextIO) -> Iterator[_Place | tuple[int, str, str]]:
    """Rows with country, postal_code, place, lat, lon and, where it is known, spread_km."""
    for row, values in iter_rows(text):
        yield _place(
            row,
            (values.get("country", ""), values.get("postal_code", ""), values.get("place", "")),
            (values.get("lat", ""), values.get("lon", ""), values.get("spread_km", "") or "0"),
        )


def _read_dump(text: TextIO) -> Iterator[_Place | tuple[int, str, str]]:
    """GeoNames' tab-separated rows, which have no header and no quotes."""
    for row, values in enumerate(csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
        if values:
            padded = values + [""] * (_DUMP_COLUMNS - len(values))
            yield _place(row, (padded[0], padded[1], padded[2]), (padded[9], padded[10], "0"))


def _place(
    row: int, words: tuple[str, str, str], numbers: tuple[str, str, str]
) -> _Place | tuple[int, str, str]:
    """The place, or (row, column, value) of what is wrong with it."""
    country, postcode, name = (" ".join(word.split()) for word in words)
    if not re.fullmatch("[A-Z]{2}", country):
        return row, "country", country
    if not area_code(postcode, country):
        return row, "postal_code", postcode
    try:
        latitude, longitude, spread = (float(number.replace(",", ".")) for number in numbers)
    except ValueError:
        return row, "lat", ", ".join(numbers[:2])
    inside = abs(latitude) <= 90 and abs(longitude) <= 180 and math.isfinite(spread)
    if not inside or (latitude == 0 and longitude == 0):
        return row, "lat", ", ".join(numbers[:2])
    return _Place(row, country, postcode, name, latitude, longitude, spread)


def _by_country(
    rows: Iterable[_Place | tuple[int, str, str]], file: str, summary: PostcodesImport
) -> Iterator[tuple[str, dict[str, _Area]]]:
    """Each country's postcodes in turn, so that a dump of the world needs one country's memory."""
    country, areas, done = "", dict[str, _Area](), set[str]()
    for row in rows:
        summary.read += 1
        if isinstance(row, _Place) and row.country in done:
            row = (row.row, "country", f"{row.country} stands apart from its other rows")
        if not isinstance(row, _Place):
            summary.set_aside += 1
            if len(summary.problems) < _PROBLEMS_KEPT:
                summary.problems.append(PostcodeProblem(file, *row))
            continue
        if row.country != country:
            if areas:
                yield country, areas
            done.add(country)
            country, areas = row.country, {}
        _collect(areas, row)
    if areas:
        yield country, areas


def _collect(areas: dict[str, _Area], place: _Place) -> None:
    """Add a place to its postcode; bulk-mail codes (CEDEX) give way to ordinary ones."""
    code = area_code(place.postcode, place.country)
    is_cedex = "CEDEX" in place.postcode.upper()
    area = areas.get(code)
    if area is None or (area.is_cedex and not is_cedex):
        area = areas[code] = _Area(is_cedex=is_cedex)
    elif is_cedex and not area.is_cedex:
        return
    area.positions.extend((place.latitude, place.longitude))
    area.spread_km = max(area.spread_km, place.spread_km)
    if place.name and len(area.names) < _NAMES_KEPT and place.name not in area.names:
        area.names.append(place.name)


def _values(country: str, code: str, area: _Area) -> dict[str, Any]:
    """Column values: the median position, and how far the farthest place lies from it."""
    latitudes, longitudes = area.positions[::2], area.positions[1::2]
    latitude, longitude = round(median(latitudes), 5), round(median(longitudes), 5)
    farthest = max(map(distance_m, latitudes, longitudes, *_repeated(latitude, longitude, area)))
    names = " / ".join(area.names)
    keys = dict.fromkeys(place_key(name) for name in names.split(" / ") if place_key(name))
    return {
        "country": country,
        "code_norm": code,
        "place": names if len(names) <= 200 else names[:199] + "…",
        "place_key": "/" + "/".join(keys) + "/" if keys else "",
        "latitude": latitude,
        "longitude": longitude,
        "spread_km": max(area.spread_km, round(farthest / 1000, 1)),
    }


def _repeated(latitude: float, longitude: float, area: _Area) -> tuple[list[float], list[float]]:
    count = len(area.positions) // 2
    return [latitude] * count, [longitude] * count


def _write(
    country: str, areas: Mapping[str, _Area], summary: PostcodesImport, *, dry_run: bool
) -> None:
    codes = iter(sorted(areas))
    while batch := list(islice(codes, BATCH)):
        if not dry_run:
            begin_write()
        stored = {
            row["code_norm"]: dict(row)
            for row in db.session.execute(
                select(_postcode).where(
                    _postcode.c.country == country, _postcode.c.code_norm.in_(batch)
                )
            ).mappings()
        }
        _write_batch(
            [_values(country, code, areas[code]) for code in batch], stored, summary, dry_run
        )
        summary.countries[country] += len(batch)


def _write_batch(
    wanted: list[dict[str, Any]],
    stored: Mapping[str, dict[str, Any]],
    summary: PostcodesImport,
    dry_run: bool,
) -> None:
    added = [values for values in wanted if values["code_norm"] not in stored]
    changed = [
        {**values, "id": row["id"]}
        for values in wanted
        if (row := stored.get(values["code_norm"]))
        and any(row[key] != value for key, value in values.items())
    ]
    summary.added += len(added)
    summary.updated += len(changed)
    summary.unchanged += len(wanted) - len(added) - len(changed)
    if dry_run:
        db.session.rollback()
        return
    if added:
        db.session.execute(insert(Postcode), added)
    if changed:
        db.session.execute(update(Postcode), changed)
    db.session.commit()
