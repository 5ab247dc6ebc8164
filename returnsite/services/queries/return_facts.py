"""A return as its mails show it: read once, in few queries, as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ...carriers.registry import is_test_mode
from ...domain.carriers import OWN, carrier_name
from ...domain.policy import Fault
from ...extensions import db
from ...mailing.facts import HandoffFacts, ItemFacts, ReturnFacts, ShopFacts
from ...models import Return, ReturnLine, ReturnShipment, Shop
from ..labels import read_label
from ..public_urls import public_url


def load_return_facts(return_id: int) -> ReturnFacts | None:
    """The return with this id, None when there is none. Leaves no transaction open."""
    return_ = db.session.execute(
        select(Return)
        .where(Return.id == return_id)
        .options(
            joinedload(Return.order),
            selectinload(Return.lines).joinedload(ReturnLine.order_line),
            selectinload(Return.shipments),
            selectinload(Return.entries),
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if return_ is None:
        db.session.rollback()
        return None
    facts = _facts(return_, db.session.get_one(Shop, return_.shop_id))
    db.session.rollback()
    return facts


def status_url(slug: str, status_token: str) -> str:
    """The address of a return's own page, for outside the site."""
    return public_url(f"/p/{slug}/s/{status_token}")


def work_url(slug: str, number: str) -> str:
    """The address of the page on which a shop works on a return."""
    return public_url(f"/shops/{slug}/returns/{number}")


def last_day(end: datetime | None, zone: ZoneInfo) -> date | None:
    """The last local day before `end`, as `Return.hand_in_by` is the first moment after it."""
    return (end - timedelta(seconds=1)).astimezone(zone).date() if end else None


def _facts(return_: Return, shop: Shop) -> ReturnFacts:
    zone = ZoneInfo(shop.time_zone)
    ledger = _ledger(return_)
    return ReturnFacts(
        shop=_shop(shop),
        locale=_spoken(return_.locale, shop.default_locale),
        number=return_.number,
        status=return_.status,
        order_number=_line(return_.order.number),
        customer_name=_line(return_.order.customer_name),
        email=return_.email,
        country=return_.country,
        created_at=return_.created_at,
        hand_in_day=last_day(return_.hand_in_by, zone),
        currency=return_.currency,
        fee=return_.fee,
        money_total=return_.money_total,
        credit_total=return_.credit_total,
        refund_total=return_.money_total + return_.credit_total,
        to_pay=return_.to_pay,
        outbound_shipping=ledger["outbound_shipping"],
        bonus=ledger["bonus"],
        exchange_difference=ledger["exchange_difference"],
        items=tuple(item_facts(line) for line in return_.lines),
        handoff=_handoff(return_, return_.shipments[-1], zone) if return_.shipments else None,
        **_urls(shop, return_),
        goods_expected=return_.goods_expected,
        own_postage=return_.carrier == OWN,
        blameless=any(line.fault != Fault.CUSTOMER for line in return_.lines),
    )


def _ledger(return_: Return) -> Mapping[str, int]:
    ledger: dict[str, int] = defaultdict(int)
    for entry in return_.entries:
        ledger[entry.type] += entry.amount
    return ledger


def _urls(shop: Shop, return_: Return) -> dict[str, str]:
    return {
        "status_url": status_url(shop.slug, return_.status_token),
        "work_url": work_url(shop.slug, return_.number),
    }


def _shop(shop: Shop) -> ShopFacts:
    return ShopFacts(
        id=shop.id,
        slug=shop.slug,
        name=_line(shop.name),
        time_zone=shop.time_zone,
        default_locale=_spoken(shop.default_locale, ""),
        support_email=shop.support_email,
        support_url=shop.support_url,
        policy_url=shop.policy_url,
        refund_days=shop.refund_days,
    )


def _spoken(locale: str, otherwise: str) -> str:
    """A language we have texts for."""
    ours = current_app.config["LANGUAGES"]
    return next((code for code in (locale, locale[:2], otherwise) if code in ours), "en")


def item_facts(line: ReturnLine) -> ItemFacts:
    """A line as mails show it."""
    return ItemFacts(
        title=_line(line.order_line.title)[:200],
        variant=_line(line.order_line.variant),
        quantity=line.quantity,
        reason=_line(line.reason_text),
        comment=line.comment.strip(),
        resolution=line.resolution,
        refund_amount=line.refund_amount,
        exchange_title=_line(line.exchange_title),
        exchange_wish=_line(line.exchange_wish)[:200],
        exchange_difference=line.exchange_difference,
    )


def _handoff(return_: Return, shipment: ReturnShipment, zone: ZoneInfo) -> HandoffFacts:
    expires = shipment.expires_at
    return HandoffFacts(
        state=shipment.state,
        kind=shipment.kind,
        method=shipment.method,
        carrier=carrier_name(shipment.carrier),
        is_test=is_test_mode(shipment.carrier),
        code=shipment.code,
        code_kind=shipment.code_kind,
        tracking_no=shipment.tracking_no,
        document=read_label(shipment.document) if shipment.document else None,
        expires_day=expires.astimezone(zone).date() if expires else None,
        pickup_date=date.fromisoformat(shipment.pickup_date) if shipment.pickup_date else None,
        place=_place(shipment.store_address or return_.service_point),
    )


def _place(snapshot: dict[str, Any]) -> tuple[str, ...]:
    street = f"{snapshot.get('street', '')} {snapshot.get('house_number', '')}"
    town = f"{snapshot.get('postcode', '')} {snapshot.get('city', '')}"
    lines = (_line(str(text)) for text in (snapshot.get("name", ""), street, town))
    return tuple(line for line in lines if line)


def _line(text: str) -> str:
    """On one line, so that no name can look like a line of ours."""
    return " ".join(text.split())
