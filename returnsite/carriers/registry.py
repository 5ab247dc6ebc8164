"""Which carriers there are. A new one is a folder and a line here."""

from __future__ import annotations

from .base import CarrierRefused, ReturnCarrier
from .own import OwnCarrier
from .testmode import TestModeCarrier

_CARRIERS: dict[str, ReturnCarrier] = {
    carrier.code: carrier
    for carrier in (
        OwnCarrier(),
        TestModeCarrier("postnl", "PostNL"),
        TestModeCarrier("dhl", "DHL"),
        TestModeCarrier("gls", "GLS"),
        TestModeCarrier("dpd", "DPD"),
        TestModeCarrier("ups", "UPS"),
        TestModeCarrier("bpost", "bpost"),
        TestModeCarrier("hermes", "Hermes"),
        TestModeCarrier("inpost", "InPost"),
        TestModeCarrier("mondial_relay", "Mondial Relay"),
        TestModeCarrier("la_poste", "La Poste"),
    )
}


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


def carrier_name(code: str | None) -> str:
    """The carrier's name as people know it; its code when it is unknown, "" for the own way."""
    carrier = _CARRIERS.get(code or OwnCarrier.code)
    return carrier.name if carrier else str(code)


def is_test_mode(code: str | None) -> bool:
    """Whether this carrier's labels and codes are made up."""
    carrier = _CARRIERS.get(code or OwnCarrier.code)
    return carrier is not None and carrier.is_test
