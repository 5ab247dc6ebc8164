"""What a decision may look at: plain values of one order, taken once and passed around."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as the rules see it. Amounts in minor units of `currency`."""

    country: str
    currency: str
    value: int
    placed_at: datetime
    shipping_paid: int = 0
    customer_tags: frozenset[str] = frozenset()
    cancelled: bool = False
    window_lifted: bool = False
    """Staff takes this order back however long ago it was delivered."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One order line inside one parcel: the thing a customer can send back.

    `line_id` is the parcel line's id; `quantity` and `line_paid` are those of the
    whole order line (gross, after all discounts, minor units), of which
    `qty_shipped` units went out in this parcel and `qty_claimed` are already in a return.
    `list_price` is the unit price before discounts, or None when unknown.
    `returned_before`/`amount_before`: units of the order line in live returns over all
    parcels, and the share of `line_paid` those returns already stand for.
    """

    line_id: int
    order_line_id: int
    sku: str
    title: str
    quantity: int
    line_paid: int
    qty_shipped: int
    qty_claimed: int = 0
    returned_before: int = 0
    amount_before: int = 0
    list_price: int | None = None
    category: str = ""
    tags: frozenset[str] = frozenset()
    final_sale: bool = False
    is_goods: bool = True
    delivered_at: datetime | None = None
    shipped_at: datetime | None = None

    @property
    def unit_paid(self) -> int:
        """Price paid per unit, rounded half up, for showing and for rule conditions."""
        return (2 * self.line_paid + self.quantity) // (2 * self.quantity)

    @property
    def qty_open(self) -> int:
        """Units of this parcel line that are not in any live return."""
        return self.qty_shipped - self.qty_claimed


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer has answered for one line so far; unanswered parts are None."""

    line_id: int
    quantity: int
    reason: str | None = None
    resolution: str | None = None
    exchange_price: int | None = None
    """Unit price of the wanted variant in minor units, when an exchange knows one."""


@dataclass(frozen=True, slots=True)
class Basket:
    """The choices of one return, with the return method when it is known."""

    choices: tuple[Choice, ...] = field(default=())
    method: str | None = None
    carrier: str | None = None
