"""Returns in bulk for measuring the inbox: years of them in one shop, and another shop's beside."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from bench.data import Database
from returnsite import clock
from returnsite.database import begin_write
from returnsite.domain.lookup import normalise_number
from returnsite.extensions import db
from returnsite.models import (
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    ParcelTracking,
    Return,
    ReturnLine,
    ReturnShipment,
    ReturnTerm,
)
from returnsite.services.inbox.index import reasons_text, resolutions_text, term_rows

BATCH = 5_000
DAYS = 1_000

FIRST = (
    "Anna", "Bram", "Sanne", "Joris", "Fatima", "Daan", "Eva", "Lars", "Noor", "Sem", "Julia",
    "Tess", "Finn", "Mila", "Levi", "Zoë",
)  # fmt: skip
LAST = (
    "Vries", "Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Peters",
    "Hendriks", "Dekker", "Kok",
)  # fmt: skip
STEMS = (
    "Schreckenberg", "Achter", "Berg", "Brug", "Dijk", "Hoek", "Kamp", "Molen", "Veen", "Winkel",
    "Zand", "Hof",
)  # fmt: skip
ENDS = ("man", "stra", "ma", "sen", "horst", "huis", "burg", "broek", "dam", "veld")

STATUSES = {
    "closed": 88.0, "declined": 2.0, "cancelled": 3.0, "expired": 2.0, "approved": 2.2,
    "in_transit": 2.2, "received": 0.4, "requested": 0.15, "lost": 0.05,
}  # fmt: skip
COUNTRIES = {"NL": 80.0, "DE": 10.0, "BE": 8.0, "FR": 1.9, "AT": 0.08, "LU": 0.02}
REASONS = {
    "too_small": 30.0, "too_large": 20.0, "changed_mind": 20.0, "not_as_described": 12.0,
    "late": 8.0, "damaged": 7.0, "wrong_item": 2.95, "recalled": 0.05,
}  # fmt: skip
RESOLUTIONS = {"money": 70.0, "exchange": 18.0, "credit": 12.0}
METHODS = {"drop_off_point": 80.0, "drop_off_labelless": 15.0, "pickup": 4.9, "in_store": 0.1}
CARRIERS = {"postnl": 70.0, "dhl": 29.9, "gls": 0.1}
"""Shares in per cent: some of everything is rare, which is what makes lists slow."""


def fill_returns(database: Database, shop_id: int, *, first: int, count: int) -> None:
    """Add returns number `first` on to a shop, oldest first, each of one line or two."""
    chance = random.Random(first)
    with database.app.app_context():
        maker = _Maker(shop_id, clock.now(), chance)
        for start in range(first, first + count, BATCH):
            numbers = range(start, min(start + BATCH, first + count))
            rows = [maker.rows(n, (n - first) / count) for n in numbers]
            _insert([row for return_ in rows for row in return_])


def analyse(database: Database) -> None:
    """What a database does by itself in quiet hours."""
    with database.app.app_context():
        command = "VACUUM ANALYZE" if database.name == "PostgreSQL" else "ANALYZE"
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(command))


def number_of(n: int) -> str:
    """The number of the n-th return."""
    return f"R-{n // 10_000:04d}-{n % 10_000:04d}"


Rows = list[tuple[type[Any], dict[str, Any]]]
_ORDER = (Order, OrderLine, Parcel, ParcelTracking, ParcelLine, Return, ReturnLine)
_TABLES = (*_ORDER, ReturnShipment, ReturnTerm)


def _insert(rows: Rows) -> None:
    begin_write()
    for table in _TABLES:
        some = [values for model, values in rows if model is table]
        db.session.connection().execute(insert(table.__table__), some)
    db.session.commit()


def _pick(chance: random.Random, shares: dict[str, float]) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]


@dataclass(frozen=True)
class _Maker:
    """Makes a shop's returns, each with its order."""

    shop_id: int
    now: datetime
    chance: random.Random

    def rows(self, n: int, age: float) -> Rows:
        """Everything of the n-th return; `age` goes from 0, the oldest, to 1."""
        chance, key = self.chance, 10_000_000 + n
        family = chance.choice([chance.choice(LAST), chance.choice(STEMS) + chance.choice(ENDS)])
        name = f"{chance.choice(FIRST)} {chance.choice(['', '', 'de ', 'van der '])}{family}"
        lines = [_line(key, place, chance) for place in range(chance.choice([1, 1, 2]))]
        return_ = self._root(n, name, age)
        return_["reason_codes"] = reasons_text(line["reason_code"] for line in lines)
        return_["resolutions"] = resolutions_text(line["resolution"] for line in lines)
        tracking = f"3SBACK{n:09d}"
        found_by = [return_["number"], f"NL-{n}", name, f"3SDEVC{n:09d}", tracking]
        found_by += [line.pop("sku") for line in lines]
        terms = term_rows(
            shop_id=self.shop_id, return_id=key, texts=found_by, email=return_["email"]
        )
        return [
            *_bought(n, name, return_, len(lines)),
            (Return, return_),
            *((ReturnLine, line) for line in lines),
            (ReturnShipment, _shipment(key, return_, tracking, chance)),
            *((ReturnTerm, term) for term in terms),
        ]

    def _root(self, n: int, name: str, age: float) -> dict[str, Any]:
        chance, key, number = self.chance, 10_000_000 + n, number_of(n)
        at = self.now - timedelta(days=DAYS * (1 - age), seconds=chance.random() * 3_000)
        recent = chance.choice(["approved", "in_transit"])
        status = _pick(chance, STATUSES) if age < 0.97 else recent
        money = chance.randrange(500, 40_000)
        due = status == "received" or (status in ("in_transit", "lost") and chance.random() < 0.2)
        return {
            "id": key, "shop_id": self.shop_id, "order_id": key, "number": number,
            "number_norm": normalise_number(number), "status_token": f"bench-{key}",
            "idempotency_key": f"bench-{key}", "kind": "return", "status": status,
            "email": f"{name.split()[0].lower()}.{n}@mail.example", "locale": "nl",
            "country": _pick(chance, COUNTRIES), "method": _pick(chance, METHODS),
            "carrier": _pick(chance, CARRIERS), "service_point": {"name": "Bruna"},
            "currency": "EUR", "fee": 395, "fee_waived_by": None, "money_total": money,
            "credit_total": 0, "refund_total": money, "to_pay": 0, "outbound_shipping": 0,
            "decisions": [{"rule": "Damaged goods come back", "field": "fee", "value": 0}] * 3,
            "hand_in_by": at + timedelta(days=14), "created_at": at, "approved_at": at,
            "goods_expected": True, "exchange_reference": "",
            "settle_by": at + timedelta(days=chance.randrange(5, 30)) if due else None,
        }  # fmt: skip


