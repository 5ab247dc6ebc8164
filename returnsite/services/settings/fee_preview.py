"""What a customer would pay under fees that are not saved yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ... import clock
from ...domain.facts import Basket, Choice, LineFacts, OrderFacts
from ...domain.fees import FeeQuote, quote_fee
from ...domain.methods import available_methods
from ...domain.policy import Fault, FeeSchedule, Method, Policy
from ..shops import ShopSettings


@dataclass(frozen=True, slots=True)
class Example:
    """A customer to look at: `value` is order and item alike, in minor units."""

    country: str
    value: int
    resolution: str
    shop_fault: bool


@dataclass(frozen=True, slots=True)
class ExampleFee:
    """What a method would cost this customer."""

    method: Method
    fee: FeeQuote
    own_postage: bool
    """Whether the customer pays a carrier besides."""


def preview_fees(
    *, settings: ShopSettings, fees: FeeSchedule, example: Example
) -> list[ExampleFee]:
    """The fee of each method this customer could choose; empty where there is none."""
    policy = replace(settings.policy, fees=fees)
    now = clock.now()
    order = OrderFacts(example.country, policy.currency, example.value, placed_at=now)
    line = LineFacts(1, 1, "", "", 1, example.value, 1, delivered_at=now)
    choice = Choice(1, 1, _reason(policy, example.shop_fault), example.resolution)
    methods = {one.method: one.own_postage for one in available_methods(policy, example.country)}
    return [
        ExampleFee(
            method,
            quote_fee(
                policy,
                order,
                [line],
                Basket((choice,)),
                method=method,
                refundable=example.value,
                now=now,
            ),
            own_postage,
        )
        for method, own_postage in methods.items()
    ]


def _reason(policy: Policy, shop_fault: bool) -> str | None:
    """A reason of the side that is at fault, if the shop has one."""
    sides = {Fault.SHOP, Fault.CARRIER} if shop_fault else {Fault.CUSTOMER}
    return next((reason.code for reason in policy.reasons if reason.fault in sides), None)
