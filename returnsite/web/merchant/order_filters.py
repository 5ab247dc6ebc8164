"""The list of orders as an address says it: search, filters, sorting and place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, url_for

from ...domain.search import read_query
from ...services.queries.order_list import STAGES, Key, OrderFilter
from ..i18n import gettext as _
from ..rendering import day_year
from .guard import may
from .words import country_name

_KEY = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = ("q", "country", "stage", "returns", "from", "to", "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what makes no sense in it is left out."""

    q: str
    country: str
    stage: str
    returns: str
    first_day: date | None
    last_day: date | None
    sort: str
    after: Key | None
    before: Key | None

    @property
    def filter(self) -> OrderFilter:
        """The same for the service, days as instants of the shop's zone."""
        return OrderFilter(
            query=read_query(self.q),
            personal=may("see_customers"),
            country=self.country,
            stage=self.stage,
            with_returns=bool(self.returns),
            since=_midnight(self.first_day),
            until=_midnight(self.last_day, days=1),
            oldest_first=self.sort == "oldest",
        )

    @property
    def is_filtered(self) -> bool:
        """Something is left out of the list."""
        return any(value for name, value in self.values().items() if name != "sort")

    def values(self) -> dict[str, str]:
        """What the form shows."""
        texts = (
            *(self.q, self.country, self.stage, self.returns),
            *(each.isoformat() if each else "" for each in (self.first_day, self.last_day)),
            self.sort,
        )
        return dict(zip(_FIELDS, texts, strict=True))

    def url(self, **changes: str | None) -> str:
        """The address of the same list with something else; it begins at its first page."""
        wanted = {**self.values(), **changes}
        given: dict[str, Any] = {name: value for name, value in wanted.items() if value}
        return url_for("merchant.orders", **given)

    def chips(self) -> list[dict[str, str]]:
        """The filters that are on, and the address without each."""
        names = stage_names()
        found = [
            ("country", country_name(self.country) if self.country else ""),
            ("stage", names.get(self.stage, "")),
            ("returns", _("With returns") if self.returns else ""),
            ("from", _("From %(day)s", day=day_year(self.first_day)) if self.first_day else ""),
            ("to", _("Until %(day)s", day=day_year(self.last_day)) if self.last_day else ""),
        ]
        return [{"text": text, "url": self.url(**{name: None})} for name, text in found if text]


def read_address(args: Mapping[str, Any]) -> Asked:
    """What the query of an address asks for."""
    stage, country = args.get("stage", ""), args.get("country", "")
    return Asked(
        q=" ".join(args.get("q", "").split())[:200],
        country=country if re.fullmatch(r"[A-Z]{2}", country) else "",
        stage=stage if stage in STAGES else "",
        returns="1" if args.get("returns") else "",
        first_day=_day(args.get("from", "")),
        last_day=_day(args.get("to", "")),
        sort="oldest" if args.get("sort") == "oldest" else "",
        after=_key(args.get("after", "")),
        before=_key(args.get("before", "")),
    )


def key_text(key: Key | None) -> str | None:
    """A place in the list as the address has it."""
    if key is None:
        return None
    return f"{(key.placed_at - _EPOCH) // timedelta(microseconds=1)}-{key.order_id}"


def stage_names() -> dict[str, str]:
    """How far an order can be, in words."""
    return {
        "open": _("Not sent yet"),
        "on_the_way": _("On the way"),
        "delivered": _("Delivered"),
        "cancelled": _("Cancelled"),
    }


def _key(text: str) -> Key | None:
    found = _KEY.fullmatch(text)
    if found is None:
        return None
    try:
        return Key(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))
    except OverflowError:
        return None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 9998 else None


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    local = datetime.combine(day + timedelta(days=days), time.min, ZoneInfo(g.shop.time_zone))
    return local.astimezone(UTC)
