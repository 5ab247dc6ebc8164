"""Between password and second factor: who it is stands in the signed cookie for a few minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, redirect, session, url_for

from ... import clock
from .guard import own_path

_KEY = "halfway"
_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Halfway:
    """Somebody whose password was right."""

    user_id: int
    next_url: str


def begin(user_id: int, next_url: str) -> Response:
    """Remember who it is and ask for the code."""
    session.clear()
    session[_KEY] = [user_id, int(clock.now().timestamp()), next_url]
    return redirect(url_for("account.code"), 303)  # type: ignore[return-value]


def person() -> Halfway | None:
    """Who has given the password a moment ago in this browser."""
    kept: Any = session.get(_KEY)
    if not kept or clock.now().timestamp() - kept[1] > _LASTS.total_seconds():
        return None
    return Halfway(kept[0], own_path(kept[2]))
