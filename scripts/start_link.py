"""The link a start prints, made without loading the program; its twin is services/accounts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

LIFETIMES = {"first_run": 24 * 3600, "demo": 3600}
"""Seconds, as the program has them."""

PATHS = {"first_run": "first-run", "demo": "demo"}


def start_path(key: str, kind: str) -> str:
    """The path of a link of this kind, signed with the installation's SECRET_KEY."""
    ends = int(time.time()) + LIFETIMES[kind]
    return f"{PATHS[kind]}/{sign(key, kind, ends, secrets.token_urlsafe(16))}"


def sign(key: str, kind: str, ends: int, nonce: str) -> str:
    """`<end in hex>.<nonce>.<proof>`."""
    text = f"{ends:x}.{nonce}"
    digest = hmac.new(f"returnsite.start:{key}".encode(), f"{kind}.{text}".encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest.digest()).decode().rstrip('=')}"
