"""Measure against the goals and write bench/RESULTS.md.

make bench            everything, some half an hour
python -m bench --quick    fewer orders and no million, to try a change
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from bench import analytics, confirms, inbox, lookups, points, portal, trials, weight
from bench.data import Database, databases, fill_orders
from returnsite import clock

RESULTS = Path(__file__).with_name("RESULTS.md")
SMALL, LARGE, QUICK = 10_000, 1_000_000, 100_000
LOOKUP_GOAL = 1.2


def main() -> None:
    """Run all measurements, printing as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    lines = []
    with databases() as prepared:
        for line in run(prepared, QUICK if quick else LARGE):
            print(line, flush=True)
            lines.append(line)
    if not quick:
        for part in (points.lines(), inbox.lines(), analytics.lines()):
            for line in part:
                print(line, flush=True)
                lines.append(line)
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(prepared: list[Database], large: int) -> Iterator[str]:
    """All results as Markdown."""
    yield "# Measured\n"
    yield f"{clock.now():%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} processors shared by "
    yield f"client, server and database, Python {platform.python_version()}. Run: `make bench`.\n"
    for database in prepared:
        fill_orders(database, first=0, count=SMALL)
    yield "## Processor time a request\n"
    yield "One gunicorn process; the baseline is one indexed ORM query and a page of twelve rows.\n"
    for database in prepared:
        yield from portal.report(database)
    yield "## Confirming\n"
    yield "| database | returns a second, two processes | processor ms each | goal |"
    yield "|---|---|---|---|"
    for database in prepared:
        yield from confirms.report(database, first=100)
    yield "\n## Finding an order\n"
    yield from _lookups(prepared, large)
    yield "\n## Weight of the first page\n"
    yield from weight.report(prepared[0])
    yield "\n## Trying a rule draft\n"
    yield "Processor seconds; the baseline reads the same orders and judges nothing.\n"
    yield f"| database | what | items changed | baseline | trial | ratio | ≤ {trials.GOAL:.0f} s |"
    yield "|---|---|---|---|---|---|---|"
    for database in prepared:
        yield from trials.report(database)
    yield ""


def _lookups(prepared: list[Database], large: int) -> Iterator[str]:
    yield f"| database | {SMALL:,} orders, µs | {large:,} orders, µs | ratio | goal |"
    yield "|---|---|---|---|---|"
    for database in prepared:
        small = lookups.measure(database, SMALL)
        fill_orders(database, first=SMALL, count=large - SMALL)
        big = lookups.measure(database, large)
        verdict = "met" if big / small <= LOOKUP_GOAL else f"missed (≤ {LOOKUP_GOAL})"
        yield f"| {database.name} | {small:.0f} | {big:.0f} | {big / small:.2f} | {verdict} |"


if __name__ == "__main__":
    main()
