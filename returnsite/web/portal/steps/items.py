"""Step 2, choose items: every line of the order, what may go back and how many."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from flask import abort, url_for

from ....domain.errors import QuantityInvalid
from ....domain.lookup import mask_name, mask_postcode
from ....domain.quantity import parse_quantity
from ....services.checks import Problem, check_items
from ....services.drafts import Wizard
from ....services.queries.order_lines import WizardLine
from ...i18n import gettext as _
from ...i18n import ngettext
from ...rendering import day, day_short, money
from ..pictures import art_for, own_picture
from ..words import problem_text, why_closed
from .base import Form, Reading, View

name = "items"
template = "portal/items.html"
live_blocks = ("summary_panel", "summary_bar", "continue_label")
uses_variants = False


def read(form: Form, wizard: Wizard) -> Reading:
    """Checked lines and their quantities; a quantity given twice counts as the sum."""
    chosen = dict.fromkeys(form.getlist("line"))
    pressed = form.get("more") or form.get("less")
    if pressed:
        chosen[pressed] = None
    part: dict[str, int] = {}
    problems = []
    for text in chosen:
        line = _line(wizard, text)
        line_id = line.facts.line_id
        try:
            part[str(line_id)] = _quantity(form, line)
        except QuantityInvalid:
            part[str(line_id)] = 1
            problems.append(Problem("quantity_invalid", "quantity", line_id))
    return Reading(part, tuple(problems))


def check(view: View) -> list[Problem]:
    """Something is chosen and all of it may go back."""
    return check_items(view.wizard, view.quote)


def field_id(problem: Problem, view: View) -> str:
    """The quantity where there is one to change, else the line's checkbox."""
    if problem.line_id is None:
        first = next((i for i, a in view.quote.assessments.items() if a.status != "closed"), "")
        return f"line-{first}"
    if problem.part == "quantity" and view.quote.assessments[problem.line_id].max_quantity > 1:
        return f"quantity-{problem.line_id}"
    return f"line-{problem.line_id}"


def context(view: View) -> dict[str, Any]:
    """`order`, `parcels` with their lines, `chosen_count`, and the `error` about all of them."""
    wizard = view.wizard
    groups = groupby(wizard.lines, key=lambda line: line.parcel_id)
    parcels = [list(lines) for _parcel, lines in groups]
    address = wizard.order.delivery_address
    where = mask_postcode(address.get("postcode", "") or wizard.postcode)
    return {
        "order": {
            "number": wizard.order.number,
            "placed_on": day_short(wizard.order.placed_at),
            "delivered_to": _recipient(mask_name(wizard.order.customer_name), where),
        },
        "parcels": [_parcel(view, n, lines) for n, lines in enumerate(parcels, start=1)],
        "error": problem_text(problem) if (problem := view.error("line")) else "",
        "chosen_count": sum(choice.quantity for choice in view.quote.basket.choices),
    }


def _recipient(name: str, postcode: str) -> str:
    if name and postcode:
        return _("%(name)s in %(postcode)s", name=name, postcode=postcode)
    return name or postcode


def anything_returnable(view: View) -> bool:
    """Whether at least one line may still go back, if only for some reasons."""
    return any(a.status != "closed" for a in view.quote.assessments.values())


def delivered_on(view: View) -> str:
    """The day the last parcel was delivered, empty when that is not known."""
    moments = [line.facts.delivered_at for line in view.wizard.lines]
    known = [moment for moment in moments if moment]
    return day_short(max(known)) if known else ""


def ways_out(view: View) -> list[dict[str, str]]:
    """What is still possible when nothing may go back."""
    shop = view.wizard.shop
    options = []
    if shop.support_url or shop.support_email:
        options.append(
            {
                "icon": "message-circle",
                "title": _("Ask us"),
                "text": _("Something wrong with your item? We'll look for a way."),
                "url": shop.support_url or f"mailto:{shop.support_email}",
            }
        )
    if shop.policy_url:
        options.append(
            {
                "icon": "file-text",
                "title": _("Read our return policy"),
                "text": _("What can be returned, and until when."),
                "url": shop.policy_url,
            }
        )
    return options


