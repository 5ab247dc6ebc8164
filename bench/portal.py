"""What a request of each step costs the server's processor, beside a bare Flask page.

Processor time of the server process, not of the clock: neighbours on the machine hardly change it.
Baseline and steps are asked in turns within one run and compared round by round.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.data import SLUG, Database, number_of, tracking_of
from bench.server import Server, serving
from bench.walk import FRAGMENT, Customer

ROUNDS = 5
REQUESTS = 150
GOAL = 2.5


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time a request, and how often the baseline that is (median)."""

    name: str
    milliseconds: float
    ratio: float


def measure(database: Database) -> list[Cost]:
    """The cost of every step's page, fragment and live parts."""
    with serving(database.url, database.folder, processes=1) as server:
        customer = Customer(server.connect())
        urls = customer.walk(SLUG, tracking_of(1), "2611gx")
        asked = {"baseline": _ask(customer, _baseline_url(database), {}), **_steps(customer, urls)}
        for ask in asked.values():
            for _warm in range(10):
                ask()
        return _compare(server, asked)


def _baseline_url(database: Database) -> str:
    return f"/_baseline?shop={database.shop_id}&number={number_of(1)}"


def _steps(customer: Customer, urls: dict[str, str]) -> dict[str, Callable[[], None]]:
    line = urls["line"]
    asked = {}
    for step in ("find", "items", "reasons", "refund", "shipment", "review"):
        asked[f"{step}, page"] = _ask(customer, urls[step], {})
        asked[f"{step}, fragment"] = _ask(customer, urls[step], FRAGMENT)
    live = {
        "items, live eligibility": f"{urls['items']}/_quote?line={line}&quantity-{line}=2",
        "reasons, live effect": f"{urls['reasons']}/_quote?line={line}&reason-{line}=damaged",
        "shipment, live fee": f"{urls['shipment']}/_quote?method=pickup",
        "shipment, points": f"{urls['shipment']}/_points?method=drop_off_point&near=Delft",
    }
    return asked | {name: _ask(customer, url, FRAGMENT) for name, url in live.items()}


def _ask(customer: Customer, url: str, headers: dict[str, str]) -> Callable[[], None]:
    def ask() -> None:
        status, _body = customer.get(url, headers)
        if status != 200:
            raise RuntimeError(f"{url} answered {status}")

    return ask


def _compare(server: Server, asked: dict[str, Callable[[], None]]) -> list[Cost]:
    rounds: dict[str, list[float]] = {name: [] for name in asked}
    for _round in range(ROUNDS):
        for name, ask in asked.items():
            before = server.processor_seconds()
            for _request in range(REQUESTS):
                ask()
            rounds[name].append((server.processor_seconds() - before) * 1_000 / REQUESTS)
    baseline = rounds.pop("baseline")
    costs = [Cost("baseline", statistics.median(baseline), 1.0)]
    for name, taken in rounds.items():
        ratios = [one / base for one, base in zip(taken, baseline, strict=True)]
        costs.append(Cost(name, statistics.median(taken), statistics.median(ratios)))
    return costs


def report(database: Database) -> Iterator[str]:
    """The results as a Markdown table."""
    yield f"### {database.name}\n"
    yield "| request | processor ms | × baseline | goal |"
    yield "|---|---|---|---|"
    for cost in measure(database):
        goal = ""
        if not cost.name.endswith(("baseline", "page")):
            goal = "met" if cost.ratio <= GOAL else f"missed (≤ {GOAL})"
        yield f"| {cost.name} | {cost.milliseconds:.2f} | {cost.ratio:.2f} | {goal} |"
    yield ""
