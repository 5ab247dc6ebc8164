"""Moments as people say them, where no shop gives the time zone."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_timedelta

from ... import clock
from ..i18n import locale_code


def ago(moment: datetime) -> str:
    """`5 minutes ago`."""
    return format_timedelta(moment - clock.now(), add_direction=True, locale=locale_code())
