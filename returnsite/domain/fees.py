"""What a return costs the customer, and why it costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .errors import UnknownResolution
from .facts import Basket, Choice, LineFacts, OrderFacts
from .policy import Fault, FeeSchedule, Method, Policy, Resolution
from .rules import Decision, EffectKind, decide
from .window import days_since_delivery


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """The fee of a return in minor units.

    `base` is what it would cost without what makes it cheaper, for "was € 3,95"; never below
    `amount`. `waived_by` says why it is free: shop_fault, order_value, exchange, credit, rule;
    or nothing_to_deduct when there is less to refund than the fee. `decisions` are the rules'
    fees, highest first.
    """

    amount: int
    base: int
    waived_by: str | None
    decisions: tuple[Decision, ...]


def chosen_lines(lines: Sequence[LineFacts], basket: Basket) -> Iterator[tuple[LineFacts, Choice]]:
    """The basket's choices with their lines; a choice for a line not in `lines` is dropped."""
    by_id = {line.line_id: line for line in lines}
    return ((by_id[one.line_id], one) for one in basket.choices if one.line_id in by_id)


def settled_resolution(policy: Policy, choice: Choice) -> Resolution:
    """The resolution chosen, or until then the one an estimate assumes: money where offered.

    Raises UnknownResolution for a code that is none.
    """
    if choice.resolution is None:
        money_first = Resolution.MONEY in policy.resolutions or not policy.resolutions
        return Resolution.MONEY if money_first else policy.resolutions[0]
    try:
        return Resolution(choice.resolution)
    except ValueError:
        raise UnknownResolution(line_id=choice.line_id) from None


def quote_fee(
    policy: Policy,
    order: OrderFacts,
    lines: Sequence[LineFacts],
    basket: Basket,
    *,
    method: str | None,
    refundable: int,
    now: datetime,
) -> FeeQuote:
    """The fee for returning `basket` by `method`; what is refunded is at least `refundable`.

    1. The schedule's most specific entry: method and country, method, country, default; else 0.
       Bringing it to a store costs nothing unless an entry names `in_store`.
    2. A rule's fee replaces it for its line; a return costs as much as its dearest line.
    3. Free when any line came back through the shop's or the carrier's fault, from the order
       value the shop set, or when every line is exchanged or credited and the shop waives that.
    4. Never more than `refundable`, so that no refund gets negative.

    Orders in another currency than the shop's cost nothing: the shop's fees are not amounts of
    that currency, and a rate of exchange is not ours to guess.
    """
    chosen = list(chosen_lines(lines, basket))
    return settle_fee(
        policy,
        order,
        [choice for _, choice in chosen],
        _decisions(policy, order, chosen, now),
        method=method,
        refundable=refundable,
    )


def settle_fee(
    policy: Policy,
    order: OrderFacts,
    choices: Sequence[Choice],
    decisions: Sequence[Decision],
    *,
    method: str | None,
    refundable: int,
) -> FeeQuote:
    """`quote_fee` where the rules' fees for the chosen lines are known already."""
    if order.currency != policy.currency:
        return FeeQuote(0, 0, None, ())
    schedule_fee = _schedule_fee(policy.fees, method, order.country)
    # A store visit is not charged, whatever the rules say.
    decisions = sorted(decisions, key=lambda one: -one.value) if schedule_fee is not None else []
    fee = _dearest(schedule_fee or 0, decisions, len(choices))
    base = max(fee, schedule_fee or 0)
    waived_by = _waived_by(policy, order, choices) if base else None
    amount = 0 if waived_by else fee
    if base and not fee:
        waived_by = waived_by or "rule"
    if amount > max(0, refundable):
        amount, waived_by = max(0, refundable), "nothing_to_deduct"
    return FeeQuote(amount, base, waived_by, tuple(decisions))


def _schedule_fee(fees: FeeSchedule, method: str | None, country: str) -> int | None:
    """The schedule's fee; None for a store visit, which neither schedule nor rules charge."""
    matching = [
        entry
        for entry in fees.entries
        if entry.method in {None, method} and entry.country in {None, country}
    ]
    if method == Method.IN_STORE:
        matching = [entry for entry in matching if entry.method is not None]
        if not matching:
            return None
    matching.sort(key=lambda entry: (entry.method is None, entry.country is None))
    return max(0, matching[0].amount) if matching else 0


def _decisions(
    policy: Policy,
    order: OrderFacts,
    chosen: Sequence[tuple[LineFacts, Choice]],
    now: datetime,
) -> list[Decision]:
    """The rules' fees for the chosen lines."""
    found = []
    for line, choice in chosen:
        days = days_since_delivery(line, now, policy.time_zone)
        decided = decide(policy.rules, order, line, choice, days_since_delivery=days)
        if EffectKind.FEE in decided:
            found.append(decided[EffectKind.FEE])
    return found


def _dearest(schedule_fee: int, decisions: Sequence[Decision], lines: int) -> int:
    """The highest line fee; lines without a rule's fee cost what the schedule says."""
    fees: list[int] = [decision.value for decision in decisions]
    if len(fees) < lines or not lines:
        fees.append(schedule_fee)
    return max(fees)


def _waived_by(policy: Policy, order: OrderFacts, choices: Sequence[Choice]) -> str | None:
    fees = policy.fees
    if fees.free_for_shop_fault and any(not_customers_fault(policy, one) for one in choices):
        return "shop_fault"
    if fees.free_from_order_value is not None and order.value >= fees.free_from_order_value:
        return "order_value"
    return _waived_by_resolution(policy, choices)


def not_customers_fault(policy: Policy, choice: Choice) -> bool:
    """Whether this comes back through the shop's or the carrier's fault."""
    reason = policy.reason(choice.reason) if choice.reason else None
    return reason is not None and reason.fault in {Fault.SHOP, Fault.CARRIER}


def _waived_by_resolution(policy: Policy, choices: Sequence[Choice]) -> str | None:
    free = {
        Resolution.EXCHANGE: policy.fees.free_for_exchange,
        Resolution.CREDIT: policy.fees.free_for_credit,
    }
    asked = {settled_resolution(policy, choice) for choice in choices}
    if not asked or not all(free.get(resolution, False) for resolution in asked):
        return None
    return str(Resolution.EXCHANGE if Resolution.EXCHANGE in asked else Resolution.CREDIT)
