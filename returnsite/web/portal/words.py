"""The words customers read for codes of the domain and the services. One table per kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...domain.eligibility import LineAssessment
from ...domain.policy import Method, Resolution
from ...services.checks import Problem
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import day

Words = Callable[[dict[str, Any]], str]


def problem_text(problem: Problem) -> str:
    """What to do about a problem, for the summary and beside the field."""
    return _PROBLEMS.get(problem.code, _PROBLEMS["not_returnable"])(problem.params)


def why_closed(assessment: LineAssessment) -> tuple[str, str]:
    """Title and text on an item that can't go back: why, and until when it could."""
    match assessment.why:
        case "window_over" if assessment.last_day:
            return (
                _("The return period is over."),
                _("You could return this until %(day)s.", day=day(assessment.last_day)),
            )
        case "all_returned":
            return _("Already sent back."), ""
        case "not_goods":
            return _("This is not an item."), _("Postage and other costs can't be sent back.")
        case "not_shipped":
            return _("Not sent yet."), _("You can return it once your parcel has arrived.")
        case "country_closed":
            return _("We can't take this back from your country."), _("Contact us, we'll help.")
        case "cancelled":
            return _("This order was cancelled."), _("There is nothing to send back.")
        case "window_unknown_closed":
            return (
                _("We don't know yet when this was delivered."),
                _("Contact us if you have it already."),
            )
        case _ if assessment.params.get("final_sale"):
            return _("Final sale: this can't be returned."), ""
        case _:
            return _("This can't be returned."), assessment.params.get("text", "")


def resolution_title(resolution: str) -> str:
    """Name of a resolution."""
    return {
        Resolution.MONEY: _("Money back"),
        Resolution.EXCHANGE: _("Exchange"),
        Resolution.CREDIT: _("Store credit"),
    }[Resolution(resolution)]


def method_title(method: str) -> str:
    """Name of a return method."""
    return {
        Method.DROP_OFF_POINT: _("Drop off with a label"),
        Method.DROP_OFF_LABELLESS: _("Drop off without a printer"),
        Method.PICKUP: _("Have it collected"),
        Method.IN_STORE: _("Bring it back to the store"),
    }[Method(method)]


def fee_waived(code: str | None) -> str:
    """Why there is no return fee."""
    return {
        "shop_fault": _("We pay: this should not have happened."),
        "order_value": _("Free, because of the amount of your order."),
        "exchange": _("Free when you exchange."),
        "credit": _("Free when you choose store credit."),
        "rule": _("Free for this return."),
        "nothing_to_deduct": _("There is nothing to take it off."),
    }.get(code or "", "")


def postage_note(*, blameless: bool) -> str:
    """Who pays the carrier of a parcel that the customer posts with whom they like."""
    if blameless:
        return _("You pay the carrier first. Ask customer service to pay it back.")
    return _("You pay the carrier's postage yourself.")


_PROBLEMS: dict[str, Words] = {
    "nothing_chosen": lambda p: _("Choose what you want to send back."),
    "not_returnable": lambda p: _("This item can't be returned."),
    "window_over": lambda p: _("The return period of this item is over."),
    "window_unknown_closed": lambda p: _("We don't know yet when this item was delivered."),
    "all_returned": lambda p: _("This item is already in a return."),
    "not_goods": lambda p: _("Postage and other costs can't be sent back."),
    "not_shipped": lambda p: _("This item has not been sent yet."),
    "country_closed": lambda p: _("We can't take this item back from your country."),
    "cancelled": lambda p: _("This order was cancelled."),
    "quantity_too_high": lambda p: ngettext(
        "You can send back %(num)s at most.",
        "You can send back %(num)s at most.",
        p["max_quantity"],
    ),
    "quantity_invalid": lambda p: _("Enter how many you send back as a whole number, like 1."),
    "reason_missing": lambda p: _("Choose why you send this back."),
    "unknown_reason": lambda p: _("Choose one of the reasons."),
    "comment_required": lambda p: _("Tell us in a few words what is wrong."),
    "comment_too_long": lambda p: _("Use %(max)s characters at most.", max=p["max"]),
    "photo_required": lambda p: _("Add a photo, so that we can see what is wrong."),
    "photo_type": lambda p: _("%(name)s is not a photo we can read. Use JPG, PNG or WebP.", **p),
    "photo_too_large": lambda p: _("%(name)s is too large. Use a photo of 10 MB at most.", **p),
    "photo_too_many": lambda p: _("You can add %(max)s photos at most.", **p),
    "resolution_missing": lambda p: _("Choose what you would like in return."),
    "unknown_resolution": lambda p: _("This is not possible for this item. Choose another option."),
    "variant_missing": lambda p: _("Choose what you would like instead."),
    "variant_sold_out": lambda p: _("This one is sold out. Choose another one."),
    "wish_missing": lambda p: _("Tell us what you would like instead."),
    "wish_too_long": lambda p: _("Use %(max)s characters at most.", max=p["max"]),
    "method_missing": lambda p: _("Choose how you send it back."),
    "unknown_method": lambda p: _("This way is not possible for your return. Choose another one."),
    "carrier_missing": lambda p: _("Choose where you hand it in."),
    "store_missing": lambda p: _("Choose the store you bring it to."),
    "pickup_date_missing": lambda p: _("Choose the day we collect it."),
    "pickup_date_unknown": lambda p: _("Choose one of these days."),
    "point_unknown": lambda p: _("This place takes no returns any more. Choose another one."),
    "form_expired": lambda p: _("This page was open for a long time. Check it and send it again."),
    "number_missing": lambda p: _("Enter your tracking number or order number."),
    "postcode_missing": lambda p: _("Enter the postcode of your delivery address, like 2611 GX."),
    "too_long": lambda p: _("This is too long. Check what you have typed."),
    "order_not_found": lambda p: _("We can't find an order with this number and postcode."),
}
