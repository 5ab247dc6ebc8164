"""A real browser against a real server.

`page` runs each test twice, with JavaScript and without; a test that needs one of the two says
`@with_javascript`. Every page is watched: an error on the console, a script that throws, a policy
violation or a request to any other server fails the test at its end. These tests run on SQLite;
one that must see both databases says `@on_both_databases`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)
from sqlalchemy.orm import Session

from tests import factories
from tests.conftest import BACKENDS, Kept
from tests.conftest import build_app as _build_app
from tests.e2e import servers
from tests.e2e.pages.wizard import Wizard
from tests.e2e.watch import watch
from tests.e2e.world import NOW, World, make_world
from tests.merchant import sign_in as sign_in_client

# The shell has no window around the page, which is half the work for each new context.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge",
)
# These keep the browser from calling out by itself, which a closed network would refuse.
QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# As strict as browsers get: a frame of another site has no cookies at all.
NO_FOREIGN_COOKIES = "--test-third-party-cookie-phaseout"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

expect.set_options(timeout=10_000)  # machines of continuous integration are busy

MERCHANT_COOKIES = {"session", "__Host-session", "returnsite", "__Host-returnsite"}

NewContext = Callable[..., BrowserContext]

with_javascript = pytest.mark.parametrize("javascript", [True], ids=["js"])
without_javascript = pytest.mark.parametrize("javascript", [False], ids=["no-js"])
on_both_databases = pytest.mark.parametrize("built_app", BACKENDS, indirect=True, scope="session")


@pytest.fixture(scope="session", params=["sqlite"])
def built_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """One application a backend and test process; in browser tests only SQLite unless asked."""
    with _build_app(request.param, tmp_path_factory.mktemp("data")) as app:
        yield app


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, one a test process."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own when there is none."""
    candidates = (os.environ.get("RETURNSITE_CHROMIUM"), *map(shutil.which, BROWSERS))
    path = next((each for each in candidates if each and Path(each).exists()), None)
    try:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*QUIET, NO_FOREIGN_COOKIES]
        )
    except Error as error:
        pytest.exit(
            f"No browser ({error.message.splitlines()[0]}): apt-get install chromium, or "
            "playwright install chromium, or set RETURNSITE_CHROMIUM"
        )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def recorder(built_app: Flask) -> servers.Recorder:
    """What HTML the live server sent, in `recorder.answers`; a test empties it first."""
    return servers.Recorder(built_app)


@pytest.fixture(scope="session")
def _threaded_server(recorder: servers.Recorder) -> Iterator[str]:
    with servers.threaded(recorder) as address:
        yield address


@pytest.fixture
def live_server(app: Flask, _threaded_server: str) -> str:
    """The application behind a threaded server in this process; its address without a slash."""
    return _threaded_server


@pytest.fixture(params=[True, False], ids=["js", "no-js"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def browser_faults() -> list[str]:
    """What the pages did that no page may do; must be empty when the test ends."""
    return []


@pytest.fixture
def new_context(app: Flask, browser: Browser, browser_faults: list[str]) -> Iterator[NewContext]:
    """Make a browser context, options as Playwright's; each of its pages is watched.

    Pages are gone before the tables are emptied. None may have left anything in the browser.
    """
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        options.setdefault("viewport", PHONE)
        options.setdefault("locale", "en")
        options.setdefault("reduced_motion", "reduce")
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        watch(context, browser_faults)
        contexts.append(context)
        return context

    yield make
    left = [kept for context in contexts for kept in (_cookies(context), *_stored(context)) if kept]
    for context in contexts:
        context.close()
    assert not browser_faults, "the browser complained:\n" + "\n".join(browser_faults)
    assert not left, f"kept in the browser: {left}"


def _cookies(context: BrowserContext) -> list[object]:
    """Cookies that are not the merchant's: the portal has none."""
    return [each for each in context.cookies() if each["name"] not in MERCHANT_COOKIES]


def _stored(context: BrowserContext) -> list[object]:
    """What the pages keep in the browser's stores, in every frame; most frames have none at all."""
    look = """() => {
        try {
            return [{...localStorage}, {...sessionStorage}].filter((s) => Object.keys(s).length);
        } catch {
            return [];
        }
    }"""
    frames = [frame for page in context.pages for frame in page.frames if "/p/" in frame.url]
    return [frame.evaluate(look) for frame in frames]


@pytest.fixture
def page(new_context: NewContext, live_server: str, javascript: bool) -> Page:
    """A phone's page on the live server; `page.goto("/p/…")` takes a path."""
    return new_context(base_url=live_server, java_script_enabled=javascript).new_page()


@pytest.fixture
def wizard(page: Page, javascript: bool) -> Wizard:
    """The wizard's page object on `page`."""
    return Wizard(page, javascript=javascript)


@pytest.fixture
def world(app: Flask, session: Session, clock: Any, kept: Kept) -> World:
    """A shop with everything switched on, eight days after its parcels were delivered."""
    clock.set(NOW)
    return World(app, session, kept(lambda: make_world(session)))


SignIn = Callable[..., None]


@pytest.fixture
def sign_in(app: Flask, live_server: str) -> SignIn:
    """Give a browser context the session of a user: `sign_in(context, user)`."""

    def enter(context: BrowserContext, user: Any) -> None:
        client = app.test_client()
        sign_in_client(client, user)
        name = app.config["SESSION_COOKIE_NAME"]
        (cookie,) = [c for c in client._cookies.values() if c.key == name]
        context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server, "httpOnly": True}]
        )

    return enter


@pytest.fixture
def merchant_page(
    new_context: NewContext, live_server: str, javascript: bool, world: World, sign_in: SignIn
) -> Iterator[Page]:
    """A desktop page of the owner of `world.shop`, signed in; paths start with `/shops/…`."""
    owner = factories.make_user(world.session, world.shop)
    world.session.commit()
    context = new_context(base_url=live_server, java_script_enabled=javascript, viewport=DESKTOP)
    sign_in(context, owner)
    page = context.new_page()
    yield page
    # Before the clock runs on: what is still on its way would find its session over.
    page.close()


@pytest.fixture(scope="module")
def gunicorn_server(built_app: Flask) -> Iterator[str]:
    """The application as it runs in production: two gunicorn processes on the test's database.

    For races between processes. The test's frozen clock does not reach into them. They run for all
    tests of a module, which have the same `shop`, as they remember its settings by id and version.
    """
    with servers.gunicorn(built_app) as address:
        yield address
