"""What staff reads about a return: events, conditions, ways to pay, refusals. One table a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...domain.errors import AlreadyClaimed, DomainError, SeveralErrors, WrongState
from ...domain.ledger import Channel
from ...domain.refunds import EntryType
from ...services.returns.case import Happened, ReturnChanged
from ...services.returns.extras import Disposition
from ...services.returns.parts import Condition
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import clock_time, day, money


def condition_options() -> list[tuple[str, str]]:
    """How units look."""
    return [
        (Condition.AS_NEW, _("As new")),
        (Condition.WORN, _("Worn")),
        (Condition.DAMAGED, _("Damaged")),
        (Condition.INCOMPLETE, _("Incomplete")),
        (Condition.WRONG_ITEM, _("Wrong item")),
    ]


def disposition_options() -> list[tuple[str, str]]:
    """What becomes of units."""
    return [
        (Disposition.RESTOCK, _("Back in stock")),
        (Disposition.SECOND_CHOICE, _("Second choice")),
        (Disposition.REPAIR, _("Repair")),
        (Disposition.DISPOSE, _("Throw away")),
        (Disposition.BACK_TO_CUSTOMER, _("Back to the customer")),
    ]


def channel_options() -> list[tuple[str, str]]:
    """How money was paid."""
    return [
        (Channel.ORIGINAL, _("As it was paid")),
        (Channel.BANK, _("Bank transfer")),
        (Channel.CASH, _("Cash")),
        (Channel.OTHER, _("Another way")),
    ]


def channel_name(channel: str) -> str:
    """A way to give something back."""
    known = dict([*channel_options(), (Channel.CREDIT, _("Store credit"))])
    return known.get(channel, _("Another way"))


def entry_name(type_: str) -> str:
    """A row of the ledger that is about no item."""
    return {
        EntryType.OUTBOUND_SHIPPING: _("Postage of the order"),
        EntryType.FEE: _("Return fee"),
        EntryType.BONUS: _("Extra store credit"),
        EntryType.EXCHANGE_DIFFERENCE: _("Price difference of the exchange"),
        EntryType.CORRECTION: _("Correction"),
        EntryType.ITEMS: _("Items"),
    }[EntryType(type_)]


def cause_name(cause: str | None) -> str:
    """Why a correction was made."""
    return {
        "missing": _("Did not come"),
        "not_accepted": _("Not accepted"),
        "waived": _("Not paid any more"),
        "kept": _("Was paid already"),
    }.get(cause or "", _("Correction"))


def postage_off() -> str:
    """Why the order's postage is taken off."""
    return _("Postage: not everything came back")


_EVENTS: Mapping[str, Callable[[], str]] = {
    "confirm": lambda: _("Registered"),
    "unannounced": lambda: _("Came unannounced"),
    "approve": lambda: _("Approved"),
    "decline": lambda: _("Declined"),
    "cancel": lambda: _("Cancelled"),
    "expire": lambda: _("Expired"),
    "reopen": lambda: _("Opened again"),
    "extend": lambda: _("Given more time"),
    "scan": lambda: _("On the way"),
    "receive": lambda: _("Counted"),
    "short": lambda: _("Stopped waiting for the rest"),
    "lose": lambda: _("Lost"),
    "close": lambda: _("Completed"),
    "payout": lambda: _("Refunded"),
    "credit": lambda: _("Store credit sent"),
    "exchange_sent": lambda: _("Exchange sent"),
    "correct": lambda: _("Amount corrected"),
    "note": lambda: _("Note"),
    "handoff_retry": lambda: _("Label asked for again"),
    "undo": lambda: _("Undone"),
}


def event_name(event: str) -> str:
    """What happened, in a word or two; the code itself for what only a newer version knows."""
    return _EVENTS[event]() if event in _EVENTS else event


def actor_name(actor: str, data: Mapping[str, Any]) -> str:
    """Who did it."""
    if by := data.get("by"):
        return str(by)
    return _("Customer") if actor == "customer" else _("Automatic")


def happened_text(happened: Happened) -> str:
    """`Approved by Sanne on Thursday 3 December, 10:14`."""
    return _(
        "%(what)s by %(who)s on %(day)s, %(time)s.",
        what=event_name(happened.event),
        who=actor_name(happened.actor, {"by": happened.by}),
        day=day(happened.at),
        time=clock_time(happened.at),
    )


def changed_text(error: ReturnChanged) -> str:
    """What a person is told whose press came second."""
    return _("Somebody was first, so nothing was changed.") + " " + happened_text(error.happened)


