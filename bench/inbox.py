"""What a page of the inbox costs among very many returns, beside the portal's first page.

scripts/with-postgres .venv/bin/python -m bench.inbox [RETURNS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator

from flask.testing import FlaskClient

from bench.data import SLUG, Database, databases, signed_in
from bench.inbox_data import analyse, fill_returns, number_of
from returnsite import clock
from returnsite.extensions import db
from returnsite.models import Shop

RETURNS, ROUNDS, GOAL = 100_000, 7, 50

PAGES = {
    "all": "", "oldest": "sort=oldest", "due first": "sort=due", "value first": "sort=value",
    "to approve": "tab=to_approve", "on the way": "tab=on_the_way", "to pay": "tab=to_pay",
    "completed": "tab=completed", "ended": "tab=ended", "failed labels": "tab=failed",
    "completed by value": "tab=completed&sort=value", "overdue": "overdue=1",
    "rare country": "country=LU", "rare reason": "reason=recalled",
    "rare method": "method=in_store",
    "nothing fits": "country=LU&reason=recalled&carrier=gls",
    "common filters": "country=DE&reason=damaged&resolution=credit",
    "two days": "from=2025-01-01&to=2025-01-02", "high amounts": "min=399.00",
    "search number": "q={number}", "search rare name": "q=schreckenberghorst",
    "search common name": "q=jansen", "search two names": "q=jansen+anna",
    "search start of all": "q=3S", "search nothing": "q=zzzz",
    "search and filter": "q=jansen&country=LU",
}  # fmt: skip


def main() -> None:
    """Print a table a database."""
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else RETURNS):
        print(line, flush=True)


def lines(count: int = RETURNS) -> Iterator[str]:
    """The results as Markdown."""
    yield "## The inbox\n"
    yield "A whole page, by the clock; the baseline is the portal's first page.\n"
    with databases() as prepared:
        for database in prepared:
            yield from report(database, count)
            yield ""


def report(database: Database, count: int) -> Iterator[str]:
    """Fill, then ask each page in turns with the baseline: the portal's first page."""
    fill_returns(database, database.shop_id, first=0, count=count)
    fill_returns(database, _other_shop(database), first=count, count=count // 5)
    analyse(database)
    client = signed_in(database)
    yield f"### {database.name}, {count:,} returns\n"
    yield "| page | ms, best | ms, median | client's processor ms | × baseline | goal |"
    yield "|---|---|---|---|---|---|"
    number = number_of(count // 2)
    for name, query in PAGES.items():
        url = f"/shops/{SLUG}/returns?{query.format(number=number)}"
        page, base = _compare(_ask(client, url), _ask(client, f"/p/{SLUG}/"))
        verdict = "met" if min(page) <= GOAL else f"missed (≤ {GOAL} ms)"
        ratio = statistics.median(a / b for a, b in zip(page, base, strict=True))
        middle = statistics.median(page)
        busy = _processor(_ask(client, url))
        yield f"| {name} | {min(page):.0f} | {middle:.0f} | {busy:.0f} | {ratio:.1f} | {verdict} |"


def _ask(client: FlaskClient, url: str) -> Callable[[], float]:
    def ask() -> float:
        start = time.perf_counter()
        status = client.get(url).status_code
        if status != 200:
            raise RuntimeError(f"{url} answered {status}")
        return (time.perf_counter() - start) * 1_000

    return ask


def _compare(one: Callable[[], float], other: Callable[[], float]) -> tuple[list[float], ...]:
    one(), other()
    rounds = [(one(), other()) for _round in range(ROUNDS)]
    return [each[0] for each in rounds], [each[1] for each in rounds]


def _processor(ask: Callable[[], float]) -> float:
    """Processor time of this process, which neighbours on the machine hardly change: all of it
    on SQLite, without the server's share on PostgreSQL."""
    before = time.process_time()
    for _round in range(ROUNDS):
        ask()
    return (time.process_time() - before) * 1_000 / ROUNDS


def _other_shop(database: Database) -> int:
    with database.app.app_context():
        own = db.session.get_one(Shop, database.shop_id)
        values = {"slug": "noise", "name": "Noise", "created_at": clock.now()}
        lists = {name: [] for name in ("locales", "resolutions", "methods", "frame_origins")}
        shop = Shop(**values, **lists, currency=own.currency, look={}, texts={})
        db.session.add(shop)
        db.session.commit()
        return shop.id


if __name__ == "__main__":
    main()
