"""Where the parts of a chart stand, in per cents; the words around it are HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ....domain.statistics import Share

_SCALES = (0.02, 0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Ends of an axis whose quarters are round."""


def scale_for(shares: Sequence[float]) -> float:
    """The round share at the end of the axis, so that everything fits."""
    highest = max(shares, default=0.0)
    return next((scale for scale in _SCALES if scale >= highest), 1.0)


def count_scale(counts: Sequence[int]) -> int:
    """The round number at the end of the axis."""
    highest = max(counts, default=0)
    size = 10 ** int(math.log10(max(highest, 4) / 4))
    return next(n * size for n in (4, 8, 12, 20, 40) if n * size >= highest)


def at(share: float, scale: float) -> str:
    """A place on the axis as a per cent."""
    return f"{max(0.0, min(share / scale, 1.0)) * 100:.2f}%"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with the margin drawn over its end; without one where there is too little to say."""

    value: str
    low: str | None
    high: str | None


def bar(share: Share, scale: float) -> Bar:
    """The bar of a share."""
    if share.share is None:
        return Bar("0%", None, None)
    if not share.is_enough:
        return Bar(at(share.share, scale), None, None)
    return Bar(at(share.share, scale), at(share.low, scale), at(share.high, scale))


def line(values: Sequence[float | None], scale: float) -> list[str]:
    """The points of a line in a square of 100, in pieces where values are missing."""
    pieces: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{_x(place, len(values))},{_y(value, scale)}")
    # A line of one point shows nothing: it is drawn as a stroke of no length with round ends.
    return [" ".join(piece * 2 if len(piece) == 1 else piece) for piece in pieces if piece]


def band(shares: Sequence[Share], scale: float) -> list[str]:
    """The outline of the margins, in pieces where nothing was sold."""
    pieces: list[list[tuple[int, Share]]] = [[]]
    for place, share in enumerate(shares):
        if share.whole:
            pieces[-1].append((place, share))
        else:
            pieces.append([])
    count = len(shares)
    return [
        " ".join(
            [f"{_x(place, count)},{_y(share.high, scale)}" for place, share in piece]
            + [f"{_x(place, count)},{_y(share.low, scale)}" for place, share in reversed(piece)]
        )
        for piece in pieces
        if len(piece) > 1
    ]


def ticks(labels: Sequence[str], most: int = 5) -> list[str]:
    """Some of the labels, evenly, the first and the last among them."""
    if len(labels) <= most:
        return list(labels)
    return [labels[round(n * (len(labels) - 1) / (most - 1))] for n in range(most)]


def _x(place: int, count: int) -> str:
    return f"{place / (count - 1) * 100:.2f}" if count > 1 else "50"


def _y(value: float, scale: float) -> str:
    return f"{100 - max(0.0, min(value / scale, 1.0)) * 100:.2f}"
