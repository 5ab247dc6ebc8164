"""Long lists in pages: which one a card shows, so that its answers stay small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from ...typed import whole
from .things import pressed

SIZE = 8


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list of `total` things; `start` is how many stand before it."""

    number: int
    last: int
    total: int

    @property
    def start(self) -> int:
        """How many things stand before the page."""
        return (self.number - 1) * SIZE

    @property
    def end(self) -> int:
        """The number of its last thing."""
        return min(self.start + SIZE, self.total)

    @property
    def slice(self) -> slice:
        """What to cut out of the list."""
        return slice(self.start, self.start + SIZE)


def list_page(section: str, keys: Sequence[str]) -> ListPage:
    """The page asked for; else the one with the thing at hand, or the first."""
    last = max(1, -(-len(keys) // SIZE))
    number = _asked(section) or _page_of(_at_hand(section), keys)
    return ListPage(min(number, last), last, len(keys))


def _asked(section: str) -> int:
    return whole(request.args.get(f"{section}-page", ""))


def _page_of(key: str, keys: Sequence[str]) -> int:
    """A thing just added has no key yet and stands at the end."""
    if key == "new":
        return len(keys)
    return keys.index(key) // SIZE + 1 if key in keys else 1


def _at_hand(section: str) -> str:
    """The key of what is open, was pressed or was just saved; `new` for what was added."""
    args = request.view_args or {}
    if args.get("section") == section:
        part = str(args.get("part", ""))
    else:
        name, _dot, part = request.args.get("saved", "").partition(".")
        part = part if name == section else ""
    if part == "order":
        return pressed()[1]
    return part.partition("-")[2] or part
