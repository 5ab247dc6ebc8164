"""Money that went back outside this portal, so that nobody gets it twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...domain.money import allocate, round_half_up


@dataclass(frozen=True, slots=True)
class GoneLine:
    """What is known of one line; amounts in minor units."""

    line_paid: int
    quantity: int
    is_goods: bool
    refunded: int
    """Refunded for this line as the feed says, returns of this portal included."""
    units_elsewhere: int
    stored: int = 0
    """What was found before."""
    own_share: int = 0
    """What live returns of this portal stand for."""

    @property
    def named(self) -> int:
        """What the feed refunded beyond the returns of this portal."""
        return max(0, self.refunded - self.own_share)

    @property
    def certain(self) -> int:
        """Gone for sure. Units that came back elsewhere take their whole share with them,
        whatever was refunded: those that are left are worth no more than their own share."""
        share = round_half_up(Fraction(self.line_paid * self.units_elsewhere, self.quantity))
        return max(0, min(self.line_paid - self.own_share, max(self.named, share)))


def amounts_elsewhere(
    lines: Sequence[GoneLine], *, loose: int = 0, own_beside: int = 0
) -> list[int]:
    """`amount_elsewhere` of each line; never less than what is stored.

    `loose` was refunded without naming lines. It first explains what live returns of this portal
    refund (`own_beside`: besides their lines, such as shipping) and what is certain anyway;
    only what remains is spread over the goods, in proportion to what is left of them.
    """
    amounts = [max(line.stored, line.certain) for line in lines]
    explained = own_beside + sum(
        max(0, line.own_share - line.refunded) + max(0, amount - line.named)
        for line, amount in zip(lines, amounts, strict=True)
    )
    rooms = [
        max(0, line.line_paid - line.own_share - amount) if line.is_goods else 0
        for line, amount in zip(lines, amounts, strict=True)
    ]
    more = min(max(0, loose - explained), sum(rooms))
    if more == 0:
        return amounts
    return [a + part for a, part in zip(amounts, allocate(more, rooms), strict=True)]
