"""Amounts: whole minor units of a currency; never a float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from .errors import AmountInvalid

_NO_MINOR_UNIT = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENTS = {
    **dict.fromkeys(_NO_MINOR_UNIT, 0),
    **dict.fromkeys(_THOUSANDTHS, 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""ISO 4217 currencies whose minor unit is not a hundredth."""

_POINT_LANGUAGES = frozenset(["en", "ga", "he", "ja", "ko", "mt", "th", "zh"])
_POINT_LOCALES = frozenset({"de-CH", "de-LI", "it-CH", "es-MX", "es-US"})
_SYMBOLS = "€$£¥"
_NO_CENTS = re.compile(r"[.,][-–—]$")
_SPACES = re.compile(r"[\s'’]+")
_SPACED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_SHAPE = re.compile(r"[0-9.,]*[0-9]")
_MAX_DIGITS = 12


def exponent(currency: str) -> int:
    """Digits behind the decimal mark in ISO 4217: EUR 2, JPY 0, KWD 3."""
    return _EXPONENTS.get(currency, 2)


def round_half_up(number: Fraction) -> int:
    """The nearest whole number; a half goes away from zero."""
    magnitude = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return magnitude if number >= 0 else -magnitude


def from_decimal(amount: Decimal, currency: str) -> int:
    """Minor units of `amount`, rounded once, half up. Raises AmountInvalid."""
    if not amount.is_finite():
        raise AmountInvalid("amount_invalid")
    if not amount or amount.adjusted() < -_MAX_DIGITS:
        return 0
    if amount.adjusted() >= _MAX_DIGITS:
        raise AmountInvalid("amount_too_large")
    return round_half_up(Fraction(amount) * 10 ** exponent(currency))


def to_decimal(minor: int, currency: str) -> Decimal:
    """`minor` as a decimal with exactly the currency's digits: 395 EUR is 3.95."""
    return Decimal(minor).scaleb(-exponent(currency))


def parse_amount(text: str, currency: str, locale: str) -> int:
    """What a person typed, in minor units: "1.234,56" in nl-NL, "1,234.56" in en-US.

    The other locale's decimal mark is understood where it can mean nothing else ("3.95" typed
    in nl-NL). Raises AmountInvalid with amount_invalid, amount_ambiguous, amount_too_precise
    or amount_too_large.
    """
    plain = _without_symbol(text, currency)
    if len(plain) > 40 or not _SHAPE.fullmatch(plain):
        raise AmountInvalid("amount_invalid", text=text[:40])
    whole, cents = _split(plain, _decimal_mark(locale), exponent(currency))
    if len(cents) > exponent(currency):
        raise AmountInvalid("amount_too_precise", digits=exponent(currency))
    if len(whole.lstrip("0")) > _MAX_DIGITS:
        raise AmountInvalid("amount_too_large")
    return int(whole + cents.ljust(exponent(currency), "0"))


def _without_symbol(text: str, currency: str) -> str:
    """The digits and marks: currency sign, code, ",-" and well-placed spaces taken off."""
    plain = _SPACES.sub(" ", text[:100]).strip().upper()
    plain = plain.removeprefix(currency).removesuffix(currency).strip(_SYMBOLS + " ")
    plain = _NO_CENTS.sub("", plain)
    return plain.replace(" ", "") if _SPACED.fullmatch(plain) else plain


def _decimal_mark(locale: str) -> str:
    tag = locale.replace("_", "-")
    point = tag in _POINT_LOCALES or tag.partition("-")[0].lower() in _POINT_LANGUAGES
    return "." if point else ","


def _split(plain: str, mark: str, digits: int) -> tuple[str, str]:
    """Digits before and behind the decimal mark; groups of thousands are checked."""
    other = "," if mark == "." else "."
    if mark in plain:
        whole, _, cents = plain.partition(mark)
        if not cents or mark in cents or other in cents:
            raise AmountInvalid("amount_invalid")
        return _ungroup(whole, other), cents
    head, _, tail = plain.partition(other)
    if head and other not in tail and 0 < len(tail) < 3:
        return head, tail
    if digits == 3 and head and len(tail) == 3:
        raise AmountInvalid("amount_ambiguous")
    return _ungroup(plain, other), ""


def _ungroup(whole: str, separator: str) -> str:
    """The digits without separators, which must stand before every third digit or nowhere."""
    first, *groups = whole.split(separator)
    starts_well = 0 < len(first) < 4 and not first.startswith("0")
    if groups and not (starts_well and all(len(group) == 3 for group in groups)):
        raise AmountInvalid("amount_invalid")
    return (first + "".join(groups)) or "0"


def line_share(
    *, line_paid: int, quantity: int, returned_before: int, amount_before: int, returning: int
) -> int:
    """The part of `line_paid` that `returning` more units of a line of `quantity` stand for.

    `returned_before` units in live returns already stand for `amount_before`. Cumulative
    rounding against what those returns really hold: whatever was returned or cancelled in
    which order, the shares never exceed `line_paid`, and with all units back they sum to it.
    """
    back = Fraction(line_paid * (returned_before + returning), quantity)
    return max(0, min(round_half_up(back) - amount_before, line_paid - amount_before))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights` (0 or more) so that the parts sum to it: largest remainder.

    Equal remainders go to the earlier part; without any weight all parts weigh the same.
    Raises ValueError for no or negative weights.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be given and not be negative")
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    shares = list(weights) if any(weights) else [1] * len(weights)
    whole = sum(shares)
    parts = [total * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: -(total * shares[i] % whole))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
