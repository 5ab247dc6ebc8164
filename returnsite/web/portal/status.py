"""After confirming: the done page, the status page, the hand-off, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, make_response, redirect, request, url_for

from ...documents.qr import qr_svg
from ...domain.errors import WrongState
from ...domain.lookup import mask_email
from ...services.cancel_return import cancel_return
from ...services.labels import read_label
from ...services.order_links import sign_order
from ...services.queries.return_view import ReturnView, load_return
from ..htmx import page, partial
from ..i18n import gettext as _
from ..security import form_token, form_token_fits
from . import bp, take_shop
from .status_money import refund_view
from .status_texts import extras_view, handoff_view, items_view, notice_view, status_words
from .timeline import timeline_view


@bp.get("/p/<slug>/s/<token>")
def status(slug: str, token: str) -> Response:
    """Where the return stands; bookmarkable."""
    return _status_page(_take(slug, token))


@bp.get("/p/<slug>/s/<token>/done")
def done(slug: str, token: str) -> Response:
    """Right after confirming: reference, hand-off, what happens next."""
    found = _take(slug, token)
    return page(
        "portal/done.html",
        push_url=request.path,
        number=found.number,
        masked_email=mask_email(found.email) if found.email else "",
        status_url=url_for("portal.status", slug=slug, token=token),
        timeline=timeline_view(found),
        approval_text=_approval_text(found),
        **_handoff(found),
    )


def _approval_text(found: ReturnView) -> str | None:
    if found.status != "requested":
        return None
    return str(_("The shop looks at your return first. You get an e-mail with what to do next."))


@bp.get("/p/<slug>/s/<token>/_handoff")
def handoff(slug: str, token: str) -> Response:
    """The hand-off alone: asked again while a carrier makes it."""
    found = _take(slug, token)
    context = _handoff(found)
    return partial("partials/handoff.html", **context) if context["handoff"] else abort(404)


@bp.get("/p/<slug>/s/<token>/code.svg")
def qr_code(slug: str, token: str) -> Response:
    """The code to show at the counter, as a picture to keep."""
    found = _take(slug, token)
    shipment = found.shipment
    if shipment is None or shipment.state not in {"ready", "handed_over"} or not shipment.code:
        abort(404)
    response = make_response(qr_svg(shipment.code))
    response.mimetype = "image/svg+xml"
    return _as_file(response, f"{found.number}.svg", inline=True)


@bp.get("/p/<slug>/s/<token>/label.pdf")
def label(slug: str, token: str) -> Response:
    """The label to print."""
    found = _take(slug, token)
    shipment = found.shipment
    if shipment is None or shipment.document is None or shipment.state == "void":
        abort(404)
    content = read_label(shipment.document)
    if content is None:
        abort(404)
    response = make_response(content)
    response.mimetype = "application/pdf"
    return _as_file(response, f"{found.number}.pdf", inline=True)


@bp.post("/p/<slug>/s/<token>/cancel")
def cancel(slug: str, token: str) -> Any:
    """Take the return back, before anything was handed over."""
    found = _take(slug, token)
    target = url_for("portal.status", slug=slug, token=token)
    if not form_token_fits(f"cancel:{found.id}", request.form.get("form_token", "")):
        return _status_page(found, [("", _("This page was open for a long time. Try again."))], 422)
    try:
        cancel_return(slug=slug, token=token)
    except WrongState:
        return _status_page(
            _take(slug, token), [("", _("This return can't be cancelled any more."))], 409
        )
    return redirect(target, 303)


def _take(slug: str, token: str) -> ReturnView:
    found = load_return(slug=slug, token=token)
    if found is None:
        take_shop(slug)
        abort(404)
    g.shop = found.shop
    g.frame_origins = found.shop.frame_origins
    g.locale = found.locale
    return found


def _status_page(
    found: ReturnView, errors: list[tuple[str, str]] | None = None, code: int = 200
) -> Response:
    slug, token = found.shop.slug, found.status_token
    words = status_words(found)
    action = url_for("portal.cancel", slug=slug, token=token)
    return page(
        "portal/status.html",
        status=code,
        push_url=url_for("portal.status", slug=slug, token=token),
        errors=errors or [],
        number=found.number,
        status_code=found.status,
        status_text=words["badge"],
        heading=words["heading"],
        lead=words["lead"],
        refund=refund_view(found),
        timeline=timeline_view(found),
        items=items_view(found),
        extras=extras_view(found),
        notice=notice_view(found),
        cancel={"action": action, "form_token": form_token(f"cancel:{found.id}")}
        if found.can_cancel
        else None,
        again_url=_again_url(found) if found.status == "cancelled" else None,
        **_handoff(found),
    )


def _again_url(found: ReturnView) -> str:
    """Where a return of the same order is begun anew."""
    link = sign_order(found.shop.id, found.order_id)
    return url_for("portal.order_link", slug=found.shop.slug, link=link, lang=found.locale)


def _handoff(found: ReturnView) -> dict[str, Any]:
    route: dict[str, Any] = {"slug": found.shop.slug, "token": found.status_token}
    return {"handoff": handoff_view(found), "handoff_url": url_for("portal.handoff", **route)}


def _as_file(response: Response, name: str, *, inline: bool) -> Response:
    kind = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f'{kind}; filename="{name}"'
    g.frame_origins = None
    policy = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "private, no-store"
    return response
