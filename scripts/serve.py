"""Run the portal and its worker together for `make run`: prepare the data folder, start, stop.

Both children live in sessions of their own, so Ctrl-C reaches only this process, which ends them in
order and waits. When one of them dies the other is ended too: half a portal would look whole.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from start_link import start_path

ROOT = Path(__file__).resolve().parents[1]
PREFERRED_PORT = 8000
START_SECONDS = 60
STOP_SECONDS = 15


class Stopped(Exception):
    """A signal asked us to end."""


def main() -> int:
    """Run until a signal or until a child ends; returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stopped)
    children: list[subprocess.Popen[bytes]] = []
    try:
        listener = listen(os.environ.get("PORT", ""))
        environment = prepare_environment()
        print("Starting …", flush=True)
        prepare_database(environment)
        return serve(listener, environment, children)
    except Stopped:
        return 0
    except subprocess.CalledProcessError as error:
        print(f"Could not start: `{' '.join(error.cmd[1:])}` failed.", file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children)


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def prepare_environment() -> dict[str, str]:
    """The children's environment; makes the data folder and its keys when they are absent."""
    folder = Path(os.environ.get("RETURNSITE_DATA") or ROOT / "data").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "RETURNSITE_DATA": str(folder),
        "RETURNSITE_DEMO": os.environ.get("RETURNSITE_DEMO", "1"),
        "FLASK_APP": "app",
        "PYTHONUNBUFFERED": "1",
    }
    if not environment.get("SECRET_KEY"):
        environment["SECRET_KEY"] = kept_key(folder / "secret_key", secrets.token_urlsafe(48))
    if not environment.get("RETURNSITE_ENCRYPTION_KEYS"):
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        environment["RETURNSITE_ENCRYPTION_KEYS"] = kept_key(folder / "encryption_key", key)
    return environment


def kept_key(path: Path, key: str) -> str:
    """The key in `path`, readable by its owner only; this one when there is none yet."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


def prepare_database(environment: dict[str, str]) -> None:
    """Run `scripts/prepare.py` to its end; what it says is shown only when it fails.

    A database of our own that this version has prepared before is left alone: loading the
    program once for nothing is most of what a second start would take.
    """
    folder = Path(environment["RETURNSITE_DATA"])
    stamp, version = folder / "prepared", prepared_version(environment)
    own = not environment.get("DATABASE_URL") and (folder / "returnsite.db").exists()
    if own and stamp.exists() and stamp.read_text() == version:
        return
    command = [sys.executable, "-m", "scripts.prepare"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stdout + done.stderr)
        done.check_returncode()
    stamp.write_text(version)


def prepared_version(environment: dict[str, str]) -> str:
    """What a prepared database depends on: the migrations, and whether there is a demo."""
    digest = hashlib.sha256(environment["RETURNSITE_DEMO"].encode())
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def serve(
    listener: socket.socket,
    environment: dict[str, str],
    children: list[subprocess.Popen[bytes]],
) -> int:
    """Start web and worker, say where once the web answers, wait until one of them ends."""
    port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    # Links in mails need the address; behind a proxy it is another one than this.
    environment["RETURNSITE_URL"] = environment.get("RETURNSITE_URL") or url.rstrip("/")
    beside = listen_beside(port) if is_demo(environment) else None
    site = f"http://localhost:{beside.getsockname()[1]}" if beside is not None else ""
    environment["RETURNSITE_DEMO_SITE"] = site
    web = ["gunicorn", "--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread"]
    web += ["--threads", "8", "--log-level", "warning", "--no-control-socket", "app:app"]
    children.append(start(web, environment, keep=[listener.fileno()]))
    children.append(start(["flask", "worker", "--quiet"], environment))
    listener.close()
    if beside is not None:
        shop = ["scripts.demo_shop", "--fd", str(beside.fileno()), "--portal", url.rstrip("/")]
        children.append(start(shop, environment, keep=[beside.fileno()]))
        beside.close()
    wait_until_it_answers(url, children)
    print(f"Returnsite is running at {url} (Ctrl-C stops it)", flush=True)
    if site:
        print(f"A made-up shop shows it in its own page: {site}/", flush=True)
    print_start_link(url, environment)
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    print("A part of the portal ended by itself; see above.", file=sys.stderr)
    return 1


def print_start_link(url: str, environment: dict[str, str]) -> None:
    """Say how to get in: into the demo shop, or to the first owner's account while there is nobody.

    Asking for the page tells whether the link leads anywhere, and opening it uses nothing up.
    """
    kind = "demo" if is_demo(environment) else "first_run"
    link = url + start_path(environment["SECRET_KEY"], kind)
    try:
        urllib.request.urlopen(link, timeout=START_SECONDS).close()  # noqa: S310  # our own address
    except OSError:
        return
    words = "Sign in to the demo shop" if kind == "demo" else "Make the first account"
    print(f"{words} (works once): {link}", flush=True)


def start(
    module: list[str], environment: dict[str, str], keep: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start `python -m …` as a child in a session of its own; `keep` are open files it inherits."""
    return subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=keep,
    )


def listen(wanted: str) -> socket.socket:
    """A listening socket on PORT, or on 8000, or on any free port when 8000 is taken.

    Handing on an open socket leaves no moment in which another program can take the port.
    """
    if wanted and not (wanted.isdecimal() and int(wanted) < 65536):
        sys.exit(f"PORT must be a number below 65536, not {wanted!r}.")
    ports = [int(wanted)] if wanted else [PREFERRED_PORT, 0]
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener
    sys.exit(f"Port {wanted} is in use. Choose another one: PORT=8001 make run")


def is_demo(environment: dict[str, str]) -> bool:
    """Whether the portal runs with the demo shop, as `returnsite.config` reads it."""
    return environment["RETURNSITE_DEMO"].strip().lower() in {"1", "true", "yes", "on"}


def listen_beside(port: int) -> socket.socket:
    """A listening socket for the made-up shop: on the next port, or on any free one.

    To a browser `localhost` is another site than `127.0.0.1`, as a shop's domain is.
    """
    for wanted in (port + 1, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError):
            listener.close()
            continue
        listener.listen(128)
        return listener
    sys.exit("There is no free port left on this machine.")


def wait_until_it_answers(url: str, children: list[subprocess.Popen[bytes]]) -> None:
    """Return when `url` answers with anything but an error of the server."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            sys.exit("A part of the portal did not start; see above.")
        try:
            urllib.request.urlopen(url, timeout=START_SECONDS).close()  # noqa: S310  # our own address
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            sys.exit(f"{url} answers with error {error.code}; see above.")
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"{url} did not answer within {START_SECONDS} seconds.")


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask each child to end, wait, and kill what does not listen."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
