"""From prices, discounts and taxes to what was paid: rounded once, and summing to the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _

from ..domain.errors import AmountInvalid
from ..domain.money import allocate, exponent, from_decimal, round_half_up, to_decimal
from .base import BadValue

Number = Decimal | Fraction | int

_FINE = 10**9
"""Weights are compared as whole numbers of this part of a minor unit."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Amounts in minor units: `sum(lines) + shipping` is what was paid."""

    lines: tuple[int, ...]
    shipping: int


def minor(amount: Number, currency: str, column: str = "") -> int:
    """Minor units, rounded half up. Raises BadValue for amounts no order has."""
    try:
        if isinstance(amount, Decimal):
            return from_decimal(amount, currency)
        return round_half_up(Fraction(amount) * 10 ** exponent(currency))
    except AmountInvalid:
        raise BadValue(_("The amount is too large."), column=column) from None


def settle(
    gross: Sequence[Number],
    *,
    currency: str,
    shipping: Number = 0,
    paid: Number | None = None,
    strict: bool = False,
) -> Settled:
    """What was paid for each line, so that lines and shipping sum to what was paid.

    `gross` holds the unrounded amounts of the lines, tax included, after their own discounts.
    A `paid` total a few minor units away from the sum is rounding and is spread over the lines; a
    lower one is a discount on the order (such as a voucher), spread in proportion. A higher one
    says nothing about the lines: they stay as they are. With `strict` every difference beyond
    rounding raises BadValue.
    """
    if any(amount < 0 for amount in gross) or shipping < 0:
        raise BadValue(_("An amount is below zero."))
    scale = 10 ** exponent(currency)
    weights = [round_half_up(Fraction(amount) * scale * _FINE) for amount in gross]
    ships = minor(shipping, currency)
    summed = round_half_up(Fraction(sum(weights), _FINE))
    if paid is None:
        return Settled(tuple(_spread(summed, weights)), ships)
    total = minor(paid, currency)
    gap = total - summed - ships
    if abs(gap) <= len(weights) + 1:
        return _take(total, weights, ships)
    if strict or total < 0:
        raise BadValue(_disagreement(summed + ships, total, currency))
    if gap > 0:
        return Settled(tuple(_spread(summed, weights)), ships)
    return _take(total, weights, ships)


def _take(total: int, weights: list[int], ships: int) -> Settled:
    """Shipping as it is where the total allows, the rest over the lines."""
    kept = min(ships, total) if any(weights) else total
    return Settled(tuple(_spread(total - kept, weights)), kept)


def _spread(total: int, weights: list[int]) -> list[int]:
    return allocate(total, weights) if weights and any(weights) else [0] * len(weights)


def _disagreement(summed: int, paid: int, currency: str) -> str:
    message: str = _(
        "Lines and shipping add up to %(sum)s, but the order says that %(paid)s was paid.",
        sum=to_decimal(summed, currency),
        paid=to_decimal(paid, currency),
    )
    return message
