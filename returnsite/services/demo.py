"""The demo shop's made-up data."""

from __future__ import annotations

from .shops import ShopSettings


def demo_hints(*, shop: ShopSettings) -> list[dict[str, str]]:
    """Orders to try on the first page of the demo: number, postcode and what each shows."""
    return []
