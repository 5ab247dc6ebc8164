"""The words of the inbox for codes of the domain."""

from __future__ import annotations

from flask import g

from ...domain.inbox import Sort, Tab
from ..i18n import gettext as _
from ..i18n import locale_code


def tab_name(tab: Tab) -> str:
    """What a pile is called."""
    return {
        Tab.ALL: _("All"),
        Tab.TO_APPROVE: _("To approve"),
        Tab.ON_THE_WAY: _("On the way"),
        Tab.RECEIVED: _("Received"),
        Tab.TO_PAY: _("To pay"),
        Tab.COMPLETED: _("Completed"),
        Tab.ENDED: _("Declined and cancelled"),
        Tab.FAILED: _("Failed labels"),
    }[tab]


def sort_name(sort: Sort) -> str:
    """What an order is called."""
    return {
        Sort.NEWEST: _("Newest first"),
        Sort.OLDEST: _("Oldest first"),
        Sort.DUE: _("Due first"),
        Sort.VALUE: _("Highest amount first"),
    }[sort]


def resolution_short(resolution: str) -> str:
    """What the customer gets, in one word."""
    return {
        "money": _("Money"),
        "exchange": _("Exchange"),
        "credit": _("Store credit"),
    }.get(resolution, resolution)


def reason_chosen(code: str, text: str) -> str:
    """A customer's reason in the shop's words of today; in the customer's when it is unknown."""
    return g.shop.reason_label(code, locale_code()) or text
