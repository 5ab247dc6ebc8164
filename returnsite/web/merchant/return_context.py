"""Everything the page of a return shows, as finished texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app, g, url_for

from ...domain.carriers import carrier_name
from ...domain.ledger import COUNTED, Cause, Channel
from ...domain.lifecycle import RELEASED, Event, allowed_events
from ...domain.policy import Resolution
from ...domain.refunds import EntryType
from ...services.queries.return_page import ReturnPage
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import day, day_short, local_day, money
from ..typed import Posted
from .count_parts import part_texts
from .counting import count_view, lines_view
from .customers import customer_name, email_text
from .extra_items import extras_list
from .guard import may
from .return_decisions import decisions_view
from .return_forms import Failed, Field, FormWords, errors_of, forms
from .return_story import timeline
from .return_words import (
    cause_name,
    channel_name,
    entry_name,
    event_name,
    postage_off,
)
from .words import method_name, resolution_name, status_name

SOON_DAYS = 2
"""Days left from which a due date is marked."""


def return_context(
    found: ReturnPage,
    *,
    failed: Failed | None = None,
    counted: Posted | None = None,
    count_errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The variables of `merchant/return.html`."""
    made = [_form(found, form, failed) for form in forms(found) if may(form.needs)]
    errors = list((count_errors or {}).items())
    return {
        **_shown(found),
        "errors": errors_of(made, failed) if failed else errors,
        "next_forms": [form for form in made if form["is_next"]],
        "more_forms": [form for form in made if not form["is_next"]],
        "note_form": _note_form(found, failed),
        "count": _count(found, counted, count_errors or {}),
        "is_counted": found.columns["received_at"] is not None,
        "count_open": bool(count_errors) or counted is not None,
        "undo": _undo(found),
    }


def _shown(found: ReturnPage) -> dict[str, Any]:
    """What only is to be read."""
    return {
        "number": found.number,
        "status_code": found.status,
        "status_text": status_name(found.status),
        "order": _order(found),
        "due": due_view(found),
        "lines": _lines(found),
        "extras": extras_list(found.extras),
        "money_title": _("What the customer would have got")
        if found.status in RELEASED
        else _("What the customer gets"),
        "money_rows": money_rows(found),
        "decisions": decisions_view(found),
        "shipments": _shipments(found),
        "facts": _facts(found),
        "timeline": timeline(found),
        "list_url": _list_url(),
    }


def action_url(found: ReturnPage, name: str) -> str:
    """Where a form is sent."""
    endpoint = (
        "merchant.return_money" if name in {"pay", "credit", "correct"} else "merchant.return_work"
    )
    return url_for(endpoint, number=found.number, action=name)


def _form(found: ReturnPage, form: FormWords, failed: Failed | None) -> dict[str, Any]:
    own = failed if failed and failed.name == form.name else None
    fields = [_field(form, one, own) for one in form.fields]
    return {
        "name": form.name,
        "title": form.title,
        "button": form.button,
        "text": form.text,
        "kind": form.kind,
        "is_next": form.is_next,
        "fields": fields,
        "url": action_url(found, form.name),
        "open": own is not None,
        "error": own.text if own and not form.error_on else "",
        "seen_status": found.status,
        "seen_event": found.last_event_id,
    }


def _field(form: FormWords, one: Field, failed: Failed | None) -> Field:
    value = failed.posted.get(one["name"], "") if failed else one["value"]
    error = failed.text_at(form, one["name"]) if failed else ""
    return {**one, "id": f"{form.name}-{one['name']}", "value": value, "error": error}


def _order(found: ReturnPage) -> dict[str, Any]:
    known = "merchant.order" in current_app.view_functions and may("see_orders")
    url = url_for("merchant.order", order_id=found.order.id) if known else None
    customer = customer_name(found.order.customer_name)
    return {"number": found.order.number, "url": url, "customer": customer}


def due_view(found: ReturnPage) -> dict[str, str] | None:
    """By when it has to be settled; None while nothing is owed."""
    settle_by = found.columns["settle_by"]
    if settle_by is None:
        return None
    last = settle_by - timedelta(seconds=1)
    left = (local_day(last) - local_day(found.now)).days
    if settle_by <= found.now:
        return {
            "kind": "due-late",
            "text": _("Should have been settled by %(day)s.", day=day(last)),
        }
    if left <= 0:
        return {"kind": "due-soon", "text": _("Settle it today.")}
    return {
        "kind": "due-soon" if left <= SOON_DAYS else "",
        "text": _("Settle it by %(day)s.", day=day(last)),
    }


def _lines(found: ReturnPage) -> list[dict[str, Any]]:
    shown = lines_view(found)
    for view, line in zip(shown, found.lines, strict=True):
        row = line.line
        view["photos"] = [
            url_for("merchant.return_photo", number=found.number, file=file) for file in line.photos
        ]
        view["comment"] = row.comment
        view["quantity"] = row.quantity
        view["amount"] = money(_gets(found, row), found.currency)
        view["counted"] = _counted(found, row)
        view["looks"] = part_texts(line.parts)
        view["wish"] = row.exchange_title or row.exchange_wish
    return shown


def _gets(found: ReturnPage, row: Any) -> int:
    """What a line comes to now. What a count takes off an exchange is its price difference, which
    is no part of this."""
    exchanged = row.resolution == Resolution.EXCHANGE
    corrections = (
        entry.amount
        for entry in found.ledger.entries
        if entry.line_id == row.id
        and entry.type == EntryType.CORRECTION
        and not (exchanged and entry.cause in COUNTED)
    )
    return int(row.refund_amount + row.bonus + sum(corrections))


