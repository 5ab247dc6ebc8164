"""Is a step answered, and is it allowed? Asked when a step is saved and again at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..domain.policy import Method, Resolution
from .drafts import Wizard
from .queries.order_lines import WizardLine
from .quotes import Quote, resolution_of

COMMENT_MAX = 2000
WISH_MAX = 500
PICKUP_DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right. `part` and `line_id` tell which field; `code` picks the text."""

    code: str
    part: str
    line_id: int | None = None
    params: dict[str, Any] = field(default_factory=dict)


def check_items(wizard: Wizard, quote: Quote) -> list[Problem]:
    """Something is chosen, everything chosen may go back, in a quantity that is still open."""
    if not quote.basket.choices:
        return [Problem("nothing_chosen", "line")]
    problems = []
    for choice in quote.basket.choices:
        # Reasons come later: a line that only some reasons allow may be chosen here, and one
        # that no reason opens is no question of reasons.
        line = _line(wizard, choice.line_id)
        assessment = quote.assessments[choice.line_id]
        if assessment.status == "closed" and not assessment.allowed_reasons:
            problems.append(
                Problem(
                    assessment.why or "not_returnable", "line", choice.line_id, assessment.params
                )
            )
        elif choice.quantity > line.facts.qty_open:
            problems.append(
                Problem(
                    "quantity_too_high",
                    "quantity",
                    choice.line_id,
                    {"max_quantity": line.facts.qty_open},
                )
            )
    return problems


def check_reasons(wizard: Wizard, quote: Quote) -> list[Problem]:
    """Each line has one of the shop's reasons, with the comment and photo it asks for."""
    return [problem for line in quote.chosen for problem in _reason_problems(wizard, quote, line)]


def check_refund(wizard: Wizard, quote: Quote) -> list[Problem]:
    """Each line has a resolution it may have, and an exchange says for what."""
    refund = wizard.answers.get("refund", {})
    if not refund.get("mode"):
        return [Problem("resolution_missing", "all")]
    return [problem for line in quote.chosen for problem in _refund_problems(wizard, quote, line)]


def check_shipment(wizard: Wizard, quote: Quote) -> list[Problem]:
    """A method this return can use, with the date, store or carrier it needs."""
    shipment = wizard.answers.get("shipment", {})
    if not shipment.get("method"):
        return [Problem("method_missing", "method")]
    options = [option for option in quote.methods if option.method == shipment["method"]]
    if not options:
        return [Problem("unknown_method", "method")]
    if shipment.get("carrier") not in {option.carrier for option in options}:
        return [Problem("carrier_missing", "carrier")]
    match shipment["method"]:
        case Method.PICKUP:
            return _pickup_problems(wizard, shipment.get("pickup_date"))
        case Method.IN_STORE:
            stores = {store.id for store in wizard.shop.stores}
            return [] if shipment.get("store") in stores else [Problem("store_missing", "store")]
        case _:
            return []


def pickup_dates(wizard: Wizard) -> list[date]:
    """Days a carrier can come: weekdays from tomorrow, in the shop's zone."""
    today = wizard.now.astimezone(ZoneInfo(wizard.shop.time_zone)).date()
    days = (today + timedelta(days=n) for n in range(1, PICKUP_DAYS_AHEAD + 1))
    return [day for day in days if day.weekday() < 5]


def _line(wizard: Wizard, line_id: int) -> WizardLine:
    return next(line for line in wizard.lines if line.facts.line_id == line_id)


def _reason_problems(wizard: Wizard, quote: Quote, line: WizardLine) -> Iterator[Problem]:
    line_id = line.facts.line_id
    answer = wizard.answers.get("reasons", {}).get(str(line_id), {})
    if not answer.get("reason"):
        yield Problem("reason_missing", "reason", line_id)
        return
    reason = wizard.shop.policy.reason(answer["reason"])
    if reason is None:
        yield Problem("unknown_reason", "reason", line_id)
        return
    assessment = quote.assessments[line_id]
    if assessment.status != "open":
        yield Problem(assessment.why or "not_returnable", "reason", line_id, assessment.params)
    comment = answer.get("comment", "")
    if reason.comment_required and not comment.strip():
        yield Problem("comment_required", "comment", line_id)
    if len(comment) > COMMENT_MAX:
        yield Problem("comment_too_long", "comment", line_id, {"max": COMMENT_MAX})
    if reason.photo_required and not wizard.answers.get("photos", {}).get(str(line_id)):
        yield Problem("photo_required", "photo", line_id)


def _refund_problems(wizard: Wizard, quote: Quote, line: WizardLine) -> Iterator[Problem]:
    line_id = line.facts.line_id
    answer = resolution_of(wizard.answers, line_id)
    resolution = answer.get("resolution")
    allowed = quote.assessments[line_id].resolutions
    if not resolution:
        yield Problem("resolution_missing", "resolution", line_id)
    elif resolution not in allowed:
        yield Problem("unknown_resolution", "resolution", line_id)
    elif resolution == Resolution.EXCHANGE:
        yield from _exchange_problems(answer, quote, line)


def _exchange_problems(answer: dict[str, Any], quote: Quote, line: WizardLine) -> Iterator[Problem]:
    line_id = line.facts.line_id
    if len(answer.get("wish", "")) > WISH_MAX:
        yield Problem("wish_too_long", "wish", line_id, {"max": WISH_MAX})
        return
    if not quote.offered(line):
        if not answer.get("wish", "").strip():
            yield Problem("wish_missing", "wish", line_id)
        return
    variant = quote.wanted(line, answer.get("sku"))
    if variant is None:
        yield Problem("variant_missing", "variant", line_id)
    elif not variant.in_stock:
        yield Problem("variant_sold_out", "variant", line_id)


def _pickup_problems(wizard: Wizard, text: str | None) -> list[Problem]:
    if not text:
        return [Problem("pickup_date_missing", "pickup_date")]
    dates = {day.isoformat() for day in pickup_dates(wizard)}
    return [] if text in dates else [Problem("pickup_date_unknown", "pickup_date")]
