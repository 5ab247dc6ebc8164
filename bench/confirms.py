"""How many returns two web processes confirm in a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bench.data import SLUG, Database, tracking_of
from bench.server import Server, serving
from bench.walk import Customer, hidden

CUSTOMERS = 8
RETURNS = 800
GOAL = 100


def report(database: Database, *, first: int) -> Iterator[str]:
    """Walk RETURNS drafts to the review page, then press all their buttons and take the time.

    Client and server share the machine's processors, so this is a floor.
    """
    with serving(database.url, database.folder, processes=2) as server:
        shares = [range(first + n, first + RETURNS, CUSTOMERS) for n in range(CUSTOMERS)]
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            ready = list(pool.map(lambda numbers: _prepare(server, numbers), shares))
            before, start = server.processor_seconds(), time.perf_counter()
            list(pool.map(lambda forms: _press(server, forms), ready))
            taken = time.perf_counter() - start
            used = server.processor_seconds() - before
    rate = RETURNS / taken
    verdict = "met" if rate >= GOAL else f"missed (≥ {GOAL})"
    yield (
        f"| {database.name} | {rate:.0f} | {used * 1_000 / RETURNS:.1f} | "
        f"{verdict if database.name == 'PostgreSQL' else 'no goal'} |"
    )


Forms = list[tuple[str, dict[str, str]]]


def _prepare(server: Server, numbers: range) -> Forms:
    customer = Customer(server.connect())
    forms = []
    for n in numbers:
        review = customer.walk(SLUG, tracking_of(n), "2611GX")["review"]
        forms.append((review, hidden(customer.get(review)[1])))
    return forms


def _press(server: Server, forms: Forms) -> None:
    customer = Customer(server.connect())
    for url, data in forms:
        status, location = customer.post(url, data)
        if status != 303 or "/s/" not in location:
            raise RuntimeError(f"{url} answered {status} {location}")
