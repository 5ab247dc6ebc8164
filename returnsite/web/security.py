"""Headers on every answer, and the portal's protection against forged posts without a cookie."""

from __future__ import annotations

import hmac
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Response, current_app, g, request
from itsdangerous import Signer
from werkzeug.datastructures import Headers

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{images}; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors {ancestors}"
)


def add_headers(response: Response) -> Response:
    """Security headers; `g.frame_origins` (portal pages) lists who may frame the page."""
    origins = frame_origins()
    tiles = _origin(current_app.config["MAP_TILES_URL"])
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _policy(
            origins, tiles, "'self'" if g.get("frames_portal") else ""
        )
    if origins is None:
        headers["X-Frame-Options"] = "DENY"
    elif request.blueprint == "portal":
        _let_isolated_pages_frame(headers, tiles)
    if request.endpoint == "static" and response.status_code < 400:
        _let_other_sites_load(headers)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    camera = "self" if g.get("uses_camera") else ""
    headers["Permissions-Policy"] = f"camera=({camera}), microphone=(), payment=()"
    if request.is_secure and current_app.config["HSTS"]:
        headers["Strict-Transport-Security"] = current_app.config["HSTS"]
    return response


def frame_origins() -> tuple[str, ...] | None:
    """Whose pages may frame this one; None: nobody's, not even our own.

    `make run` shows the demo shop's portal in a page of another site, whatever is on its list.
    """
    origins = g.get("frame_origins")
    if origins is None:
        return None
    shop, demo_site = g.get("shop"), current_app.config["DEMO_SITE"]
    extra = (demo_site,) if demo_site and shop is not None and shop.is_demo else ()
    return (*origins, *extra)


@lru_cache(maxsize=256)
def _policy(origins: tuple[str, ...] | None, tiles: str, frames: str) -> str:
    ancestors = "'none'" if origins is None else " ".join(("'self'", *origins))
    policy = _CSP.format(ancestors=ancestors, images=f" {tiles}" if tiles else "")
    return f"{policy}; frame-src {frames}" if frames else policy


def _let_isolated_pages_frame(headers: Headers, tiles: str) -> None:
    """A shop's page that isolates itself (COEP) shows only frames that agree to it.

    Map tiles of another server need not agree: those are loaded without credentials.
    """
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers["Cross-Origin-Embedder-Policy"] = "credentialless" if tiles else "require-corp"


def _let_other_sites_load(headers: Headers) -> None:
    """Static files are public: pages of shops load the script of their snippet from here."""
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers["Access-Control-Allow-Origin"] = "*"


@lru_cache(maxsize=8)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def form_token(scope: str) -> str:
    """A token that lets a form be posted to `scope` (draft and step), and nowhere else."""
    return _signer().get_signature(scope).decode()


def form_token_fits(scope: str, token: str) -> bool:
    """Whether a posted token was made for this scope."""
    return hmac.compare_digest(form_token(scope).encode(), token.encode())


def is_foreign_post() -> bool:
    """Whether a page of another site sent this write; browsers tell where a request is from."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _signer() -> Signer:
    return _cached_signer(current_app.secret_key or "", "returnsite.form")


@lru_cache(maxsize=64)
def _cached_signer(key: str | bytes, salt: str) -> Signer:
    return Signer(key, salt=salt)
