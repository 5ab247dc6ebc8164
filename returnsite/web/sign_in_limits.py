"""Brakes on guessing passwords and codes: each miss makes the next wait longer, nothing locks.

The delay belongs to an account and the network somebody tries it from, so that a stranger who
guesses does not keep the owner out. Above it stand wide limits a network, and an account for
networks it was never used from.
"""

from __future__ import annotations

from math import ceil

from .. import clock
from ..services.accounts.addresses import normal_email
from ..services.accounts.sign_in import knows_network
from .merchant.guard import here
from .rate_limits import client, digest, limiter, limits_of, storage

FREE_TRIES = 3
LONGEST_WAIT = 15 * 60
_REMEMBERED = 24 * 60 * 60


def delay_after(tries: int) -> int:
    """Seconds to wait after this many tries: none, none, none, 2, 4, 8 … at most 15 minutes."""
    if tries <= FREE_TRIES:
        return 0
    return min(2 ** min(tries - FREE_TRIES, 20), LONGEST_WAIT)


def sign_in_wait(email: str) -> int:
    """Count a try to sign in; seconds to wait before the next, 0 when this one may go on."""
    account = digest(normal_email(email))
    if wait := _growing_wait("sign-in", account, client()):
        return wait
    waits = [_limit_wait("SIGN_IN_LIMIT_NETWORK", "sign-in-network", client())]
    if not knows_network(email=email, network=here()):
        waits.append(_limit_wait("SIGN_IN_LIMIT_ACCOUNT", "sign-in-account", account))
    return max(waits)


def forget_tries(email: str) -> None:
    """The password was right: the next miss is a first one again."""
    _forget("sign-in", digest(normal_email(email)), client())


def code_wait(user_id: int) -> int:
    """Count a second factor of somebody whose password was right; seconds to wait, 0: go on."""
    return _growing_wait("code", str(user_id))


def forget_codes(user_id: int) -> None:
    """The code was right."""
    _forget("code", str(user_id))


def password_wait(user_id: int) -> int:
    """Count a password typed again by somebody signed in; seconds to wait, 0: go on."""
    return _growing_wait("confirm", str(user_id))


def forget_passwords(user_id: int) -> None:
    """The password was right."""
    _forget("confirm", str(user_id))


def mail_wait() -> int:
    """Count a mail that this network asks for; seconds to wait, 0 when it may be sent."""
    return _limit_wait("MAIL_LIMIT_NETWORK", "mail-network", client())


def may_mail(email: str) -> bool:
    """Count a mail to this address; False when it has had enough of them, which nobody is told."""
    return not _limit_wait("MAIL_LIMIT_ACCOUNT", "mail-account", digest(normal_email(email)))


def _growing_wait(*key: str) -> int:
    """A try is counted before it is made: many at once do not slip through side by side."""
    name = "/".join(key)
    hold, tries = f"hold/{name}", f"tries/{name}"
    if storage.get(hold):
        return max(1, ceil(storage.get_expiry(hold) - clock.now().timestamp()))
    delay = delay_after(storage.incr(tries, _REMEMBERED))
    if delay and storage.incr(hold, delay) > 1:
        return delay
    return 0


def _forget(*key: str) -> None:
    name = "/".join(key)
    storage.clear(f"hold/{name}")
    storage.clear(f"tries/{name}")


def _limit_wait(setting: str, *key: str) -> int:
    now = clock.now().timestamp()
    blocked = [item for item in limits_of(setting) if not limiter.hit(item, *key)]
    waits = [limiter.get_window_stats(item, *key).reset_time - now for item in blocked]
    return max((max(1, ceil(wait)) for wait in waits), default=0)
