"""A confirmed return and everything that hangs on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Base
from .order import Order, OrderLine, ParcelLine
from .types import BigInt, Json, JsonList, Minor, Moment, Pk, Short, Text200, UTCDateTime

STATUSES = (
    "requested",
    "approved",
    "in_transit",
    "received",
    "closed",
    "declined",
    "cancelled",
    "expired",
    "lost",
)


class Return(Base):
    """The root record. Amounts are frozen at confirm, in minor units of `currency`.

    `money_total` and `credit_total` are what the customer was to get, `to_pay` what an exchange
    leaves owed. `refund_total` is their sum at first and follows the ledger from then on: what the
    customer gets now, for the lists. All are sums over `money_entry`, written in its transaction.
    `decisions` holds which rule decided what, per line (domain.rules.decision_to_json).
    """

    __tablename__ = "return"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("shop_id", "idempotency_key"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint("kind IN ('return', 'withdrawal')", name="kind"),
        CheckConstraint("refund_total >= 0 AND fee >= 0 AND to_pay >= 0", name="amounts"),
        Index("ix_return_hand_in", "status", "hand_in_by"),
    )

    id: Mapped[Pk]
    shop_id: Mapped[int] = mapped_column(BigInt, ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("order.id"), index=True)
    number: Mapped[Short]
    number_norm: Mapped[Short] = mapped_column(index=True)
    status_token: Mapped[str] = mapped_column(String(64), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16), default="return")
    status: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(8))
    country: Mapped[str] = mapped_column(String(2))
    method: Mapped[str] = mapped_column(String(32))
    carrier: Mapped[str | None] = mapped_column(String(64))
    service_point: Mapped[Json]
    """Snapshot: carrier, code, name, address, city, distance in metres; empty without one."""
    currency: Mapped[str] = mapped_column(String(3))
    fee: Mapped[Minor]
    fee_waived_by: Mapped[str | None] = mapped_column(String(32))
    money_total: Mapped[Minor]
    credit_total: Mapped[Minor]
    refund_total: Mapped[Minor]
    to_pay: Mapped[Minor]
    outbound_shipping: Mapped[Minor]
    """What of the order's postage goes back with this return, now."""
    reason_codes: Mapped[str] = mapped_column(String(1000), default="")
    """Of its lines, as `,damaged,too_small,`: the inbox filters by it, see `models.inbox`."""
    resolutions: Mapped[str] = mapped_column(String(32), default="")
    """Of its lines, as `credit+money`."""
    decisions: Mapped[JsonList]
    hand_in_by: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[Moment]
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_over_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was declined, cancelled, expired or lost."""
    goods_expected: Mapped[bool] = mapped_column(default=True)
    """False where the customer may keep the goods: nothing will arrive."""
    settle_by: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """First instant that is too late to pay, credit and exchange; NULL while nothing is open or
    no clock runs yet. Written with every change of ledger, payouts and counts."""
    exchange_sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    exchange_reference: Mapped[Text200] = mapped_column(default="")

    order: Mapped[Order] = relationship()
    lines: Mapped[list[ReturnLine]] = relationship(
        back_populates="return_", order_by="ReturnLine.id"
    )
    shipments: Mapped[list[ReturnShipment]] = relationship(order_by="ReturnShipment.id")
    entries: Mapped[list[MoneyEntry]] = relationship(order_by="MoneyEntry.id")
    events: Mapped[list[ReturnEvent]] = relationship(order_by="ReturnEvent.id")


class ReturnLine(Base):
    """Units of one parcel line in a return. `share` is the part of `line_paid` these units stand
    for (also when exchanged); `refund_amount` what the customer gets for them, without bonus."""

    __tablename__ = "return_line"
    __table_args__ = (
        UniqueConstraint("return_id", "parcel_line_id"),
        CheckConstraint("quantity >= 1", name="quantity"),
        CheckConstraint("resolution IN ('money', 'exchange', 'credit')", name="resolution"),
        CheckConstraint("received >= 0 AND accepted >= 0 AND accepted <= received", name="counts"),
        CheckConstraint("released >= 0 AND released <= quantity", name="released"),
        # The inbox starts from the returns that name a rare reason.
        Index("ix_return_line_reason", "reason_code", "return_id"),
    )

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"))
    parcel_line_id: Mapped[int] = mapped_column(BigInt, ForeignKey("parcel_line.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(BigInt, ForeignKey("order_line.id"), index=True)
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    released: Mapped[int] = mapped_column(default=0)
    """Units that never came and can be returned again; `share` is of the others then."""
    condition: Mapped[str | None] = mapped_column(String(32))
    """How units look, those aside that a `ReturnLinePart` is about; so with `disposition`."""
    disposition: Mapped[str | None] = mapped_column(String(32))
    inspection_note: Mapped[str] = mapped_column(Text, default="")
    reason_code: Mapped[Short]
    reason_text: Mapped[Text200]
    """The reason in the customer's language, as chosen."""
    fault: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text, default="")
    resolution: Mapped[str] = mapped_column(String(16))
    share: Mapped[Minor]
    refund_amount: Mapped[Minor]
    bonus: Mapped[Minor]
    exchange_sku: Mapped[Text200] = mapped_column(default="")
    exchange_title: Mapped[Text200] = mapped_column(default="")
    exchange_wish: Mapped[str] = mapped_column(Text, default="")
    exchange_difference: Mapped[Minor]
    """New price minus share: positive is owed by the customer."""

    return_: Mapped[Return] = relationship(back_populates="lines")
    parcel_line: Mapped[ParcelLine] = relationship()
    order_line: Mapped[OrderLine] = relationship()


