"""The dock: scan or type a number, count what is in the parcel, take the next one."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from ...domain.errors import DomainError
from ...domain.lifecycle import Event, allowed_events
from ...domain.quantity import parse_quantity
from ...domain.roles import Permission
from ...services.queries.find_parcels import Found, FoundReturn, find_parcels, latest_received
from ...services.queries.order_lines import WizardLine, load_lines
from ...services.queries.unannounced import load_order
from ...services.returns.approve_return import approve_return
from ...services.returns.case import ReturnChanged
from ...services.returns.create_unannounced import create_unannounced
from ...services.returns.receive_lines import receive_lines
from ..htmx import client_redirect, is_fragment, page
from ..i18n import gettext as _
from ..portal.pictures import art_for, own_picture
from ..rendering import day, day_and_time
from ..typed import Posted, posted_form, printable, whole
from . import bp
from .counting import CountRefused, count_view, read_counts, stepped
from .guard import permission
from .return_page import find
from .return_words import changed_text, refusal_text
from .words import status_name

_LONGEST = 200


@bp.get("/dock")
@permission(Permission.WORK_ON_RETURNS)
def dock(slug: str) -> Response:
    """One big field; what it may mean below it."""
    g.uses_camera = True
    typed = printable(request.args.get("q", "")).strip()[:_LONGEST]
    found = find_parcels(shop=g.shop, text=typed) if typed else None
    if found and found.only:
        return _to("merchant.dock_count", number=found.only.number)
    return page(
        "merchant/dock.html",
        typed=typed,
        found=_found(found),
        latest=_latest() if found is None else [],
        counted=printable(request.args.get("counted", ""))[:20],
        errors=_missed(found),
    )


@bp.get("/dock/<number>")
@permission(Permission.WORK_ON_RETURNS)
def dock_count(slug: str, number: str) -> Response:
    """Count one return."""
    return _count_page(number)


@bp.post("/dock/<number>")
@permission(Permission.WORK_ON_RETURNS)
def dock_receive(slug: str, number: str) -> Response:
    """Save the count, then the next parcel."""
    posted = posted_form()
    if (pressed := stepped(posted)) is not None:
        return _count_page(number, pressed)
    found = find(number)
    try:
        _receive(found, posted)
    except ReturnChanged as error:
        if not error.by_self:
            return _count_page(number, posted, {"count": changed_text(error)}, status=409)
    except CountRefused as refusal:
        return _count_page(number, posted, refusal.errors, status=422)
    except DomainError as refusal:
        return _count_page(number, posted, {"count": refusal_text(refusal)}, status=422)
    return _next_parcel(found.number)


@bp.post("/dock/<number>/approve")
@permission(Permission.WORK_ON_RETURNS)
def dock_approve(slug: str, number: str) -> Response:
    """Approve a return whose parcel is here already, then count it."""
    found, seen = find(number), request.form.get("seen_status", "")
    try:
        approve_return(
            shop=g.shop, return_id=found.id, actor=g.actor, is_here=True, seen_status=seen
        )
    except ReturnChanged as error:
        if not error.by_self:
            return _count_page(number, errors={"": changed_text(error)}, status=409)
    except DomainError as refusal:
        return _count_page(number, errors={"": refusal_text(refusal)}, status=422)
    return _to("merchant.dock_count", number=found.number)


@bp.get("/dock/orders/<id:order_id>")
@permission(Permission.WORK_ON_RETURNS)
def dock_unannounced(slug: str, order_id: int) -> Response:
    """A parcel nobody announced: what of the order is in it?"""
    return _unannounced_page(order_id, None)


@bp.post("/dock/orders/<id:order_id>")
@permission(Permission.WORK_ON_RETURNS)
def dock_create(slug: str, order_id: int) -> Response:
    """Make a return of it, and count it."""
    posted = posted_form()
    if (pressed := stepped(posted)) is not None:
        return _unannounced_page(order_id, pressed)
    try:
        number = _create(order_id, posted)
    except LookupError:
        abort(404)
    except DomainError as refusal:
        return _unannounced_page(order_id, posted, refusal_text(refusal))
    return _to("merchant.dock_count", number=number)


def _to(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[return-value]


def _next_parcel(counted: str) -> Response:
    """The dock, loaded whole: its field has the focus then, and a hand scanner types into it."""
    if is_fragment():
        return client_redirect(url_for("merchant.dock", counted=counted))
    return _to("merchant.dock", counted=counted)


def _receive(found: Any, posted: Posted) -> None:
    receive_lines(
        shop=g.shop,
        return_id=found.id,
        actor=g.actor,
        **read_counts(found, posted),
        seen_status=posted.get("seen_status", ""),
        seen_event=whole(posted.get("seen_event", "")),
    )


def _count_page(
    number: str,
    posted: MultiDict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    found = find(number)
    can = Event.RECEIVE in allowed_events(found.status)
    url = url_for("merchant.dock_receive", number=found.number)
    return page(
        "merchant/dock_count.html",
        status=status,
        number=found.number,
        status_code=found.status,
        status_text=status_name(found.status),
        customer=found.order.customer_name,
        order_number=found.order.number,
        order_url=url_for("merchant.dock_unannounced", order_id=found.order.id),
        return_url=url_for("merchant.return_page", number=found.number),
        approve_url=url_for("merchant.dock_approve", number=found.number),
        count=count_view(found, url, posted, errors) if can else None,
        errors=list((errors or {}).items()),
    )


def _unannounced_page(
    order_id: int, posted: MultiDict[str, str] | None, error: str = ""
) -> Response:
    order = load_order(shop=g.shop, order_id=order_id)
    if order is None:
        abort(404)
    lines = [line for line in load_lines(order_id) if line.parcel_id is not None]
    shown = [_order_line(line, posted) for line in lines]
    return page(
        "merchant/dock_unannounced.html",
        status=422 if error else 200,
        order_number=order.number,
        customer=order.customer_name,
        placed=day(order.placed_at),
        lines=shown,
        any_left=any(one["max"] for one in shown),
        key=posted.get("key", "") if posted else secrets.token_urlsafe(24),
        url=url_for("merchant.dock_create", order_id=order_id),
        errors=[("", error)] if error else [],
    )


def _order_line(line: WizardLine, posted: MultiDict[str, str] | None) -> dict[str, Any]:
    facts = line.facts
    name = f"quantity-{facts.line_id}"
    return {
        "name": name,
        "title": facts.title,
        "variant": " · ".join(part for part in (line.variant, facts.sku) if part),
        "art": art_for(line),
        "image_url": own_picture(line.image_url),
        "max": max(0, facts.qty_shipped - facts.qty_claimed),
        "value": posted.get(name, "0") if posted else "0",
        "claimed": [prior.number for prior in line.prior],
    }


def _create(order_id: int, posted: Posted) -> str:
    quantities: dict[int, int] = {}
    for name, text in posted.items():
        prefix, _dash, line = name.partition("-")
        if prefix == "quantity" and text.strip() not in {"", "0"}:
            quantities[whole(line, -1)] = parse_quantity(text.strip())
    key = posted.get("key", "")
    return create_unannounced(
        shop=g.shop,
        order_id=order_id,
        actor=g.actor,
        quantities=quantities,
        idempotency_key=f"dock:{key}" if key else f"dock:{secrets.token_urlsafe(24)}",
    )


def _missed(found: Found | None) -> list[tuple[str, str]]:
    if found is None or found.returns or found.orders:
        return []
    return [("q", _("Nothing has this number. Try another one that is on the parcel."))]


def _latest() -> list[dict[str, Any]]:
    """What was counted last, to look at again."""
    return [
        _return_row(one, day_and_time(one.received_at) if one.received_at else "")
        for one in latest_received(shop=g.shop)
    ]


def _return_row(one: FoundReturn, more: str = "") -> dict[str, Any]:
    return {
        "number": one.number,
        "status": one.status,
        "status_text": status_name(one.status),
        "text": " · ".join(part for part in (one.customer, one.order_number, more) if part),
        "url": url_for("merchant.dock_count", number=one.number),
    }


def _found(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "returns": [_return_row(one) for one in found.returns],
        "orders": [
            {
                "number": one.number,
                "text": " · ".join(part for part in (one.customer, day(one.placed_at)) if part),
                "url": url_for("merchant.dock_unannounced", order_id=one.id),
            }
            for one in found.orders
        ],
    }
