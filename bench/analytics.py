"""A page of analytics over a year with a million return lines, against the slow way and a baseline.

    python -m bench.analytics [--lines 1000000]

Facts are written as the worker would write them, then added up by the product's own code. What is
measured is processor time of the service in this process, and for PostgreSQL the wait for it too;
the baseline is one indexed query of a row, asked right before each.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, text

from bench.data import Database, databases
from returnsite.database import begin_write
from returnsite.domain.periods import Comparison, Period, compared, day_number, month_of_day
from returnsite.extensions import db
from returnsite.models import (
    FactProduct,
    ReturnCell,
    ReturnFact,
    ReturnTiming,
    SaleFact,
    Shop,
)
from returnsite.services.analytics.cubes import sum_days, sum_months
from returnsite.services.analytics.facts import lottery
from returnsite.services.analytics.report import make_report
from returnsite.services.analytics.source import Filters, Scope

GOAL_MS = 500
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
"""The last year holds the lines asked for, the one before a fifth as many to compare with."""

COUNTRIES = {"NL": 60, "BE": 20, "DE": 12, "FR": 5, "AT": 3}
CATEGORIES = [f"Category {n}" for n in range(8)]
REASONS = {
    f"reason_{n}": weight for n, weight in enumerate((22, 16, 14, 12, 9, 7, 6, 5, 4, 3, 1, 1))
}
RESOLUTIONS = {"money": 70, "exchange": 18, "credit": 12}
ROUTES = [
    ("drop_off_point", "postnl"),
    ("drop_off_point", "dhl"),
    ("pickup", "gls"),
    ("in_store", ""),
]
PRODUCTS = 500
VARIANTS = ("S", "M", "L", "XL")
BATCH = 50_000

QUESTIONS: dict[str, tuple[Period, dict[str, Any]]] = {
    "90 days": (Period(date(2026, 10, 3), LAST), {}),
    "90 days, one reason": (Period(date(2026, 10, 3), LAST), {"reason": "reason_0"}),
    "the year": (Period(date(2026, 1, 1), LAST), {}),
    "365 days across months": (Period(date(2026, 1, 16), date(2026, 12, 16)), {}),
    "the year, one country": (Period(date(2026, 1, 1), LAST), {"country": "NL"}),
    "the year, money back": (Period(date(2026, 1, 1), LAST), {"resolution": "money"}),
    "the year, one product": (Period(date(2026, 1, 1), LAST), {"product": 1}),
    "the year, country, refund and method": (
        Period(date(2026, 1, 1), LAST),
        {"country": "NL", "resolution": "money", "method": "drop_off_point"},
    ),
}


def main() -> None:
    """Fill, add up and measure each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    lines = parser.parse_args().lines
    with databases() as prepared:
        for line in report(prepared, lines):
            print(line, flush=True)


def report(prepared: list[Database], lines: int) -> Iterator[str]:
    """The results as Markdown."""
    yield f"## Analytics over {lines:,} return lines a year\n"
    yield "| database | question | ms | × baseline | slow way, × | goal |"
    yield "|---|---|---|---|---|---|"
    for database in prepared:
        with database.app.app_context():
            shop_id = database.shop_id
            built = _timed(lambda: _fill(shop_id, lines))  # noqa: B023
            yield from _measure(database, shop_id)
            yield f"| {database.name} | writing facts and adding all up | {built:,.0f} | | | |"


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _cost(name: str, work: Callable[[], Any], rounds: int = 3) -> float:
    """Milliseconds: our own processor time, or with a server the whole wait; the best of some."""
    tick = time.process_time if name == "SQLite" else time.perf_counter
    found = []
    for _ in range(rounds):
        start = tick()
        work()
        found.append((tick() - start) * 1000)
        db.session.rollback()
    return min(found)


def _measure(database: Database, shop_id: int) -> Iterator[str]:
    for name, (period, limits) in QUESTIONS.items():
        filters = Filters(**limits)
        scope = Scope(shop_id, period, filters)
        base = statistics.median(_cost(database.name, lambda: _baseline(shop_id)) for _ in range(5))
        page = _cost(database.name, lambda: _page(scope))  # noqa: B023
        slow = _cost(database.name, lambda: _slow(scope), rounds=1)  # noqa: B023
        verdict = "met" if page <= GOAL_MS else f"missed (≤ {GOAL_MS})"
        yield (
            f"| {database.name} | {name} | {page:.0f} | {page / base:,.0f} "
            f"| {slow / page:.1f} | {verdict} |"
        )


def _baseline(shop_id: int) -> None:
    for _ in range(20):
        db.session.execute(select(Shop.name).where(Shop.id == shop_id)).one()
        db.session.rollback()


def _page(scope: Scope) -> None:
    before = compared(scope.period, Comparison.BEFORE)
    make_report(scope, before=before, today=LAST, window_days=14)


def _slow(scope: Scope) -> None:
    """The breakdowns alone, straight from the facts: one query each, and no comparison."""
    first, last = day_number(scope.period.first), day_number(scope.period.last)
    for name in ("country", "category", "reason", "fault", "resolution", "method", "carrier"):
        column = getattr(ReturnCell, name)
        query = (
            select(column, func.sum(ReturnFact.units), func.sum(ReturnFact.value))
            .join(ReturnCell, ReturnCell.id == ReturnFact.cell_id)
            .where(
                ReturnFact.shop_id == scope.shop_id,
                ReturnFact.requested_day.between(first, last),
                *(getattr(ReturnCell, key) == value for key, value in scope.filters.cell.items()),
            )
            .group_by(column)
        )
        if scope.filters.product is not None:
            query = query.where(ReturnFact.product_id == scope.filters.product)
        db.session.execute(query).all()


