"""Bring service points from files of any known source into the table of points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from sqlalchemy import insert, select, update

from .. import clock
from ..database import begin_write
from ..domain.geo import area_code, distance_m
from ..extensions import db
from ..models import Postcode, ServicePoint
from ..points.base import Closure, PointRecord, Reason, Row, RowProblem
from ..points.registry import SOURCES, UnknownFormatError, find_source, read_points

FORMATS = tuple(source.key for source in SOURCES)
BATCH = 1_000
FAR_KM = 60
"""A point further than this from its own postcode has a wrong position or a wrong postcode."""
VAGUE_KM = 15
"""A postcode that spreads wider than this says nothing about a position."""
_PROBLEMS_KEPT = 500

_point = ServicePoint.__table__
_postcode = Postcode.__table__


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that was not imported: file name, row, the source's column, a reason, what it said."""

    file: str
    row: int
    column: str
    reason: str
    value: str


@dataclass(slots=True)
class PointsImport:
    """What an import did, in points; `problems` holds the first 500 rows set aside."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    older: int = 0
    """Not taken because what is stored is of a later day."""
    closed: int = 0
    """Stored as open before, and shut by this import."""
    set_aside: Counter[str] = field(default_factory=Counter)
    problems: list[SetAside] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
    """File name → the format it was read as."""
    complete_refused: bool = False
    """Missing points were not closed, as a file could not be read to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to import. `fetched_at`: the day of files that do not say it themselves."""

    source: str = ""
    country: str = ""
    complete: bool = False
    demo: bool = False
    dry_run: bool = False
    fetched_at: datetime | None = None


class UnreadableFileError(ValueError):
    """The file cannot be opened, or no source recognises it; nothing of any file was imported."""


def import_points(
    *, paths: Iterable[Path], options: Options, progress: Callable[[int], None] | None = None
) -> PointsImport:
    """Add new points and update changed ones; importing the same again changes nothing.

    Commits once a batch. Rows with a fault are set aside and the rest goes on; a point its source
    calls shut is closed. With `options.complete` the files are all there is: open points of the
    same source, carrier and country that are not in them are closed. `progress` is told the number
    of rows read so far. Raises UnreadableFileError before anything is written.
    """
    run = _Run(options, progress or (lambda _read: None))
    files = list(paths)
    try:
        sources = [find_source(path, options.source) for path in files]
    except (UnknownFormatError, OSError, BadZipFile) as error:
        raise UnreadableFileError(str(error)) from error
    for path, source in zip(files, sources, strict=True):
        run.summary.formats[path.name] = source.label
        rows = read_points(path, source, country=options.country)
        while batch := list(islice(rows, BATCH)):
            run.take(path.name, batch)
    if options.complete:
        run.close_missing()
    return run.summary


class _Run:
    """One import: what has been seen so far, and the writing of a batch."""

    def __init__(self, options: Options, progress: Callable[[int], None]) -> None:
        self.summary = PointsImport()
        self._options = options
        self._progress = progress
        self._now = clock.now()
        self._seen: set[tuple[str, str]] = set()
        self._taken: set[tuple[str, str]] = set()
        self._scopes: set[tuple[str, str, str]] = set()

    def take(self, file: str, batch: list[Row]) -> None:
        """Check and write one batch of rows in one transaction."""
        if not self._options.dry_run:
            begin_write()
        records: dict[tuple[str, str], PointRecord] = {}
        shut: list[tuple[str, str]] = []
        for row in self._checked(batch):
            if isinstance(row, PointRecord):
                records[row.carrier, row.code] = row
                self._scopes.add((row.source, row.carrier, row.country))
            else:
                self._set_aside(file, row)
                if row.shut and row.code:
                    shut.append((row.carrier, row.code))
        self._write(records, shut)
        self.summary.read += len(batch)
        self._progress(self.summary.read)

    def close_missing(self) -> None:
        """Close open points of the sources read that were in none of the files."""
        if self.summary.set_aside[Reason.BROKEN_FILE]:
            self.summary.complete_refused = True
            return
        missing: list[int] = []
        for source, carrier, country in sorted(self._scopes):
            stored = select(_point.c.id, _point.c.code).where(
                _point.c.source == source,
                _point.c.carrier == carrier,
                _point.c.country == country,
                _point.c.status != "closed",
            )
            missing += [
                row.id
                for row in db.session.execute(stored)
                if (carrier, row.code) not in self._seen
            ]
        for ids in _chunks(missing):
            self._close(ids)

    def _checked(self, batch: list[Row]) -> Iterator[Row]:
        """The rows with duplicates and points far from their postcode turned into problems."""
        places = _positions_of(row for row in batch if isinstance(row, PointRecord))
        for row in batch:
            key = (row.carrier, row.code)
            self._seen.add(key)
            if not isinstance(row, PointRecord):
                yield row
            elif key in self._taken:
                yield RowProblem(row.row, "", Reason.DUPLICATE, row.code)
            elif problem := _misplaced(row, places):
                yield problem
            else:
                self._taken.add(key)
                yield row

    def _set_aside(self, file: str, problem: RowProblem) -> None:
        self.summary.set_aside[problem.reason] += 1
        if len(self.summary.problems) < _PROBLEMS_KEPT:
            self.summary.problems.append(
                SetAside(file, problem.row, problem.column, problem.reason, problem.value)
            )

    def _write(
        self, records: dict[tuple[str, str], PointRecord], shut: list[tuple[str, str]]
    ) -> None:
        stored = _stored([*records, *shut])
        added, changed = [], []
        for key, record in records.items():
            values = self._values(record)
            if key not in stored:
                added.append(values)
            elif self._differs(record, values, stored[key]):
                changed.append({**values, "id": stored[key]["id"]})
        self.summary.added += len(added)
        self.summary.updated += len(changed)
        if not self._options.dry_run:
            if added:
                db.session.execute(insert(ServicePoint), added)
            if changed:
                db.session.execute(update(ServicePoint), changed)
        open_ids = [stored[k]["id"] for k in shut if k in stored and stored[k]["status"] == "open"]
        self._close(open_ids)

    def _close(self, ids: list[int]) -> None:
        """Mark points as closed and commit what the session holds."""
        self.summary.closed += len(ids)
        if self._options.dry_run:
            db.session.rollback()
            return
        if ids:
            if not db.session().in_transaction():
                begin_write()
            db.session.execute(
                update(ServicePoint)
                .where(ServicePoint.id.in_(ids))
                .values(status="closed", closed_at=self._now),
                execution_options={"synchronize_session": False},
            )
        db.session.commit()

    def _values(self, record: PointRecord) -> dict[str, Any]:
        stated = record.fetched_at or self._options.fetched_at
        return _columns(record) | {
            "fetched_at": stated or self._now,
            "is_demo": self._options.demo,
            "closed_at": None,
        }

    def _differs(self, record: PointRecord, values: dict[str, Any], stored: dict[str, Any]) -> bool:
        """Whether to overwrite; counts what is not."""
        stated = record.fetched_at or self._options.fetched_at
        newer = stated is not None and stated > stored["fetched_at"]
        if not newer and all(stored[k] == v for k, v in values.items() if k != "fetched_at"):
            self.summary.unchanged += 1
            return False
        if stated is not None and stated < stored["fetched_at"]:
            self.summary.older += 1
            return False
        return True


def _columns(record: PointRecord) -> dict[str, Any]:
    """Column values of a record, but for those the import decides."""
    return {
        "carrier": record.carrier,
        "code": record.code,
        "name": record.name,
        "type": record.type,
        "street": record.street,
        "house_number": record.house_number,
        "postcode": record.postcode,
        "city": record.city,
        "country": record.country,
        "latitude": record.latitude,
        "longitude": record.longitude,
        "hours": record.hours,
        "hours_text": record.hours_text,
        "services": list(record.services),
        "accepts_returns": record.accepts_returns,
        "accepts_labelless": record.accepts_labelless,
        "status": record.status,
        "closures": [_closure(closure) for closure in record.closures],
        "source": record.source,
    }


def _closure(closure: Closure) -> dict[str, str | None]:
    until = closure.until.isoformat() if closure.until else None
    return {"from": closure.start.isoformat(), "until": until}


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, BATCH)):
        yield chunk


def _stored(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of the points with these carriers and codes."""
    codes: dict[str, list[str]] = {}
    for carrier, code in keys:
        codes.setdefault(carrier, []).append(code)
    rows = chain.from_iterable(
        db.session.execute(
            select(_point).where(_point.c.carrier == carrier, _point.c.code.in_(wanted))
        ).mappings()
        for carrier, wanted in codes.items()
    )
    return {(row["carrier"], row["code"]): dict(row) for row in rows}


