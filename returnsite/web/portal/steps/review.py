"""Step 6, check and confirm: all answers with a way back to each, and the statement."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ....domain.carriers import carrier_name
from ....domain.policy import Method, Resolution
from ....domain.refunds import fingerprint
from ....services.checks import Problem, pickup_dates
from ....services.drafts import Wizard
from ....services.queries.order_lines import WizardLine
from ....services.queries.points import PointView, load_point
from ....services.quotes import needs_approval, resolution_of
from ....services.return_rows import last_hand_in_day
from ....services.setting_items import Place
from ...i18n import gettext as _
from ...i18n import ngettext
from ...rendering import day
from ..summary import exchange_text, statement_rows, total_label
from ..words import method_title, resolution_title
from .base import Form, Reading, View

name = "review"
template = "portal/review.html"
live_blocks: tuple[str, ...] = ()
uses_variants = True


def read(form: Form, wizard: Wizard) -> Reading:
    """Nothing is answered here; confirming is a service of its own."""
    return Reading({})


def check(view: View) -> list[Problem]:
    """Nothing is answered here."""
    return []


def field_id(problem: Problem, view: View) -> str:
    """There is only the button."""
    return "confirm"


def context(view: View) -> dict[str, Any]:
    """`answers`, `statement`, `promise`, `seen` and whether something `changed`."""
    statement = view.quote.statement
    if statement is None:
        raise ValueError("the review comes after the items")
    return {
        "answers": [*(_item(view, line) for line in view.quote.chosen), *_shipment(view)],
        "statement": {
            "heading": _("What you get back"),
            "caption": total_label(statement, estimated=False),
            "rows": statement_rows(view, statement),
        },
        "promise": _promise(view),
        "next_text": _next_text(view),
        "seen": fingerprint(statement),
        "changed": "changed" in view.query,
    }


def _item(view: View, line: WizardLine) -> dict[str, Any]:
    line_id = line.facts.line_id
    choice = view.quote.choice(line_id)
    answers = view.wizard.answers
    refund = resolution_of(answers, line_id)
    given = answers.get("reasons", {}).get(str(line_id), {})
    reason = view.wizard.shop.policy.reason(given.get("reason", ""))
    photos = len(answers.get("photos", {}).get(str(line_id), []))
    notes = [
        _("Reason: %(reason)s", reason=reason.label(view.wizard.locale)) if reason else "",
        ngettext("%(num)s photo", "%(num)s photos", photos) if photos else "",
        f"“{given['comment']}”" if given.get("comment") else "",
    ]
    count = ngettext("%(num)s piece", "%(num)s pieces", choice.quantity if choice else 1)
    return {
        "title": ", ".join(part for part in (line.facts.title, line.variant, count) if part),
        "strong": _resolution(view, line, refund),
        "note": " · ".join(note for note in notes if note),
        "change_url": _url(view, "items"),
        "change_name": line.facts.title,
    }


def _resolution(view: View, line: WizardLine, refund: dict[str, Any]) -> str:
    resolution = refund.get("resolution", "")
    if resolution == Resolution.EXCHANGE:
        return exchange_text(view.quote.wanted(line, refund.get("sku")), refund.get("wish", ""))
    bonus = view.wizard.shop.policy.credit_bonus_bp
    title = resolution_title(resolution)
    if resolution == Resolution.CREDIT and bonus:
        return _("%(title)s with %(percent)s%% bonus", title=title, percent=f"{bonus / 100:g}")
    return title


def _shipment(view: View) -> list[dict[str, Any]]:
    method = view.wizard.answers["shipment"]["method"]
    after, note = _where(view)
    return [
        {
            "title": _("How you send it back"),
            "strong": method_title(method),
            "after": after,
            "note": note,
            "change_url": _url(view, "shipment"),
            "change_name": _("how you send it back"),
        },
        {
            "title": _("What you get for it"),
            "strong": _choice_title(view),
            "change_url": _url(view, "refund"),
            "change_name": _("what you get for it"),
        },
    ]


def _where(view: View) -> tuple[str, str]:
    """Who takes it in and where, or when they come."""
    shipment = view.wizard.answers["shipment"]
    if shipment["method"] == Method.PICKUP:
        day_text = _pickup_day(view, shipment.get("pickup_date"))
        return carrier_name(shipment.get("carrier")), day_text
    if shipment["method"] == Method.IN_STORE:
        store = next((s for s in view.wizard.shop.stores if s.id == shipment.get("store")), None)
        return (store.name, _address(store)) if store else ("", "")
    if view.quote.own_postage(shipment["method"]):
        return _("with a carrier of your choice"), ""
    point = load_point(shipment["point"]) if shipment.get("point") else None
    if point is None:
        return carrier_name(shipment.get("carrier")), ""
    return f"{carrier_name(point.carrier)}, {point.name}", _address(point)


def _address(place: Place | PointView) -> str:
    return f"{place.street} {place.house_number}, {place.city}"


def _choice_title(view: View) -> str:
    mode = view.wizard.answers.get("refund", {}).get("mode", "")
    return _("Chosen per item") if mode == "per_line" else resolution_title(mode)


def _pickup_day(view: View, text: str | None) -> str:
    date = next((d for d in pickup_dates(view.wizard) if d.isoformat() == text), None)
    return day(date) if date else ""


def _promise(view: View) -> dict[str, str]:
    shipment = view.wizard.answers["shipment"]
    title = _("Hand in your parcel by %(day)s.", day=day(last_hand_in_day(view.wizard)))
    if needs_approval(view.wizard, view.quote):
        title = _("Keep your parcel until the shop has approved your return.")
    elif shipment["method"] == Method.PICKUP:
        title = _("Be at home on %(day)s.", day=_pickup_day(view, shipment.get("pickup_date")))
    return {"title": title, "text": _what_then(view)}


def _what_then(view: View) -> str:
    statement = view.quote.statement
    if statement and all(line.resolution == Resolution.EXCHANGE for line in statement.lines):
        return _("We send your exchange once we have your parcel.")
    return ngettext(
        "You get your refund within %(num)s day after we have your parcel.",
        "You get your refund within %(num)s days after we have your parcel.",
        view.wizard.shop.policy.refund_days,
    )


def _next_text(view: View) -> str:
    method = Method(view.wizard.answers["shipment"]["method"])
    if needs_approval(view.wizard, view.quote):
        return _next_once_approved(method)
    return {
        Method.DROP_OFF_LABELLESS: _("Check your return. Right after that you get your QR code."),
        Method.DROP_OFF_POINT: _("Check your return. Right after that you get your label."),
        Method.PICKUP: _("Check your return. Right after that we book the collection."),
        Method.IN_STORE: _("Check your return. Right after that you get a code for the store."),
    }[method]


def _next_once_approved(method: Method) -> str:
    then = {
        Method.DROP_OFF_LABELLESS: _("Then you get your QR code by e-mail."),
        Method.DROP_OFF_POINT: _("Then you get your label by e-mail."),
        Method.PICKUP: _("Then we book the collection."),
        Method.IN_STORE: _("Then you get a code for the store by e-mail."),
    }[method]
    return _("Check your return. The shop looks at it first. %(then)s", then=then)


def _url(view: View, step: str) -> str:
    return url_for(
        "portal.step", slug=view.wizard.shop.slug, token=view.wizard.token, step=step, review=1
    )
