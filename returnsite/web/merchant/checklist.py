"""The words of the checklist: what blocks activation or comes next, and where it is set."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, url_for

from ...domain.roles import Permission
from ...services.queries.order_list import has_orders
from ...services.settings.activation import Step, activation_steps
from ..i18n import gettext as _
from .guard import may


def checklist(*, closed: bool = False) -> dict[str, Any]:
    """What is still to do and what is done, for the shop at hand as it is now.

    `closed`: the portal has just been closed, as something it needs went.
    """
    steps, orders = blockers(), has_orders(g.shop.id)
    done = steps["done"] + ([_("Orders")] if orders else [])
    return {
        **steps,
        "closed": closed,
        "mailless": _mailless(),
        "portal_url": url_for("portal.find", slug=g.shop.slug),
        "next": [] if orders else [_bring_in_orders()],
        "done": done,
        "total": len(done) + len(steps["todo"]) + (not orders),
    }


def blockers() -> dict[str, Any]:
    """What the portal needs to be open, done or not: all of the list that settings change."""
    steps = activation_steps(g.shop)
    todo = [_to_do(step) for step in steps if not step.done]
    done = [_DONE[step.section]() for step in steps if step.done]
    return {"active": g.shop.active, "ready": not todo, "todo": todo, "done": done}


def _bring_in_orders() -> dict[str, str]:
    """The portal opens without orders, but there is nothing that a customer could return."""
    text = _("Orders: customers can return only what is here")
    if may(Permission.IMPORT_ORDERS):
        url, action = url_for("merchant.orders_import"), _("Bring in your orders")
    else:
        url, action = url_for("merchant.orders"), _("See orders")
    note = _("The portal can open without them.")
    return {"text": text, "note": note, "action": action, "url": url}


def _mailless() -> bool:
    """Whether customers get no mail. The demo shows its mails on a page instead."""
    config = current_app.config
    return not (config["DEMO"] or config["MAIL_SERVER"] or g.shop.has_own_mail_server)


def _to_do(step: Step) -> dict[str, str]:
    text, action = _MISSING.get(step.missing, _MISSING["other"])()
    section, part = _place(step)
    url = (
        url_for("merchant.settings_part", section=section, part=part, _anchor=f"card-{section}")
        if part
        else url_for("merchant.settings", _anchor=f"card-{section}")
    )
    return {"text": text, "action": action, "url": url}


def missing_text(part: str) -> str:
    """What an address lacks, on the address itself."""
    return {
        "name": _("Name missing"),
        "street": _("Street missing"),
        "house_number": _("House number missing"),
        "postcode": _("Postcode missing"),
        "city": _("Town missing"),
        "country": _("Country missing"),
    }[part]


def _place(step: Step) -> tuple[str, str]:
    """Section and part where it is set; what the return address lacks is set on that address."""
    if step.section != "portal" or step.done:
        return step.section, step.part
    if step.missing == "no_address":
        return ("portal", "return_address") if g.shop.addresses else ("addresses", "new")
    return "addresses", f"edit-{g.shop.return_address.id}"


_MISSING = {
    "no_address": lambda: (
        _("Return address: where customers send their parcels"),
        _("Add an address"),
    ),
    "house_number": lambda: (
        _("Return address: the house number is missing"),
        _("Complete the address"),
    ),
    "postcode": lambda: (_("Return address: the postcode is missing"), _("Complete the address")),
    "city": lambda: (_("Return address: the town is missing"), _("Complete the address")),
    "street": lambda: (_("Return address: the street is missing"), _("Complete the address")),
    "name": lambda: (_("Return address: the name is missing"), _("Complete the address")),
    "no_method": lambda: (_("Methods: switch on at least one"), _("Choose methods")),
    "no_carrier": lambda: (
        _("Carriers: none of them takes a return in your country yet"),
        _("Choose a carrier"),
    ),
    "no_reason": lambda: (_("Reasons: switch on at least one"), _("Choose reasons")),
    "no_resolution": lambda: (
        _("Refund options: offer at least one"),
        _("Choose refund options"),
    ),
    "other": lambda: (_("Something is missing here"), _("Complete it")),
}
_DONE = {
    "portal": lambda: _("Return address"),
    "methods": lambda: _("Methods"),
    "reasons": lambda: _("Reasons"),
    "carriers": lambda: _("Carriers"),
    "refund": lambda: _("Refund options"),
}
