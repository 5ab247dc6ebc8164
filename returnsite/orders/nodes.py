"""Values inside a JSON order; what cannot be used is named by its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from .base import BadValue
from .cells import read_moment
from .text import plain

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")


class Node:
    """One object of the JSON, and where it stands. Missing members are empty, zero or None."""

    def __init__(self, value: object, path: str = "") -> None:
        self.value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        self.path = path

    def __bool__(self) -> bool:
        return bool(self.value)

    def __contains__(self, name: str) -> bool:
        return self.value.get(name) is not None

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str, limit: int = 200) -> str:
        """A text or number as one line of text."""
        value = self.value.get(name)
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            return ""
        return plain(str(value), limit)

    def amount(self, name: str) -> Decimal:
        """A number, also when written as text; 0 when missing. Raises BadValue."""
        value = self.value.get(name)
        if value is None or value == "":
            return Decimal(0)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return Decimal(value.strip())
        raise BadValue(
            _("“%(text)s” is not an amount.", text=str(value)[:40]), column=self._at(name)
        )

    def units(self, name: str) -> int:
        """A whole number of units, 0 or more; 0 when missing. Raises BadValue."""
        number = self.amount(name)
        if number != number.to_integral_value() or not 0 <= number <= 1_000_000:
            raise BadValue(
                _("“%(text)s” is not a whole number of units.", text=str(number)[:40]),
                column=self._at(name),
            )
        return int(number)

    def moment(self, name: str, time_zone: str) -> datetime | None:
        """An instant: ISO text (local in `time_zone` when it has no zone) or Unix seconds."""
        value = self.value.get(name)
        if value in (None, "", 0, "0", False):
            return None
        try:
            text = str(value).strip()
            if text.isdecimal() and len(text) in (9, 10):
                return datetime.fromtimestamp(int(text), UTC)
            return read_moment(text[:40], time_zone)
        except BadValue as problem:
            raise BadValue(problem.message, column=self._at(name)) from None

    def child(self, name: str) -> Node:
        """An object inside this one; empty when it is missing or no object."""
        return Node(self.value.get(name), self._at(name))

    def items(self, name: str) -> list[Node]:
        """The objects of a list inside this one; empty when it is missing or no list."""
        found = self.value.get(name)
        if not isinstance(found, list):
            return []
        return [Node(item, f"{self._at(name)}[{place}]") for place, item in enumerate(found, 1)]

    def flag(self, name: str) -> bool | None:
        """Yes, no, or None when it is not said."""
        value = self.value.get(name)
        return value if isinstance(value, bool) else None
