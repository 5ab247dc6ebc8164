"""Searching as people type: what a text can be found by, and what a search asks for.

A text is found by the start of any of its words, and by the start of everything from there on:
"NL-48335" by `NL48`, `nl 48335` and `48335`, "Sanne de Vries" by `vries` and `sanne de`. Case,
accents and marks do not count, and letters that look like digits are those digits.
"""

from __future__ import annotations

import re
import unicodedata

TERM_LENGTH = 40
"""Characters of a term that are kept; more than anybody types."""

MAX_WORDS = 6
_MAX_INPUT = 200
_ALIKE = str.maketrans("OIL", "011")
_LAST = "\U0010ffff"


def fold(text: str) -> list[str]:
    """The words of a text for comparing: upper case, no accents, O, I and L as 0 and 1."""
    plain = unicodedata.normalize("NFKD", text[:_MAX_INPUT]).casefold().upper()
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return [word.translate(_ALIKE) for word in re.findall(r"[^\W_]+", bare)]


def terms_of(text: str) -> set[str]:
    """Everything by whose start a text can be found: what follows from each of its words on."""
    words = fold(text)
    return {"".join(words[n:])[:TERM_LENGTH] for n in range(len(words))}


def terms_of_email(address: str) -> set[str]:
    """Terms of an e-mail address: of the name before the @ on, and the host as a whole."""
    _name, at, host = address.rpartition("@")
    if not at:
        return terms_of(address)
    whole, tail = fold(address), len(fold(host))
    starts = range(len(whole) - tail + (1 if tail else 0))
    return {"".join(whole[n:])[:TERM_LENGTH] for n in starts}


def search_words(query: str) -> tuple[str, ...]:
    """What a search asks for: the starts of words that a match must all have."""
    return tuple(dict.fromkeys(word[:TERM_LENGTH] for word in fold(query)[:MAX_WORDS]))


def joined_words(query: str) -> str:
    """The search as one start, for numbers and names typed with spaces and dashes."""
    return "".join(fold(query))[:TERM_LENGTH]


def after(start: str) -> str:
    """A text behind everything that begins with `start`, by code point."""
    return start + _LAST
