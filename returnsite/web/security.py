"""Headers on every answer, and the portal's protection against forged posts without a cookie."""

from __future__ import annotations

import hmac
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, request
from itsdangerous import Signer

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{images}; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors {ancestors}"
)


def add_headers(response: Response) -> Response:
    """Security headers; `g.frame_origins` (portal pages) lists who may frame the page."""
    origins = g.get("frame_origins")
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _policy(
            tuple(origins) if origins is not None else None,
            _origin(current_app.config["MAP_TILES_URL"]),
        )
    if origins is None:
        headers["X-Frame-Options"] = "DENY"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), payment=()"
    if request.is_secure and current_app.config["HSTS"]:
        headers["Strict-Transport-Security"] = current_app.config["HSTS"]
    return response


@lru_cache(maxsize=256)
def _policy(origins: tuple[str, ...] | None, tiles: str) -> str:
    ancestors = "'none'" if origins is None else " ".join(("'self'", *origins))
    return _CSP.format(ancestors=ancestors, images=f" {tiles}" if tiles else "")


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


def refuse_foreign_posts() -> None:
    """Abort a write that a page of another site sent; browsers tell where a request is from."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        abort(403)
    origin = request.headers.get("Origin")
    if site is None and origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def _signer() -> Signer:
    return _cached_signer(current_app.secret_key or "", "returnsite.form")


@lru_cache(maxsize=64)
def _cached_signer(key: str | bytes, salt: str) -> Signer:
    return Signer(key, salt=salt)