def _bought(n: int, name: str, return_: dict[str, Any], lines: int) -> Rows:
    key, shop_id = return_["id"], return_["shop_id"]
    at = return_["created_at"] - timedelta(days=9)
    place = {"name": name, "postcode": "2611 GX", "city": "Delft", "country": return_["country"]}
    order = {
        "id": key, "shop_id": shop_id, "source": "bench", "external_id": f"inbox-{key}",
        "number": f"NL-{n}", "number_norm": f"NL{n}", "currency": "EUR", "placed_at": at,
        "email": return_["email"], "customer_name": name, "customer_tags": [],
        "country": return_["country"], "delivery_address": place, "billing_address": place,
        "paid_total": 8_000, "shipping_paid": 0, "imported_at": at, "locale": "nl",
        "delivery_postcode_norm": "2611GX", "billing_postcode_norm": "2611GX",
    }  # fmt: skip
    parcel = {
        "id": key, "shop_id": shop_id, "order_id": key, "external_id": "1", "carrier": "postnl",
        "tracking_no": f"3SDEVC{n:09d}", "shipped_at": at, "delivered_at": at,
        "pickup_postcode_norm": "",
    }  # fmt: skip
    tracking = {"id": key, "shop_id": shop_id, "parcel_id": key, "tracking_norm": f"3SDEVC{n:09d}"}
    rows: Rows = [(Order, order), (Parcel, parcel), (ParcelTracking, tracking)]
    for line_id in range(key * 2, key * 2 + lines):
        line = {
            "id": line_id, "order_id": key, "external_id": str(line_id), "sku": "",
            "title": "Linen shirt", "variant": "Blue / M", "product_key": "", "image_url": "",
            "category": "Clothing", "tags": [], "quantity": 1, "line_paid": 4_000,
            "final_sale": False, "is_goods": True, "amount_elsewhere": 0,
        }  # fmt: skip
        held = {
            "id": line_id, "parcel_id": key, "order_line_id": line_id, "qty_shipped": 1,
            "qty_claimed": 1, "qty_elsewhere": 0,
        }  # fmt: skip
        rows += [(OrderLine, line), (ParcelLine, held)]
    return rows


def _line(key: int, place: int, chance: random.Random) -> dict[str, Any]:
    line_id = key * 2 + place
    return {
        "id": line_id, "return_id": key, "parcel_line_id": line_id, "order_line_id": line_id,
        "quantity": 1, "received": 0, "accepted": 0, "reason_code": _pick(chance, REASONS),
        "reason_text": "Reason", "fault": "customer", "comment": "", "share": 2_000,
        "resolution": _pick(chance, RESOLUTIONS), "refund_amount": 2_000, "bonus": 0,
        "exchange_sku": "", "exchange_title": "", "exchange_wish": "", "exchange_difference": 0,
        "released": 0, "inspection_note": "", "sku": f"SKU-{chance.randrange(3_000)}-M",
    }  # fmt: skip


def _shipment(
    key: int, return_: dict[str, Any], tracking: str, chance: random.Random
) -> dict[str, Any]:
    failed = return_["status"] == "approved" and chance.random() < 0.05
    return {
        "id": key, "return_id": key, "kind": "label_pdf", "method": return_["method"],
        "carrier": return_["carrier"], "state": "failed" if failed else "ready",
        "tracking_no": tracking, "tracking_norm": tracking, "code": "", "code_kind": "shop",
        "document": None, "pickup_date": None, "store_address": {}, "error": "",
        "created_at": return_["created_at"],
    }  # fmt: skip
