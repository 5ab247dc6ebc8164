"""One order: what was bought and sent, what may come back, and starting that for the customer."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, redirect, request, url_for

from ...domain.carriers import carrier_name
from ...domain.errors import DomainError
from ...domain.lifecycle import RELEASED
from ...domain.lookup import mask_postcode
from ...domain.roles import Permission
from ...services.order_links import link_to
from ...services.queries.order_view import LineView, OrderDetail, ParcelView, load_order
from ...services.start_for_customer import OVERRIDE_MAX, start_for_customer
from ..htmx import page
from ..i18n import gettext as _
from ..portal.flow import STEPS
from ..portal.pictures import art_for, own_picture
from ..portal.words import why_closed
from ..rendering import clock_time, day_year, money
from . import bp
from .customers import customer_name, email_text
from .guard import may, permission
from .order_filters import stage_names
from .orders import STAGE_LOOKS
from .words import country_name, status_name


@bp.get("/orders/<id:order_id>")
@permission(Permission.SEE_ORDERS)
def order(slug: str, order_id: int) -> Response:
    """One order with everything that belongs to it."""
    return _page(_find(order_id))


@bp.post("/orders/<id:order_id>/start-return")
@permission(Permission.START_RETURNS)
def order_start_return(slug: str, order_id: int) -> Any:
    """Start a return on the customer's behalf and open the portal in it."""
    override = request.form.get("reason", "") if "override" in request.form else None
    try:
        token = start_for_customer(shop=g.shop, order_id=order_id, actor=g.actor, override=override)
    except DomainError as refusal:
        return _page(_find(order_id), status=422, typed=override or "", refusal=refusal)
    if token is None:
        abort(404)
    return redirect(url_for("portal.step", slug=slug, token=token, step=STEPS[0].name), 303)


def _find(order_id: int) -> OrderDetail:
    return load_order(shop=g.shop, order_id=order_id) or abort(404)


def _page(
    found: OrderDetail, *, status: int = 200, typed: str = "", refusal: DomainError | None = None
) -> Response:
    row = found.order
    kind, icon = STAGE_LOOKS.get(row.stage, ("", None))
    error = _refusal(refusal) if refusal else ""
    return page(
        "merchant/order.html",
        status=status,
        number=row.number,
        placed=_(
            "%(day)s at %(time)s", day=day_year(row.placed_at), time=clock_time(row.placed_at)
        ),
        stage={"text": stage_names().get(row.stage, ""), "kind": kind, "icon": icon},
        lines=[_line(line, row.currency) for line in found.lines],
        totals=_totals(found),
        parcels=[_parcel(parcel) for parcel in found.parcels],
        returns=[_return(each) for each in found.returns],
        customer=_customer(row),
        start=_start(found, typed, error),
        errors=[("reason", error)] if error else [],
        link=link_to(shop=g.shop, order_id=row.id),
        orders_url=url_for("merchant.orders"),
    )


def _refusal(refusal: DomainError) -> str:
    return {
        "portal_closed": _("The portal is closed. Activate it first."),
        "reason_required": _("Say why you take it back after the return period."),
        "reason_too_long": _("Use %(max)s characters at most.", max=OVERRIDE_MAX),
    }[refusal.code]


def _start(found: OrderDetail, typed: str, error: str) -> dict[str, Any]:
    """What starting a return needs: nothing, a reason, or the portal open."""
    allowed = may("start_returns") and g.shop.active
    return {
        "url": url_for("merchant.order_start_return", order_id=found.order.id),
        "possible": allowed and found.can_return,
        "late": allowed and found.is_late,
        "is_closed": may("start_returns") and not g.shop.active,
        "field": {
            "name": "reason",
            "label": _("Why you take it back all the same"),
            "value": typed,
            "error": error,
        },
    }


def _line(view: LineView, currency: str) -> dict[str, Any]:
    facts, assessment = view.line.facts, view.assessment
    title, _text = why_closed(assessment) if assessment.why else ("", "")
    until = assessment.last_day
    words = {
        "open": _("Until %(day)s", day=day_year(until)) if until else _("No end"),
        "conditional": _("For some reasons only"),
        "closed": title,
    }[assessment.status]
    note = ""
    if assessment.why == "window_over" and until:
        note = _("Until %(day)s", day=day_year(until))
    elif assessment.status == "conditional":
        note = title
    return {
        "title": facts.title,
        "details": " · ".join(text for text in (view.line.variant, facts.sku) if text),
        "image_url": own_picture(view.line.image_url),
        "art": art_for(view.line),
        "sent": _("%(sent)s of %(ordered)s", sent=facts.qty_shipped, ordered=facts.quantity),
        "claimed": facts.qty_claimed,
        "open": assessment.max_quantity,
        "words": words,
        "note": note,
        "paid": money(facts.line_paid, currency),
    }


def _totals(found: OrderDetail) -> list[dict[str, Any]]:
    row = found.order
    goods = money(row.paid_total - row.shipping_paid, row.currency)
    return [
        {"label": _("Items"), "amount": goods},
        {"label": _("Shipping"), "amount": money(row.shipping_paid, row.currency)},
        {"label": _("Paid"), "amount": money(row.paid_total, row.currency), "kind": "total"},
    ]


def _parcel(parcel: ParcelView) -> dict[str, Any]:
    delivered, sent = parcel.delivered_at, parcel.shipped_at
    if delivered:
        words = _("Delivered on %(day)s", day=day_year(delivered))
    else:
        words = _("Sent on %(day)s", day=day_year(sent)) if sent else _("Not sent yet")
    return {
        "carrier": carrier_name(parcel.carrier) if parcel.carrier else "",
        "numbers": [each for each in (parcel.tracking_no, *parcel.more_numbers) if each],
        "words": words,
        "is_delivered": delivered is not None,
        "is_sent": sent is not None,
    }


def _return(each: Any) -> dict[str, Any]:
    return {
        "number": each.number,
        "url": url_for("merchant.return_page", number=each.number),
        "status": each.status,
        "status_text": status_name(each.status),
        "created": day_year(each.created_at),
        "amount": _("Nothing")
        if each.status in RELEASED
        else money(each.refund_total, each.currency),
    }


def _customer(row: Any) -> dict[str, Any]:
    """Name and addresses in full, or a trace of them for those who may not see customers."""
    seen = may("see_customers")
    return {
        "name": customer_name(row.customer_name),
        "email": email_text(row.email),
        "is_masked": not seen,
        "delivery": _address(row.delivery_address, seen=seen),
        "billing": _address(row.billing_address, seen=seen)
        if row.billing_address != row.delivery_address
        else [],
        "tags": row.customer_tags,
    }


def _address(address: dict[str, str], *, seen: bool) -> list[str]:
    country = country_name(address["country"]) if address.get("country") else ""
    if not seen:
        return [text for text in (mask_postcode(address.get("postcode", "")), country) if text]
    lines = (
        (address.get("name", ""),),
        (address.get("street", ""), address.get("house_number", "")),
        (address.get("postcode", ""), address.get("city", "")),
        (country,),
    )
    return [text for parts in lines if (text := " ".join(part for part in parts if part))]
