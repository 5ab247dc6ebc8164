"""How much a number can be trusted: margins of shares, ranks that respect them, middle values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)

ENOUGH = 20
"""Below this many units a share is shown with the words "too few to say"."""

SUPPRESS_BELOW = 5
"""Groups smaller than this do not leave the shop: they could point at one person."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, with the interval that holds the true share 19 times of 20 (Wilson).

    The interval is inside 0 … 1, not symmetric, and wide for few cases, also at 0 of n and n of n.
    """

    part: int
    whole: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """None where there is nothing to take a share of."""
        return self.part / self.whole if self.whole > 0 else None

    @property
    def is_enough(self) -> bool:
        """Whether there are enough cases to say something."""
        return self.whole >= ENOUGH


def share_of(part: int, whole: int) -> Share:
    """The share with its Wilson score interval. `part` above `whole` counts as all of it.

    That happens: units ordered before the period's figures begin can come back within it.
    """
    if whole <= 0:
        return Share(part, max(whole, 0), 0.0, 1.0)
    share = min(max(part, 0) / whole, 1.0)
    z2 = Z * Z / whole
    middle = (share + z2 / 2) / (1 + z2)
    half = Z / (1 + z2) * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole))
    # At the ends rounding would leave the interval a hair off the share itself.
    low = 0.0 if share == 0 else max(0.0, middle - half)
    high = 1.0 if share == 1 else min(1.0, middle + half)
    return Share(part, whole, low, high)


def surely_differ(a: Share, b: Share) -> bool:
    """Whether two shares differ by more than chance explains (95 %, Newcombe's hybrid interval)."""
    first, second = a.share, b.share
    if first is None or second is None:
        return False
    if first < second:
        return surely_differ(b, a)
    return first - second > math.hypot(first - a.low, b.high - second)


@dataclass(frozen=True, slots=True)
class Middle:
    """A quantile of `count` values; `low` … `high` holds that of all cases."""

    value: float
    low: float
    high: float
    count: int


def quantile(ordered: Sequence[float], q: float) -> Middle | None:
    """The q-quantile of sorted values (the smallest value with at least q of them at or below it).

    The bounds are order statistics: right for any distribution, 95 %. None without values.
    """
    n = len(ordered)
    if not n:
        return None
    at = max(0, math.ceil(q * n) - 1)
    spread = Z * math.sqrt(n * q * (1 - q))
    low = max(0, math.floor(q * n - spread) - 1)
    high = min(n - 1, math.ceil(q * n + spread))
    return Middle(ordered[at], ordered[low], ordered[high], n)
