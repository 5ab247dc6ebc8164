"""Carrier names as feeds write them."""

from __future__ import annotations

import re

from .text import plain

_KNOWN = (
    (re.compile(r"post\s*nl|tnt\s*post", re.IGNORECASE), "postnl"),
    (re.compile(r"dhl", re.IGNORECASE), "dhl"),
    (re.compile(r"dpd", re.IGNORECASE), "dpd"),
    (re.compile(r"gls", re.IGNORECASE), "gls"),
    (re.compile(r"ups\b", re.IGNORECASE), "ups"),
    (re.compile(r"b-?post", re.IGNORECASE), "bpost"),
    (re.compile(r"fed\s*ex", re.IGNORECASE), "fedex"),
    (re.compile(r"hermes", re.IGNORECASE), "hermes"),
    (re.compile(r"in\s*post", re.IGNORECASE), "inpost"),
    (re.compile(r"colissimo|la\s*poste", re.IGNORECASE), "laposte"),
    (re.compile(r"mondial\s*relay", re.IGNORECASE), "mondial_relay"),
)


def carrier_code(name: str) -> str:
    """A stable code for a carrier many shops use ("PostNL" → postnl), else the name as given."""
    clean = plain(name.replace("_", " "), 64)
    for pattern, code in _KNOWN:
        if pattern.match(clean):
            return code
    return clean
