"""What came back of the demo shop's made-up orders: why, and how far each return is today."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from ... import clock
from ...database import insert_returning, insert_rows
from ...domain.ledger import Channel
from ...domain.lifecycle import RELEASED, Status
from ...domain.lookup import normalise_number
from ...extensions import db
from ...models import MoneyEntry, ParcelLine, Payout, Return, ReturnEvent, ReturnLine
from ..inbox.index import index_returns
from ..return_rows import new_return_number
from ..returns.money import write_clock
from ..shops import ShopSettings

_FEE = 395
_SIZED = ("too_small", "too_large", "does_not_suit", "ordered_several", "changed_mind")
_CLOSED_LATER = (Status.CLOSED,) * 18 + (Status.CANCELLED, Status.EXPIRED, Status.DECLINED)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of a made-up order, as stored."""

    order_id: int
    parcel_line_id: int
    order_line_id: int
    key: str
    quantity: int
    paid: int
    country: str
    email: str
    placed_at: datetime


_Planned = tuple[list[Sold], list[dict[str, Any]], dict[str, Any]]
"""What was sold, the lines of its return, and the return itself."""


def write_returns(
    shop: ShopSettings, found: Sequence[list[Sold]], faults: dict[str, str], chance: random.Random
) -> None:
    """Write these returns with their lines, ledger, events and payouts."""
    now = clock.now()
    planned: list[_Planned] = []
    for lines in found:
        asked = lines[0].placed_at + timedelta(
            days=chance.randint(4, 22), minutes=chance.randint(0, 900)
        )
        if asked < now:
            rows = [_line(line, (now - asked).days, faults, chance) for line in lines]
            course = _course(lines[0].country, asked, chance)
            _count(rows, course)
            planned.append((lines, rows, _return(shop, lines[0], rows, course)))
    ids = [
        row.id for row in insert_returning(Return, [root for _lines, _rows, root in planned], "id")
    ]
    for return_id, each in zip(ids, planned, strict=True):
        _write(shop, return_id, each)
    index_returns(ids)


def _write(shop: ShopSettings, return_id: int, planned: _Planned) -> None:
    """What hangs on a return, and its clock where it is not done with."""
    lines, rows, root = planned
    own = [{"return_id": return_id, **row} for row in rows]
    line_ids = {
        row.parcel_line_id: row.id
        for row in insert_returning(ReturnLine, own, "parcel_line_id", "id")
    }
    insert_rows(MoneyEntry, _entries(return_id, root, rows, line_ids))
    insert_rows(ReturnEvent, _events(return_id, root))
    insert_rows(Payout, _payouts(return_id, root))
    if root["status"] in RELEASED:
        return
    claimed = [line.parcel_line_id for line in lines]
    db.session.execute(update(ParcelLine).where(ParcelLine.id.in_(claimed)).values(qty_claimed=1))
    if root["status"] != Status.CLOSED:
        write_clock(shop, {"kind": "return", "goods_expected": True, "id": return_id, **root})


def _count(rows: list[dict[str, Any]], course: dict[str, Any]) -> None:
    """All of it came and was accepted, once it was there."""
    counted = int(course["received_at"] is not None)
    for row in rows:
        row |= {"received": counted, "accepted": counted}
    exchanged = any(row["resolution"] == "exchange" for row in rows)
    closed = course["status"] == Status.CLOSED
    course["exchange_sent_at"] = course["closed_at"] if exchanged and closed else None


def _line(sold: Sold, age: int, faults: dict[str, str], chance: random.Random) -> dict[str, Any]:
    reason = _reason(sold.key, age, chance)
    share = sold.paid // sold.quantity
    resolution = chance.choices(("money", "exchange", "credit"), (62, 24, 14))[0]
    return {
        "parcel_line_id": sold.parcel_line_id,
        "order_line_id": sold.order_line_id,
        "quantity": 1,
        "reason_code": reason,
        "reason_text": reason.replace("_", " "),
        "fault": faults.get(reason, "customer"),
        "resolution": resolution,
        "share": share,
        "refund_amount": 0 if resolution == "exchange" else share,
        "bonus": share // 10 if resolution == "credit" else 0,
    }


def _reason(key: str, age: int, chance: random.Random) -> str:
    if key == "tinde":
        return chance.choices(("too_small", *_SIZED), (6, 3, 1, 2, 2, 1))[0]
    if key == "fjord":
        small = 9 if age > 150 else 1
        return chance.choices(
            ("too_small", "too_large", "looks_different", "changed_mind"), (small, 2, 3, 2)
        )[0]
    if key in ("elv", "hav", "skog"):
        return chance.choices(_SIZED, (4, 5, 4, 3, 2))[0]
    return chance.choices(
        ("damaged", "faulty", "wrong_item", "looks_different", "too_late", "changed_mind", "other"),
        (4, 2, 2, 4, 1, 4, 1),
    )[0]


