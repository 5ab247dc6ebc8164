"""What staff typed, before it is kept: not empty where it is needed, not longer than it may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ...domain.errors import DomainError

T = TypeVar("T")

REASON_MAX = 1000
NOTE_MAX = 4000
REFERENCE_MAX = 200


def noting(wrong: list[DomainError], check: Callable[..., T], *values: Any) -> T | None:
    """What a check returns; when it refuses, the refusal is noted and others can follow."""
    try:
        return check(*values)
    except DomainError as refusal:
        wrong.append(refusal)
        return None


def required(text: str, *, code: str = "reason_required", at_most: int = REASON_MAX) -> str:
    """The text without space around it. Raises DomainError when nothing is left, or too much."""
    kept = optional(text, at_most=at_most)
    if not kept:
        raise DomainError(code)
    return kept


def optional(text: str, *, at_most: int = REASON_MAX) -> str:
    """The same, where it may be empty."""
    kept = text.replace("\x00", "").strip()
    if len(kept) > at_most:
        raise DomainError("text_too_long", max=at_most)
    return kept


def one_line(text: str) -> str:
    """A reference: short, on one line."""
    return optional(" ".join(text.split()), at_most=REFERENCE_MAX)
