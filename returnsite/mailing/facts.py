"""What a mail is about, as plain values: loaded once, then only shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """The shop as its customers know it; the address it gets its own mail at is not here."""

    id: int
    slug: str
    name: str
    time_zone: str
    default_locale: str
    support_email: str | None
    support_url: str | None
    policy_url: str | None
    refund_days: int


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One line of the return. Amounts are the stored ones, in minor units."""

    title: str
    variant: str
    quantity: int
    reason: str
    comment: str
    resolution: str
    refund_amount: int
    exchange_title: str
    exchange_wish: str
    exchange_difference: int


@dataclass(frozen=True, slots=True)
class HandoffFacts:
    """The way back. `state` is that of the shipment; `document` the label's bytes."""

    state: str
    kind: str
    method: str
    carrier: str
    is_test: bool
    code: str
    code_kind: str
    tracking_no: str
    document: bytes | None
    expires_day: date | None
    pickup_date: date | None
    place: tuple[str, ...]
    """Name and address lines of the service point or store; empty when none was chosen."""


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A return with everything its mails say. Amounts are the stored ones, in minor units."""

    shop: ShopFacts
    locale: str
    number: str
    status: str
    order_number: str
    customer_name: str
    email: str
    country: str
    created_at: datetime
    hand_in_day: date | None
    """The last local day on which the parcel can be handed in."""
    currency: str
    fee: int
    money_total: int
    credit_total: int
    refund_total: int
    """As it was agreed; what changed since is in the news."""
    to_pay: int
    outbound_shipping: int
    bonus: int
    exchange_difference: int
    """Of the ledger: negative is owed by the customer."""
    items: tuple[ItemFacts, ...]
    handoff: HandoffFacts | None
    status_url: str
    work_url: str = ""
    """Where the shop works on it."""
    goods_expected: bool = True
    """False where the customer may keep the goods."""
    own_postage: bool = False
    """Whether the customer posts it with whom they like, and pays that."""
    blameless: bool = False
    """Whether anything of it comes back through the shop's or the carrier's fault."""


@dataclass(frozen=True, slots=True)
class NewsFacts:
    """What happened to a return, for the mail that tells it.

    `text` is what staff wrote: a reason or a note. Amounts are minor units.
    """

    text: str
    amount: int
    reference: str
    due_total: int
    open_total: int
    rest_total: int
    """What follows once everything is here."""
    settle_day: date | None
    """The last local day for what is still open."""
    counted: tuple[tuple[ItemFacts, int, int], ...]
    """Item, units received, units accepted."""
    back: tuple[str, ...] = ()
    """What else was in the box and goes back to the customer: `2 × Sock`."""
    others: tuple[str, ...] = ()
    """What else was in it and does not."""
    code: str = ""
    """Of store credit; in its own mail only."""
    code_until: date | None = None