def _line(wizard: Wizard, text: str) -> WizardLine:
    line = wizard.line(int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if line is None:
        abort(404)
    return line


def _quantity(form: Form, line: WizardLine) -> int:
    line_id = str(line.facts.line_id)
    texts = form.getlist(f"quantity-{line_id}") or ["1"]
    quantity = sum(parse_quantity(text) for text in texts)
    step = (form.get("more") == line_id) - (form.get("less") == line_id)
    return max(1, min(quantity + step, line.facts.qty_open)) if step else quantity


def _parcel(view: View, number: int, lines: list[WizardLine]) -> dict[str, Any]:
    first = lines[0]
    sent = first.parcel_id is not None
    return {
        "title": _("Parcel %(number)s", number=number) if sent else _("Still to be sent"),
        "delivered": _delivered(first.facts.delivered_at, first.facts.shipped_at) if sent else "",
        "lines": [_card(view, line) for line in lines],
    }


def _delivered(delivered_at: datetime | None, shipped_at: datetime | None) -> str:
    if delivered_at:
        return _("Delivered on %(day)s", day=day(delivered_at))
    return _("Sent on %(day)s", day=day(shipped_at)) if shipped_at else _("Not sent yet")


def _card(view: View, line: WizardLine) -> dict[str, Any]:
    facts = line.facts
    choice = view.quote.choice(facts.line_id)
    assessment = view.quote.assessments[facts.line_id]
    typed = view.form.get(f"quantity-{facts.line_id}") if view.form else None
    problem = view.error("quantity", facts.line_id) or view.error("line", facts.line_id)
    return {
        "id": facts.line_id,
        "title": facts.title,
        "variant": line.variant,
        "image_url": own_picture(line.image_url),
        "art": art_for(line),
        "price": money(facts.unit_paid, view.wizard.order.facts.currency),
        "per_unit": facts.quantity > 1,
        "selectable": assessment.status != "closed",
        "checked": choice is not None,
        "quantity": typed if typed is not None else (choice.quantity if choice else 1),
        "max_quantity": facts.qty_open,
        "state": _state(view, line),
        "error": problem_text(problem) if problem else "",
    }


def _state(view: View, line: WizardLine) -> dict[str, str]:
    assessment = view.quote.assessments[line.facts.line_id]
    if assessment.status == "closed":
        return _closed_state(view, line)
    if line.facts.qty_claimed:
        text = ngettext(
            "You have already sent back %(num)s.",
            "You have already sent back %(num)s.",
            line.facts.qty_claimed,
        )
        more = ngettext("%(num)s more possible.", "%(num)s more possible.", line.facts.qty_open)
        return {
            "kind": "warn",
            "icon": "undo-2",
            "text": f"{text} {more}",
            **_prior_link(view, line),
        }
    if assessment.status == "conditional":
        title, _text = why_closed(assessment)
        return {
            "kind": "warn",
            "icon": "triangle-alert",
            "title": title,
            "text": _("Arrived damaged, or something else wrong with it? Then you can."),
        }
    until = assessment.last_day
    text = _("Return it until %(day)s", day=day(until)) if until else _("You can return this")
    return {"kind": "ok", "icon": "circle-check", "text": text}


def _closed_state(view: View, line: WizardLine) -> dict[str, str]:
    assessment = view.quote.assessments[line.facts.line_id]
    title, text = why_closed(assessment)
    kind, icon = "closed", "clock" if assessment.why == "window_over" else "circle-x"
    if assessment.why == "all_returned":
        kind, icon = "ok", "package"
        if line.prior:
            title = _("Already in a return.")
            text = _("Since %(day)s.", day=day_short(line.prior[-1].created_at))
    return {"kind": kind, "icon": icon, "title": title, "text": text, **_prior_link(view, line)}


def _prior_link(view: View, line: WizardLine) -> dict[str, str]:
    if not line.prior:
        return {}
    prior = line.prior[-1]
    url = url_for("portal.status", slug=view.wizard.shop.slug, token=prior.status_token)
    return {"link_url": url, "link_text": _("See return %(number)s", number=prior.number)}