class ReturnLinePart(Base):
    """Received units of a line that look different from the others, or go elsewhere. They are
    counted in the line's `received` and `accepted` too."""

    __tablename__ = "return_line_part"
    __table_args__ = (
        CheckConstraint("units >= 1", name="units"),
        CheckConstraint("accepted >= 0 AND accepted <= units", name="accepted"),
    )

    id: Mapped[Pk]
    return_line_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return_line.id"), index=True)
    units: Mapped[int]
    accepted: Mapped[int]
    condition: Mapped[str | None] = mapped_column(String(32))
    disposition: Mapped[str | None] = mapped_column(String(32))


class ReturnExtra(Base):
    """What lay in a box and is in no line of the return: something else, or more than was sold."""

    __tablename__ = "return_extra"
    __table_args__ = (CheckConstraint("quantity >= 1", name="quantity"),)

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"), index=True)
    what: Mapped[Text200]
    """In the words of who counted; the customer reads them."""
    quantity: Mapped[int]
    disposition: Mapped[str | None] = mapped_column(String(32))
    counted_at: Mapped[Moment]


class ReturnShipment(Base):
    """The way back. It has a life of its own: a carrier that is down does not lose the return."""

    __tablename__ = "return_shipment"
    __table_args__ = (
        Index("ix_return_shipment_tracking", "tracking_norm"),
        CheckConstraint(
            "state IN ('pending', 'ready', 'failed', 'handed_over', 'delivered', 'void')",
            name="state",
        ),
    )

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """Hand-off: label_pdf, qr_code, code or none."""
    method: Mapped[str] = mapped_column(String(32))
    carrier: Mapped[str | None] = mapped_column(String(64))
    contract_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("carrier_contract.id"))
    state: Mapped[str] = mapped_column(String(16), default="pending")
    tracking_no: Mapped[Text200] = mapped_column(default="")
    tracking_norm: Mapped[Text200] = mapped_column(default="")
    """As `domain.lookup` normalises it, for the dock."""
    code: Mapped[Text200] = mapped_column(default="")
    """What the QR code says, or the code to tell at the counter."""
    code_kind: Mapped[str] = mapped_column(String(16), default="shop")
    """Whose code it is: `shop` (our own, for counter and dock) or `carrier`."""
    document: Mapped[str | None] = mapped_column(String(80))
    """File name of the label in the data folder."""
    pickup_date: Mapped[str | None] = mapped_column(String(10))
    store_address: Mapped[Json]
    error: Mapped[Text200] = mapped_column(default="")
    created_at: Mapped[Moment]
    ready_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MoneyEntry(Base):
    """Append-only ledger; every total is a sum over it. Amount is signed, minor units.

    A correction says which `pot` it is about and its `cause`, see `domain.ledger`.
    """

    __tablename__ = "money_entry"
    __table_args__ = (
        CheckConstraint(
            "type IN ('items', 'outbound_shipping', 'fee', 'bonus', "
            "'exchange_difference', 'correction')",
            name="type",
        ),
        CheckConstraint("pot IS NULL OR pot IN ('money', 'credit', 'owed')", name="pot"),
    )

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"), index=True)
    return_line_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("return_line.id"))
    type: Mapped[str] = mapped_column(String(24))
    amount: Mapped[Minor]
    pot: Mapped[str | None] = mapped_column(String(16))
    cause: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[Text200] = mapped_column(default="")
    created_at: Mapped[Moment]


class Payout(Base):
    """Money or credit actually given for a return."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
    )

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"), index=True)
    amount: Mapped[Minor]
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="pending")
    external_ref: Mapped[Text200] = mapped_column(default="")
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[Moment]


class ReturnEvent(Base):
    """Append-only timeline: one row per transition, written with it."""

    __tablename__ = "return_event"

    id: Mapped[Pk]
    return_id: Mapped[int] = mapped_column(BigInt, ForeignKey("return.id"), index=True)
    event: Mapped[Short]
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    actor: Mapped[Text200]
    """`customer`, `system` or `user:<id>`; the user's name then is in `data` as `by`."""
    at: Mapped[Moment]
    data: Mapped[Json]
