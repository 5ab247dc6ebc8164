"""What the done and status pages say about a return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from babel.dates import format_date
from dateutil.parser import isoparse
from flask import url_for

from ...domain.carriers import carrier_name
from ...domain.policy import Method, Resolution
from ...services.queries.return_view import ReturnItem, ReturnView, Shipment
from ...services.returns.extras import sort_extras
from ..i18n import gettext as _
from ..i18n import locale_code, ngettext
from .pictures import art_named, own_picture
from .status_money import paid_lead
from .timeline import hand_in_day
from .words import postage_note, resolution_title


def status_words(found: ReturnView) -> dict[str, str]:
    """Badge, heading and lead of the status page."""
    badge, heading, lead = _WORDS[found.status]()
    if found.status == "approved" and not found.goods_expected:
        heading, lead = _("Your return is approved"), _("You do not have to send anything back.")
    elif found.status == "approved" and (last := hand_in_day(found)):
        lead = _("By %(day)s at the latest.", day=last)
    elif found.status == "received":
        lead = _received_lead(found)
    return {"badge": badge, "heading": heading, "lead": lead}


def _received_lead(found: ReturnView) -> str:
    """What was given, and what is not here yet."""
    parts = [paid_lead(found)] if found.balance.paid.total else []
    if found.waits:
        missing = ", ".join(
            f"{item.awaited} × {item.title}" for item in found.items if item.awaited
        )
        parts.append(_("Not here yet: %(what)s.", what=missing))
    elif not parts:
        parts.append(_("We have checked what is in it."))
    return " ".join(parts)


# Functions, because texts are looked up in the language of the request.
_WORDS: dict[str, Callable[[], tuple[str, str, str]]] = {
    "requested": lambda: (
        _("To be approved"),
        _("We are looking at your return"),
        _("You get an e-mail as soon as it is approved."),
    ),
    "approved": lambda: (_("Registered"), _("Hand in your parcel"), ""),
    "in_transit": lambda: (_("On the way"), _("Your parcel is on its way to us"), ""),
    "received": lambda: (_("Received"), _("We have your parcel"), ""),
    "closed": lambda: (_("Completed"), _("Your return is completed"), ""),
    "declined": lambda: (_("Declined"), _("Your return was declined"), ""),
    "cancelled": lambda: (
        _("Cancelled"),
        _("Your return is cancelled"),
        _("Do not use the label or code any more."),
    ),
    "expired": lambda: (
        _("Expired"),
        _("Your return has expired"),
        _("We did not receive your parcel in time."),
    ),
    "lost": lambda: (
        _("Lost"),
        _("Your parcel got lost"),
        _("We'll sort this out with the carrier."),
    ),
}


def notice_view(found: ReturnView) -> dict[str, str] | None:
    """Once it is on its way nothing can be changed; who to turn to then."""
    if found.status not in {"in_transit", "declined", "lost"}:
        return None
    if found.declined_because:
        return _declined(found)
    scanned = found.status == "in_transit"
    shop = found.shop
    mail = f"mailto:{shop.support_email}" if shop.support_email else ""
    return {
        "kind": "info",
        "title": _("You can't change it any more.") if scanned else _("Something wrong?"),
        "text": _("Your parcel has been scanned. Something wrong?") if scanned else "",
        "link_url": shop.support_url or mail,
        "link_text": _("Tell us"),
    }


def _declined(found: ReturnView) -> dict[str, str]:
    """Why the shop said no, in its own words."""
    shop = found.shop
    mail = f"mailto:{shop.support_email}" if shop.support_email else ""
    return {
        "kind": "warn",
        "title": _("Why:"),
        "text": found.declined_because,
        "link_url": shop.support_url or mail,
        "link_text": _("Tell us"),
    }


def items_view(found: ReturnView) -> list[dict[str, Any]]:
    """What is in the return."""
    return [
        {
            "title": item.title,
            "note": " · ".join(
                part for part in (item.variant, _count(found, item), _wanted(item)) if part
            ),
            "image_url": own_picture(item.image_url),
            "art": art_named(item.category, item.title),
        }
        for item in found.items
    ]


def handoff_view(found: ReturnView) -> dict[str, Any] | None:
    """What the customer takes to the counter; None when there is nothing to take (any more)."""
    shipment = found.shipment
    if shipment is None or found.status != "approved" or shipment.state == "void":
        return None
    no_printer = shipment.kind in {"qr_code", "none"}
    failed = _("The carrier could not make it. We are on it and mail you.")
    return {
        "heading": _handoff_heading(found),
        "badge": {"text": _("No printer needed"), "icon": "check"} if no_printer else None,
        "pending": shipment.state == "pending",
        "failed_text": failed if shipment.state == "failed" else None,
        "steps": _handoff_steps(found),
        **_documents(found, shipment),
    }


def _documents(found: ReturnView, shipment: Shipment) -> dict[str, Any]:
    """The code as a picture and the label as a file, once they are there."""
    route: dict[str, Any] = {"slug": found.shop.slug, "token": found.status_token}
    ready = shipment.state in {"ready", "handed_over"}
    code_url = url_for("portal.qr_code", **route)
    label_url = url_for("portal.label", **route)
    shows_code = ready and shipment.code and shipment.kind in {"qr_code", "none"}
    label = {
        "url": label_url,
        "text": _("Print the label"),
        "note": _("Print it at 100 %, on A6 or A4."),
        "save": _("Save the label"),
        "address": url_for("portal.label", **route, _external=True),
    }
    return {
        "qr_url": code_url if shows_code else None,
        "qr_label": _qr_label(found),
        "code": shipment.code if ready else "",
        "download": {"url": code_url, "text": _("Keep the code")} if shows_code else None,
        "label": label if ready and shipment.document else None,
    }


def _handoff_heading(found: ReturnView) -> str:
    carrier = carrier_name(found.carrier)
    return {
        Method.DROP_OFF_LABELLESS: _("Show this code at %(carrier)s", carrier=carrier),
        Method.DROP_OFF_POINT: _("Stick this label on your parcel"),
        Method.PICKUP: _("%(carrier)s collects your parcel", carrier=carrier),
        Method.IN_STORE: _("Show this code in the store"),
    }[Method(found.method)]


def _qr_label(found: ReturnView) -> str:
    if found.method == Method.IN_STORE:
        return _("QR code for the counter of the store")
    return _("QR code for the counter of %(carrier)s", carrier=carrier_name(found.carrier))


def _handoff_steps(found: ReturnView) -> list[dict[str, str]]:
    last = hand_in_day(found)
    by = _("By %(day)s at the latest.", day=last) if last else ""
    pack = {"strong": _("Pack it well."), "text": _("One box or bag, old labels off.")}
    stick = {"strong": _("Print the label"), "text": _("and stick it on the parcel.")}
    match found.method:
        case Method.IN_STORE:
            store = found.shipment.store if found.shipment else {}
            return [
                {"strong": _("Go to %(place)s.", place=_place(store)), "text": by},
                {"strong": _("Show the code"), "text": _("and hand in your items. No box needed.")},
            ]
        case Method.PICKUP:
            text = found.shipment.pickup_date if found.shipment else None
            when = format_date(isoparse(text), "EEEE d MMMM", locale=locale_code()) if text else ""
            wait = {"strong": _("Be at home on %(day)s.", day=when), "text": ""}
            return [pack, wait]
        case Method.DROP_OFF_LABELLESS:
            show = {"strong": _("Have the code scanned"), "text": _("and keep the receipt.")}
            return [pack, {"strong": _go(found), "text": by}, show]
        case _:
            return [pack, stick, {"strong": _go(found), "text": f"{_keep(found)} {by}".strip()}]


def _keep(found: ReturnView) -> str:
    keep = _("Keep the receipt.")
    return f"{postage_note(blameless=found.blameless)} {keep}" if found.own_postage else keep


def _go(found: ReturnView) -> str:
    carrier = carrier_name(found.carrier)
    if found.point:
        place = _place(found.point)
        return _("Take it to %(place)s (%(carrier)s).", place=place, carrier=carrier)
    if carrier:
        return _("Take it to a %(carrier)s point.", carrier=carrier)
    return _("Post it with a carrier of your choice.")


def _place(place: dict[str, Any]) -> str:
    street = f"{place.get('street', '')} {place.get('house_number', '')}".strip()
    return ", ".join(
        part for part in (place.get("name", ""), street, place.get("city", "")) if part
    )


def extras_view(found: ReturnView) -> list[str]:
    """What else was in the boxes, in the words of the mail."""
    back, others = sort_extras(found.extras)
    texts = []
    if back:
        what = ", ".join(back)
        texts.append(_("Also in your parcel: %(what)s. We send that back to you.", what=what))
    if others:
        what = ", ".join(others)
        texts.append(
            _("Also in your parcel: %(what)s. That is not part of this return. Do you miss it?"
              " Then tell us.", what=what)
        )  # fmt: skip
    return texts


def _count(found: ReturnView, item: ReturnItem) -> str:
    """How many pieces, and once they were counted how many of them."""
    if found.received_at is None:
        return ngettext("%(num)s piece", "%(num)s pieces", item.quantity)
    counted = _("%(count)s of %(quantity)s received", count=item.received, quantity=item.quantity)
    parts = [counted]
    if refused := item.received - item.accepted:
        parts.append(ngettext("%(num)s not accepted", "%(num)s not accepted", refused))
    if item.released:
        parts.append(ngettext("%(num)s not coming", "%(num)s not coming", item.released))
    return ", ".join(parts)


def _wanted(item: ReturnItem) -> str:
    if item.resolution == Resolution.EXCHANGE and (item.exchange_title or item.exchange_wish):
        return _("Exchange for %(wanted)s", wanted=item.exchange_title or item.exchange_wish)
    return resolution_title(item.resolution)
