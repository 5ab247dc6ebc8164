"""The cards of the settings page, in the order merchants set a portal up: one line a section."""

from __future__ import annotations

from flask import abort

from .addresses import Addresses
from .base import Section
from .carriers import Carriers
from .fees import Fees
from .look import Look
from .mail import Mail
from .methods import Methods
from .portal import Portal
from .reasons import Reasons
from .refund import Refund

SECTIONS: tuple[Section, ...] = (
    Addresses(),
    Portal(),
    Fees(),
    Refund(),
    Methods(),
    Reasons(),
    Carriers(),
    Look(),
    Mail(),
)


def section_named(name: str) -> Section:
    """The section with this name; 404 when there is none."""
    return next((one for one in SECTIONS if one.name == name), None) or abort(404)
