"""Step 5, return shipment: how it travels, what that costs, and where to hand it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from ....domain.carriers import carrier_name
from ....domain.lookup import mask_postcode
from ....domain.opening_hours import parse_osm
from ....domain.policy import Method
from ....services.checks import Problem, check_shipment, pickup_dates
from ....services.drafts import Wizard
from ....services.queries.points import load_point
from ....services.quotes import is_blameless, make_statement
from ...i18n import gettext as _
from ...rendering import day, either, money
from .. import points as finder
from ..summary import fee_text
from ..words import method_title, postage_note, problem_text
from .base import Form, Reading, View, typed

name = "shipment"
template = "portal/shipment.html"
live_blocks = ("summary_panel", "summary_bar")
uses_variants = False


def read(form: Form, wizard: Wizard) -> Reading:
    """The method and what it needs. The carrier follows from the point, see `settle`."""
    method = form.get("method", "")
    if method not in set(Method):
        method = ""
    return Reading(
        {
            "method": method or None,
            "carrier": None,
            "point": _number(form.get("point")),
            "near": typed(form, "near", 100) if "near" in form else None,
            "filter": typed(form, "carrier", 64),
            "pickup_date": typed(form, "pickup_date", 10) or None,
            "store": _number(form.get("store")),
        }
    )


def settle(view: View) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The answer with its carrier: the chosen point's, else the suggested one's, else the first."""
    answer = dict(view.wizard.answers.get("shipment", {}))
    method = answer.get("method") or ""
    carriers = finder.carriers_of(view, method)
    points_of = finder.point_carriers(view, method)
    if not points_of:
        answer |= {"point": None, "carrier": carriers[0] if carriers else None}
        return answer, ()
    if answer.get("point"):
        point = load_point(answer["point"])
        if point is None or point.carrier not in points_of:
            return answer, (Problem("point_unknown", "point"),)
        return answer | {"carrier": point.carrier}, ()
    found = finder.search(view, method, near=answer.get("near"), carrier=answer.get("filter", ""))
    nearest = found.suggested(view.wizard.now)
    if nearest is not None:
        return answer | {"point": nearest.id, "carrier": nearest.carrier}, ()
    wanted = answer.get("filter")
    return answer | {"carrier": wanted if wanted in points_of else points_of[0]}, ()


def check(view: View) -> list[Problem]:
    """A method this return can use, with what it needs."""
    return check_shipment(view.wizard, view.quote)


def field_id(problem: Problem, view: View) -> str:
    """The control the problem is about."""
    match problem.part:
        case "pickup_date":
            return "pickup_date"
        case "store":
            return "store-1"
        case "point":
            return "point-1"
        case _:
            options = _options(view)
            return f"method-{options[0]['value']}" if options else ""


def context(view: View) -> dict[str, Any]:
    """`options`, and the finder, pick-up days and stores they need."""
    answer = view.wizard.answers.get("shipment", {})
    route: dict[str, Any] = {"slug": view.wizard.shop.slug, "token": view.wizard.token}
    options = _options(view)
    method = view.query.get("method") or answer.get("method")
    if method is None and len(options) == 1:
        method = options[0]["value"]
    for option in options:
        option["checked"] = option["value"] == method
    has_points = bool(method and finder.point_carriers(view, method))
    return {
        "options": options,
        "points_url": url_for("portal.points", **route),
        "points_page_url": url_for("portal.step", step=name, **route),
        "points": _finder(view, method, answer) if has_points else None,
        "points_are_new": has_points and "points" in view.query,
        "pickup": _pickup(view, answer),
        "stores": _stores(view, answer),
        "error": problem_text(p) if (p := _problem(view)) else "",
        "store_error": problem_text(p) if (p := view.error("store")) else "",
    }


def _problem(view: View) -> Problem | None:
    """What is wrong with the method itself or the place it needs."""
    return view.error("method") or view.error("carrier") or view.error("point")


def points_context(view: View) -> dict[str, Any]:
    """Variables of the finder alone, for a search."""
    answer = view.wizard.answers.get("shipment", {})
    method = view.query.get("method", "")
    route: dict[str, Any] = {"slug": view.wizard.shop.slug, "token": view.wizard.token}
    return {
        "points_page_url": url_for("portal.step", step=name, **route),
        "points": _finder(view, method, answer),
    }


