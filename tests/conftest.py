"""Fixtures every test shares: one migrated database a backend and process, emptied for each test.

Database tests run on SQLite, and on PostgreSQL too when RETURNSITE_TEST_POSTGRES holds the URL of
a server on which databases may be made (`scripts/with-postgres pytest …` starts one).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import tests.hypothesis_profiles  # noqa: F401  # the profile counts for all tests
from returnsite import clock as product_clock
from tests.harness import CheckedClient, IsolatedClient
from tests.merchant import Merchant
from tests.smtp import Peer, mail_server
from tests.states import States

ROOT = Path(__file__).parents[1]
POSTGRES = os.environ.get("RETURNSITE_TEST_POSTGRES", "")
BACKENDS = ["sqlite", *(["postgresql"] if POSTGRES else [])]
STARTED = datetime.now(UTC)

Kept = Callable[..., Any]

on_one_database = pytest.mark.on_one_database
"""Says that a test, or a module's `pytestmark`, proves nothing more on a second database.

For pages, texts, forms and files whose rows others write and read on both. Not for what has a
query, a lock, a constraint, a migration or an order of its own, or takes in unchecked text.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the second run of what says `@on_one_database`."""

    def again(item: pytest.Item) -> bool:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        return "on_one_database" in item.keywords and params.get("built_app") == "postgresql"

    items[:] = [item for item in items if not again(item)]


def _create_postgres_database(name: str) -> str:
    """Make an empty database on the test server and return its URL."""
    url = make_url(POSTGRES).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    return url.set(database=name).render_as_string(hide_password=False)


def _migrate(app: Flask) -> None:
    """Build the tables the way an installation does: through the migrations."""
    import flask_migrate

    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))


def _reverse_what_has_no_order(app: Flask) -> None:
    """Have SQLite answer backwards where a query names no order: PostgreSQL may, on some days."""
    from returnsite.extensions import db

    with app.app_context():

        @event.listens_for(db.engine, "connect")
        def reverse(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA reverse_unordered_selects=ON").close()


@contextmanager
def build_app(backend: str, folder: Path) -> Iterator[Flask]:
    """An application with its data in `folder`, its database migrated and empty."""
    from returnsite import create_app
    from returnsite.extensions import db

    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw")
    url = (
        f"sqlite:///{folder / 'test.sqlite3'}"
        if backend == "sqlite"
        else _create_postgres_database(f"returnsite_{os.getpid()}_{worker}_{folder.name}")
    )
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "test-secret-key-test-secret-key-0123456789",
            "ENCRYPTION_KEYS": ("dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktMDEyMzQ=",),
            # Tests sign in hundreds of times: hashes as cheap as they get.
            "PASSWORD_TIME_COST": 1,
            "PASSWORD_MEMORY_KIB": 8,
            "SQLALCHEMY_DATABASE_URI": url,
            "DATA_DIR": str(folder),
        }
    )
    app.test_client_class = IsolatedClient
    if backend == "sqlite":
        _reverse_what_has_no_order(app)
    _migrate(app)
    with closing(States(app)) as app.extensions[States]:
        yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session", params=BACKENDS)
def built_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """One application a backend and test process, its database migrated and empty."""
    with build_app(request.param, tmp_path_factory.mktemp("data")) as app:
        yield app


@pytest.fixture
def app(built_app: Flask) -> Flask:
    """The application with the rows of an unrelated shop, so that a missing filter shows."""
    from returnsite.extensions import db
    from returnsite.services.shops import forget_settings
    from tests import factories

    forget_settings()  # ids come again in an emptied database
    states = built_app.extensions[States]
    states.begin()
    with built_app.app_context(), product_clock.freeze(STARTED):  # the test may hold another time
        states.reach(lambda: factories.make_noise(db.session))
    return built_app


@pytest.fixture
def kept(app: Flask, session: Session) -> Kept:
    """Make rows once a process: `kept(lambda: make_order(session, shop))`, as `States.reach`.

    For what many tests begin with. They get a copy each, so they may do to it what they like.
    """
    reach: Kept = app.extensions[States].reach
    return reach


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session with an application context around the test; a client request commits it first."""
    from returnsite.extensions import db

    with app.app_context():
        yield db.session  # type: ignore[misc]  # a scoped session quacks like a Session
        db.session.remove()


@pytest.fixture
def analyse(session: Session) -> Iterator[Callable[[str], None]]:
    """Tell the planner what is in a table, or in all: `analyse("")`. SQLite forgets it again."""
    from returnsite.extensions import db

    def tell(table: str) -> None:
        session.execute(text(f"ANALYZE {table}"))
        forget_connections()

    def forget_connections() -> None:
        session.commit()
        db.engine.dispose()  # SQLite's open ones go on planning with what they knew

    yield tell
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        for known in ("sqlite_stat1", "sqlite_stat4"):
            session.execute(text(f"DROP TABLE IF EXISTS {known}"))
        forget_connections()


@pytest.fixture
def client(app: Flask) -> IsolatedClient:
    """A plain test client: each request has its own application context and session."""
    client = app.test_client()
    assert isinstance(client, IsolatedClient)
    return client


@pytest.fixture
def checked(client: IsolatedClient) -> CheckedClient:
    """The client that asks each page whole and as a fragment and checks both."""
    return CheckedClient(client)


@pytest.fixture
def factories() -> ModuleType:
    """The makers of rows, `tests/factories.py`."""
    from tests import factories as module

    return module


@pytest.fixture
def shop(session: Session, factories: ModuleType, kept: Kept) -> Any:
    """An active shop, saved."""
    return kept(lambda: factories.make_shop(session))


@pytest.fixture
def merchant(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType, kept: Kept
) -> Merchant:
    """The owner of `shop`, signed in; `merchant.get("/settings")` takes a path below the shop."""
    return Merchant(client, session, shop, kept(lambda: factories.make_user(session, shop)))


@pytest.fixture
def peer(app: Flask) -> Iterator[Peer]:
    """A real mail server; `app` sends there."""
    with mail_server() as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port)
        yield server
    app.config.update(MAIL_SERVER="", MAIL_PORT=25)


class TestClock:
    """`returnsite.clock` held still for one test, in this process and all its threads."""

    __test__ = False

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def set(self, moment: datetime) -> None:
        """Hold the clock at an aware moment."""
        self._stack.enter_context(product_clock.freeze(moment))

    def advance(self, **duration: float) -> None:
        """Move a held or running clock on, e.g. `advance(days=3)`, and hold it there."""
        self.set(product_clock.now() + timedelta(**duration))


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """Hold and move the product's clock: `clock.set(moment)`, `clock.advance(days=1)`."""
    with ExitStack() as stack:
        yield TestClock(stack)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real sample data, which is not part of the repository."""
    folder = Path(os.environ.get("RETURNSITE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no sample data at {folder}: set RETURNSITE_SHARED_DATA to its folder"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return folder
