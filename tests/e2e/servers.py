"""The two servers of the browser tests: in this process, and as in production."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOT = Path(__file__).parents[2]


@dataclass
class Answer:
    """One answer of HTML: the address asked, whether HTMX asked, and the text."""

    url: str
    is_fragment: bool
    html: str


class Recorder:
    """The application, and what HTML it sent since `answers` was last emptied."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.answers: list[Answer] = []

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """The WSGI call."""
        response = Response.from_app(self.app, environ)
        if response.mimetype == "text/html" and response.status_code not in range(300, 400):
            fragment = environ.get("HTTP_HX_REQUEST_TYPE") == "partial"
            self.answers.append(
                Answer(environ["PATH_INFO"], fragment, response.get_data(as_text=True))
            )
        return response(environ, start_response)


@contextmanager
def threaded(app: WSGIApplication) -> Iterator[str]:
    """A WSGI application behind a threaded server in this process; its address without a slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def gunicorn(app: Flask) -> Iterator[str]:
    """The application in two gunicorn processes on the test's database."""
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
