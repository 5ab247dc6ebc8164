"""The words for actions on many returns, and for why one of them was left as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from ...services.inbox.bulk import Action
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import money
from .words import status_name


def button_text(action: Action) -> str:
    """What the button of an action says; dots where it asks for something first."""
    texts: dict[Action, Callable[[], str]] = {
        Action.APPROVE: lambda: _("Approve"),
        Action.DECLINE: lambda: _("Decline …"),
        Action.REFUND: lambda: _("Mark as refunded …"),
        Action.CLOSE: lambda: _("Complete"),
        Action.NOTE: lambda: _("Add a note …"),
    }
    return texts[action]()


def title_of(action: Action, count: int) -> str:
    """The heading of the page that asks what an action needs."""
    match action:
        case Action.DECLINE:
            return ngettext("Decline %(num)s return", "Decline %(num)s returns", count)
        case Action.REFUND:
            return ngettext(
                "Mark %(num)s return as refunded", "Mark %(num)s returns as refunded", count
            )
        case _:
            return ngettext("Add a note to %(num)s return", "Add a note to %(num)s returns", count)


def outcome_title(action: str, count: int) -> str:
    """What was done to how many."""
    if action.startswith("undo_"):
        return ngettext("%(num)s return is as it was.", "%(num)s returns are as they were.", count)
    titles: dict[str, Callable[[], str]] = {
        Action.APPROVE: lambda: ngettext(
            "%(num)s return approved.", "%(num)s returns approved.", count
        ),
        Action.DECLINE: lambda: ngettext(
            "%(num)s return declined.", "%(num)s returns declined.", count
        ),
        Action.REFUND: lambda: ngettext(
            "%(num)s return marked as refunded.", "%(num)s returns marked as refunded.", count
        ),
        Action.CLOSE: lambda: ngettext(
            "%(num)s return completed.", "%(num)s returns completed.", count
        ),
        Action.NOTE: lambda: ngettext(
            "Note added to %(num)s return.", "Note added to %(num)s returns.", count
        ),
    }
    return titles[action]()


def failure_text(code: str, params: dict[str, Any]) -> str:
    """Why a return was left as it is, or what is wrong with what was filled in."""
    if code == "changed":
        return _changed(params)
    texts: dict[str, Callable[[], str]] = {
        "reason_required": lambda: _("Enter a reason: the customer reads it."),
        "note_required": lambda: _("Enter a note."),
        "text_too_long": lambda: _("The text is too long."),
        "channel_unknown": lambda: _("Choose how it was paid."),
        "wrong_state": lambda: _("not possible while it is “%(status)s”",
                                 status=status_name(str(params.get("status", "")))),
        "units_missing": lambda: _("not everything has been received"),
        "still_open": lambda: _("%(amount)s is still to be paid", amount=_amount(params))
        if params.get("amount")
        else _("an exchange is still to be sent"),
        "nothing_open": lambda: _("there is no money to be paid"),
        "payout_above_open": lambda: _("less than that is still to be paid"),
        "payout_differs": lambda: _("it was paid already"),
        "undo_too_late": lambda: _("too late: half a minute is over, or something happened since"),
        "already_claimed": lambda: _("its items are in another return by now"),
    }  # fmt: skip
    return texts.get(code, lambda: _("it cannot be changed this way"))()


def _amount(params: dict[str, Any]) -> str:
    return money(int(params["amount"]), str(params.get("currency") or g.shop.currency))


def _changed(params: dict[str, Any]) -> str:
    """What happened to it meanwhile, and who did it."""
    status = status_name(str(params.get("status", "")))
    if params.get("actor") == "customer":
        return _("it is “%(status)s” meanwhile, by the customer", status=status)
    if params.get("by"):
        return _("it is “%(status)s” meanwhile, by %(name)s", status=status, name=params["by"])
    return _("it is “%(status)s” meanwhile", status=status)
