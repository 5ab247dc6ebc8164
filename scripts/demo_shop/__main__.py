"""The made-up shop of `make run`: a few still pages, on another site than the portal.

`python -m scripts.demo_shop --fd 5 --portal http://127.0.0.1:8000` serves on an open socket it was
given; `--port 8001` opens one. The browser takes `localhost` and `127.0.0.1` for two sites, as any
two domains are, so what works here works in a real shop.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import socket
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

from scripts.demo_shop.texts import TEXTS

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).parent / "pages"
ELEMENT = "embed/return-portal@1.0.0/return-portal.js"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FILES = {
    "/shop.css": PAGES / "shop.css",
    "/shop.js": PAGES / "shop.js",
    "/art.svg": ROOT / "static/img/art.svg",
    "/favicon.ico": ROOT / "static/img/favicon.svg",
}
"""Paths that are files; everything else is a page in a language: `/nl/`, `/nl/returns`."""
SHOWN = {"": "home", "returns": "returns", "returns-plain": "returns_plain"}


class Shop(BaseHTTPRequestHandler):
    """Answers one request for a page or a file."""

    portal = ""

    def do_GET(self) -> None:
        """A file, a page, or the way to the front page."""
        path = self.path.partition("?")[0]
        if path in FILES:
            self._send(FILES[path].read_bytes(), TYPES[FILES[path].suffix])
            return
        _, language, *rest = path.split("/")
        name = SHOWN.get("/".join(rest))
        if language in TEXTS and name and rest:
            self._send(page(name, language, self.portal).encode(), "text/html; charset=utf-8")
        elif path == "/":
            self._lead_to(f"/{self._language()}/")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, body: bytes, content_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", policy(self.portal))
        self.end_headers()
        self.wfile.write(body)

    def _lead_to(self, location: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _language(self) -> str:
        first = self.headers.get("Accept-Language", "")[:2].lower()
        return first if first in TEXTS else "en"

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: `make run` shows what the portal has to say."""


def policy(portal: str) -> str:
    """What a careful shop allows: its own files, and the portal's script and frame.

    The plain snippet has an inline style, the element needs none.
    """
    return (
        f"default-src 'self'; script-src 'self' {portal}; frame-src {portal}; "
        "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    )


def page(name: str, language: str, portal: str) -> str:
    """A page in the shop's frame."""
    values = {**TEXTS[language], "language": language, "portal": portal, "element": ELEMENT}
    values["integrity"] = integrity()
    values["other"] = next(code for code in TEXTS if code != language)
    values["path"] = next(path for path, shown in SHOWN.items() if shown == name)
    inside = Template((PAGES / f"{name}.html").read_text()).substitute(values)
    frame = Template((PAGES / "frame.html").read_text())
    return frame.substitute(values, title=values[f"{name}_title"], main=inside)


@cache
def integrity() -> str:
    """The hash of the element's script, as the portal's Embed page prints it."""
    content = (ROOT / "static" / ELEMENT).read_bytes()
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portal", required=True, help="address of the portal, without a slash")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--fd", type=int, help="an open listening socket instead of a port")
    options = parser.parse_args()
    handler = type("Shop", (Shop,), {"portal": options.portal})
    server = ThreadingHTTPServer(
        ("127.0.0.1", options.port), handler, bind_and_activate=options.fd is None
    )
    if options.fd is not None:
        server.socket.close()
        server.socket = socket.socket(fileno=options.fd)
    server.serve_forever()


if __name__ == "__main__":
    main()
