"""How connections behave: SQLite is made safe for several writers, both enforce foreign keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from flask import Flask
from sqlalchemy import (
    CursorResult,
    Engine,
    Executable,
    Insert,
    Row,
    Table,
    event,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.engine import Connection
from sqlalchemy.sql.dml import ReturningInsert

from .extensions import Base, db

WRITES = "returnsite_writes"
"""Execution option: the transaction will write, so SQLite takes its lock at BEGIN."""


def configure(app: Flask) -> None:
    """Set engine options for the database at hand; call before `db.init_app`."""
    options: dict[str, Any] = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
    # Errors would repeat what was written, personal data included, and errors are logged.
    options.setdefault("hide_parameters", True)
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        options.setdefault("pool_size", 10)
        options.setdefault("pool_pre_ping", True)


def prepare_engine(app: Flask) -> None:
    """Attach SQLite's connection set-up; call after `db.init_app`."""
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=15000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # pysqlite begins nothing at a SELECT: without this, read-then-write loses updates.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def run(
    statement: Executable, params: dict[str, Any] | Sequence[dict[str, Any]] | None = None
) -> CursorResult[Any]:
    """Run a hot statement on plain columns in the session's transaction, past the ORM.

    Half the cost of `session.execute` for rows that are no entities: every page of the portal
    starts with two of them.
    """
    return db.session.connection().execute(statement, params)


def expect_fast_storage() -> None:
    """Let PostgreSQL read by index in this transaction, and alone.

    Its costs are those of turning disks: it would rather read a whole table than the part that is
    asked for. Helpers cost a page more than they save it, all the more with several pages at once.
    """
    if db.engine.dialect.name == "postgresql":
        run(_FAST_STORAGE)


_FAST_STORAGE = select(
    func.set_config("random_page_cost", "1.1", true()),
    func.set_config("max_parallel_workers_per_gather", "0", true()),
)


def insert_rows(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert complete rows in the session's transaction, past the ORM; no rows, no statement."""
    if rows:
        db.session.connection().execute(_insert(model), list(rows))


def insert_returning(
    model: type[Base], rows: Sequence[dict[str, Any]], *columns: str
) -> Sequence[Row[Any]]:
    """Insert complete rows like `insert_rows`; returns these columns of each."""
    statement = _insert(model, columns)
    return db.session.connection().execute(statement, list(rows)).all()


@cache
def _insert(model: type[Base], columns: tuple[str, ...] = ()) -> Insert | ReturningInsert[Any]:
    """Built once: composing a statement costs more than running it."""
    table = cast(Table, model.__table__)
    return (
        insert(table).returning(*(table.c[name] for name in columns)) if columns else insert(table)
    )


def begin_write() -> None:
    """Start the session's transaction as a writing one; most services say `with writing():`.

    To be called first: SQLite then takes its write lock before anything is read, so what was read
    is still true when it is written.
    """
    session = db.session()
    if session.in_transaction():
        session.rollback()
    session.connection(execution_options={WRITES: True})


@contextmanager
def writing() -> Iterator[None]:
    """All that a service writes: commits at the end, takes it back when anything is raised."""
    begin_write()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def write_beside() -> Iterator[Connection]:
    """A short writing transaction of its own; the session and what it has loaded stay as they are.

    Not while the session writes: SQLite has one writer, which would wait for itself.
    """
    session = db.session()
    if session.in_transaction() and session.connection().get_execution_options().get(WRITES):
        raise RuntimeError("the session is in a writing transaction")
    with db.engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection
