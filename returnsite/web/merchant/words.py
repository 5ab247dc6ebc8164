"""The words merchants read for codes of the domain. One table per kind."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from flask import g

from ...domain.carriers import OWN, carrier_name
from ...domain.policy import Fault, Method, Resolution
from ...domain.roles import Role
from ...services.audit import COMMAND_LINE
from ..i18n import N_, locale_code
from ..i18n import gettext as _


def method_name(code: str) -> str:
    """A return method."""
    return {
        Method.DROP_OFF_POINT: _("Drop off with a label"),
        Method.DROP_OFF_LABELLESS: _("Drop off without a printer"),
        Method.PICKUP: _("Collected at home"),
        Method.IN_STORE: _("Back to the store"),
    }[Method(code)]


def resolution_name(code: str) -> str:
    """A refund option."""
    return {
        Resolution.MONEY: _("Money back"),
        Resolution.EXCHANGE: _("Exchange"),
        Resolution.CREDIT: _("Store credit"),
    }[Resolution(code)]


_STATUSES = {
    "requested": N_("To approve"),
    "approved": N_("Approved"),
    "in_transit": N_("On the way"),
    "received": N_("Received"),
    "closed": N_("Completed"),
    "declined": N_("Declined"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Expired"),
    "lost": N_("Lost"),
}


def status_name(status: str) -> str:
    """Where a return stands, in a word or two."""
    return _(_STATUSES[status]) if status in _STATUSES else status


def fault_name(code: str) -> str:
    """Who is at fault for a return."""
    return {
        Fault.CUSTOMER: _("The customer’s choice"),
        Fault.SHOP: _("The shop’s fault"),
        Fault.CARRIER: _("The carrier’s fault"),
    }[Fault(code)]


def reason_name(code: str) -> str:
    """A reason in the shop's own words; an unknown code as it is."""
    label: str | None = g.shop.reason_label(code, locale_code())
    return label if label is not None else code.replace("_", " ").capitalize()


def carrier_title(code: str) -> str:
    """A carrier, the shop's own label included."""
    return _("Own address label") if code == OWN else carrier_name(code)


def week_days() -> list[str]:
    """Monday to Sunday, then public holidays."""
    names = Locale.parse(locale_code()).days["stand-alone"]["wide"]
    return [names[day].capitalize() for day in range(7)] + [_("Public holidays")]


def language_name(code: str) -> str:
    """`Dutch` for nl, in the language of the request."""
    return Locale.parse(locale_code()).languages.get(code, code)


def country_name(code: str) -> str:
    """`Netherlands` for NL, in the language of the request; the code itself for an unknown one."""
    return _territories(locale_code()).get(code, code)


def country_options(first: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Code and name of every country by name, those in `first` before all others."""
    names = _territories(locale_code())
    rest = sorted(
        ((code, name) for code, name in names.items() if code not in first),
        key=lambda pair: pair[1],
    )
    return [(code, names.get(code, code)) for code in first] + rest


@lru_cache(maxsize=8)
def _territories(locale: str) -> dict[str, str]:
    """Countries only: no groups of countries, no codes that are none."""
    names = Locale.parse(locale).territories
    skipped = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    return {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in skipped
    }


def doer_name(name: str) -> str:
    """Who changed something: a person by name, or the command line."""
    return _("the command line") if name == COMMAND_LINE.name else name


def role_name(code: str) -> str:
    """What somebody is in a shop."""
    return {
        Role.OWNER: _("Owner"),
        Role.STAFF: _("Staff"),
        Role.READ_ONLY: _("Read only"),
    }[Role(code)]