def _number(text: str | None) -> int | None:
    known = text is not None and text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if known and text else None


def _finder(view: View, method: str, answer: dict[str, Any]) -> dict[str, Any]:
    searching = "near" in view.query
    return finder.finder(
        view,
        method,
        near=typed(view.query, "near", 100) if searching else answer.get("near"),
        carrier=view.query.get("carrier", "") if searching else answer.get("filter") or "",
        chosen=None if searching else answer.get("point"),
        opened=searching,
    )


def _options(view: View) -> list[dict[str, Any]]:
    methods = dict.fromkeys(option.method for option in view.quote.methods)
    return [_option(view, method) for method in methods]


def _option(view: View, method: Method) -> dict[str, Any]:
    basket = replace(view.quote.basket, method=method, carrier=None)
    statement = make_statement(view.wizard, basket)
    fee = statement.fee
    own_postage = view.quote.own_postage(method)
    waived = fee is not None and fee.base > fee.amount and not own_postage
    amount = fee.amount if fee else 0
    free = _("+ postage") if own_postage else fee_text(fee, statement.currency)
    return {
        "value": str(method),
        "title": method_title(method),
        "text": _explanation(view, method),
        "price": money(amount, statement.currency) if amount else free,
        "was": money(fee.base, statement.currency) if fee and waived else "",
        "free": waived and not amount,
        "detail": _detail(view, method),
    }


def _detail(view: View, method: Method) -> str:
    """What opens below the chosen method."""
    if finder.point_carriers(view, method):
        return "points"
    return {Method.PICKUP: "pickup", Method.IN_STORE: "store"}.get(method, "")


def _explanation(view: View, method: Method) -> str:
    codes = finder.point_carriers(view, method) or finder.carriers_of(view, method)
    carriers = either(name for code in codes if (name := carrier_name(code)))
    match method:
        case Method.DROP_OFF_LABELLESS:
            return _(
                "Show a QR code at a %(carriers)s point. They stick the label on.",
                carriers=carriers,
            )
        case Method.DROP_OFF_POINT if not carriers:
            return _(
                "Print the label at home and post the parcel with a carrier of your choice."
                " %(who)s",
                who=postage_note(blameless=is_blameless(view.wizard, view.quote)),
            )
        case Method.DROP_OFF_POINT:
            return _(
                "Print the label at home and hand it in at a %(carriers)s point.", carriers=carriers
            )
        case Method.PICKUP:
            return _("%(carriers)s comes by on the day you choose.", carriers=carriers)
        case Method.IN_STORE:
            cities = dict.fromkeys(store.city for store in view.wizard.shop.stores)
            return _("%(places)s. Nothing to print.", places=either(cities))


def _pickup(view: View, answer: dict[str, Any]) -> dict[str, Any]:
    problem = view.error("pickup_date")
    address = view.wizard.order.delivery_address
    masked = " ".join(
        p for p in (mask_postcode(address.get("postcode", "")), address.get("city", "")) if p
    )
    return {
        "date": answer.get("pickup_date") or "",
        "dates": [(d.isoformat(), _capital(day(d))) for d in pickup_dates(view.wizard)],
        "address": _("Your delivery address, %(address)s", address=masked),
        "note": _("Somebody has to be at home. The driver brings the label."),
        "error": problem_text(problem) if problem else "",
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stores(view: View, answer: dict[str, Any]) -> list[dict[str, Any]]:
    shop = view.wizard.shop
    local = view.wizard.now.astimezone(ZoneInfo(shop.time_zone))
    chosen = answer.get("store")
    only = len(shop.stores) == 1
    return [
        {
            "id": store.id,
            "name": store.name,
            "address": f"{store.street} {store.house_number}, {store.city}",
            "checked": only or store.id == chosen,
            **_opening(store.opening_hours, local),
        }
        for store in shop.stores
    ]


def _opening(text: str, local: datetime) -> dict[str, Any]:
    words, is_open = finder.opening_words(parse_osm(text) or {}, local) if text else ("", False)
    return {"open_text": words, "is_open": is_open}
