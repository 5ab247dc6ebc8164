"""Nearest service points: how long a search takes among 500,000, and that it finds the right ones.

    python -m bench.points

Points lie in clusters as towns do: 2,000 towns over Europe, big ones with thousands of points, four
large carriers and one with few. The searches start near towns, and some far from anything. Each
answer of a sample is compared with a scan of all points. On SQLite, and on PostgreSQL when
RETURNSITE_TEST_POSTGRES holds a server URL.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import flask_migrate
from flask import Flask
from sqlalchemy import create_engine, insert, make_url, select, text
from sqlalchemy.pool import NullPool

from returnsite import clock, create_app
from returnsite.domain.geo import distance_m
from returnsite.extensions import db
from returnsite.models import ServicePoint
from returnsite.services.queries.locate_place import locate_place
from returnsite.services.queries.nearest_points import nearest_points
from returnsite.services.queries.towns import warm_up

ROOT = Path(__file__).parents[1]
CARRIERS = ("postnl", "dhl", "gls", "inpost")
RARE = "rare"
BATCH = 20_000


def towns(count: int = 2_000) -> list[tuple[float, float, float]]:
    """(latitude, longitude, weight) over 36–60° N, 10° W–24° E; the biggest has 1 point of 200."""
    rng = random.Random(7)
    return [(rng.uniform(36, 60), rng.uniform(-10, 24), 1 / (n + 50)) for n in range(count)]


def fill(count: int) -> None:
    """Write `count` clustered points and refresh the planner's statistics."""
    rng, places = random.Random(11), towns()
    chosen = rng.choices(places, [weight for *_, weight in places], k=count)
    for start in range(0, count, BATCH):
        rows = []
        for n, (latitude, longitude, _weight) in enumerate(chosen[start : start + BATCH], start):
            rows.append(
                {
                    "carrier": RARE if n % 5_000 == 0 else CARRIERS[n % len(CARRIERS)],
                    "code": str(n),
                    "name": f"Point {n}",
                    "type": "shop",
                    "country": "NL",
                    "latitude": rng.gauss(latitude, 0.04),
                    "longitude": rng.gauss(longitude, 0.06),
                    "hours": {"mon": [["09:00", "18:00"]]},
                    "services": [],
                    "closures": [],
                    "source": "bench",
                    "fetched_at": clock.now(),
                    "accepts_labelless": n % 7 == 0,
                }
            )
        db.session.execute(insert(ServicePoint), rows)
        db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def searches(count: int) -> list[tuple[float, float]]:
    """Places people search from: near a town nine times of ten, else anywhere."""
    rng, places = random.Random(13), towns()
    near = rng.choices(places, [weight**0.5 for *_, weight in places], k=count)
    return [
        (rng.uniform(36, 60), rng.uniform(-10, 24))
        if n % 10 == 9
        else (rng.gauss(latitude, 0.05), rng.gauss(longitude, 0.07))
        for n, (latitude, longitude, _weight) in enumerate(near)
    ]


def scan(points: list[tuple[float, float, int]], at: tuple[float, float]) -> list[int]:
    """Ids of the ten nearest within 50 km by looking at every point."""
    found = sorted((distance_m(*at, lat, lon), point_id) for lat, lon, point_id in points)
    return [point_id for away, point_id in found[:10] if away <= 50_000]


def timed(
    search: Callable[[float, float], object], at: list[tuple[float, float]]
) -> tuple[list[float], float]:
    """Milliseconds of each search, sorted, and this process's median milliseconds of CPU."""
    for place in at[:20]:
        search(*place)
    taken, cpu = [], []
    for place in at:
        start, cpu_start = time.perf_counter(), time.process_time()
        search(*place)
        taken.append((time.perf_counter() - start) * 1_000)
        cpu.append((time.process_time() - cpu_start) * 1_000)
    return sorted(taken), median(cpu)


def row(label: str, taken: list[float], cpu: float) -> str:
    """A line of the results table."""
    at = [taken[int(len(taken) * share)] for share in (0.5, 0.95, 0.99)]
    return f"| {label} | " + " | ".join(f"{ms:.2f}" for ms in (*at, taken[-1], cpu)) + " |"


def measure(count: int, wanted: int) -> Iterator[str]:
    """Fill the current application's database and yield lines of a Markdown table."""
    start = time.perf_counter()
    fill(count)
    yield f"{db.engine.dialect.name}: {count} points written in {time.perf_counter() - start:.0f} s"
    points = [
        (r.latitude, r.longitude, r.id)
        for r in db.session.execute(
            select(ServicePoint.id, ServicePoint.latitude, ServicePoint.longitude)
        )
    ]
    places = searches(wanted)
    exact = sum(
        [p.id for p in nearest_points(latitude=lat, longitude=lon)] == scan(points, (lat, lon))
        for lat, lon in places[:20]
    )
    yield f"{exact} of 20 answers equal a scan of all points"
    yield ""
    yield "| search (ms) | median | p95 | p99 | worst | CPU median |"
    yield "|---|---|---|---|---|---|"
    for label, options in (
        ("any carrier", {}),
        ("two carriers of one country", {"carriers": ["dhl", "gls"], "country": "NL"}),
        ("labelless, one carrier", {"carriers": ["dhl"], "country": "NL", "labelless": True}),
        ("a carrier with 100 points", {"carriers": [RARE], "country": "NL"}),
        ("a carrier without points", {"carriers": ["nobody"], "country": "NL"}),
    ):

        def search(latitude: float, longitude: float, options: dict = options) -> object:
            return nearest_points(latitude=latitude, longitude=longitude, **options)

        yield row(label, *timed(search, places))


@contextmanager
def databases() -> Iterator[list[Flask]]:
    """Migrated applications on a new SQLite file and, where there is a server, PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/bench.sqlite3"]
        if server := os.environ.get("RETURNSITE_TEST_POSTGRES"):
            urls.append(_postgres(server))
        apps = []
        for url in urls:
            settings = {
                "TESTING": True,
                "SECRET_KEY": "bench-secret-key-bench-secret-key-0123456789",
                "SQLALCHEMY_DATABASE_URI": url,
                "DATA_DIR": folder,
            }
            apps.append(create_app(settings))
            with apps[-1].app_context():
                flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        yield apps
        for app in apps:
            with app.app_context():
                db.engine.dispose()


def _postgres(server: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bench_points WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE bench_points"))
    return url.set(database="bench_points").render_as_string(hide_password=False)


def lines(count: int = 500_000, wanted: int = 300) -> Iterator[str]:
    """The results on each database, as text."""
    start = time.perf_counter()
    warm_up()
    yield f"The table of towns loads in {(time.perf_counter() - start) * 1_000:.0f} ms, once."
    with databases() as apps:
        for app in apps:
            with app.app_context():
                yield ""
                yield from measure(count, wanted)
                start = time.perf_counter()
                locate_place(text="Delft", country="NL")
                yield ""
                yield f"A place by name: {(time.perf_counter() - start) * 1_000:.1f} ms."


def main() -> None:
    """Print the results as they come."""
    for line in lines():
        print(line, flush=True)


if __name__ == "__main__":
    main()
