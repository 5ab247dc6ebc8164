"""Hand-offs: what the customer takes along, asked of the carrier by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from .. import clock
from ..carriers.base import (
    CarrierDown,
    CarrierRefused,
    Handoff,
    HandoffRequest,
    PostalAddress,
)
from ..carriers.registry import find_carrier
from ..database import writing
from ..domain.lifecycle import RELEASED
from ..domain.lookup import normalise_number
from ..extensions import db
from ..models import Address, CarrierContract, Outbox, Return, ReturnShipment, Shop
from .address_rules import province_text
from .inbox.index import add_terms
from .labels import write_label
from .outbox import GiveUp, enqueue, outbox_row
from .queries.return_facts import last_day

_OPEN = ("pending", "failed")
"""States from which a hand-off can still be made; a failed one is tried again on request only."""


def prepare_handoffs(*, return_id: int) -> None:
    """Make what is still to be made for this return. Commits after each shipment.

    Repeating it changes nothing. Raises CarrierDown (try again), or GiveUp with the carriers'
    reasons once all have been tried: each shipment keeps its own, and the others are made.
    """
    query = select(ReturnShipment.id).where(
        ReturnShipment.return_id == return_id, ReturnShipment.state.in_(_OPEN)
    )
    shipment_ids = db.session.scalars(query.order_by(ReturnShipment.id)).all()
    db.session.rollback()
    refused: dict[int, str] = {}
    for shipment_id in shipment_ids:
        try:
            _prepare(shipment_id)
        except CarrierRefused as refusal:
            refused[shipment_id] = str(refusal)
    if refused:
        _mark_refused(refused)
        raise GiveUp("; ".join(dict.fromkeys(refused.values())))


def void_handoffs(*, return_id: int) -> None:
    """Withdraw every hand-off of this return. Commits. Raises CarrierDown or GiveUp.

    A refusal is told once all have been tried: the others are withdrawn all the same.
    """
    query = select(ReturnShipment).where(ReturnShipment.return_id == return_id)
    shipments = [
        (one.carrier, reference_of(one.id), one.tracking_no) for one in db.session.scalars(query)
    ]
    with writing():
        db.session.execute(
            update(ReturnShipment)
            .where(
                ReturnShipment.return_id == return_id, ReturnShipment.state.in_((*_OPEN, "ready"))
            )
            .values(state="void")
        )
    refused = []
    for carrier, reference, tracking_no in shipments:
        try:
            find_carrier(carrier).void(reference=reference, tracking_no=tracking_no)
        except CarrierRefused as refusal:
            refused.append(str(refusal))
    if refused:
        raise GiveUp("; ".join(refused))


def give_up_handoffs(*, return_id: int, reason: str) -> None:
    """Mark what could not be made as failed, with a reason for the merchant. Commits.

    The customer's confirmation stops waiting for it.
    """
    with writing():
        db.session.execute(
            update(ReturnShipment)
            .where(ReturnShipment.return_id == return_id, ReturnShipment.state == "pending")
            .values(state="failed", error=reason[:200])
        )
        _wake_confirmation(return_id)


def reference_of(shipment_id: int) -> str:
    """What the carrier knows the shipment by, for ever."""
    return f"RS-{shipment_id}"


def _prepare(shipment_id: int) -> None:
    request = _load_request(shipment_id)
    if request is None:
        return
    carrier = find_carrier(request.carrier)
    handoff = carrier.prepare(request)
    document = None
    if handoff.document is not None:
        document = write_label(shipment_id=shipment_id, data=handoff.document)
    if not _mark_ready(shipment_id, handoff, document) and _is_void(shipment_id):
        # The return was cancelled while the carrier was at it.
        carrier.void(reference=request.reference, tracking_no=handoff.tracking_no)


def _mark_refused(reasons: Mapping[int, str]) -> None:
    """Keep what the carrier said with each shipment it refused, for the merchant. Commits."""
    with writing():
        for shipment_id, reason in reasons.items():
            db.session.execute(
                update(ReturnShipment)
                .where(ReturnShipment.id == shipment_id, ReturnShipment.state.in_(_OPEN))
                .values(state="failed", error=reason[:200])
            )


def _mark_ready(shipment_id: int, handoff: Handoff, document: str | None) -> bool:
    """Write what the carrier gave, unless someone else did or the return has ended. Commits."""
    now = clock.now()
    with writing():
        shipment = db.session.execute(
            select(ReturnShipment).where(ReturnShipment.id == shipment_id).with_for_update()
        ).scalar_one()
        status = db.session.execute(
            select(Return.status).where(Return.id == shipment.return_id)
        ).scalar_one()
        if shipment.state not in _OPEN:
            return False
        if status in RELEASED:
            shipment.state = "void"
            return False
        shipment.state = "ready"
        shipment.tracking_no = handoff.tracking_no
        shipment.tracking_norm = normalise_number(handoff.tracking_no)
        add_terms(return_id=shipment.return_id, text=handoff.tracking_no)
        shipment.code = handoff.code
        shipment.code_kind = handoff.code_kind
        shipment.document = document
        shipment.error = ""
        shipment.ready_at = now
        shipment.expires_at = handoff.expires_at
        _tell_customer(shipment)
    return True


def _is_void(shipment_id: int) -> bool:
    state = db.session.execute(
        select(ReturnShipment.state).where(ReturnShipment.id == shipment_id)
    ).scalar_one()
    db.session.rollback()
    return state == "void"


def _tell_customer(shipment: ReturnShipment) -> None:
    """Let a waiting confirmation go, or mail the hand-off where it went without."""
    row = db.session.execute(
        select(Outbox.shop_id, Outbox.recipient, Outbox.payload)
        .where(*_confirmation(shipment.return_id))
        .order_by(Outbox.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return
    if "handoff" not in row.payload:
        _wake_confirmation(shipment.return_id)
        return
    mail = outbox_row(
        shop_id=row.shop_id,
        event=f"return.handoff_ready:{shipment.id}",
        channel="mail",
        kind="customer_handoff",
        recipient=row.recipient,
        return_id=shipment.return_id,
        now=clock.now(),
    )
    enqueue([mail])


def _wake_confirmation(return_id: int) -> None:
    db.session.execute(
        update(Outbox)
        .where(*_confirmation(return_id), Outbox.state == "pending")
        .values(next_try_at=clock.now())
    )


def _confirmation(return_id: int) -> tuple[Any, ...]:
    """The mails that wait for a hand-off: of confirming, and of a later approval."""
    return (
        Outbox.event.in_([f"return.confirmed:{return_id}", f"return.approved:{return_id}"]),
        Outbox.channel == "mail",
        Outbox.kind.in_(["customer_confirmation", "customer_approved"]),
    )


def _load_request(shipment_id: int) -> HandoffRequest | None:
    """What to ask the carrier for; None when nothing is to be made any more."""
    shipment = db.session.get_one(ReturnShipment, shipment_id, populate_existing=True)
    return_ = db.session.execute(
        select(Return).where(Return.id == shipment.return_id).options(joinedload(Return.order))
    ).scalar_one()
    if shipment.state not in _OPEN or return_.status in RELEASED:
        db.session.rollback()
        return None
    request = _request(shipment, return_, db.session.get_one(Shop, return_.shop_id))
    db.session.rollback()
    return request


def _request(shipment: ReturnShipment, return_: Return, shop: Shop) -> HandoffRequest:
    order = return_.order
    return HandoffRequest(
        reference=reference_of(shipment.id),
        kind=shipment.kind,
        method=shipment.method,
        carrier=shipment.carrier,
        contract_reference=_contract_reference(shipment.contract_id),
        return_number=return_.number,
        order_number=order.number,
        shop_name=shop.name,
        sender=_customer(order.delivery_address, order.customer_name, return_.email),
        recipient=_return_address(shop),
        language=return_.locale,
        created_at=shipment.created_at,
        hand_in_by=last_day(return_.hand_in_by, ZoneInfo(shop.time_zone)),
        pickup_date=date.fromisoformat(shipment.pickup_date) if shipment.pickup_date else None,
        service_point=str(return_.service_point.get("code", "")),
    )


def _contract_reference(contract_id: int | None) -> str:
    if contract_id is None:
        return ""
    return db.session.get_one(CarrierContract, contract_id).reference


def _customer(address: dict[str, Any], name: str, email: str) -> PostalAddress:
    def part(key: str) -> str:
        return str(address.get(key) or "")

    return PostalAddress(
        name=part("name") or name,
        company=part("company"),
        street=part("street"),
        house_number=part("house_number"),
        postcode=part("postcode"),
        city=part("city"),
        country=part("country"),
        email=email,
    )


def _return_address(shop: Shop) -> PostalAddress:
    address: Address | None = shop.return_address
    if address is None or address.deleted_at is not None:
        # Setting one is enough: the worker comes back.
        raise CarrierDown("the shop has no return address")
    province = province_text(address.country, address.province)
    return PostalAddress(
        name=address.name,
        company=address.company,
        street=address.street,
        house_number=address.house_number,
        postcode=address.postcode,
        city=" ".join(filter(None, (address.city, province))),
        country=address.country,
        phone=address.phone,
    )
