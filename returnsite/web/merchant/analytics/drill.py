"""Addresses of what is behind a figure: the same question, narrowed to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for

from ....domain.inbox import Filters as InboxFilters
from ....domain.lifecycle import RELEASED, Status
from ....domain.periods import Period, Preset
from ..inbox_filters import LISTS, address
from .query import NONE, Query

_ALIKE = {
    "country": "countries",
    "reason": "reasons",
    "resolution": "resolutions",
    "method": "methods",
    "carrier": "carriers",
}
"""What the inbox filters by too: name here → its field there."""


def here(query: Query, **changes: str | None) -> str:
    """The page with another question."""
    return query.address(url_for("merchant.analytics"), **changes)


def csv_url(query: Query, name: str) -> str:
    """A table as a file."""
    return query.address(url_for("merchant.analytics_table", name=name))


def lines_url(query: Query, **limits: str | None) -> str:
    """The return lines behind a figure. A limit that is empty means lines that have none of it."""
    wanted = {name: NONE if value == "" else value for name, value in limits.items()}
    return query.address(url_for("merchant.analytics_lines"), **wanted)


def times_url(query: Query, stage: str, **limits: str | None) -> str:
    """The returns behind how long a stage takes."""
    return query.address(url_for("merchant.analytics_times"), stage=stage, **limits)


def days(period: Period) -> dict[str, str | None]:
    """What an address says for these days alone."""
    own = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return {"period": Preset.CUSTOM.value, **own}


def inbox_url(query: Query, narrower: Mapping[str, str]) -> str | None:
    """The inbox with the same returns; None where its filters cannot say the same.

    It filters returns, not lines: of a reason and a resolution it cannot ask that one line has
    both. Returns that hold no units any more are in no figure.
    """
    limits = {**query.limits, **{name: value for name, value in narrower.items() if value}}
    values: dict[str, Any] = {}
    for name, value in limits.items():
        if name == "kept" and "resolution" not in limits:
            values["resolutions"] = ("exchange", "credit")
        elif name in _ALIKE and LISTS[name][1](value):
            values.setdefault(_ALIKE[name], (value,))
        else:
            return None
    if len(values.keys() & {"reasons", "resolutions"}) > 1:
        return None
    held = tuple(status for status in Status if status not in RELEASED)
    period = query.period
    found = InboxFilters(statuses=held, since=period.first, until=period.last)
    return address(replace(found, **values))
