"""Which carriers there are. A new one is a folder and a line here."""

from __future__ import annotations

from ..domain.carriers import CARRIER_NAMES
from .base import CarrierRefused, ReturnCarrier
from .own import OwnCarrier
from .testmode import TestModeCarrier

_ALL: tuple[ReturnCarrier, ...] = (
    OwnCarrier(),
    *(TestModeCarrier(code, name) for code, name in CARRIER_NAMES.items()),
)
_CARRIERS = {carrier.code: carrier for carrier in _ALL}


def all_carriers() -> list[ReturnCarrier]:
    """Every carrier, the shop's own way first."""
    return list(_CARRIERS.values())


def find_carrier(code: str | None) -> ReturnCarrier:
    """The carrier with this code; without a code the shop's own way.

    Raises CarrierRefused for a code nobody answers to, e.g. of a contract made before an update.
    """
    try:
        return _CARRIERS[code or OwnCarrier.code]
    except KeyError:
        raise CarrierRefused(f"There is no carrier {code!r} in this installation.") from None


def is_test_mode(code: str | None) -> bool:
    """Whether this carrier's labels and codes are made up."""
    carrier = _CARRIERS.get(code or OwnCarrier.code)
    return carrier is not None and carrier.is_test
