"""Which methods exist where: the matrix of method, carrier, contract and country."""

from __future__ import annotations

from typing import Any

import pytest

from returnsite.domain.methods import (
    CAPABILITIES,
    Capability,
    MethodOption,
    available_methods,
    why_unavailable,
)
from returnsite.domain.policy import ContractSpec, Method, Policy
from tests.unit.domain.builders import make_policy

PLATFORM = (
    ContractSpec(1, "postnl", own=False, includes_returns=True),
    ContractSpec(2, "dhl", own=False, includes_returns=True),
    ContractSpec(3, "gls", own=True, includes_returns=True),
)


def shop(*contracts: ContractSpec, **settings: Any) -> Policy:
    return make_policy(**({"contracts": contracts or PLATFORM, "has_stores": True} | settings))


def names(policy: Policy, country: str) -> set[tuple[str, str | None]]:
    return {(option.method.value, option.carrier) for option in available_methods(policy, country)}


@pytest.mark.parametrize(
    ("country", "offered"),
    [
        (
            "NL",
            {
                ("drop_off_point", "postnl"),
                ("drop_off_point", "dhl"),
                ("drop_off_point", "gls"),
                ("pickup", "gls"),
                ("in_store", None),
            },
        ),
        (
            "DE",
            {
                ("drop_off_point", "dhl"),
                ("drop_off_point", "gls"),
                ("drop_off_labelless", "dhl"),
                ("in_store", None),
            },
        ),
        ("FR", {("drop_off_point", "gls"), ("in_store", None)}),
        ("US", {("in_store", None)}),
    ],
)
def test_what_is_offered_depends_on_the_country(
    country: str, offered: set[tuple[str, str | None]]
) -> None:
    assert names(shop(), country) == offered


def test_options_stand_in_the_shops_order_of_methods_and_contracts() -> None:
    policy = shop(
        ContractSpec(7, "gls", own=True, includes_returns=True),
        ContractSpec(8, "postnl", own=False, includes_returns=True),
        methods=(Method.IN_STORE, Method.PICKUP, Method.DROP_OFF_POINT),
    )

    assert available_methods(policy, "NL") == (
        MethodOption(Method.IN_STORE, None, None, "none"),
        MethodOption(Method.PICKUP, "gls", 7, "none"),
        MethodOption(Method.DROP_OFF_POINT, "gls", 7, "label_pdf", at_points=True),
        MethodOption(Method.DROP_OFF_POINT, "postnl", 8, "label_pdf", at_points=True),
    )


def test_labelless_hands_over_a_code_instead_of_a_label() -> None:
    policy = shop(methods=(Method.DROP_OFF_LABELLESS,))

    assert [option.hand_off for option in available_methods(policy, "DE")] == ["qr_code"]


PICKUP, LABELLESS, POINT, STORE = (
    Method.PICKUP,
    Method.DROP_OFF_LABELLESS,
    Method.DROP_OFF_POINT,
    Method.IN_STORE,
)
OWN_WITHOUT = ContractSpec(4, "gls", own=True, includes_returns=False)
NOT_OWN = ContractSpec(5, "gls", own=False, includes_returns=True)
DHL = PLATFORM[1]


@pytest.mark.parametrize(
    ("policy", "country", "method", "why"),
    [
        (shop(), "NL", PICKUP, None),
        (shop(), "DE", LABELLESS, None),
        (shop(methods=(POINT,)), "NL", PICKUP, "method_off"),
        (shop(has_stores=False), "NL", STORE, "no_stores"),
        (shop(), "NL", STORE, None),
        (shop(), "BE", PICKUP, "not_in_country"),
        (shop(), "NL", LABELLESS, "not_in_country"),
        (shop(home_country="DE"), "NL", PICKUP, "only_domestic"),
        (shop(DHL), "NL", PICKUP, "needs_own_contract"),
        (shop(NOT_OWN), "NL", PICKUP, "needs_own_contract"),
        (shop(OWN_WITHOUT), "NL", PICKUP, "contract_without_returns"),
        (shop(OWN_WITHOUT), "NL", POINT, "contract_without_returns"),
        (shop(NOT_OWN), "NL", POINT, None),
        (shop(PLATFORM[0]), "DE", LABELLESS, "no_carrier"),
        (shop(PLATFORM[0]), "FR", POINT, "no_carrier"),
    ],
)
def test_what_is_not_offered_says_why(
    policy: Policy, country: str, method: Method, why: str | None
) -> None:
    assert why_unavailable(policy, country, method) == why


def test_what_is_offered_and_what_says_why_not_never_disagree() -> None:
    contracts = [PLATFORM, (OWN_WITHOUT,), (NOT_OWN,), (DHL,), ()]
    for one in contracts:
        for has_stores in (True, False):
            policy = make_policy(contracts=one, has_stores=has_stores)
            for country in ("NL", "BE", "DE", "FR", "PL", "AT", "LU", "CH", "US"):
                offered = {option.method for option in available_methods(policy, country)}
                for method in Method:
                    why = why_unavailable(policy, country, method)
                    assert (why is None) == (method in offered)


def test_an_own_contract_without_returns_does_not_hide_another_that_has_them() -> None:
    assert ("pickup", "gls") in names(shop(OWN_WITHOUT, PLATFORM[2]), "NL")


def test_a_carrier_with_two_contracts_is_offered_once() -> None:
    policy = shop(NOT_OWN, PLATFORM[2], methods=(POINT,))

    assert [o.contract_id for o in available_methods(policy, "NL")] == [5]


def test_a_shop_can_always_send_its_own_label() -> None:
    policy = shop(ContractSpec(6, "own", own=False, includes_returns=True), methods=(POINT,))

    assert names(policy, "US") == {("drop_off_point", "own")}


def test_a_new_possibility_is_a_line_of_data() -> None:
    quick = Capability("quick", Method.PICKUP, None, needs_own_contract=True, hand_off="code")
    policy = shop(ContractSpec(9, "quick", own=True, includes_returns=True))

    assert available_methods(policy, "IS", (*CAPABILITIES, quick))[0] == MethodOption(
        Method.PICKUP, "quick", 9, "code"
    )
    assert why_unavailable(policy, "IS", Method.PICKUP, (quick,)) is None


def test_the_known_facts_about_pick_up_and_labelless_are_in_the_data() -> None:
    pickup = [one for one in CAPABILITIES if one.method is Method.PICKUP]
    labelless = [one for one in CAPABILITIES if one.method is Method.DROP_OFF_LABELLESS]

    assert [(one.carrier, one.needs_own_contract, one.domestic_only) for one in pickup] == [
        ("gls", True, True)
    ]
    assert [(one.carrier, one.countries) for one in labelless] == [("dhl", frozenset({"DE"}))]
