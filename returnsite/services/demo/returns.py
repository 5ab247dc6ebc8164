"""Returns that the demo's customers made before today, confirmed the way every return is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, insert, select, update

from ... import clock
from ...database import writing
from ...domain.lifecycle import Event, Status, transition
from ...domain.policy import Method
from ...domain.refunds import fingerprint
from ...extensions import db
from ...models import (
    Order,
    Outbox,
    Payout,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnShipment,
    Shop,
)
from ..cancel_return import cancel_return
from ..confirm_return import confirm_return
from ..drafts import Wizard, create_draft, load_wizard, save_answers
from ..find_points import find_points
from ..quotes import make_quote
from ..returns.money import write_clock
from ..shops import ShopSettings, load_settings
from .files import read_demo_file

_THEN: dict[str, tuple[Event, ...]] = {
    Status.IN_TRANSIT: (Event.SCAN,),
    Status.RECEIVED: (Event.SCAN, Event.RECEIVE),
    Status.CLOSED: (Event.SCAN, Event.RECEIVE, Event.CLOSE),
}
_STAMPS = {
    Event.SCAN: "handed_over_at",
    Event.RECEIVE: "received_at",
    Event.CLOSE: "closed_at",
}


def make_returns(shop: ShopSettings) -> int:
    """Make the earlier returns of orders that have none yet; returns how many. Commits each.

    The product's clock is held at the moment of each, so this belongs in a command only.
    """
    made = 0
    for row in read_demo_file("orders")["orders"]:
        if not row.get("returns"):
            continue
        order_id = _without_return(shop.id, row["number"])
        if order_id is None:
            continue
        for wanted in row["returns"]:
            _make_return(shop, order_id, row, wanted)
            made += 1
    return made


def _without_return(shop_id: int, number: str) -> int | None:
    return db.session.scalar(
        select(Order.id).where(
            Order.shop_id == shop_id,
            Order.number == number,
            ~exists().where(Return.order_id == Order.id),
        )
    )


def _make_return(
    shop: ShopSettings, order_id: int, order: dict[str, Any], wanted: dict[str, Any]
) -> None:
    start = clock.now() - timedelta(days=wanted["days_ago"])
    with clock.freeze(start):
        status_token = _confirm(shop, order_id, order, wanted)
    if wanted["status"] == Status.CANCELLED:
        with clock.freeze(start + timedelta(hours=3)):
            cancel_return(slug=shop.slug, token=status_token)
    if wanted["status"] != Status.APPROVED:
        _advance(status_token, _THEN.get(wanted["status"], ()), start)


def _confirm(
    shop: ShopSettings, order_id: int, order: dict[str, Any], wanted: dict[str, Any]
) -> str:
    """Walk a draft through all its steps; returns the return's status token."""
    token = create_draft(
        shop=shop, order_id=order_id, locale=order["locale"], postcode=order["postcode"]
    )
    wizard = _load(shop, token)
    for step, part in _answers(shop, wizard, order, wanted).items():
        save_answers(wizard=wizard, step=step, part=part, locale=order["locale"])
    statement = make_quote(_load(shop, token)).statement
    if statement is None:
        raise LookupError(f"nothing of {order['number']} can be returned")
    confirmed = confirm_return(
        slug=shop.slug, token=token, seen=fingerprint(statement), locale=order["locale"]
    )
    if confirmed is None:
        raise LookupError(token)
    return confirmed.status_token


def _load(shop: ShopSettings, token: str) -> Wizard:
    wizard = load_wizard(slug=shop.slug, token=token)
    if wizard is None:
        raise LookupError(token)
    return wizard


def _answers(
    shop: ShopSettings, wizard: Wizard, order: dict[str, Any], wanted: dict[str, Any]
) -> dict[str, Any]:
    chosen = {
        str(line.facts.line_id): wanted["lines"][line.facts.sku]
        for line in wizard.lines
        if line.facts.sku in wanted["lines"]
    }
    return {
        "items": chosen,
        "reasons": {line_id: {"reason": wanted["reason"], "comment": ""} for line_id in chosen},
        "refund": {"mode": wanted["resolution"], "lines": {}},
        "shipment": _shipment(shop, order, wanted),
    }


def _shipment(shop: ShopSettings, order: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    answer = {"method": wanted["method"], "carrier": wanted["carrier"], "point": None}
    if wanted["method"] == Method.IN_STORE:
        return answer | {"store": shop.stores[0].id}
    found = find_points(
        near=f"{order['postcode']} {order['city']}",
        country=order["country"],
        carriers=(wanted["carrier"],),
        labelless=wanted["method"] == Method.DROP_OFF_LABELLESS,
        limit=1,
    )
    return answer | {"point": found.points[0].id if found.points else None}


def _advance(status_token: str, events: tuple[Event, ...], start: datetime) -> None:
    """Let carrier and shop have done their part, a day or so after each other. Commits.

    Labels and mails of long ago are not made today.
    """
    with writing():
        return_ = db.session.scalars(
            select(Return).where(Return.status_token == status_token)
        ).one()
        for n, event in enumerate(events, start=1):
            at = start + timedelta(days=n, hours=2 * n)
            then = transition(return_.status, event)
            db.session.add(
                ReturnEvent(
                    return_id=return_.id,
                    event=event,
                    from_status=return_.status,
                    to_status=then.to,
                    actor="system",
                    at=at,
                    data={},
                )
            )
            return_.status = then.to
            setattr(return_, _STAMPS[event], at)
        if Event.RECEIVE in events:
            _count_in(return_.id)
        if Event.CLOSE in events and return_.closed_at:
            _pay_out(return_, return_.closed_at)
        if events:
            _hand_over(return_, received=Event.RECEIVE in events)
        _finish_side_effects(return_)
        db.session.flush()
        _start_clock(return_)


def _start_clock(return_: Return) -> None:
    """By when the shop owes what, as receiving it would have written."""
    version = db.session.execute(
        select(Shop.settings_version).where(Shop.id == return_.shop_id)
    ).scalar_one()
    columns = {column.name: getattr(return_, column.name) for column in Return.__table__.columns}
    write_clock(load_settings(return_.shop_id, version), columns)


def _count_in(return_id: int) -> None:
    db.session.execute(
        update(ReturnLine)
        .where(ReturnLine.return_id == return_id)
        .values(received=ReturnLine.quantity, accepted=ReturnLine.quantity)
    )


def _pay_out(return_: Return, at: datetime) -> None:
    rows = [
        {
            "return_id": return_.id,
            "amount": amount,
            "channel": channel,
            "state": "done",
            "idempotency_key": f"demo-{return_.number}-{channel}",
            "created_at": at,
        }
        for channel, amount in (("original", return_.money_total), ("credit", return_.credit_total))
        if amount
    ]
    if rows:
        db.session.execute(insert(Payout), rows)


def _hand_over(return_: Return, *, received: bool) -> None:
    db.session.execute(
        update(ReturnShipment)
        .where(ReturnShipment.return_id == return_.id)
        .values(
            state="delivered" if received else "handed_over",
            tracking_no=f"3SDEVC{return_.id:09d}" if return_.carrier else "",
            ready_at=return_.created_at,
        )
    )


def _finish_side_effects(return_: Return) -> None:
    names = ("approved", "confirmed", "announced", "cancelled")
    db.session.execute(
        update(Outbox)
        .where(Outbox.event.in_([f"return.{name}:{return_.id}" for name in names]))
        .values(state="sent", sent_at=return_.created_at)
    )
