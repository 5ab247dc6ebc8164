"""A shop's settings as one immutable value: everything a decision needs besides the order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Resolution(StrEnum):
    """What the customer gets for a line."""

    MONEY = "money"
    EXCHANGE = "exchange"
    CREDIT = "credit"


class Method(StrEnum):
    """How a return travels."""

    DROP_OFF_POINT = "drop_off_point"
    DROP_OFF_LABELLESS = "drop_off_labelless"
    PICKUP = "pickup"
    IN_STORE = "in_store"


class Fault(StrEnum):
    """Who is at fault for a return with this reason."""

    CUSTOMER = "customer"
    SHOP = "shop"
    CARRIER = "carrier"


class UnknownDelivery(StrEnum):
    """What the window does when the delivery date is not known."""

    SHIPPED_PLUS_DAYS = "shipped_plus_days"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ReasonSpec:
    """A return reason; `code` is stable, `labels` maps locale to the shop's words."""

    id: int
    code: str
    labels: dict[str, str]
    fault: Fault
    comment_required: bool = False
    photo_required: bool = False

    def label(self, locale: str) -> str:
        """The shop's words in `locale`, else English, else whatever there is."""
        return self.labels.get(locale) or self.labels.get("en") or next(iter(self.labels.values()))


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op value`, as rules.py documents them."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing a rule decides: `kind` and its value, as rules.py documents them."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions true → its effects, unless an earlier rule decided that effect."""

    id: int
    name: str
    conditions: tuple[Condition, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class FeeEntry:
    """Fee for a method and country; None is "any". The most specific entry wins."""

    amount: int
    method: Method | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """What a return costs the customer, in minor units of the shop's currency."""

    entries: tuple[FeeEntry, ...] = ()
    free_from_order_value: int | None = None
    free_for_shop_fault: bool = True
    free_for_exchange: bool = False
    free_for_credit: bool = False


@dataclass(frozen=True, slots=True)
class ContractSpec:
    """How the shop uses a carrier; `own` is the shop's own agreement with it."""

    id: int
    carrier: str
    own: bool
    includes_returns: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a shop has set, as one value; built once per settings version."""

    shop_id: int
    currency: str
    time_zone: str
    home_country: str
    window_days: int
    unknown_delivery: UnknownDelivery = UnknownDelivery.SHIPPED_PLUS_DAYS
    unknown_delivery_days: int = 7
    reasons: tuple[ReasonSpec, ...] = ()
    rules: tuple[Rule, ...] = ()
    fees: FeeSchedule = FeeSchedule()
    resolutions: tuple[Resolution, ...] = (Resolution.MONEY,)
    credit_bonus_bp: int = 0
    """Store-credit bonus in basis points: 1000 is 10 %."""
    refund_outbound_shipping: bool = True
    methods: tuple[Method, ...] = ()
    contracts: tuple[ContractSpec, ...] = ()
    has_stores: bool = False
    manual_approval: bool = False
    hand_in_days: int = 14
    """Days after confirming in which the parcel must be handed in."""
    refund_days: int = 14
    """Days after receipt in which the shop refunds."""

    def reason(self, code: str) -> ReasonSpec | None:
        """The reason with this code, if the shop still offers it."""
        return next((reason for reason in self.reasons if reason.code == code), None)
