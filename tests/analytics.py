"""Made-up histories for analytics, and the same figures the slow way: row by row, in Python."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.periods import Period
from returnsite.models import Order, Payout, Return, ReturnLine
from returnsite.services.analytics.refresh import refresh_all
from tests import factories

STATUSES = (
    "requested", "approved", "in_transit", "received", "closed", "closed", "closed",
    "declined", "cancelled", "expired", "lost",
)  # fmt: skip
GONE = {"declined", "cancelled", "expired"}
PRODUCTS = [
    ("boot", "Boot", "Shoes"), ("shirt", "Shirt", "Clothing"), ("", "Scarf", "Clothing"),
    ("lamp", "Lamp", ""), ("mug", "Mug", "Kitchen"),
]  # fmt: skip
REASONS = (("too_small", "customer"), ("damaged", "carrier"), ("wrong_item", "shop"))
START = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)


def make_history(session: Session, shop: Any, *, orders: int, seed: int, days: int = 120) -> None:
    """Random orders of `days` days from 20 January, about half of them with a return."""
    chance = random.Random(seed)
    for _ in range(orders):
        order = _order(session, shop, chance, days)
        if order.cancelled_at is None and chance.random() < 0.6:
            _return(session, order, chance)
    session.commit()


def make_full_history(session: Session, shop: Any) -> None:
    """A history of four months with something of everything, and its figures added up."""
    make_history(session, shop, orders=60, seed=11)
    refresh_all()


def _order(session: Session, shop: Any, chance: random.Random, days: int) -> Order:
    placed = START + timedelta(minutes=chance.randrange(days * 24 * 60))
    lines = []
    for key, title, category in chance.sample(PRODUCTS, chance.randint(1, 3)):
        quantity = chance.randint(1, 3)
        lines.append(
            {
                "sku": f"{title}-{chance.choice('SML')}".upper() if key else "",
                "title": title,
                "variant": chance.choice(["S", "M", ""]),
                "product_key": key,
                "category": category,
                "quantity": quantity,
                "line_paid": chance.randint(0, 9000),
                "is_goods": chance.random() < 0.95,
            }
        )
    return factories.make_order(
        session,
        shop,
        lines=lines,
        country=chance.choice(["NL", "NL", "BE", "DE"]),
        placed_at=placed,
        currency=chance.choice(["EUR"] * 9 + ["GBP"]),
        cancelled_at=placed if chance.random() < 0.05 else None,
    )


def _return(session: Session, order: Order, chance: random.Random) -> None:
    status = chance.choice(STATUSES)
    moments = [order.placed_at + timedelta(minutes=chance.randint(60, 40 * 24 * 60))]
    for _ in range(5):
        moments.append(moments[-1] + timedelta(minutes=chance.randint(0, 9 * 24 * 60)))
    asked, approved, handed, received, closed, paid = moments
    through = {"approved": 1, "in_transit": 2, "lost": 2, "received": 3, "closed": 4}.get(status, 0)
    made = factories.make_return(
        session,
        order,
        status=status,
        fee=chance.choice([0, 395, 495]),
        method=chance.choice(["drop_off_point", "pickup", "in_store"]),
        carrier=chance.choice(["postnl", "dhl", None]),
        created_at=asked,
        approved_at=approved if through >= 1 else None,
        handed_over_at=handed if through >= 2 and chance.random() < 0.8 else None,
        received_at=received if through >= 3 else None,
        closed_at=closed if through >= 4 else None,
    )
    _more_lines(session, made, order, chance)
    for line in made.lines:
        if through >= 4:
            line.released = chance.choice([0, 0, 0, line.quantity])
            if line.quantity > 1 and not line.released:
                line.released = line.share % 2
                line.received = line.quantity - line.released
                line.accepted = line.received - line.share % 3 // 2
    if through >= 4 and chance.random() < 0.5:
        session.add(
            Payout(return_id=made.id, amount=100, channel="money", state="done",
                   idempotency_key=f"p{made.id}", created_at=paid)
        )  # fmt: skip


def _more_lines(session: Session, made: Return, order: Order, chance: random.Random) -> None:
    for content in order.parcels[0].lines[1:]:
        if chance.random() < 0.5:
            made.lines.append(
                ReturnLine(
                    parcel_line_id=content.id,
                    order_line_id=content.order_line_id,
                    quantity=chance.randint(1, content.qty_shipped),
                    reason_text="",
                    share=chance.randint(0, 5000),
                    refund_amount=0,
                    reason_code="",
                    fault="customer",
                    resolution="money",
                )
            )
    for line in made.lines:
        line.reason_code, line.fault = chance.choice(REASONS)
        line.resolution = chance.choice(["money", "exchange", "credit"])
        line.bonus = chance.choice([0, 150])
    session.flush()


@dataclass(frozen=True)
class SlowLine:
    """A return line that counts, as the slow way sees it."""

    return_id: int
    asked: date
    ordered: date
    country: str
    category: str
    product: str
    variant: str
    reason: str
    fault: str
    resolution: str
    method: str
    carrier: str
    units: int
    value: int
    bonus: int
    stages: tuple[int | None, ...]


class Slow:
    """All of a shop's rows, read at once and counted one by one."""

    def __init__(self, session: Session, shop: Any) -> None:
        self.zone = ZoneInfo(shop.time_zone)
        self.currency = shop.currency
        self.sold: list[tuple[date, str, str, str, str, int]] = []
        self.lines: list[SlowLine] = []
        self.fees: dict[int, int] = {}
        for order in session.scalars(select(Order).where(Order.shop_id == shop.id)):
            if order.cancelled_at is None:
                self._add_sold(order)
        for each in session.scalars(select(Return).where(Return.shop_id == shop.id)):
            if each.status not in GONE:
                self._add_return(session, each)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _add_sold(self, order: Order) -> None:
        for parcel in order.parcels:
            for content in parcel.lines:
                line = content.order_line
                if line.is_goods and content.qty_shipped:
                    key = line.product_key or line.sku or line.title
                    self.sold.append(
                        (self._day(order.placed_at), order.country, line.category, key,
                         line.variant, content.qty_shipped)
                    )  # fmt: skip

    def _add_return(self, session: Session, each: Return) -> None:
        done = max(
            (
                p.created_at
                for p in session.scalars(select(Payout).where(Payout.return_id == each.id))
            ),
            default=each.closed_at,
        )
        ends = (each.created_at, each.approved_at, each.handed_over_at, each.received_at, done)
        spans = [*pairwise(ends), (each.created_at, done)]
        stages = tuple(
            int((b - a).total_seconds() // 60) if a and b and b >= a else None for a, b in spans
        )
        own = each.currency == self.currency
        for line in each.lines:
            units = line.quantity - line.released
            if units:
                goods = line.order_line
                self.fees[each.id] = each.fee if own else 0
                self.lines.append(
                    SlowLine(
                        each.id, self._day(each.created_at), self._day(each.order.placed_at),
                        each.country, goods.category, goods.product_key or goods.sku or goods.title,
                        goods.variant, line.reason_code, line.fault, line.resolution, each.method,
                        each.carrier or "", units,
                        line.share if own else 0,
                        self._earned(line) if own else 0,
                        stages,
                    )
                )  # fmt: skip

    @staticmethod
    def _earned(line: ReturnLine) -> int:
        """The bonus of the units that came, or are on their way, and were not refused."""
        units = line.quantity - line.released - (line.received - line.accepted)
        return (2 * line.bonus * units + line.quantity) // (2 * line.quantity)

    def asked(self, period: Period, **limits: str) -> list[SlowLine]:
        """Lines asked for in the period, limited."""
        return [line for line in self._limited(limits) if line.asked in period]

    def ordered(self, period: Period, **limits: str) -> list[SlowLine]:
        """Lines ordered in the period, limited."""
        return [line for line in self._limited(limits) if line.ordered in period]

    def _limited(self, limits: dict[str, str]) -> list[SlowLine]:
        return [
            line
            for line in self.lines
            if all(getattr(line, name) == value for name, value in limits.items())
        ]

    def flows(self, period: Period, by: str, **limits: str) -> dict[Any, tuple[int, int]]:
        """Units sold and come back by `day`, `country`, `category`, `product` or `variant`."""
        names = ("day", "country", "category", "product", "variant")
        of_sales = {name: value for name, value in limits.items() if name in names}
        found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        for row in self.sold:
            about = dict(zip(names, row, strict=False))
            if row[0] in period and all(about[n] == v for n, v in of_sales.items()):
                found[about[by]][0] += row[-1]
        for line in self.ordered(period, **limits):
            found[line.ordered if by == "day" else getattr(line, by)][1] += line.units
        return {key: (sold, back) for key, (sold, back) in found.items()}


def units_by(lines: list[SlowLine], name: str) -> dict[str, int]:
    """Units of lines by one of their properties."""
    found: Counter[str] = Counter()
    for line in lines:
        found[getattr(line, name)] += line.units
    return dict(found)