def refusal_text(error: DomainError) -> str:
    """Why something was not done, and what to do."""
    if isinstance(error, AlreadyClaimed):
        return _("These items went back in another return meanwhile.")
    if isinstance(error, WrongState):
        return _("That is not possible any more: this return has moved on.")
    params = error.params
    if "max" in params and "currency" in params:
        params = {**params, "most": money(params["max"], params["currency"])}
    text = _REFUSALS.get(error.code)
    return text(params) if text else _("That did not work. Check what you filled in.")


def done_text(action: str, *, to_customer: bool = False) -> str:
    """What a button of a return's page has done, as far as no Undo says it."""
    if action == "note" and to_customer:
        return _("The note is mailed to the customer.")
    return _DONE[action]() if action in _DONE else _("Done.")


_DONE: Mapping[str, Callable[[], str]] = {
    "receive": lambda: _("The count is saved."),
    "correct": lambda: _("The amount is corrected, and the customer is told."),
    "short": lambda: _("The rest is no longer waited for, and the customer is told."),
    "credit": lambda: _("The store credit is sent."),
    "note": lambda: _("The note is added."),
    "sent": lambda: _("The return is on the way."),
    "extend": lambda: _("The customer has more time, and is told."),
    "close": lambda: _("The return is completed, and the customer is told why."),
    "retry": lambda: _("The label is asked for again."),
    "undo": lambda: _("It is undone."),
}


def refusals_by_field(error: DomainError) -> dict[str, str]:
    """The words of each refusal that is about a field of its own, by that field."""
    every = error.all_of_them if isinstance(error, SeveralErrors) else (error,)
    return {_FIELDS[one.code]: refusal_text(one) for one in every if one.code in _FIELDS}


_FIELDS = {
    "reason_required": "reason",
    "text_too_long": "reason",
    "amount_invalid": "amount",
    "correction_below": "amount",
    "correction_above": "amount",
    "correction_line": "line",
    "days_invalid": "days",
    "channel_unknown": "channel",
}
"""The field a refusal is about."""

_REFUSALS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "reason_required": lambda p: _("Say why."),
    "note_required": lambda p: _("Write something first."),
    "text_too_long": lambda p: ngettext(
        "Use at most %(num)s character.", "Use at most %(num)s characters.", p["max"]
    ),
    "no_email": lambda p: _("This order has no e-mail address."),
    "amount_invalid": lambda p: _("Enter an amount above zero, like 12.50."),
    "channel_unknown": lambda p: _("Choose how you paid."),
    "payout_above_open": lambda p: _("At most %(most)s is open.", most=p["most"]),
    "payout_differs": lambda p: _("This payment was recorded already."),
    "nothing_open": lambda p: _("There is no store credit to send any more."),
    "correction_below": lambda p: _("You can take off %(most)s at most.", most=p["most"]),
    "correction_above": lambda p: _(
        "You can add %(most)s at most: more was not paid for this order.", most=p["most"]
    ),
    "correction_line": lambda p: _("Choose an item of this return."),
    "days_invalid": lambda p: _("Enter a number of days from 1 to %(max)s.", max=p["max"]),
    "count_too_many": lambda p: ngettext(
        "There is %(num)s in this return.", "There are %(num)s in this return.", p["max"]
    ),
    "count_accepted": lambda p: _("You cannot refuse more than came."),
    "parts_too_many": lambda p: _(
        "There are %(max)s in this return, all parts together.", max=p["max"]
    ),
    "count_parts": lambda p: _("These parts are not what came."),
    "extra_what": lambda p: _("Say what it is."),
    "extra_quantity": lambda p: _("Enter a number from 1 to %(max)s.", max=p["max"]),
    "extras_too_many": lambda p: _("At most %(max)s things can be written down.", max=p["max"]),
    "count_nothing": lambda p: _("Count at least one item."),
    "units_missing": lambda p: _("Not everything has come. Stop waiting for the rest first."),
    "nothing_missing": lambda p: _("Everything has come already."),
    "still_open": lambda p: _("Something is still owed. Give it, or say why not."),
    "already_paid": lambda p: _("Something was paid already, so it cannot be cancelled."),
    "exchange_already_sent": lambda p: _("The exchange was sent already."),
    "no_exchange": lambda p: _("There is nothing to exchange in this return."),
    "nothing_failed": lambda p: _("No label is missing any more."),
    "undo_too_late": lambda p: _("It is too late to undo this."),
    "credit_expired": lambda p: _("This code has expired."),
    "credit_too_little": lambda p: _("There is %(most)s left on this code.", most=p["most"]),
}
