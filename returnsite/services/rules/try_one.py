"""One order, or one item described by hand, by the live rules and by the draft's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from ... import clock
from ...domain.facts import Choice, LineFacts, OrderFacts
from ...domain.lookup import normalise_number
from ...domain.methods import available_methods
from ...domain.policy import Policy
from ...domain.rule_trial import Case, Outcome
from ..shops import ShopSettings
from .draft import RulesState
from .trial import make_trial
from .trial_orders import items_of, order_ids_by_number


@dataclass(frozen=True, slots=True)
class TriedItem:
    """One item with what it comes to now and then. `order` is the order's number, if any."""

    title: str
    order: str
    now: tuple[Outcome, ...]
    then: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """An item as typed in; amounts in minor units of the shop's currency."""

    country: str
    price: int
    sku: str = ""
    title: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    discount_percent: int = 0
    order_value: int | None = None
    customer_tags: tuple[str, ...] = ()
    final_sale: bool = False
    days_since_delivery: int = 3


def try_order(
    *, shop: ShopSettings, state: RulesState, number: str, reason: str | None
) -> list[TriedItem]:
    """The items of the order with this number as if they came back today, all of them.

    Empty where there is no such order, or nothing of it was sent.
    """
    trial = make_trial(shop.policy, state)
    found = []
    seen: set[int] = set()
    order_ids = order_ids_by_number(shop.id, normalise_number(number))
    for item in items_of(shop.policy, order_ids) if order_ids else ():
        line = item.case.line
        if line.line_id in seen:
            continue
        seen.add(line.line_id)
        case = replace(
            item.case,
            choice=Choice(line.line_id, line.qty_shipped, reason),
            now=clock.now(),
            method=_method(shop.policy, item.case.order.country),
        )
        found.append(TriedItem(item.title, item.order, *trial.sides(case)))
    return found


def try_described(
    *, shop: ShopSettings, state: RulesState, item: Described, reason: str | None
) -> TriedItem:
    """The item as if it came back today."""
    now = clock.now()
    order = OrderFacts(
        country=item.country,
        currency=shop.currency,
        value=item.price if item.order_value is None else item.order_value,
        placed_at=now - timedelta(days=item.days_since_delivery + 2),
        customer_tags=frozenset(item.customer_tags),
    )
    case = Case(
        order=order,
        line=_line(item),
        choice=Choice(1, 1, reason),
        now=now,
        method=_method(shop.policy, item.country),
    )
    title = item.title or item.sku or item.category
    return TriedItem(title, "", *make_trial(shop.policy, state).sides(case))


def _line(item: Described) -> LineFacts:
    delivered = clock.now() - timedelta(days=item.days_since_delivery)
    return LineFacts(
        line_id=1,
        order_line_id=1,
        sku=item.sku,
        title=item.title,
        quantity=1,
        line_paid=item.price,
        qty_shipped=1,
        list_price=_list_price(item),
        category=item.category,
        tags=frozenset(item.tags),
        final_sale=item.final_sale,
        delivered_at=delivered,
        shipped_at=delivered - timedelta(days=1),
    )


def _list_price(item: Described) -> int:
    """The price before the discount; a gift has none."""
    left = 100 - item.discount_percent
    return (200 * item.price + left) // (2 * left) if left > 0 else item.price


def _method(policy: Policy, country: str) -> str | None:
    options = available_methods(policy, country)
    return options[0].method if options else None