def _return(
    shop: ShopSettings, sold: Sold, rows: list[dict[str, Any]], course: dict[str, Any]
) -> dict[str, Any]:
    number = new_return_number()
    return {
        "shop_id": shop.id,
        "order_id": sold.order_id,
        "number": number,
        "number_norm": normalise_number(number),
        "status_token": secrets.token_urlsafe(24),
        "idempotency_key": secrets.token_hex(16),
        "email": sold.email,
        "locale": "nl",
        "country": sold.country,
        "service_point": {},
        "currency": "EUR",
        **_amounts(rows, course["method"]),
        "decisions": [],
        **course,
    }


def _amounts(rows: list[dict[str, Any]], method: str) -> dict[str, int]:
    money, credit = (
        sum(row["refund_amount"] + row["bonus"] for row in rows if row["resolution"] == kind)
        for kind in ("money", "credit")
    )
    charged = money > _FEE and method != "in_store" and rows[0]["fault"] == "customer"
    fee = _FEE if charged else 0
    return {
        "fee": fee,
        "money_total": money - fee,
        "credit_total": credit,
        "refund_total": money - fee + credit,
    }


def _route(country: str, chance: random.Random) -> tuple[str, str | None]:
    if country == "DE":
        return "drop_off_labelless", "dhl"
    if country == "BE":
        return "drop_off_point", chance.choice(("bpost", "dhl"))
    return chance.choices(
        (
            ("drop_off_point", "postnl"),
            ("drop_off_point", "dhl"),
            ("pickup", "gls"),
            ("in_store", None),
        ),
        (55, 20, 12, 13),
    )[0]


def _course(country: str, asked: datetime, chance: random.Random) -> dict[str, Any]:
    """How it travels, the status of today, and when each stage was reached."""
    method, carrier = _route(country, chance)
    hours = (
        chance.choice((0, 0, 0, 9, 30)),
        chance.randint(6, 96),
        chance.randint(20, 90),
        chance.randint(4, 120),
    )
    names = ("approved_at", "handed_over_at", "received_at", "closed_at")
    at, reached = asked, {}
    for name, wait in zip(names, hours, strict=True):
        at += timedelta(hours=wait)
        reached[name] = at if at < clock.now() else None
    statuses = (Status.REQUESTED, Status.APPROVED, Status.IN_TRANSIT, Status.RECEIVED)
    status = statuses[sum(1 for moment in reached.values() if moment) % 4]
    if reached["closed_at"]:
        status = chance.choice(_CLOSED_LATER)
    ended = status in RELEASED
    return {
        "status": status,
        "method": method,
        "carrier": carrier,
        "created_at": asked.astimezone(UTC),
        **{
            name: None if ended and name != "approved_at" else when
            for name, when in reached.items()
        },
        "ended_at": reached["closed_at"] if ended else None,
    }


def _entries(
    return_id: int, root: dict[str, Any], rows: list[dict[str, Any]], line_ids: dict[int, int]
) -> list[dict[str, Any]]:
    amounts = [
        (kind, line_ids[row["parcel_line_id"]], row[column])
        for row in rows
        for kind, column in (("items", "refund_amount"), ("bonus", "bonus"))
    ]
    return [
        {
            "return_id": return_id,
            "return_line_id": line_id,
            "type": kind,
            "amount": amount,
            "created_at": root["created_at"],
        }
        for kind, line_id, amount in (*amounts, ("fee", None, -root["fee"]))
        if amount
    ]


def _events(return_id: int, root: dict[str, Any]) -> list[dict[str, Any]]:
    ends = {Status.DECLINED: "decline", Status.CANCELLED: "cancel", Status.EXPIRED: "expire"}
    steps = [
        ("confirm", Status.REQUESTED, root["created_at"]),
        ("approve", Status.APPROVED, root["approved_at"]),
        ("scan", Status.IN_TRANSIT, root["handed_over_at"]),
        ("receive", Status.RECEIVED, root["received_at"]),
        ("close", Status.CLOSED, root["closed_at"]),
        (ends.get(root["status"], ""), root["status"], root["ended_at"]),
    ]
    before, rows = None, []
    for event, status, at in steps:
        if at is not None:
            rows.append(
                {"return_id": return_id, "event": event, "from_status": before, "to_status": status,
                 "actor": "system", "at": at, "data": {}}
            )  # fmt: skip
            before = status
    return rows


def _payouts(return_id: int, root: dict[str, Any]) -> list[dict[str, Any]]:
    if root["status"] != Status.CLOSED:
        return []
    return [
        {
            "return_id": return_id,
            "amount": amount,
            "channel": channel,
            "state": "done",
            "idempotency_key": f"demo-history-{return_id}-{channel}",
            "created_at": root["closed_at"],
        }
        for channel, amount in (
            (Channel.ORIGINAL, root["money_total"]),
            (Channel.CREDIT, root["credit_total"]),
        )
        if amount > 0
    ]
