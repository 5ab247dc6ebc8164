"""`make run` as a person has it: one address, data that stays, and nothing left behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha384
from pathlib import Path

import pytest

from tests.conftest import ROOT

KEYS = ("secret_key", "encryption_key")


@contextmanager
def portal(folder: Path, port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the portal and yield its process and what it prints first, but for "Starting".

    When it has stopped, nothing may be left running.
    """
    environment = {**os.environ, "PORT": port, "RETURNSITE_DATA": str(folder)}
    for name in ("DATABASE_URL", "SECRET_KEY", "RETURNSITE_ENCRYPTION_KEYS", "MAIL_SERVER"):
        environment.pop(name, None)
    command = [sys.executable, str(ROOT / "scripts/serve.py")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = (line for line in process.stdout if line != "Starting …\n")
            yield process, next(lines)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    assert _processes_using(folder) == []


def _address(line: str) -> str:
    assert line.startswith("Returnsite is running at http://127.0.0.1:"), line
    return line.split()[4]


def _line(process: subprocess.Popen[str], words: str) -> str:
    """What the next line that begins with these words ends in."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(words):
            return line.rsplit(" ", 1)[1].strip()
    raise AssertionError(f"no line begins with {words!r}")


def _processes_using(folder: Path) -> list[str]:
    marker = f"RETURNSITE_DATA={folder}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


@dataclass
class Start:
    """A start of the demo: its data, the keys there, and what it printed."""

    folder: Path
    address: str
    shop: str
    link: str
    keys: list[str]
    running: int


@contextmanager
def demo(folder: Path) -> Iterator[Start]:
    with portal(folder) as (process, line):
        shop = _line(process, "A made-up shop shows it in its own page: ")
        link = _line(process, "Sign in to the demo shop (works once): ")
        keys = [(folder / name).read_text() for name in KEYS]
        yield Start(folder, _address(line), shop, link, keys, len(_processes_using(folder)))
    assert process.returncode == 0


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """The demo's first start, which has come to its end."""
    with demo(tmp_path_factory.mktemp("demo")) as start:
        return start


@pytest.fixture(scope="module")
def second_start(first_start: Start) -> Iterator[Start]:
    """Its second, on the same data, while it runs."""
    with demo(first_start.folder) as start:
        yield start


def test_it_answers_and_keeps_its_keys(first_start: Start, second_start: Start) -> None:
    with urllib.request.urlopen(second_start.address, timeout=30) as answer:
        assert answer.status == 200
        assert "/p/demo/" in answer.url
    assert second_start.running >= 3
    assert second_start.keys == first_start.keys
    assert len(set(second_start.keys)) == 2
    files = [second_start.folder / name for name in KEYS]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]


def test_a_made_up_shop_on_another_site_shows_the_portal(second_start: Start) -> None:
    shop = second_start.shop
    assert re.fullmatch(r"http://localhost:\d+/", shop), shop
    with urllib.request.urlopen(f"{shop}en/returns", timeout=30) as answer:
        page = answer.read().decode()
    script = re.search(r'src="(http[^"]+)"\s+integrity="sha384-([^"]+)"', page)
    assert script is not None
    with urllib.request.urlopen(script[1], timeout=30) as answer:
        assert b64encode(sha384(answer.read()).digest()).decode() == script[2]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    with urllib.request.urlopen(f"{second_start.address}p/demo/", timeout=30) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors 'self' {shop.rstrip('/')}")


def test_every_start_of_the_demo_prints_a_link_into_it(
    first_start: Start, second_start: Start
) -> None:
    for start in (first_start, second_start):
        assert start.link.startswith(f"{start.address}demo/")
    with urllib.request.urlopen(second_start.link, timeout=30) as answer:
        assert "demo shop" in answer.read().decode()
    assert first_start.link.rsplit("/", 1)[1] != second_start.link.rsplit("/", 1)[1]


def test_a_start_without_a_demo_prints_the_link_to_the_first_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETURNSITE_DEMO", "0")
    with portal(tmp_path) as (process, line):
        link = _line(process, "Make the first account (works once): ")
        assert link.startswith(f"{_address(line)}first-run/")
        with urllib.request.urlopen(link, timeout=30) as answer:
            assert "Welcome" in answer.read().decode()


def test_a_database_that_was_thrown_away_is_made_anew(first_start: Start, tmp_path: Path) -> None:
    for name in (*KEYS, "prepared"):
        shutil.copy(first_start.folder / name, tmp_path)
    with demo(tmp_path) as start, urllib.request.urlopen(start.address, timeout=30) as answer:
        assert "/p/demo/" in answer.url
        assert "demo shop" in urllib.request.urlopen(start.link, timeout=30).read().decode()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with portal(tmp_path, port) as (process, line):
            assert line == f"Port {port} is in use. Choose another one: PORT=8001 make run\n"
    assert process.returncode == 1


@pytest.mark.parametrize("port", ["http", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with portal(tmp_path, port) as (process, line):
        assert line.startswith("PORT must be a number")
    assert process.returncode == 1
