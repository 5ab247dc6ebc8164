"""Store credit at the till: look a code up, take a part of it off."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Response, abort, g, redirect, url_for

from ...domain.errors import DomainError
from ...domain.roles import Permission
from ...services.returns.redeem_credit import CreditView, find_credit, load_credit, redeem_credit
from ..htmx import page
from ..i18n import gettext as _
from ..rendering import clock_time, day_of_year, day_short, money
from ..typed import posted_form
from . import bp
from .guard import permission
from .return_runs import amount
from .return_words import refusal_text


@bp.get("/credit")
@permission(Permission.MOVE_MONEY)
def credit(slug: str) -> Response:
    """Ask for the code."""
    return _ask("")


@bp.post("/credit")
@permission(Permission.MOVE_MONEY)
def credit_find(slug: str) -> Response:
    """Find it; posted, so that no code stands in an address or a log."""
    typed = posted_form().get("code", "").strip()[:60]
    found = find_credit(shop=g.shop, code=typed) if typed else None
    if found is None:
        return _ask(
            typed, _("No credit has this code. Check it, it looks like 7K2M-9QXT-4F1C-PB60.")
        )
    here = url_for("merchant.credit_page", credit_id=found.id)
    return redirect(here, 303)  # type: ignore[return-value]


@bp.get("/credit/<id:credit_id>")
@permission(Permission.MOVE_MONEY)
def credit_page(slug: str, credit_id: int) -> Response:
    """What is left on it, and what became of the rest."""
    return _show(_find(credit_id))


@bp.post("/credit/<id:credit_id>")
@permission(Permission.MOVE_MONEY)
def credit_redeem(slug: str, credit_id: int) -> Response:
    """Take a part off."""
    found, posted = _find(credit_id), posted_form()
    try:
        redeem_credit(
            shop=g.shop,
            credit_id=found.id,
            actor=g.actor,
            amount=amount(posted.get("amount", ""), found.currency),
            idempotency_key=posted.get("key", "") or secrets.token_urlsafe(12),
            reference=posted.get("reference", ""),
        )
    except DomainError as refusal:
        return _show(_find(credit_id), refusal_text(refusal))
    here = url_for("merchant.credit_page", credit_id=credit_id)
    return redirect(here, 303)  # type: ignore[return-value]


def _find(credit_id: int) -> CreditView:
    found = load_credit(shop=g.shop, credit_id=credit_id)
    if found is None:
        abort(404)
    return found


def _ask(typed: str, error: str = "") -> Response:
    return page(
        "merchant/credit_find.html",
        status=422 if error else 200,
        code={"name": "code", "label": _("Code"), "value": typed, "error": error},
        errors=[("code", error)] if error else [],
    )


def _show(found: CreditView, error: str = "") -> Response:
    posted: Any = posted_form() if error else {}
    label = _("Amount in %(currency)s", currency=found.currency)
    text = posted.get("amount", "")
    field = {"name": "amount", "label": label, "value": text, "error": error}
    reference = {"name": "reference", "label": _("Order or receipt number")}
    return page(
        "merchant/credit.html",
        status=422 if error else 200,
        end=found.end,
        balance=money(found.balance, found.currency),
        whole=money(found.amount, found.currency),
        can_use=bool(found.balance) and not found.is_expired,
        is_expired=found.is_expired,
        expires=day_of_year(found.expires_at - timedelta(seconds=1)) if found.expires_at else "",
        return_number=found.return_number,
        return_url=url_for("merchant.return_page", number=found.return_number),
        url=url_for("merchant.credit_redeem", credit_id=found.id),
        key=posted.get("key") or secrets.token_urlsafe(12),
        amount=field,
        reference={**reference, "value": posted.get("reference", "")},
        uses=[_use(one, found.currency) for one in reversed(found.uses)],
        errors=[("amount", error)] if error else [],
    )


def _use(use: Any, currency: str) -> dict[str, str]:
    when = f"{day_short(use.at)}, {clock_time(use.at)}"
    return {
        "label": _("Given for %(what)s", what=use.reference)
        if use.kind == "issue"
        else (use.reference or _("Used")),
        "note": " · ".join(part for part in (when, use.by) if part),
        "amount": money(use.amount, currency),
    }
