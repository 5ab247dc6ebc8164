"""Makers of complete, valid rows. Each adds to the session and flushes; the test commits.

Keyword arguments beyond the named ones are columns of the main row. Numbers are unique within a
process, so two makers never collide; the look of the data is that of a Dutch shop.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.domain.lookup import normalise_number, normalise_postcode
from returnsite.models import (
    Address,
    BulkAction,
    CarrierContract,
    FeeRule,
    Membership,
    MoneyEntry,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    ParcelTracking,
    Reason,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnRule,
    ReturnShipment,
    RuleVersion,
    SavedView,
    Shop,
    Task,
    User,
    UserToken,
)
from returnsite.services.check_order_file import FileCheck
from returnsite.services.inbox.index import index_returns
from returnsite.services.order_index import index_orders
from returnsite.services.order_uploads import keep_check, store_upload

PLACED = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
"""When orders are placed; shipped a day later, delivered two days later."""

REASONS = (
    ("too_small", "Too small", "Te klein", "customer", False, False),
    ("changed_mind", "I changed my mind", "Ik heb me bedacht", "customer", False, False),
    ("damaged", "Damaged", "Beschadigd", "carrier", True, True),
    ("wrong_item", "Wrong item", "Verkeerd artikel", "shop", False, False),
    ("other", "Other", "Anders", "customer", True, False),
)

_serial = count(1001)


def make_shop(session: Session, **columns: Any) -> Shop:
    """An active shop with return address, reasons, carriers and a return fee of 3.95."""
    serial = next(_serial)
    values: dict[str, Any] = {
        "slug": f"shop-{serial}",
        "name": f"Shop {serial}",
        "locales": ["nl", "en"],
        "default_locale": "nl",
        "notification_email": f"returns-{serial}@merchant.example",
        "support_email": f"help-{serial}@shop.example",
        "policy_url": "https://shop.example/returns",
        "support_url": "https://shop.example/help",
        "privacy_url": "https://shop.example/privacy",
        "resolutions": ["money", "exchange", "credit"],
        "methods": ["drop_off_point", "drop_off_labelless", "pickup", "in_store"],
        "frame_origins": [],
        "look": {},
        "created_at": PLACED - timedelta(days=400),
        **columns,
    }
    active = values.pop("active", True)
    shop = Shop(**values, active=False)
    session.add(shop)
    session.flush()
    shop.return_address_id = make_address(session, shop).id
    shop.active = active
    _add_settings(session, shop)
    session.flush()
    return shop


def make_address(session: Session, shop: Shop, **columns: Any) -> Address:
    """An address of the shop; `is_store=True` makes it a store that takes returns."""
    values = {
        "name": "Returns department",
        "company": shop.name,
        "street": "Pakhuisweg",
        "house_number": "12-B",
        "postcode": "2611 GX",
        "city": "Delft",
        "country": "NL",
        **columns,
    }
    address = Address(shop_id=shop.id, **values)
    session.add(address)
    session.flush()
    return address


def _add_settings(session: Session, shop: Shop) -> None:
    for position, (code, en, nl, fault, comment, photo) in enumerate(REASONS):
        session.add(
            Reason(
                shop_id=shop.id,
                code=code,
                labels={"en": en, "nl": nl},
                fault=fault,
                comment_required=comment,
                photo_required=photo,
                position=position,
            )
        )
    for carrier, own in (("postnl", False), ("dhl", False), ("gls", True)):
        session.add(CarrierContract(shop_id=shop.id, carrier=carrier, own=own))
    session.add(FeeRule(shop_id=shop.id, amount=395))


def make_user(session: Session, *shops: Shop, role: str = "owner", **columns: Any) -> User:
    """A user who is `role` in these shops; without a password, so tests sign in by a session."""
    serial = next(_serial)
    values = {
        "email": f"sanne-{serial}@merchant.example",
        "name": f"Sanne {serial}",
        "locale": "en",
        "created_at": PLACED,
        **columns,
    }
    user = User(**values)
    for shop in shops:
        user.memberships.append(Membership(shop_id=shop.id, role=role, created_at=PLACED))
    session.add(user)
    session.flush()
    return user


def make_invite(session: Session, shop: Shop, **columns: Any) -> UserToken:
    """An invitation nobody has the link of."""
    now = clock.now()
    values = {
        "kind": "invite",
        "token_hash": f"{next(_serial):064}",
        "email": "invited@merchant.example",
        "role": "staff",
        "created_at": now,
        "expires_at": now + timedelta(hours=24),
        **columns,
    }
    token = UserToken(shop_id=shop.id, **values)
    session.add(token)
    session.flush()
    return token


def make_rule(
    session: Session, shop: Shop, *conditions: tuple[str, str, Any], **effects: Any
) -> ReturnRule:
    """A live return rule, last in the list: `make_rule(…, ("country", "is", "BE"), fee=695)`."""
    serial = next(_serial)
    rule = ReturnRule(
        shop_id=shop.id,
        name=f"Rule {serial}",
        position=serial,
        conditions=[{"field": f, "op": op, "value": value} for f, op, value in conditions],
        effects=[{"kind": kind, "value": value} for kind, value in effects.items()],
    )
    session.add(rule)
    session.flush()
    shop.settings_version += 1
    session.flush()
    return rule


def make_rule_version(session: Session, shop: Shop) -> RuleVersion:
    """A published version of the return rules, without rules; its number is high."""
    version = RuleVersion(
        shop_id=shop.id, number=next(_serial), rules=[], published_at=PLACED, published_by_name="X"
    )
    session.add(version)
    session.flush()
    return version


def make_order(session: Session, shop: Shop, **columns: Any) -> Order:
    """An order of two lines (2 × shirt for 39.90, 1 × shoe for 79.95) in one delivered parcel.

    `lines` replaces the lines by dicts of OrderLine columns; `tracking_no`, `shipped_at` and
    `delivered_at` (None: not known) belong to the parcel; `postcode` is that of both addresses.
    """
    serial = next(_serial)
    lines = columns.pop("lines", None) or _default_lines()
    postcode = columns.pop("postcode", "1012 JS")
    parcel = {
        "tracking_no": columns.pop("tracking_no", f"3SDEVC{serial:09d}"),
        "carrier": columns.pop("carrier", "postnl"),
        "shipped_at": columns.pop("shipped_at", PLACED + timedelta(days=1)),
        "delivered_at": columns.pop("delivered_at", PLACED + timedelta(days=2)),
    }
    number = columns.pop("number", f"#{serial}")
    country = columns.pop("country", "NL")
    name = columns.pop("customer_name", "Anna de Vries")
    address = {
        "name": name,
        "street": "Damrak",
        "house_number": "1",
        "postcode": postcode,
        "city": "Amsterdam",
        "country": country,
    }
    paid = sum(line["line_paid"] for line in lines)
    values: dict[str, Any] = {
        "source": "test",
        "external_id": str(serial),
        "number": number,
        "number_norm": normalise_number(number),
        "currency": shop.currency,
        "locale": "nl",
        "placed_at": PLACED,
        "email": f"anna-{serial}@customer.example",
        "customer_name": name,
        "customer_tags": [],
        "country": country,
        "delivery_address": address,
        "billing_address": dict(address),
        "delivery_postcode_norm": normalise_postcode(postcode, country),
        "billing_postcode_norm": normalise_postcode(postcode, country),
        "shipping_paid": 495,
        "paid_total": paid + 495,
        "imported_at": PLACED,
        **columns,
    }
    # A saved order would first look which lines it has.
    order = Order(shop_id=shop.id, **values)
    for index, line in enumerate(lines):
        order.lines.append(OrderLine(**{"external_id": str(index), "tags": [], **line}))
    session.add(order)
    session.flush()
    add_parcel(session, order, **parcel)
    index_orders([order.id])
    session.refresh(order, ["stage"])
    return order


def _default_lines() -> list[dict[str, Any]]:
    return [
        {
            "sku": "SHIRT-M",
            "title": "Linen shirt",
            "variant": "Blue / M",
            "product_key": "shirt",
            "category": "Clothing",
            "quantity": 2,
            "line_paid": 3990,
            "list_price": 2495,
        },
        {
            "sku": "SHOE-42",
            "title": "Running shoe",
            "variant": "42",
            "product_key": "shoe",
            "category": "Shoes",
            "quantity": 1,
            "line_paid": 7995,
            "list_price": 7995,
        },
    ]


def add_parcel(
    session: Session, order: Order, *, quantities: dict[int, int] | None = None, **columns: Any
) -> Parcel:
    """A parcel of the order; `quantities` maps order line id to units (default: all)."""
    serial = next(_serial)
    values = {"external_id": str(serial), "tracking_no": f"3SDEVC{serial:09d}", **columns}
    parcel = Parcel(shop_id=order.shop_id, order_id=order.id, **values)
    session.add(parcel)
    if values["tracking_no"]:
        norm = normalise_number(values["tracking_no"])
        parcel.trackings.append(ParcelTracking(shop_id=order.shop_id, tracking_norm=norm))
    wanted = quantities or {line.id: line.quantity for line in order.lines}
    for line_id, quantity in wanted.items():
        parcel.lines.append(ParcelLine(order_line_id=line_id, qty_shipped=quantity))
    session.flush()
    return parcel


def make_return(session: Session, order: Order, **columns: Any) -> Return:
    """A confirmed, approved return of one unit of the order's first line, by drop-off label.

    The claim, line, ledger (fee 3.95), shipment (pending) and first event are there; the outbox is
    left empty. `quantity`, `resolution`, `kind` (of the hand-off), `comment` go where they belong.
    """
    serial = next(_serial)
    line_values = {
        "quantity": columns.pop("quantity", 1),
        "resolution": columns.pop("resolution", "money"),
        "comment": columns.pop("comment", ""),
    }
    kind = columns.pop("kind", "label_pdf")
    now = clock.now()
    line = order.parcels[0].lines[0]
    share = line.order_line.line_paid * line_values["quantity"] // line.order_line.quantity
    refund = 0 if line_values["resolution"] == "exchange" else share
    fee = min(columns.pop("fee", 395), refund)
    money = refund - fee if line_values["resolution"] == "money" else 0
    values: dict[str, Any] = {
        "number": f"R-{serial}-7KQ",
        "number_norm": normalise_number(f"R-{serial}-7KQ"),
        "status_token": f"status-token-{serial:012d}",
        "idempotency_key": f"key-{serial}",
        "status": "approved",
        "email": order.email,
        "locale": order.locale or "nl",
        "country": order.country,
        "method": "drop_off_point",
        "carrier": "postnl",
        "service_point": {},
        "currency": order.currency,
        "fee": fee,
        "money_total": money,
        "credit_total": refund - fee - money,
        "refund_total": refund - fee,
        "decisions": [],
        "hand_in_by": now + timedelta(days=14),
        "created_at": now,
        "approved_at": now,
        **columns,
    }
    return_ = Return(shop_id=order.shop_id, order_id=order.id, **values)
    line.qty_claimed += line_values["quantity"]
    return_line = ReturnLine(
        parcel_line_id=line.id,
        order_line_id=line.order_line_id,
        reason_code="too_small",
        reason_text="Te klein" if return_.locale == "nl" else "Too small",
        fault="customer",
        share=share,
        refund_amount=refund,
        **line_values,
    )
    return_.lines.append(return_line)
    return_.shipments.append(
        ReturnShipment(
            kind=kind,
            method=return_.method,
            carrier=return_.carrier,
            store_address={},
            created_at=now,
        )
    )
    return_.events.append(
        ReturnEvent(event="confirm", to_status=return_.status, actor="customer", at=now, data={})
    )
    return_.entries.append(MoneyEntry(type="items", amount=refund, created_at=now))
    return_.entries.append(MoneyEntry(type="fee", amount=-fee, created_at=now))
    session.add(return_)
    session.flush()
    return_.entries[0].return_line_id = return_line.id
    session.flush()
    index_returns([return_.id])
    return return_


def make_task(session: Session, shop: Shop, **columns: Any) -> Task:
    """Long work that nobody has begun yet; no outbox row, so no worker takes it."""
    values = {"kind": "test", "params": {}, "result": {}, "created_at": clock.now(), **columns}
    task = Task(shop_id=shop.id, **values)
    session.add(task)
    session.flush()
    return task


def make_upload(shop: Shop, content: bytes = b"") -> str:
    """A file of orders of the shop that was uploaded and checked; its token."""
    text = (
        b"order_number,placed_at,postcode,title,quantity,line_paid\n1,2026-11-02,1012JS,Cap,1,9\n"
    )
    token = store_upload(shop_id=shop.id, name="orders.csv", stream=io.BytesIO(content or text))
    keep_check(shop_id=shop.id, token=token, check=FileCheck("orders", "csv", "CSV", count=1))
    return token


def make_view(session: Session, shop: Shop, **columns: Any) -> SavedView:
    """A shared view of somebody of the shop."""
    user = make_user(session, shop)
    values = {"name": "Germany", "query": "country=DE", "shared": True, **columns}
    view = SavedView(shop_id=shop.id, user_id=user.id, created_at=clock.now(), **values)
    session.add(view)
    session.flush()
    return view


def make_bulk_action(session: Session, shop: Shop, **columns: Any) -> BulkAction:
    """An action on many returns that could still be undone."""
    user, now = make_user(session, shop), clock.now()
    values = {"action": "approve", "done": [], "failed": [], **columns}
    action = BulkAction(
        shop_id=shop.id,
        user_id=user.id,
        created_at=now,
        undo_until=now + timedelta(days=1),
        **values,
    )
    session.add(action)
    session.flush()
    return action


def make_noise(session: Session) -> None:
    """Another shop with look-alike data: an order with the numbers tests like, and a return."""
    shop = make_shop(session, slug="other", name="Other shop")
    order = make_order(
        session, shop, number="#1001", tracking_no="3SDEVC816223392", customer_name="Someone Else"
    )
    make_return(session, order, number="R-48217-7KQ", number_norm="R482177KQ")
    make_user(session, shop, email="owner@other.example", name="Other Owner")
