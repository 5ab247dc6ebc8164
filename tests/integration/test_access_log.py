"""The web server's logs, written by the real server: no token, no query, no address of a person."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import on_one_database
from tests.harness import IsolatedClient
from tests.walk import Walk, answers_for, lines_of, start

ROOT = Path(__file__).parents[2]

pytestmark = on_one_database


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "server.log"


@pytest.fixture(scope="module")
def port(built_app: Flask, log: Path) -> Iterator[int]:
    """Gunicorn as it is started in production, logging everything it can."""
    listener = socket.create_server(("127.0.0.1", 0))
    environment = {
        **os.environ,
        "DATABASE_URL": built_app.config["SQLALCHEMY_DATABASE_URI"],
        "RETURNSITE_DATA": built_app.config["DATA_DIR"],
        "SECRET_KEY": built_app.config["SECRET_KEY"],
    }
    command = ["gunicorn", "--bind", f"fd://{listener.fileno()}", "--no-control-socket"]
    command += ["--access-logfile", str(log), "--error-logfile", str(log), "--log-level", "debug"]
    command += ["--access-logformat", "%(h)s %(r)s %(U)s %(q)s %(f)s %({x-link}i)s %(s)s"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "app:app"],
        cwd=ROOT,
        env=environment,
        pass_fds=[listener.fileno()],
    )
    with process, closing(listener):
        yield listener.getsockname()[1]
        process.terminate()
        process.wait(30)


@pytest.fixture
def server(port: int) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        yield connection


@pytest.fixture
def walk(client: IsolatedClient, session: Session, shop: Any, factories: ModuleType) -> Walk:
    order = factories.make_order(session, shop)
    session.commit()
    return start(client, shop, order, answers_for({lines_of(order)[0]: 1}))


def test_the_servers_logs_hold_no_token_and_nothing_that_was_typed(
    server: http.client.HTTPConnection, walk: Walk, log: Path
) -> None:
    secrets = [walk.token, "2611-secret", "photo-of-somebody-in-particular"]
    status = f"/p/{walk.slug}/s/{walk.token[::-1]}"
    link = f"/p/{walk.slug}/o/17.{walk.token.swapcase()}"
    for path in (
        walk.url("items"),
        walk.url("shipment") + "/_points?near=2611-secret",
        walk.url("photos") + "/photo-of-somebody-in-particular.jpg",
        f"{status}/label.pdf",
        f"{link}?lang=nl",
    ):
        referrer = {"Referer": f"http://x{walk.url('items')}?near=2611-secret", "X-Link": link}
        server.request("GET", path, headers=referrer)
        server.getresponse().read()
    with socket.create_connection((server.host, server.port)) as broken:
        broken.sendall(f"GET {walk.url('items')} and no more\r\n\r\n".encode())
        broken.recv(100)
    written = log.read_text()
    assert f"/p/{walk.slug}/r/***/items" in written
    assert f"/p/{walk.slug}/s/***/label.pdf" in written
    assert "127.0.0.0 GET" in written
    for secret in (*secrets, status, link, walk.token.swapcase()):
        assert secret not in written
    assert "127.0.0.1 " not in written.replace("127.0.0.1:", "")


@pytest.mark.parametrize("size", [1_000_000, 70_000_000])
def test_a_body_that_is_too_large_gets_its_page_from_the_real_server(
    server: http.client.HTTPConnection, walk: Walk, size: int
) -> None:
    """The answer arrives although the server stops reading."""
    kind = "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    server.request("POST", walk.url("items"), b"line=" + b"x" * size, headers)
    answer = server.getresponse()
    assert answer.status == 413
    assert b"<h1" in answer.read()
