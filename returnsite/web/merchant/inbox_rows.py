"""A return as a line of the inbox: finished texts and looks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from ... import clock
from ...domain.lifecycle import RELEASED
from ...services.inbox.rows import Row, RowItem
from ..i18n import gettext as _
from ..i18n import ngettext
from ..portal.pictures import art_named
from ..rendering import day_short, local_day, money
from .customers import customer_name, email_text
from .inbox_words import reason_chosen, resolution_short
from .words import status_name

PICTURES = 3
"""Drawn beside each other; more would be a smear."""

SOON = timedelta(days=2)


def row_view(row: Row) -> dict[str, Any]:
    """What the template shows of a return."""
    return {
        "id": row.id,
        "number": row.number,
        "url": url_for("merchant.return_page", number=row.number),
        "customer": _customer(row),
        "pictures": [_picture(item) for item in row.items[:PICTURES]],
        "units": ngettext("%(num)s item", "%(num)s items", row.units),
        "reason": _reasons(row),
        "gets": _gets(row),
        "gets_kind": _kind(row),
        "status": row.status,
        "status_text": status_name(row.status),
        "alert": _alert(row),
        **_when(row),
    }


def _customer(row: Row) -> str:
    return customer_name(row.customer_name) or email_text(row.email)


def _picture(item: RowItem) -> dict[str, str]:
    return {"image_url": item.image_url, "art": art_named(item.category, item.title)}


def _reasons(row: Row) -> str:
    """The first reason in the shop's words of today, and how many others there are."""
    texts: dict[str, str] = {}
    for item in row.items:
        texts[item.reason_code] = reason_chosen(item.reason_code, item.reason_text)
    first, *others = texts.values() or ("",)
    if not others:
        return first
    return _("%(reason)s and %(count)s more", reason=first, count=len(others))


def _gets(row: Row) -> str:
    if row.status in RELEASED:
        return _("Nothing")
    only = row.items[0] if len({item.exchange_title for item in row.items}) == 1 else None
    if not row.refund_total and only is not None and only.resolution == "exchange":
        return only.exchange_title or _("Other article")
    return money(row.gets, row.currency)


def _kind(row: Row) -> str:
    if row.status in RELEASED:
        return ""
    kinds = {item.resolution for item in row.items}
    return resolution_short(kinds.pop()) if len(kinds) == 1 else _("Mixed")


def _alert(row: Row) -> dict[str, str] | None:
    """What needs a look, instead of the status alone."""
    if row.handoff_failed and row.status in ("requested", "approved"):
        return {"text": _("No label"), "kind": "danger", "icon": "circle-alert"}
    if row.status == "received" and row.missing:
        text = ngettext("%(num)s missing", "%(num)s missing", row.missing)
        return {"text": text, "kind": "danger", "icon": "circle-alert"}
    return None


def _when(row: Row) -> dict[str, str]:
    """The date that matters now, what it is, and whether it presses."""
    if row.settle_by is not None:
        return _due(row.settle_by)
    if row.status == "approved" and row.hand_in_by is not None:
        last = row.hand_in_by - timedelta(seconds=1)
        return {"when": day_short(last), "when_note": _("last day to hand in"), "press": ""}
    for name, moment, note in (
        ("closed", row.closed_at, _("completed")),
        ("received", row.received_at, _("received")),
        ("in_transit", row.handed_over_at, _("handed in")),
    ):
        if row.status == name and moment is not None:
            return {"when": day_short(moment), "when_note": note, "press": ""}
    if row.ended_at is not None:
        return {"when": day_short(row.ended_at), "when_note": "", "press": ""}
    return {"when": day_short(row.created_at), "when_note": _("asked for"), "press": ""}


def _due(settle_by: datetime) -> dict[str, str]:
    """By when to pay: the last day, and how close it is."""
    now = clock.now()
    last = local_day(settle_by - timedelta(seconds=1))
    days = (last - local_day(now)).days
    names = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    text = names.get(days, day_short(last))
    if settle_by <= now:
        late = ngettext("%(num)s day overdue", "%(num)s days overdue", max(1, -days))
        return {"when": text, "when_note": late, "press": "late"}
    return {
        "when": text,
        "when_note": _("to pay"),
        "press": "soon" if settle_by - now <= SOON else "",
    }