def _counted(found: ReturnPage, row: Any) -> str:
    if found.columns["received_at"] is None:
        return ngettext("%(num)s announced", "%(num)s announced", row.quantity)
    parts = [_("%(count)s of %(quantity)s", count=row.received, quantity=row.quantity)]
    if refused := row.received - row.accepted:
        parts.append(ngettext("%(num)s not accepted", "%(num)s not accepted", refused))
    if row.released:
        parts.append(ngettext("%(num)s not coming", "%(num)s not coming", row.released))
    return ", ".join(parts)


def _count(
    found: ReturnPage, posted: Posted | None, errors: Mapping[str, str]
) -> dict[str, Any] | None:
    """The form to count with, where this person can count this return now."""
    if Event.RECEIVE not in allowed_events(found.status) or not may("work_on_returns"):
        return None
    return count_view(found, action_url(found, "receive"), posted, errors)


def money_rows(found: ReturnPage) -> list[dict[str, Any]]:
    """The ledger, what it comes to, and what was given of it."""
    titles = {line.id: line.title for line in found.lines}
    rows = [_ledger_row(entry, titles, found.currency) for entry in found.entries]
    balance = found.balance
    for amount, label in (
        (balance.due.money, _("As money")),
        (balance.due.credit, _("As store credit")),
    ):
        if amount:
            rows.append({"label": label, "amount": money(amount, found.currency), "kind": "total"})
    rows += [_payout_row(payout, found.currency) for payout in found.payouts]
    if balance.paid.total:
        left = money(balance.open_total, found.currency)
        rows.append({"label": _("Still to give"), "amount": left, "kind": "total"})
    if balance.due.to_pay:
        owed = money(balance.due.to_pay, found.currency)
        rows.append({"label": _("The customer still pays"), "amount": owed, "kind": "total"})
    return rows


def _ledger_row(entry: Any, titles: Mapping[int, str], currency: str) -> dict[str, Any]:
    label = entry_name(entry.type)
    title = titles.get(entry.return_line_id or 0)
    if entry.type == EntryType.ITEMS and title:
        label = title
    elif entry.type == EntryType.CORRECTION:
        cause = cause_name(entry.cause) if title or entry.cause != Cause.MISSING else postage_off()
        label = f"{cause}: {title}" if title else cause
    return {"label": label, "note": entry.note, "amount": money(entry.amount, currency)}


def _payout_row(payout: Any, currency: str) -> dict[str, Any]:
    given = channel_name(payout.channel)
    label = given if payout.channel == Channel.CREDIT else _("Refunded: %(how)s", how=given)
    if payout.state == "failed":
        label = _("Undone: %(what)s", what=label)
    note = " · ".join(part for part in (day_short(payout.created_at), payout.external_ref) if part)
    return {"label": label, "note": note, "amount": money(-payout.amount, currency), "kind": "sub"}


def _shipments(found: ReturnPage) -> list[dict[str, Any]]:
    states = {
        "pending": _("Once approved") if found.status == "requested" else _("Being made"),
        "ready": _("Ready"),
        "failed": _("Could not be made"),
        "handed_over": _("Handed over"),
        "delivered": _("Delivered"),
        "void": _("Not valid any more"),
    }
    return [
        {
            "method": method_name(one.method),
            "carrier": carrier_name(one.carrier),
            "state": states[one.state],
            "tracking_no": one.tracking_no,
            "code": one.code if one.code_kind == "shop" else "",
            "label_url": url_for("merchant.return_label", number=found.number, shipment_id=one.id)
            if one.document and may("see_customers")
            else None,
        }
        for one in found.shipments
    ]


def _facts(found: ReturnPage) -> list[dict[str, str]]:
    columns = found.columns
    wanted = dict.fromkeys(resolution_name(line.line.resolution) for line in found.lines)
    facts = [
        (_("Customer"), customer_name(found.order.customer_name)),
        (_("E-mail"), email_text(columns["email"])),
        (_("Order"), found.order.number),
        (_("Wants"), ", ".join(wanted)),
        (_("Registered"), day(columns["created_at"])),
    ]
    if columns["hand_in_by"] and found.status in {"approved", "expired"}:
        last = columns["hand_in_by"] - timedelta(seconds=1)
        facts.append((_("To hand in by"), day(last)))
    if not columns["goods_expected"]:
        facts.append((_("Sent back"), _("Not needed")))
    for label, due in ((_("By law"), found.due.statutory), (_("As promised"), found.due.promised)):
        if due and columns["settle_by"]:
            facts.append((label, day(due - timedelta(seconds=1))))
    return [{"label": label, "value": value} for label, value in facts if value]


def _undo(found: ReturnPage) -> dict[str, Any] | None:
    event = found.undoable_event
    if event is None or not may("work_on_returns") or event.actor != g.actor.code:
        return None
    return {
        "url": action_url(found, "undo"),
        "event": event.id,
        "text": _("%(what)s.", what=event_name(event.event)),
        "waits": _("You can undo this for half a minute.")
        if event.event == Event.CLOSE
        else _("You can undo this for half a minute; the mail waits as long."),
    }


def _note_form(found: ReturnPage, failed: Failed | None) -> dict[str, Any] | None:
    if not may("work_on_returns"):
        return None
    own = failed.posted if failed and failed.name == "note" else None
    return {
        "url": action_url(found, "note"),
        "text": own.get("text", "") if own else "",
        "to_customer": bool(own and own.get("to_customer")),
        "error": failed.text if own and failed else "",
        "can_mail": bool(found.columns["email"]),
    }


def _list_url() -> str | None:
    known = "merchant.returns" in current_app.view_functions
    return url_for("merchant.returns") if known else None
