"""Which return methods a shop can offer in a country, and why not the others.

Which carrier does what where is data: a new possibility is a line in CAPABILITIES.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .carriers import OWN
from .policy import ContractSpec, Method, Policy

HandOff = Literal["label_pdf", "qr_code", "code", "none"]


@dataclass(frozen=True, slots=True)
class Capability:
    """A carrier can do this method in these countries (None: everywhere).

    `domestic_only`: only for returns within the shop's own country. `at_points`: the customer
    hands the parcel in at one of the carrier's service points. `own_postage`: they post it
    with whom they like and pay that; only where no carrier of the shop does it.
    """

    carrier: str
    method: Method
    countries: frozenset[str] | None
    needs_own_contract: bool = False
    domestic_only: bool = False
    at_points: bool = False
    hand_off: HandOff = "label_pdf"
    own_postage: bool = False


@dataclass(frozen=True, slots=True)
class MethodOption:
    """A method the customer can choose; carrier and contract are None for a store visit."""

    method: Method
    carrier: str | None
    contract_id: int | None
    hand_off: HandOff
    at_points: bool = False
    """Whether it is handed in at one of the carrier's service points."""
    own_postage: bool = False
    """Whether the customer posts it with a carrier of their choice, and pays that carrier."""


def _points(carrier: str, countries: str) -> Capability:
    """Print a label at home, hand in at one of the carrier's points."""
    return Capability(carrier, Method.DROP_OFF_POINT, frozenset(countries.split()), at_points=True)


CAPABILITIES: tuple[Capability, ...] = (
    _points("postnl", "NL BE"),
    _points("dhl", "NL BE LU DE AT PL CZ DK SE"),
    _points("dpd", "NL BE LU DE AT FR CH PL CZ SK HU SI HR EE LV LT IE GB"),
    _points("gls", "NL BE LU DE AT DK FR ES IT PL CZ SK HU SI HR RO"),
    _points("ups", "NL BE LU DE AT FR ES IT PT PL DK SE IE GB"),
    _points("bpost", "BE"),
    _points("mondial_relay", "FR BE LU NL ES PT"),
    _points("inpost", "PL GB IT"),
    _points("laposte", "FR"),
    _points("hermes", "DE"),
    # The shop's own address label, posted by the customer at whatever counter there is.
    Capability(OWN, Method.DROP_OFF_POINT, None, own_postage=True),
    Capability(
        "dhl", Method.DROP_OFF_LABELLESS, frozenset({"DE"}), at_points=True, hand_off="qr_code"
    ),
    Capability(
        "gls",
        Method.PICKUP,
        frozenset({"NL"}),
        needs_own_contract=True,
        domestic_only=True,
        # The driver brings the label.
        hand_off="none",
    ),
)


def available_methods(
    policy: Policy, country: str, capabilities: Iterable[Capability] = CAPABILITIES
) -> tuple[MethodOption, ...]:
    """What a customer in `country` can choose: methods in the shop's order, each carrier once.

    A carrier needs one of the shop's contracts; an own contract without returns is none. What
    the customer pays the postage of is left out where a carrier of the shop does the same.
    """
    known = tuple(capabilities)
    return tuple(
        option for method in policy.methods for option in _options(policy, country, method, known)
    )


def why_unavailable(
    policy: Policy,
    country: str,
    method: Method,
    capabilities: Iterable[Capability] = CAPABILITIES,
) -> str | None:
    """Why nobody in `country` can choose `method`, or None when they can.

    method_off (not switched on), no_stores, not_in_country (no carrier does this there),
    only_domestic (some do, for returns within the shop's own country), no_carrier (the shop
    uses none of those that do), needs_own_contract, contract_without_returns.
    """
    known = tuple(capabilities)
    if method not in policy.methods:
        return "method_off"
    if _options(policy, country, method, known):
        return None
    if method is Method.IN_STORE:
        return "no_stores"
    there = [one for one in known if one.method == method and _serves(one, country)]
    if not there:
        return "not_in_country"
    here = [one for one in there if _allows(one, policy, country)]
    return _why_no_contract(policy, here) if here else "only_domestic"


def _why_no_contract(policy: Policy, capable: Iterable[Capability]) -> str:
    needs = {one.carrier: one.needs_own_contract for one in capable}
    contracts = [contract for contract in policy.contracts if contract.carrier in needs]
    if any(contract.own and not contract.includes_returns for contract in contracts):
        return "contract_without_returns"
    return "needs_own_contract" if contracts or all(needs.values()) else "no_carrier"


def _options(
    policy: Policy, country: str, method: Method, capabilities: Iterable[Capability]
) -> list[MethodOption]:
    if method is Method.IN_STORE:
        return [MethodOption(method, None, None, "none")] if policy.has_stores else []
    by_carrier: dict[str, MethodOption] = {}
    for one in capabilities:
        if one.method != method or not _serves(one, country) or not _allows(one, policy, country):
            continue
        contract = next((c for c in policy.contracts if _usable(c, one)), None)
        if contract is not None and one.carrier not in by_carrier:
            by_carrier[one.carrier] = MethodOption(
                method, one.carrier, contract.id, one.hand_off, one.at_points, one.own_postage
            )
    options = list(by_carrier.values())
    carried = [option for option in options if not option.own_postage]
    return sorted(carried or options, key=lambda option: _rank(policy, option))


def _rank(policy: Policy, option: MethodOption) -> int:
    """Carriers stand in the order the shop lists its contracts."""
    return next(
        i for i, contract in enumerate(policy.contracts) if contract.id == option.contract_id
    )


def _serves(capability: Capability, country: str) -> bool:
    return capability.countries is None or country in capability.countries


def _allows(capability: Capability, policy: Policy, country: str) -> bool:
    return not capability.domestic_only or country == policy.home_country


def _usable(contract: ContractSpec, capability: Capability) -> bool:
    """Whether returns may travel on this contract; without an own one the shop's are included."""
    if contract.carrier != capability.carrier:
        return False
    return contract.includes_returns if contract.own else not capability.needs_own_contract
