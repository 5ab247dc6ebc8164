"""Order numbers, tracking numbers and postcodes as people type them, and personal data masked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_MAX_INPUT = 200
_MAX_NUMBER = 64
_MAX_POSTCODE = 16
_MAX_CANDIDATES = 8
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Hangul fillers: letters to Unicode, nothing to the eye."""

_COUNTRY_PREFIX = re.compile(
    # D-10115, L-1234, B-1000: one letter before four or five digits and nothing else, so that
    # British and Irish postcodes, which start with letters of their own, stay whole.
    r"^(?:[ABDEFHILNPSV](?=[0-9]{4,5}$)"
    r"|(?:FIN|CZE|[A-Z]{2})(?=[0-9]{3,7}$)"
    r"|NL(?=[0-9]{4}[A-Z]{2}$))"
)
_ITEM_SUFFIX = re.compile(r"[-_/.][0-9]{1,2}\s*$")
_LETTERS_FIRST = re.compile(r"[A-Z]+(?=[0-9]{3,}$)")
_HAS_DIGIT = re.compile(r"[0-9]")


def _letters_and_digits(text: str) -> str:
    """Upper case, compatibility forms and foreign digits made plain, all else dropped."""
    folded = unicodedata.normalize("NFKC", text[:_MAX_INPUT]).casefold().upper()
    return "".join(
        _plain_digit(char) for char in folded if char.isalnum() and char not in _INVISIBLE_LETTERS
    )


def _plain_digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def normalise_number(text: str) -> str:
    """An order or tracking number for comparing: no case, spaces, dashes, `#` or invisibles.

    At most 64 characters; "" when nothing is left.
    """
    return _letters_and_digits(text)[:_MAX_NUMBER]


def number_candidates(text: str, prefixes: Iterable[str] = ()) -> tuple[str, ...]:
    """Normalised numbers that `text` may mean, likeliest first, at most eight.

    As typed; then "Order #1001" without its word, "NL-6543" without its letters,
    "48217-2" without its item suffix, and "6543" with each of the shop's `prefixes`.
    """
    cut = text[:_MAX_INPUT]
    whole = normalise_number(cut)
    found = [whole, *(normalise_number(word) for word in cut.split())]
    found.append(normalise_number(_ITEM_SUFFIX.sub("", cut)))
    found += [_LETTERS_FIRST.sub("", number) for number in tuple(found)]
    found += [normalise_number(prefix) + whole for prefix in prefixes]
    likely = [n for n in found if n == whole or (len(n) >= 3 and _HAS_DIGIT.search(n))]
    return tuple(dict.fromkeys(n[:_MAX_NUMBER] for n in likely if n))[:_MAX_CANDIDATES]


def normalise_postcode(text: str, country: str | None = None) -> str:
    """A postcode for comparing: upper-case letters and digits, country prefix cut off.

    "2611 gx", "NL-2611GX" → "2611GX"; "L-1234" → "1234"; "sw1a 1aa" → "SW1A1AA". The prefix of
    a known `country` is cut before a digit whatever follows. At most 16 characters.
    """
    code = _letters_and_digits(text)[:_MAX_POSTCODE]
    own = (country or "").upper()
    if own and code.startswith(own) and code[len(own) : len(own) + 1].isdigit():
        return code[len(own) :]
    return _COUNTRY_PREFIX.sub("", code)


def mask_email(address: str) -> str:
    """`jan@gmail.com` → `j•••@gmail.com`: enough to recognise one's own, no length given away."""
    name, at, host = address.strip().rpartition("@")
    return f"{name[:1]}•••@{host}" if at else "•••"


def mask_name(name: str) -> str:
    """`Sanne de Vries` → `S. d•• V•••`; one name alone → `S•••`; none → ""."""
    first, *others = name.split() or [""]
    if not first:
        return ""
    if not others:
        return _mask_word(first)
    return " ".join([f"{first[0]}.", *map(_mask_word, others)])


def mask_postcode(code: str) -> str:
    """`2611 GX` → `2611 ••`: the first part of it, for showing where a parcel went."""
    plain = _letters_and_digits(code)[:_MAX_POSTCODE]
    shown = 4 if len(plain) == 6 else (len(plain) + 1) // 2
    return f"{plain[:shown]} ••" if plain else ""


def _mask_word(word: str) -> str:
    return f"{word[:1]}••" if word[:1].islower() else f"{word[:1]}•••"
