"""`make run` as a person has it: one address, data that stays, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha384
from pathlib import Path

import pytest

from tests.conftest import ROOT


@contextmanager
def portal(folder: Path, port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the portal and yield its process and what it prints first, but for "Starting"."""
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


def _address(line: str) -> str:
    assert line.startswith("Returnsite is running at http://127.0.0.1:"), line
    return line.split()[4]


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


def test_it_answers_keeps_its_key_and_leaves_nothing_running(tmp_path: Path) -> None:
    with portal(tmp_path) as (process, line):
        with urllib.request.urlopen(_address(line), timeout=30) as answer:
            assert answer.status == 200
            assert "/p/demo/" in answer.url
        keys = [tmp_path / "secret_key", tmp_path / "encryption_key"]
        first_keys = [key.read_text() for key in keys]
        assert [key.stat().st_mode & 0o777 for key in keys] == [0o600, 0o600]
        assert len(_processes_using(tmp_path)) >= 3
    assert process.returncode == 0
    assert _processes_using(tmp_path) == []
    with portal(tmp_path) as (_, line):
        _address(line)
    assert [key.read_text() for key in keys] == first_keys


def test_a_made_up_shop_on_another_site_shows_the_portal(tmp_path: Path) -> None:
    with portal(tmp_path) as (process, line):
        assert process.stdout is not None
        said = process.stdout.readline()
        shop = said.split()[-1]
        assert re.fullmatch(r"http://localhost:\d+/", shop), said
        with urllib.request.urlopen(f"{shop}en/returns", timeout=30) as answer:
            page = answer.read().decode()
        script = re.search(r'src="(http[^"]+)"\s+integrity="sha384-([^"]+)"', page)
        assert script is not None
        with urllib.request.urlopen(script[1], timeout=30) as answer:
            assert b64encode(sha384(answer.read()).digest()).decode() == script[2]
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
        with urllib.request.urlopen(f"{_address(line)}p/demo/", timeout=30) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors 'self' {shop.rstrip('/')}")


def _start_link(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(words):
            return line.rsplit(" ", 1)[1].strip()
    raise AssertionError(f"no line begins with {words!r}")


def test_every_start_of_the_demo_prints_a_link_into_it(tmp_path: Path) -> None:
    links = []
    for _ in range(2):
        with portal(tmp_path) as (process, line):
            link = _start_link(process, "Sign in to the demo shop (works once): ")
            assert link.startswith(f"{_address(line)}demo/")
            with urllib.request.urlopen(link, timeout=30) as answer:
                assert "demo shop" in answer.read().decode()
            links.append(link.rsplit("/", 1)[1])
    assert links[0] != links[1]


def test_a_start_without_a_demo_prints_the_link_to_the_first_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETURNSITE_DEMO", "0")
    with portal(tmp_path) as (process, line):
        link = _start_link(process, "Make the first account (works once): ")
        assert link.startswith(f"{_address(line)}first-run/")
        with urllib.request.urlopen(link, timeout=30) as answer:
            assert "Welcome" in answer.read().decode()


def test_a_database_that_was_thrown_away_is_made_anew(tmp_path: Path) -> None:
    with portal(tmp_path):
        pass
    for file in tmp_path.glob("returnsite.db*"):
        file.unlink()
    with (
        portal(tmp_path) as (_, line),
        urllib.request.urlopen(_address(line), timeout=30) as answer,
    ):
        assert "/p/demo/" in answer.url


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


def test_a_production_start_without_a_key_says_what_to_set(tmp_path: Path) -> None:
    environment = {**os.environ, "RETURNSITE_DATA": str(tmp_path), "RETURNSITE_DEMO": ""}
    environment.pop("SECRET_KEY", None)
    command = [sys.executable, "-m", "flask", "--app", "app", "routes"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "SECRET_KEY is not set. Set it to" in done.stderr + done.stdout