def _fill(shop_id: int, lines: int) -> None:
    chance = random.Random(1)
    begin_write()
    cells = _cells(shop_id)
    db.session.execute(insert(ReturnCell), list(cells.values()))
    products = [
        {"id": n, "shop_id": shop_id, "key": f"p{n}", "title": f"Product {n}", "image_url": ""}
        for n in range(1, PRODUCTS + 1)
    ]
    db.session.execute(insert(FactProduct), products)
    db.session.commit()
    _fill_returns(shop_id, lines, cells, chance)
    _fill_sales(shop_id, lines, chance)
    _add_up(shop_id)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _cells(shop_id: int) -> dict[tuple[Any, ...], dict[str, Any]]:
    found = {}
    for country in COUNTRIES:
        for category in CATEGORIES:
            for reason in REASONS:
                for resolution in RESOLUTIONS:
                    for method, carrier in ROUTES:
                        key = (country, category, reason, resolution, method, carrier)
                        names = ("country", "category", "reason", "resolution", "method", "carrier")
                        found[key] = {
                            "id": len(found) + 1,
                            "shop_id": shop_id,
                            "fault": "customer",
                            **dict(zip(names, key, strict=True)),
                        }
    return found


def _fill_returns(shop_id: int, lines: int, cells: dict[Any, Any], chance: random.Random) -> None:
    weights = [1 / (n + 3) ** 0.7 for n in range(PRODUCTS)]
    last, year = day_number(LAST), 365
    line = return_id = 0
    total = lines + lines // 5
    while line < total:
        facts, timings = [], []
        while len(facts) < BATCH and line < total:
            return_id += 1
            asked = last - chance.randrange(year) - (year if line >= lines else 0)
            country = chance.choices(list(COUNTRIES), COUNTRIES.values())[0]
            method, carrier = chance.choices(ROUTES, (5, 3, 1, 1))[0]
            timings.append(
                {
                    "shop_id": shop_id,
                    "return_id": return_id,
                    "order_id": return_id,
                    "requested_day": asked,
                    "lottery": lottery(return_id),
                    "country": country,
                    "method": method,
                    "carrier": carrier,
                    **_stages(chance),
                }
            )
            for place in range(chance.choices((1, 2, 3), (68, 22, 10))[0]):
                product = chance.choices(range(1, PRODUCTS + 1), weights)[0]
                line += 1
                key = (
                    *(country, CATEGORIES[product % 8]),
                    chance.choices(list(REASONS), REASONS.values())[0],
                    chance.choices(list(RESOLUTIONS), RESOLUTIONS.values())[0],
                    *(method, carrier),
                )
                facts.append(
                    {
                        "line_id": line,
                        "return_id": return_id,
                        "order_id": return_id,
                        "shop_id": shop_id,
                        "requested_day": asked,
                        "ordered_day": asked - chance.randint(3, 20),
                        "cell_id": cells[key]["id"],
                        "product_id": product,
                        "variant": VARIANTS[line % 4],
                        "lines": 1,
                        "leads": int(place == 0),
                        "units": 1,
                        "value": 3990,
                        "fee": 395 if place == 0 else 0,
                        "bonus": 0,
                        "foreign_lines": 0,
                    }
                )
        begin_write()
        db.session.execute(insert(ReturnFact), facts)
        db.session.execute(insert(ReturnTiming), timings)
        db.session.commit()


def _stages(chance: random.Random) -> dict[str, int]:
    """Minutes, with a long tail."""
    names = ("approve", "hand_in", "receive", "close")
    stages = {name: int(chance.lognormvariate(7, 0.8)) for name in names}
    return {**stages, "whole": sum(stages.values())}


def _fill_sales(shop_id: int, lines: int, chance: random.Random) -> None:
    """About eight units sold for each that came back."""
    for day in range(day_number(FIRST), day_number(LAST) + 1):
        rows = [
            {
                "shop_id": shop_id,
                "day": day,
                "product_id": product,
                "variant": variant,
                "country": country,
                "category": CATEGORIES[product % 8],
                "sold": chance.randint(1, max(2, lines // 50_000)),
            }
            for product in range(1, PRODUCTS + 1)
            for country in COUNTRIES
            for variant in chance.sample(VARIANTS, 1)
        ]
        begin_write()
        db.session.execute(insert(SaleFact), rows)
        db.session.commit()


def _add_up(shop_id: int) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    # Returns of the first days were ordered the year before.
    days = range(day_number(FIRST) - 30, day_number(LAST) + 1)
    for start in range(days.start, days.stop, 16):
        part = list(range(start, min(start + 16, days.stop)))
        begin_write()
        for kind in ("r", "o"):
            sum_days(shop_id, kind, part, zone)
        db.session.commit()
    months = sorted({month_of_day(day) for day in days})
    begin_write()
    for kind in ("r", "o"):
        sum_months(shop_id, kind, months)
    db.session.commit()


if __name__ == "__main__":
    main()
