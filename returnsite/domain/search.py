"""What an order is found by: numbers, names, addresses and SKUs, reduced to plain letters.

Terms are compared from their start, so "jans" finds Jansen. Those that are personal data begin
with a mark, so that who may not see customers cannot look for them either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .lookup import normalise_number

TERM_LENGTH = 64
PERSONAL = "@"
_WORDS = 6
_PARTS = re.compile(r"[^\w]+|_")
_NUMBER_PARTS = 6
_DIGITS_BEGIN = re.compile(r"(?<=[^\W\d_])(?=\d{3})")
"""Where letters stand before a number without anything between them: `NL48335`."""


def fold(text: str) -> str:
    """Letters and digits without case and accents: "Núñez-Pérez" → "NUNEZPEREZ"."""
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    return normalise_number(bare)[:TERM_LENGTH]


def order_terms(
    *,
    number: str,
    trackings: Iterable[str],
    skus: Iterable[str],
    names: Iterable[str],
    emails: Iterable[str],
) -> set[str]:
    """Everything an order can be found by."""
    plain = {fold(text) for text in (*trackings, *skus)} | number_terms(number)
    personal = {fold(end) for name in names for end in _endings(name)}
    for email in emails:
        local, _at, host = email.rpartition("@")
        personal |= {fold(end + host) for end in _endings(local)}
    return (plain | {(PERSONAL + term)[:TERM_LENGTH] for term in personal if term}) - {""}


def number_terms(number: str) -> set[str]:
    """An order number from each of its parts on: people leave out what all numbers begin with.

    "NL-48335" and "NL48335" → NL48335 and 48335; "NL-000123" → 000123 and 123 besides.
    """
    endings = {fold(end) for end in _endings(_DIGITS_BEGIN.sub(" ", number))[:_NUMBER_PARTS]}
    return (endings | {fold(number)} | {end.lstrip("0") for end in endings}) - {""}


def _endings(text: str) -> list[str]:
    """The text from each of its words on: "Anna de Vries", "de Vries" and "Vries"."""
    words = [word for word in _PARTS.split(text) if word]
    return ["".join(words[start:]) for start in range(len(words))]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: the words must all be there, or `whole` must."""

    whole: str
    words: tuple[str, ...]

    @property
    def alternatives(self) -> list[tuple[str, ...]]:
        """The ways to fit, each a set of beginnings, the longest first as it narrows most."""
        by_words = tuple(sorted(self.words, key=len, reverse=True))
        return [(self.whole,), *([by_words] if len(by_words) > 1 else [])]


def read_query(text: str) -> Query | None:
    """What was typed into a search field; None when no letter or digit is in it."""
    whole = fold(text)
    words = dict.fromkeys(word for part in text.split() if (word := fold(part)))
    return Query(whole, tuple(words)[:_WORDS]) if whole else None


def after_all(prefix: str) -> str:
    """What sorts behind every term that begins with `prefix`, byte by byte."""
    return prefix + "\U0010ffff"
