"""A real browser against a real server.

`page` runs each test twice, with JavaScript and without; a test that needs one of the two says
`@pytest.mark.parametrize("javascript", [True])`. Every page is watched: an error on the console, a
script that throws, a policy violation or a request to any other server fails the test at its end.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    sync_playwright,
)
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[2]
BROWSERS = (
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
# The browser reports an answer of 4xx as an error; which answers are right the tests say.
EXPECTED_CONSOLE = "Failed to load resource: the server responded with a status of 4"
LOCAL_HOSTS = {"127.0.0.1", "localhost"}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

NewContext = Callable[..., BrowserContext]


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
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
    except Error as error:
        pytest.exit(
            f"No browser ({error.message.splitlines()[0]}): apt-get install chromium, or "
            "playwright install chromium, or set RETURNSITE_CHROMIUM"
        )
    yield browser
    browser.close()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The application behind a threaded server in this process; its address without a slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[True, False], ids=["js", "no-js"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def browser_faults() -> list[str]:
    """What the pages did that no page may do; must be empty when the test ends."""
    return []


@pytest.fixture
def new_context(browser: Browser, browser_faults: list[str]) -> Iterator[NewContext]:
    """Make a browser context, options as Playwright's; each of its pages is watched."""
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
    for context in contexts:
        context.close()
    assert not browser_faults, "the browser complained:\n" + "\n".join(browser_faults)


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Note in `faults` what no page may do."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED_CONSOLE):
            faults.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname not in LOCAL_HOSTS:
            faults.append(f"request to another server: {request.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    context.on("request", on_request)


@pytest.fixture
def page(new_context: NewContext, live_server: str, javascript: bool) -> Page:
    """A phone's page on the live server; `page.goto("/p/…")` takes a path."""
    return new_context(base_url=live_server, java_script_enabled=javascript).new_page()


@pytest.fixture
def gunicorn_server(app: Flask) -> Iterator[str]:
    """The application as it runs in production: two gunicorn processes on the test's database.

    For races between processes. The test's frozen clock does not reach into them.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {
        **os.environ,
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "RETURNSITE_DATA": app.config["DATA_DIR"],
        "SECRET_KEY": app.config["SECRET_KEY"],
    }
    command = ["gunicorn", "--bind", f"fd://{listener.fileno()}", "--workers", "2"]
    command += ["--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--no-control-socket", "app:app"],
        cwd=ROOT,
        env=environment,
        pass_fds=[listener.fileno()],
    ) as process:
        listener.close()
        try:
            wait_until_it_answers(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers anything below 500; its socket queues us until it can."""
    assert process.poll() is None
    try:
        urllib.request.urlopen(f"{url}/", timeout=60).close()
    except HTTPError as error:
        error.close()
        if error.code >= 500:
            raise
