"""Secrets at rest: what a stolen database must not give away is kept encrypted.

The keys are not in the database but in the environment (RETURNSITE_ENCRYPTION_KEYS). The first one
encrypts, all of them decrypt, so that a new key can be put in front of the old one.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app


class EncryptionKeyMissing(RuntimeError):
    """There is no key, so nothing secret can be kept; the message says what to set."""


class SecretUnreadable(Exception):
    """None of the keys fits: it was encrypted with one that is no longer listed."""


def can_keep_secrets() -> bool:
    """Whether there is a key; pages say so before anybody types a secret."""
    return bool(current_app.config["ENCRYPTION_KEYS"])


def encrypt_secret(text: str) -> str:
    """The text as a token for the database; each call gives another one."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt_secret(token: str) -> str:
    """What `encrypt_secret` was given. Raises SecretUnreadable."""
    try:
        return _cipher().decrypt(token.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def renew_secret(token: str) -> str:
    """The same secret under the first key. Raises SecretUnreadable."""
    try:
        return _cipher().rotate(token.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def _cipher() -> MultiFernet:
    keys = tuple(current_app.config["ENCRYPTION_KEYS"])
    if not keys:
        raise EncryptionKeyMissing(
            "RETURNSITE_ENCRYPTION_KEYS is not set, so secrets cannot be kept. Set it to what "
            "this prints, and keep it: `python -c 'from cryptography.fernet import Fernet; "
            "print(Fernet.generate_key().decode())'`."
        )
    return _built(keys)


@lru_cache(maxsize=4)
def _built(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
