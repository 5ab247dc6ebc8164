"""Which part of the address book a card shows: a page, what is searched for, or around a change."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from ....services.setting_items import Place
from ....services.shops import ShopSettings
from ...typed import whole
from ..places import one_line
from .forms import line
from .things import pressed

SIZE = 10


@dataclass(frozen=True, slots=True)
class BookPage:
    """Some addresses of `total`; `found` of them fit the searched `text`."""

    places: tuple[Place, ...]
    number: int
    last: int
    found: int
    total: int
    text: str


def shown_page(settings: ShopSettings) -> BookPage:
    """The page asked for; else the one with the address at hand, or the first."""
    text = line(request.args.get("q", ""))[:100]
    places = [one for one in _in_order(settings) if text.casefold() in _searched(one)]
    last = max(1, -(-len(places) // SIZE))
    number = min(_asked_page() or _page_of(places), last)
    chosen = places[(number - 1) * SIZE : number * SIZE]
    return BookPage(tuple(chosen), number, last, len(places), len(settings.addresses), text)


def _in_order(settings: ShopSettings) -> list[Place]:
    """The return address first, then by name."""
    home = settings.return_address
    return sorted(
        settings.addresses,
        key=lambda one: (one != home, (one.company or one.name).casefold(), one.name, one.id),
    )


def _searched(place: Place) -> str:
    return f"{one_line(place)} {place.name} {place.postcode.replace(' ', '')}".casefold()


def _asked_page() -> int:
    return whole(request.args.get("page", ""))


def _page_of(places: list[Place]) -> int:
    """The page with the address that is open or was just changed; a new one has the highest id."""
    args = request.view_args or {}
    part = str(args.get("part", "")) if args.get("section") == "addresses" else ""
    key = pressed()[1] if part == "order" else part.partition("-")[2]
    if part == "new" and request.method == "POST":
        key = str(max((one.id for one in places), default=0))
    at = next((at for at, one in enumerate(places) if str(one.id) == key), 0)
    return at // SIZE + 1
