"""What the status page says of the money: the same as the mails, from the same ledger."""

from __future__ import annotations

from typing import Any

from ...domain.ledger import Cause
from ...services.queries.return_view import ReturnView
from ..i18n import gettext as _
from ..rendering import money
from .timeline import ENDED, refund_by


def refund_view(found: ReturnView) -> dict[str, Any] | None:
    """What comes back and by when; nothing for a return that ended. While a part is waited for,
    the amount is for what is here."""
    due = found.balance.due
    # A lost parcel is paid as if it had arrived.
    if (found.status in ENDED and found.status != "lost") or not due.total:
        return None
    label = _("Store credit") if due.credit and not due.money else _("Money back")
    if due.credit and due.money:
        label = _("Money and store credit")
    return {
        "label": label,
        "by": refund_by(found) if found.payable.open_total else "",
        "rest": rest_text(found),
        "amount": money(found.payable.due.total, found.currency),
        "rows": _rows(found),
    }


def rest_text(found: ReturnView) -> str:
    """What follows once everything is here; empty where nothing is waited for."""
    if not found.rest_total:
        return ""
    amount = money(found.rest_total, found.currency)
    return _("You get another %(amount)s once the rest is here.", amount=amount)


def paid_lead(found: ReturnView) -> str:
    """What was given of it so far."""
    paid = money(found.balance.paid.total, found.currency)
    if not found.payable.open_total:
        return _("We have refunded you %(amount)s.", amount=paid)
    left = money(found.payable.open_total, found.currency)
    return _("You have got %(paid)s; %(left)s is still to come.", paid=paid, left=left)


def _rows(found: ReturnView) -> list[dict[str, Any]]:
    """How what was agreed became what the customer gets, and what was given of it; none while
    nothing of that happened."""
    balance, currency = found.balance, found.currency
    changes = _changes(found)
    if not changes and not balance.paid.total:
        return []
    rows = [(_("As you registered it"), "", found.agreed), *changes]
    shown = [
        {"label": label, "note": note, "amount": money(amount, currency)}
        for label, note, amount in rows
    ]
    shown.append(_total(_("You get"), balance.due.total, currency))
    if balance.due.to_pay:
        shown.append(_total(_("You still pay"), balance.due.to_pay, currency))
    for label, amount in (
        (_("Refunded"), balance.paid.money),
        (_("Store credit sent"), balance.paid.credit),
    ):
        if amount:
            shown.append({"label": label, "note": "", "amount": money(-amount, currency)})
    if balance.paid.total and balance.open_total:
        shown.append(_total(_("Still to come"), balance.open_total, currency))
    return shown


def _total(label: str, amount: int, currency: str) -> dict[str, Any]:
    return {"label": label, "note": "", "amount": money(amount, currency), "kind": "total"}


def _changes(found: ReturnView) -> list[tuple[str, str, int]]:
    """What changed the amount: the shop's corrections with their reasons, and the counts."""
    causes = (
        (Cause.NOT_ACCEPTED, _("Not accepted")),
        (Cause.MISSING, _("Did not come")),
        (Cause.KEPT, _("Not asked back")),
        (Cause.WAIVED, _("Not paid")),
    )
    counted = [
        (label, "", found.by_cause[cause]) for cause, label in causes if found.by_cause.get(cause)
    ]
    if found.postage_off:
        counted.append((_("Postage: not everything came back"), "", found.postage_off))
    shop = found.shop.name
    agreed = [
        (_("Changed by %(shop)s", shop=shop), reason, amount)
        for amount, reason in found.corrections
    ]
    return [*counted, *agreed]
