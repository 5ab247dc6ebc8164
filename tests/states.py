"""States of the database that are made once a process and put back for each test that begins there.

Making rows through the models and services is dear; copying them back is cheap. A state is known by
the steps that lead to it: the unrelated shop, then `shop`, then what a test file adds. What a step
returned the first time comes back with it: rows are looked up again by their key.

A step is put back only while the database is exactly in the state before it. A statement that
writes in between leaves the known states; from there on a step is simply made: slower, never wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import event, inspect

from returnsite import clock
from returnsite.extensions import Base, db

T = TypeVar("T")
Path = tuple[Any, ...]
Rows = dict[str, list[Any]]
"""By table, everything in it."""

READS = ("SELECT", "PRAGMA", "BEGIN", "SHOW", "SAVEPOINT", "RELEASE")
WRITTEN_BY_TRIGGERS = "stale_order"
"""SQLite's triggers fill it while other tables are put back, so it comes last."""
APART = "user_session"
"""Of no state, as sessions age with the clock: a test may start one and be where it was."""
SIZE = """SELECT sum(pg_relation_size(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
LITTLE = 4_000_000
"""Bytes of tables that PostgreSQL reads through in no time, even when all rows are dead."""


class States:
    """The states of one application's database."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)
            postgres = db.engine.dialect.name == "postgresql"
            connection = db.engine.raw_connection()
        connection.detach()
        self._store = (_Postgres if postgres else _Sqlite)(connection)
        self._returned: dict[Path, Any] = {}
        self._rows: dict[Path, Rows] = {(): {name: [] for name in db.metadata.tables}}
        self._path: Path | None = None

    def close(self) -> None:
        """Let go of the database."""
        self._store.connection.close()

    def begin(self) -> None:
        """Empty the database, whatever is in it."""
        self._store.put_back(())
        self._path = ()

    def reach(self, make: Callable[[], T], *key: Any) -> T:
        """What `make` returns, and the rows it leaves: made the first time, then put back.

        A step is `make`'s place in the code, the moment the clock is held at, and `key`, which must
        tell whatever else `make` depends on. To be called inside an application context.
        """
        db.session.commit()
        if self._path is None:
            return _committed(make)
        before, path = self._path, (*self._path, _place(make), *key)
        if path in self._returned:
            self._store.put_back(path)
            db.session.expire_all()
            self._path = path
            return _thaw(self._returned[path])
        made = _committed(make)
        self._returned[path] = _freeze(made)
        self._rows[path] = self._store.read()
        old, new = self._rows[before], self._rows[path]
        self._store.keep(path, {name: new[name] for name in new if new[name] != old[name]})
        self._path = path
        return made

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        known = statement.lstrip().upper().startswith(READS) or f"INTO {APART}" in statement
        if self._path is not None and not known:
            self._path = None


def _place(make: Callable[..., Any]) -> tuple[Any, ...]:
    code = make.__code__  # type: ignore[attr-defined]  # nobody passes a built-in
    return code.co_filename, code.co_firstlineno, *clock._frozen[-1:]


def _committed(make: Callable[[], T]) -> T:
    made = make()
    db.session.commit()
    return made


class _Row:
    def __init__(self, row: Base) -> None:
        self.model, self.key = type(row), inspect(row).identity

    def __call__(self) -> Base:
        return db.session.get_one(self.model, self.key)


def _freeze(made: Any) -> Any:
    if isinstance(made, Base):
        return _Row(made)
    if isinstance(made, dict):
        return {name: _freeze(value) for name, value in made.items()}
    if isinstance(made, list | tuple):
        return type(made)(_freeze(each) for each in made)
    assert made is None or isinstance(made, str | int | date), f"{made!r} cannot be kept"
    return made


def _thaw(kept: Any) -> Any:
    if isinstance(kept, dict):
        return {name: _thaw(value) for name, value in kept.items()}
    if isinstance(kept, list | tuple):
        return type(kept)(_thaw(each) for each in kept)
    return kept() if isinstance(kept, _Row) else kept


class _Sqlite:
    """Keeps the tables in memory."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._kept: dict[Path, Rows] = {(): {name: [] for name in db.metadata.tables}}

    def read(self) -> Rows:
        cursor = self.connection.cursor()
        return {
            name: cursor.execute(f'SELECT * FROM "{name}"').fetchall()
            for name in db.metadata.tables
            if name != APART
        }

    def keep(self, path: Path, rows: Rows) -> None:
        self._kept[path] = rows

    def put_back(self, path: Path) -> None:
        """Foreign keys are off meanwhile, as some tables point at each other."""
        cursor, rows = self.connection.cursor(), self._kept[path]
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("BEGIN IMMEDIATE")
        for name in sorted(rows, key=WRITTEN_BY_TRIGGERS.__eq__):
            cursor.execute(f'DELETE FROM "{name}"')
            if rows[name]:
                marks = ", ".join("?" * len(rows[name][0]))
                cursor.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows[name])
        cursor.execute("COMMIT")


class _Postgres:
    """Keeps the tables on the server, and a function that puts them back: one call, no parsing."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._functions: dict[Path, str] = {}
        self._cursor = connection.cursor()
        self._run("CREATE SCHEMA kept")
        names = [f'"{name}"' for name in db.metadata.tables]
        # Or the server might count a table's rows just when a test has emptied it, and then plan
        # for none where the next test has thousands. What deleted rows leave goes when it is much.
        for name in names:
            self._run(f"ALTER TABLE {name} SET (autovacuum_enabled = false)")
        # Most tables are empty most of the time, and looking is cheaper than deleting nothing.
        self._define(
            (),
            f"IF ({SIZE}) > {LITTLE} THEN TRUNCATE {', '.join(names)}; RETURN; END IF",
            *(f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; END IF" for name in names),
        )

    def read(self) -> Rows:
        return {
            name: [each for (each,) in self._run(f'SELECT t::text FROM "{name}" t').fetchall()]
            for name in db.metadata.tables
            if name != APART
        }

    def keep(self, path: Path, rows: Rows) -> None:
        steps = []
        for name in rows:
            kept = f'kept."{len(self._functions)}_{name}"'
            self._run(f'CREATE TABLE {kept} AS SELECT * FROM "{name}"')
            steps += [f'DELETE FROM "{name}"', f'INSERT INTO "{name}" SELECT * FROM {kept}']
        self._define(path, *steps)

    def put_back(self, path: Path) -> None:
        self._run(f"SELECT {self._functions[path]}()")
        self.connection.commit()

    def _define(self, path: Path, *steps: str) -> None:
        """Foreign keys and triggers are off meanwhile, as some tables point at each other."""
        self._functions[path] = name = f"kept.put_back_{len(self._functions)}"
        body = "".join(f"{step}; " for step in steps)
        self._run(
            f"CREATE FUNCTION {name}() RETURNS void LANGUAGE plpgsql "
            f"SET session_replication_role = replica AS $$ BEGIN {body} END $$"
        )
        self.connection.commit()

    def _run(self, statement: str) -> Any:
        return self._cursor.execute(statement)
