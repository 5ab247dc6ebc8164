"""The portal behind gunicorn, as in production, with a way to read the processor time it uses."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TICK = os.sysconf("SC_CLK_TCK")
KEY = "bench-" + "k" * 40


@dataclass(frozen=True)
class Server:
    """A running gunicorn on 127.0.0.1."""

    port: int
    pid: int

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept alive."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def processor_seconds(self) -> float:
        """User and system time of all worker processes so far, in ticks of 10 ms."""
        return sum(_ticks(pid) for pid in self._workers()) / TICK

    def _workers(self) -> list[int]:
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in listed]


@contextmanager
def serving(database: str, folder: Path, *, processes: int, threads: int = 4) -> Iterator[Server]:
    """`bench.app` on a free port until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "RETURNSITE_DATA": str(folder),
        "SECRET_KEY": KEY,
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}"]
    command += ["--workers", str(processes), "--worker-class", "gthread"]
    command += ["--threads", str(threads), "--log-level", "warning", "--no-control-socket"]
    command += ["--keep-alive", "30", "bench.app:app"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()]
    ) as process:
        port = listener.getsockname()[1]
        listener.close()
        try:
            server = Server(port, process.pid)
            _wait(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _wait(server: Server) -> None:
    for _attempt in range(100):
        try:
            connection = server.connect()
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
