"""Step 3, reasons: why each line comes back, with the comment and photos a reason asks for."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ....domain.policy import Fault, ReasonSpec
from ....services.checks import COMMENT_MAX, Problem, check_reasons
from ....services.drafts import Wizard
from ....services.photos import MAX_BYTES, PHOTOS_PER_LINE, readable_types
from ....services.queries.order_lines import WizardLine
from ...i18n import gettext as _
from ...i18n import ngettext
from ..pictures import art_for, own_picture
from ..words import problem_text, why_closed
from .base import Form, Reading, View, typed

name = "reasons"
template = "portal/reasons.html"
live_blocks = ("summary_panel", "summary_bar")
uses_variants = False


def read(form: Form, wizard: Wizard) -> Reading:
    """Reason code and comment of every chosen line; lines that were not chosen are not read."""
    part = {}
    for line_id in wizard.answers.get("items", {}):
        part[line_id] = {
            "reason": typed(form, f"reason-{line_id}", 64),
            # Browsers send a line break as two characters and count it as one.
            "comment": typed(form, f"comment-{line_id}").replace("\r\n", "\n").strip(),
        }
    return Reading(part)


def check(view: View) -> list[Problem]:
    """Each line has a reason it may come back for, and what that reason asks."""
    return check_reasons(view.wizard, view.quote)


def field_id(problem: Problem, view: View) -> str:
    """The select, textarea or file field of the line."""
    return f"{problem.part}-{problem.line_id}"


def context(view: View) -> dict[str, Any]:
    """`reason_options`, `lines`, `comment_max`, `photo_hint`."""
    locale = view.wizard.locale
    reasons = view.wizard.shop.policy.reasons
    return {
        "reason_options": [(r.code, r.label(locale), {"data-asks": _asks(r)}) for r in reasons],
        "lines": [_line(view, line) for line in view.quote.chosen],
        "comment_max": COMMENT_MAX,
        "photo_hint": _(
            "One photo is enough, %(max)s at most. %(types)s up to %(size)s MB.",
            max=PHOTOS_PER_LINE,
            types=", ".join(readable_types()),
            size=MAX_BYTES // 1024 // 1024,
        ),
    }


def effect(view: View, line: WizardLine) -> dict[str, str] | None:
    """What the chosen reason changes for this line: fee, or whether it may come back at all."""
    choice = view.quote.choice(line.facts.line_id)
    reason = view.wizard.shop.policy.reason(choice.reason or "") if choice else None
    if reason is None:
        return None
    assessment = view.quote.assessments[line.facts.line_id]
    if assessment.status != "open":
        title, text = why_closed(assessment)
        parts = (text, _("With another reason it may be possible."))
        return {"kind": "warn", "title": title, "text": " ".join(filter(None, parts))}
    if reason.fault != Fault.CUSTOMER and view.quote.own_postage(view.quote.basket.method):
        return {
            "kind": "ok",
            "title": _("This should not have happened."),
            "text": _("Do you pay a carrier to send it back? Ask customer service to pay that."),
        }
    waives = view.wizard.shop.policy.fees.free_for_shop_fault
    if reason.fault != Fault.CUSTOMER and waives:
        return {
            "kind": "ok",
            "title": _("You pay no return fee."),
            "text": _("This should not have happened, so we pay for the whole return."),
        }
    return None


def _asks(reason: ReasonSpec) -> str:
    asks = (("comment", reason.comment_required), ("photo", reason.photo_required))
    return " ".join(what for what, asked in asks if asked)


def _line(view: View, line: WizardLine) -> dict[str, Any]:
    line_id = line.facts.line_id
    answer = view.wizard.answers.get("reasons", {}).get(str(line_id), {})
    choice = view.quote.choice(line_id)
    quantity = choice.quantity if choice else 1
    count = ngettext("%(num)s piece", "%(num)s pieces", quantity)
    problems = {part: view.error(part, line_id) for part in ("reason", "comment", "photo")}
    return {
        "id": line_id,
        "title": line.facts.title,
        "variant": " · ".join(text for text in (line.variant, count) if text),
        "image_url": own_picture(line.image_url),
        "art": art_for(line),
        "reason": answer.get("reason", ""),
        "comment": answer.get("comment", ""),
        "photos": _photos(view, line_id),
        "errors": {part: problem_text(p) if p else "" for part, p in problems.items()},
        "effect": effect(view, line),
    }


def _photos(view: View, line_id: int) -> list[dict[str, Any]]:
    route: dict[str, Any] = {"slug": view.wizard.shop.slug, "token": view.wizard.token}
    return [
        {
            "id": photo["id"],
            "name": photo["name"],
            "url": url_for("portal.photo", file=photo["file"], **route),
        }
        for photo in view.wizard.answers.get("photos", {}).get(str(line_id), [])
    ]
