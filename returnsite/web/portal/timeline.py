"""The timeline of a return: what happened, where it stands, what is still to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ...domain.policy import Method
from ...services.queries.return_view import ReturnView
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import clock_time, day, money

ENDED = {"declined": "decline", "cancelled": "cancel", "expired": "expire", "lost": "lose"}
"""Statuses in which nothing comes back any more, and the event that led there."""

_ICONS = {
    "declined": "circle-x",
    "cancelled": "ban",
    "expired": "hourglass",
    "lost": "circle-help",
    "in_transit": "truck",
}
_STEPS = ("registered", "requested", "approved", "in_transit", "received", "closed")
"""The first is always done; the others are current while the return has that status."""


def timeline_view(found: ReturnView) -> list[dict[str, Any]]:
    """The steps from registering to the refund, done, current and to come."""
    if found.status in ENDED:
        return _ended(found)
    steps = [step for step in _STEPS if not _left_out(found, step)]
    # What is here has been counted; only a part that is not keeps that step from being done.
    counted = found.status == "received" and not found.waits
    current = steps.index(found.status) + counted
    finished = found.status == "closed"
    return [
        _done(found, step) if place < current or finished else _ahead(found, step, place == current)
        for place, step in enumerate(steps)
    ]


def hand_in_day(found: ReturnView) -> str:
    """The last day to hand in; what is stored is the instant after it."""
    return day(found.hand_in_by - timedelta(seconds=1)) if found.hand_in_by else ""


def refund_by(found: ReturnView) -> str:
    """When the money comes at the latest."""
    days = found.shop.policy.refund_days
    if found.settle_by and (found.received_at or not found.goods_expected):
        return _("By %(day)s", day=day(found.settle_by - timedelta(seconds=1)))
    if found.received_at:
        return _("By %(day)s", day=day(found.received_at + timedelta(days=days)))
    return ngettext(
        "Within %(num)s day after we have your parcel",
        "Within %(num)s days after we have your parcel",
        days,
    )


def _left_out(found: ReturnView, step: str) -> bool:
    """Nobody looks at most returns first, and what is brought to a store does not travel."""
    if step == "requested":
        return found.status != "requested"
    if not found.goods_expected:
        return step in {"in_transit", "received"} and step != found.status
    return step == "in_transit" and found.method == Method.IN_STORE and found.status != "in_transit"


def _done(found: ReturnView, step: str) -> dict[str, Any]:
    title, at = {
        "registered": (_("Registered"), found.happened.get("confirm")),
        "approved": (_handed_in(found), found.handed_over_at),
        "in_transit": (_("On the way to us"), None),
        "received": (_("Received and checked"), found.received_at),
        "closed": (_given(found), found.happened.get("close")),
    }[step]
    return {"state": "done", "title": title, "text": _moment(at)}


def _ahead(found: ReturnView, step: str, current: bool) -> dict[str, Any]:
    last = hand_in_day(found)
    title, text = {
        "requested": (_("We look at your return"), _("You get an e-mail")),
        "approved": (_to_hand_in(found), _("By %(day)s", day=last) if last else ""),
        "in_transit": (_("On the way to us"), ""),
        "received": _to_check(found),
        "closed": (_result(found), refund_by(found)),
    }[step]
    icon = _ICONS.get(step) if current else None
    return {"state": "current" if current else "todo", "title": title, "text": text, "icon": icon}


def _to_check(found: ReturnView) -> tuple[str, str]:
    if found.waits:
        return _("Part of it is here"), _moment(found.received_at)
    return _("We check your parcel"), _("Usually 1 to 3 days later")


def _ended(found: ReturnView) -> list[dict[str, Any]]:
    title = {
        "declined": _("Declined"),
        "cancelled": _("Cancelled"),
        "expired": _("Expired"),
        "lost": _("Lost"),
    }[found.status]
    at = found.happened.get(ENDED[found.status])
    last = {"state": "current", "title": title, "text": _moment(at), "icon": _ICONS[found.status]}
    return [_done(found, "registered"), last]


def _given(found: ReturnView) -> str:
    """What became of it in the end."""
    if found.balance.paid.total:
        return _paid(found)
    return _("Exchange sent") if found.exchange_sent_at else _("Completed")


def _paid(found: ReturnView) -> str:
    paid = found.balance.paid
    if paid.credit and not paid.money:
        return _("Store credit sent: %(amount)s", amount=money(paid.credit, found.currency))
    return _("Refunded: %(amount)s", amount=money(paid.total, found.currency))


def _to_hand_in(found: ReturnView) -> str:
    if not found.goods_expected:
        return _("You can keep it")
    if found.method == Method.PICKUP:
        return _("We collect your parcel")
    return _("You bring it back") if found.method == Method.IN_STORE else _("You hand it in")


def _handed_in(found: ReturnView) -> str:
    if not found.goods_expected:
        return _("You can keep it")
    if found.method == Method.PICKUP:
        return _("Collected")
    return _("Brought back") if found.method == Method.IN_STORE else _("Handed in")


def _result(found: ReturnView) -> str:
    """What is still to come; what was given meanwhile is not promised again."""
    if found.payable.open_total:
        amount = money(found.payable.open_total, found.currency)
        return _("You get %(amount)s", amount=amount)
    if found.balance.paid.total and not found.rest_total:
        return _paid(found)
    if any(item.resolution == "exchange" for item in found.items):
        return _("Exchange sent") if found.exchange_sent_at else _("We send your exchange")
    return _("We wait for the rest") if found.waits else _("We complete your return")


def _moment(at: datetime | None) -> str:
    return _("%(day)s, %(time)s", day=day(at), time=clock_time(at)) if at else ""
