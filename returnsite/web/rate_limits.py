"""Limits on look-ups, counted in the database so that all processes share them.

The windows and strategy are those of the `limits` package; this is the storage it lacks.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from math import ceil
from typing import Any

from flask import current_app, request
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from .. import clock
from ..database import WRITES
from ..domain.lookup import normalise_number
from ..extensions import db
from ..models import RateCounter


class DatabaseStorage(Storage):
    """Fixed-window counters in the table `rate_counter`, each in a transaction of its own."""

    STORAGE_SCHEME = ["returnsite-database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """Errors that mean the store is out of reach."""
        return Exception

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter, starting it anew when its window is over; returns its count."""
        now = clock.now().timestamp()
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(RateCounter).values(key=key, count=amount, expires_at=now + expiry)
        over = RateCounter.expires_at <= now
        statement = insert.on_conflict_do_update(
            index_elements=[RateCounter.key],
            set_={
                "count": case((over, amount), else_=RateCounter.count + amount),
                "expires_at": case((over, now + expiry), else_=RateCounter.expires_at),
            },
        ).returning(RateCounter.count)
        with db.engine.connect().execution_options(**{WRITES: True}) as connection:
            count = connection.execute(statement).scalar_one()
            connection.commit()
        return int(count)

    def get(self, key: str) -> int:
        """The count of a running window, else 0."""
        query = select(RateCounter.count).where(
            RateCounter.key == key, RateCounter.expires_at > clock.now().timestamp()
        )
        with db.engine.connect() as connection:
            return int(connection.execute(query).scalar() or 0)

    def get_expiry(self, key: str) -> float:
        """When the window ends, Unix seconds."""
        query = select(RateCounter.expires_at).where(RateCounter.key == key)
        with db.engine.connect() as connection:
            return float(connection.execute(query).scalar() or clock.now().timestamp())

    def check(self) -> bool:
        """Whether the store answers."""
        with db.engine.connect() as connection:
            return (
                connection.execute(select(func.count()).select_from(RateCounter)).scalar()
                is not None
            )

    def reset(self) -> int | None:
        """Forget all counters."""
        return self._delete(delete(RateCounter))

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._delete(delete(RateCounter).where(RateCounter.key == key))

    def _delete(self, statement: Any) -> int:
        with db.engine.connect().execution_options(**{WRITES: True}) as connection:
            count = connection.execute(statement).rowcount
            connection.commit()
        return int(count)


Counted = tuple[RateLimitItem, tuple[str, ...]]
"""A limit and the key it counts."""

storage = DatabaseStorage()
limiter = FixedWindowRateLimiter(storage)


def lookup_wait(*, shop_id: int, number: str) -> int:
    """Count a look-up for this address; seconds to wait before the next, 0 when it may go on.

    Addresses count every attempt. Numbers count misses only (`count_miss`), whether the number
    exists or not: guessing a postcode for one parcel is what has to stay hard.
    """
    by_ip: list[Counted] = [
        (item, ("lookup-ip", client())) for item in limits_of("LOOKUP_LIMIT_IP")
    ]
    by_number: list[Counted] = [
        (item, ("lookup-number", str(shop_id), _number(number)))
        for item in limits_of("LOOKUP_LIMIT_NUMBER")
    ]
    blocked = [(i, k) for i, k in by_number if not limiter.test(i, *k)]
    blocked += [(i, k) for i, k in by_ip if not limiter.hit(i, *k)]
    waits = [
        limiter.get_window_stats(i, *k).reset_time - clock.now().timestamp() for i, k in blocked
    ]
    return max((max(1, ceil(wait)) for wait in waits), default=0)


def count_miss(*, shop_id: int, number: str) -> None:
    """Remember that a look-up of this number failed."""
    for item in limits_of("LOOKUP_LIMIT_NUMBER"):
        limiter.hit(item, "lookup-number", str(shop_id), _number(number))


def limits_of(setting: str) -> Sequence[RateLimitItem]:
    """The limits a setting lists."""
    return parse_many(current_app.config[setting])


def client() -> str:
    """The network the request is from: one address for IPv4, a /64 for IPv6; never kept as is."""
    text = (request.remote_addr or "").partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return digest("")  # a local socket has no address
    if isinstance(address, ipaddress.IPv6Address):
        # A server that listens for both versions writes IPv4 addresses as IPv6 ones.
        network = ipaddress.ip_network((int(address), 64), strict=False).network_address
        address = address.ipv4_mapped or network
    return digest(str(address))


def _number(text: str) -> str:
    """The same for every way to write a number, so that writing it otherwise wins no attempts."""
    return digest(normalise_number(text))


def digest(text: str) -> str:
    """What stands for a text in a counter's key: the store names nobody."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
