"""Orders, lines and policies with sensible defaults; a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from returnsite.domain.facts import Basket, Choice, LineFacts, OrderFacts
from returnsite.domain.policy import (
    Condition,
    Effect,
    Fault,
    FeeEntry,
    FeeSchedule,
    Method,
    Policy,
    ReasonSpec,
    Resolution,
    Rule,
)
from returnsite.domain.refunds import Statement, statement

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DELIVERED = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)

REASONS = (
    ReasonSpec(1, "too_small", {"en": "Too small", "nl": "Te klein"}, Fault.CUSTOMER),
    ReasonSpec(2, "changed_mind", {"en": "Changed my mind"}, Fault.CUSTOMER),
    ReasonSpec(3, "wrong_item", {"en": "Wrong item"}, Fault.SHOP),
    ReasonSpec(4, "damaged", {"en": "Damaged"}, Fault.CARRIER, True, True),
)
FLAT_FEE = FeeSchedule(entries=(FeeEntry(395),))


def make_order(**facts: Any) -> OrderFacts:
    """An order of € 250 to the Netherlands, three weeks ago."""
    given = {
        "country": "NL",
        "currency": "EUR",
        "value": 25_000,
        "placed_at": NOW - timedelta(days=21),
    }
    return OrderFacts(**(given | facts))


def make_line(line_id: int = 1, **facts: Any) -> LineFacts:
    """One shirt of € 35.95, delivered eleven days ago; all of it shipped."""
    given = {
        "line_id": line_id,
        "order_line_id": line_id,
        "sku": f"SKU-{line_id}",
        "title": "T-shirt Skog",
        "quantity": 1,
        "line_paid": 3595,
        "delivered_at": DELIVERED,
        "shipped_at": DELIVERED - timedelta(days=2),
    } | facts
    return LineFacts(**({"qty_shipped": given["quantity"]} | given))


def make_policy(*rules: Rule, **settings: Any) -> Policy:
    """A shop in Amsterdam with 30 days, all resolutions and all methods."""
    given = {
        "shop_id": 1,
        "currency": "EUR",
        "time_zone": "Europe/Amsterdam",
        "home_country": "NL",
        "window_days": 30,
        "reasons": REASONS,
        "resolutions": tuple(Resolution),
        "methods": tuple(Method),
    }
    return Policy(**(given | settings), rules=rules)


def make_rule(*conditions: tuple[str, str, Any], rule_id: int = 1, **effects: Any) -> Rule:
    """`make_rule(("country", "is", "BE"), fee=695)`."""
    return Rule(
        rule_id,
        f"Rule {rule_id}",
        tuple(Condition(*condition) for condition in conditions),
        tuple(Effect(kind, value) for kind, value in effects.items()),
    )


def make_basket(*choices: Choice, method: str | None = "drop_off_point") -> Basket:
    """A basket with a method."""
    return Basket(choices, method)


def take(line_id: int = 1, quantity: int = 1, **answers: Any) -> Choice:
    """A choice for money back because it is too small, unless told otherwise."""
    return Choice(line_id, quantity, **({"reason": "too_small", "resolution": "money"} | answers))


def make_statement(
    *choices: Choice,
    lines: tuple[LineFacts, ...] | None = None,
    policy: Policy | None = None,
    order: OrderFacts | None = None,
    **known: Any,
) -> Statement:
    """The statement for these choices; by default of an order of which more stays behind."""
    given = {"units_total": 99, "units_back_before": 0, "shipping_refunded_before": False}
    known = {"now": NOW} | known
    return statement(
        policy or make_policy(),
        order or make_order(),
        lines if lines is not None else (make_line(),),
        make_basket(*choices),
        **(given | known),
    )
