"""A confirmed return as its customer sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from ...database import run
from ...domain.carriers import OWN
from ...domain.ledger import Balance, Cause, is_postage
from ...domain.lifecycle import customer_can_cancel
from ...domain.policy import Fault
from ...extensions import db
from ...models import Order, OrderLine, Return, ReturnEvent, ReturnLine, ReturnShipment, Shop
from ..returns.extras import Extra, load_extras
from ..returns.money import Ledger, load_ledger
from ..shops import ShopSettings, load_settings


@dataclass(frozen=True, slots=True)
class ReturnItem:
    """One line of the return; amounts in minor units."""

    title: str
    variant: str
    category: str
    image_url: str
    quantity: int
    resolution: str
    exchange_title: str
    exchange_wish: str
    fault: str
    received: int
    accepted: int
    released: int

    @property
    def awaited(self) -> int:
        """Units that are still to come."""
        return self.quantity - self.released - self.received


@dataclass(frozen=True, slots=True)
class Shipment:
    """The way back, see `models.ReturnShipment`."""

    id: int
    kind: str
    state: str
    tracking_no: str
    code: str
    code_kind: str
    document: str | None
    pickup_date: str | None
    store: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReturnView:
    """Everything the done and status pages show."""

    shop: ShopSettings
    id: int
    number: str
    status: str
    status_token: str
    locale: str
    email: str
    order_id: int
    order_number: str
    method: str
    carrier: str | None
    point: dict[str, Any]
    currency: str
    fee: int
    money_total: int
    credit_total: int
    refund_total: int
    to_pay: int
    hand_in_by: datetime | None
    created_at: datetime
    received_at: datetime | None
    handed_over_at: datetime | None
    items: tuple[ReturnItem, ...]
    shipment: Shipment | None
    happened: dict[str, datetime]
    """Moment of the last event of each kind."""
    goods_expected: bool
    exchange_sent_at: datetime | None
    settle_by: datetime | None
    declined_because: str
    """What the shop wrote; empty for a return that was not declined."""
    ledger: Ledger
    corrections: tuple[tuple[int, str], ...]
    """Amount and reason of each change the shop made."""
    extras: tuple[Extra, ...]
    """What else was in the boxes."""

    @property
    def balance(self) -> Balance:
        """All that the customer gets, and got."""
        return self.ledger.balance

    @property
    def payable(self) -> Balance:
        """The same for what is here, while a part is waited for."""
        return self.ledger.payable(self.status)

    @property
    def rest_total(self) -> int:
        """What the customer gets for that part."""
        return self.balance.open_total - self.payable.open_total

    @property
    def waits(self) -> bool:
        """Whether something is here and something is not."""
        return self.status == "received" and not self.ledger.is_complete

    @property
    def agreed(self) -> int:
        """What it came to before anything was counted or changed."""
        return sum(entry.amount for entry in self.ledger.entries if entry.cause is None)

    @property
    def by_cause(self) -> dict[Cause, int]:
        """What changed that, by why; postage apart."""
        sums: dict[Cause, int] = defaultdict(int)
        for entry in self.ledger.entries:
            if entry.cause is not None and not is_postage(entry):
                sums[entry.cause] += entry.amount
        return sums

    @property
    def postage_off(self) -> int:
        """What of the order's postage was taken off again, as a negative amount."""
        return sum(entry.amount for entry in self.ledger.entries if is_postage(entry))

    @property
    def own_postage(self) -> bool:
        """Whether the customer posts it with whom they like, and pays that."""
        return self.carrier == OWN

    @property
    def blameless(self) -> bool:
        """Whether anything of it comes back through the shop's or the carrier's fault."""
        return any(item.fault != Fault.CUSTOMER for item in self.items)

    @property
    def can_cancel(self) -> bool:
        """Whether the customer may still take the return back."""
        possible = customer_can_cancel(self.status, self.handed_over_at is not None)
        return possible and not self.balance.paid.total


def load_return(*, slug: str, token: str) -> ReturnView | None:
    """The return behind a status token of this shop, active or not; None otherwise. Seven queries,
    eight once something was counted."""
    row = run(_RETURN, {"slug": slug, "token": token}).one_or_none()
    if row is None:
        return None
    columns = dict(row._mapping)
    story = _story(row.id)
    settings = load_settings(columns.pop("shop_id"), columns.pop("settings_version"))
    return ReturnView(
        shop=settings,
        items=tuple(ReturnItem(*item) for item in _items(row.id)),
        shipment=_shipment(row.id),
        happened={event.event: event.at for event in story},
        declined_because=_because(story) if row.status == "declined" else "",
        ledger=load_ledger(row.id),
        corrections=tuple(
            (int(event.data["amount"]), str(event.data["reason"]))
            for event in story
            if event.event == "correct"
        ),
        extras=tuple(load_extras([row.id]).get(row.id, ())) if row.received_at else (),
        **columns,
    )


_RETURN = (
    select(
        Return.id,
        Return.shop_id,
        Return.number,
        Return.status,
        Return.status_token,
        Return.locale,
        Return.email,
        Return.method,
        Return.carrier,
        Return.service_point.label("point"),
        Return.currency,
        Return.fee,
        Return.money_total,
        Return.credit_total,
        Return.refund_total,
        Return.to_pay,
        Return.hand_in_by,
        Return.created_at,
        Return.received_at,
        Return.handed_over_at,
        Return.goods_expected,
        Return.exchange_sent_at,
        Return.settle_by,
        Return.order_id,
        Order.number.label("order_number"),
        Shop.settings_version,
    )
    .join(Order, Order.id == Return.order_id)
    .join(Shop, Shop.id == Return.shop_id)
    .where(Shop.slug == bindparam("slug"), Return.status_token == bindparam("token"))
)


def _items(return_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return db.session.execute(
        select(
            OrderLine.title,
            OrderLine.variant,
            OrderLine.category,
            OrderLine.image_url,
            ReturnLine.quantity,
            ReturnLine.resolution,
            ReturnLine.exchange_title,
            ReturnLine.exchange_wish,
            ReturnLine.fault,
            ReturnLine.received,
            ReturnLine.accepted,
            ReturnLine.released,
        )
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .where(ReturnLine.return_id == return_id)
        .order_by(ReturnLine.id)
    ).all()


def _shipment(return_id: int) -> Shipment | None:
    row = db.session.execute(
        select(
            ReturnShipment.id,
            ReturnShipment.kind,
            ReturnShipment.state,
            ReturnShipment.tracking_no,
            ReturnShipment.code,
            ReturnShipment.code_kind,
            ReturnShipment.document,
            ReturnShipment.pickup_date,
            ReturnShipment.store_address,
        )
        .where(ReturnShipment.return_id == return_id)
        .order_by(ReturnShipment.id.desc())
        .limit(1)
    ).one_or_none()
    return Shipment(*row) if row else None


def _story(return_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """What happened, oldest first."""
    return db.session.execute(
        select(ReturnEvent.event, ReturnEvent.at, ReturnEvent.data)
        .where(ReturnEvent.return_id == return_id)
        .order_by(ReturnEvent.id)
    ).all()


def _because(story: Sequence[Row[*tuple[Any, ...]]]) -> str:
    """The reason of the last declining."""
    reasons = [str(event.data.get("reason", "")) for event in story if event.event == "decline"]
    return reasons[-1] if reasons else ""
