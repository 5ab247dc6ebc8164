"""Things of a shop's settings as plain values, also those that are switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the shop, as a plain value."""

    id: int
    name: str
    company: str
    street: str
    house_number: str
    postcode: str
    city: str
    province: str
    country: str
    phone: str
    is_store: bool
    opening_hours: str
    latitude: float | None
    longitude: float | None

    def snapshot(self) -> dict[str, Any]:
        """What a return keeps of it, so that later edits do not change the return."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReasonItem:
    """A reason, switched on or off; `is_retired`: no longer in the list, only on returns."""

    id: int
    code: str
    labels: Mapping[str, str]
    fault: str
    comment_required: bool
    photo_required: bool
    enabled: bool
    is_retired: bool


@dataclass(frozen=True, slots=True)
class ContractItem:
    """How the shop uses a carrier; `has_credentials`, as those themselves are never shown."""

    id: int
    carrier: str
    own: bool
    includes_returns: bool
    enabled: bool
    reference: str
    has_credentials: bool
