"""Carriers by name: one code for each, in contracts, capabilities, points and adapters alike."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OWN = "own"
"""The shop's own address label, which needs no carrier."""

CARRIER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "postnl": "PostNL",
        "dhl": "DHL",
        "gls": "GLS",
        "dpd": "DPD",
        "ups": "UPS",
        "bpost": "bpost",
        "hermes": "Hermes",
        "inpost": "InPost",
        "mondial_relay": "Mondial Relay",
        "laposte": "La Poste",
    }
)
"""As each writes it itself."""


def carrier_name(code: str | None) -> str:
    """The carrier's name as people know it; its code when it is unknown, "" for the own label."""
    return "" if code in {None, OWN} else CARRIER_NAMES.get(str(code), str(code))
