"""Between the QR code and the first code of the app: the new secret waits in the cookie."""

from __future__ import annotations

from flask import session

from ...services.accounts.two_factor import new_secret
from ...services.secrets import (
    EncryptionKeyMissing,
    SecretUnreadable,
    decrypt_secret,
    encrypt_secret,
)

_KEY = "two_factor"
"""Where the cookie keeps the secret until a code proves it; encrypted, cookies are only signed."""


def begin_setup() -> str:
    """The secret of before when the form is only shown again: the app may have it by now."""
    secret = secret_in_setup()
    if secret is None:
        secret = new_secret()
        session[_KEY] = encrypt_secret(secret)
    return secret


def secret_in_setup() -> str | None:
    """The secret that waits, if one does and the keys have not changed meanwhile."""
    kept = session.get(_KEY)
    try:
        return decrypt_secret(kept) if kept else None
    except (SecretUnreadable, EncryptionKeyMissing):
        return None


def end_setup() -> None:
    """Forget it: the account has it."""
    session.pop(_KEY, None)
