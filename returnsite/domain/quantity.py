"""Numbers of units, as customers post them."""

from __future__ import annotations

import re

from .errors import QuantityInvalid

_WHOLE = re.compile(r"[0-9]{1,9}")


def parse_quantity(text: str) -> int:
    """A whole number of units, 1 or more. ASCII digits only, at most nine of them.

    Raises QuantityInvalid for anything else: "1.5", "1e1", "-1", "٢", "", "0", 10³⁰.
    """
    if not _WHOLE.fullmatch(text) or int(text) == 0:
        raise QuantityInvalid("quantity_invalid", text=text[:20])
    return int(text)
