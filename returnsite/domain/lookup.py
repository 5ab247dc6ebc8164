"""Order numbers, tracking numbers and postcodes as people type them, and personal data masked."""

from __future__ import annotations

import re
import unicodedata

_MAX_INPUT = 200
_MAX_NUMBER = 64
_MAX_POSTCODE = 16
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Hangul fillers: letters to Unicode, nothing to the eye."""

_COUNTRY_PREFIX = re.compile(
    # D-10115, L-1234, B-1000: one letter before four or five digits and nothing else, so that
    # British and Irish postcodes, which start with letters of their own, stay whole.
    r"^(?:[ABDEFHILNPSV](?=[0-9]{4,5}$)"
    r"|(?:FIN|CZE|[A-Z]{2})(?=[0-9]{3,7}$)"
    r"|NL(?=[0-9]{4}[A-Z]{2}$))"
)


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
