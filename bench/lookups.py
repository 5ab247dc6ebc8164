"""Whether finding an order stays as fast from 10,000 to 1,000,000 orders."""

from __future__ import annotations

import random
import statistics
import time

from bench.data import Database, number_of, tracking_of
from returnsite.database import run
from returnsite.domain.lookup import normalise_number
from returnsite.extensions import db
from returnsite.services.find_order import CANDIDATES

SEARCHES = 3_000


def measure(database: Database, count: int) -> float:
    """Median microseconds of the query behind a look-up among `count` orders, half by tracking
    number and half by order number, every tenth for a number that does not exist."""
    rng = random.Random(count)
    with database.app.app_context():
        taken = []
        for n in range(SEARCHES):
            at = rng.randrange(count) + (count * 10 if n % 10 == 0 else 0)
            text = tracking_of(at) if n % 2 else number_of(at)
            wanted = {"number": normalise_number(text), "shop_id": database.shop_id}
            start = time.perf_counter()
            run(CANDIDATES, wanted).all()
            taken.append((time.perf_counter() - start) * 1_000_000)
        db.session.rollback()
    return statistics.median(taken)