def _positions_of(records: Iterable[PointRecord]) -> dict[tuple[str, str], tuple[float, float]]:
    """Where the records' postcodes lie, of those that are known and not spread wide."""
    codes: dict[str, set[str]] = {}
    for record in records:
        codes.setdefault(record.country, set()).add(area_code(record.postcode, record.country))
    rows = chain.from_iterable(
        db.session.execute(
            select(_postcode).where(
                _postcode.c.country == country,
                _postcode.c.code_norm.in_(wanted),
                _postcode.c.spread_km <= VAGUE_KM,
            )
        )
        for country, wanted in codes.items()
    )
    return {(row.country, row.code_norm): (row.latitude, row.longitude) for row in rows}


def _misplaced(
    record: PointRecord, places: dict[tuple[str, str], tuple[float, float]]
) -> RowProblem | None:
    """The problem of a point that is not where its postcode is."""
    place = places.get((record.country, area_code(record.postcode, record.country)))
    if place is None:
        return None
    away = distance_m(record.latitude, record.longitude, *place) / 1000
    if away <= FAR_KM:
        return None
    turned = distance_m(record.longitude, record.latitude, *place) / 1000
    return RowProblem(
        record.row,
        record.position_column,
        Reason.SWAPPED if turned <= FAR_KM else Reason.FAR,
        f"{record.latitude}, {record.longitude}: {away:.0f} km from {record.postcode}",
        record.carrier,
        record.code,
    )
