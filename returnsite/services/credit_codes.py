"""Codes of store credit: made from a nonce and the secret key, kept nowhere, found by their hash.

A stolen database gives no code away; the worker that mails one makes it again. After the secret key
has changed, codes that customers have still work, but an unsent or repeated mail cannot be made.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from flask import current_app

from ..domain.lookup import normalise_number

_ALPHABET = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Base 32 to Crockford's: no I, L, O or U to misread."""

_MISREAD = str.maketrans("ILOU", "110V")
"""What people type for letters that are in no code."""


@dataclass(frozen=True, slots=True)
class FreshCode:
    """A new code and what is kept of it."""

    nonce: str
    code_hash: str
    code_end: str


def new_code() -> FreshCode:
    """A code nobody can guess: 80 bits."""
    nonce = secrets.token_urlsafe(24)
    code = code_from(nonce)
    return FreshCode(nonce, hash_code(code), code[-4:])


def code_from(nonce: str) -> str:
    """`XXXX-XXXX-XXXX-XXXX`, the same for the same nonce and key."""
    key = str(current_app.secret_key).encode()
    digest = hmac.new(key, b"store credit:" + nonce.encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest[:10]).decode().translate(_ALPHABET)
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def hash_code(code: str) -> str:
    """What finds a code, however it was typed: case, spaces and dashes do not count."""
    plain = normalise_number(code).translate(_MISREAD)
    return hashlib.sha256(b"store credit:" + plain.encode()).hexdigest()
