"""Passwords: kept as argon2id hashes; new ones are long and none that guessers try first."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from .errors import PasswordRefused

SHORTEST, LONGEST = 12, 256

_GUESSES = 10**8
"""What a password must withstand; those of the usual lists fall after a few thousand."""

_LOOKED_AT = 72
"""Characters the estimate looks at: its time grows with the square of the length."""

_OWN_PART = 6
"""Letters and digits that must be left once name, address and shop are taken out."""


def hash_password(password: str) -> str:
    """What the database keeps."""
    return _hasher().hash(_normal(password))


def password_fits(stored: str | None, password: str) -> bool:
    """Whether this is the password; takes as long where there is none to compare it with."""
    hasher = _hasher()
    try:
        fits = hasher.verify(stored or _nobodys_hash(hasher), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return _hasher().check_needs_rehash(stored)


def judge_password(password: str, *, about: Iterable[str]) -> None:
    """Refuse a new password that is short, well known, or made of what is known of its owner.

    `about` holds the address, name and shops. Raises PasswordRefused.
    """
    text = _normal(password)
    if len(text) < SHORTEST:
        raise PasswordRefused("too_short", shortest=SHORTEST)
    if len(text) > LONGEST:
        raise PasswordRefused("password_too_long", longest=LONGEST)
    words = _words(about)
    if _is_made_of(text.lower(), words):
        raise PasswordRefused("too_close")
    # Its word lists are large: loaded when somebody chooses a password, not at start.
    from zxcvbn import zxcvbn

    # Signs at the ends are what everybody adds to a common word: guessers do so, too.
    core = text.strip(string.punctuation) or text
    if int(zxcvbn(core[:_LOOKED_AT], user_inputs=words)["guesses"]) < _GUESSES:
        raise PasswordRefused("too_common")


def _is_made_of(text: str, words: list[str]) -> bool:
    """Whether hardly anything is left of a password once these words are taken out."""
    own = text
    for word in sorted(words, key=len, reverse=True):
        own = own.replace(word, "")
    return own != text and len(re.sub(r"[\W_]", "", own)) < _OWN_PART


def _words(about: Iterable[str]) -> list[str]:
    found = {word for text in about for word in re.split(r"[\W_]+", text.lower())}
    whole = {text.lower() for text in about} | {text.lower().replace(" ", "") for text in about}
    return sorted(word for word in found | whole if len(word) > 2)


def _normal(password: str) -> str:
    """The same for every keyboard: an é may come as one character or as two."""
    return unicodedata.normalize("NFC", password)


def _hasher() -> PasswordHasher:
    config = current_app.config
    return _built(config["PASSWORD_TIME_COST"], config["PASSWORD_MEMORY_KIB"])


@lru_cache(maxsize=4)
def _built(time_cost: int, memory_cost: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=1)


@lru_cache(maxsize=4)
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")
