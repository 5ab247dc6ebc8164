"""What the buttons of a return's page do: read the form, call one service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from ...domain.errors import DomainError
from ...domain.money import parse_amount
from ...services.queries.return_page import ReturnPage
from ...services.returns.add_note import add_note
from ...services.returns.approve_return import approve_return
from ...services.returns.cancel_return_by_staff import cancel_return_by_staff
from ...services.returns.case import Done
from ...services.returns.close_return import close_return
from ...services.returns.close_short import close_short
from ...services.returns.correct_amount import correct_amount
from ...services.returns.decline_return import decline_return
from ...services.returns.issue_credit import issue_credit
from ...services.returns.mark_exchange_sent import mark_exchange_sent
from ...services.returns.mark_in_transit import mark_in_transit
from ...services.returns.mark_lost import mark_lost
from ...services.returns.override_window import override_window
from ...services.returns.receive_lines import receive_lines
from ...services.returns.record_payout import record_payout
from ...services.returns.retry_handoff import retry_handoff
from ...services.returns.undo import undo
from ..i18n import locale_code
from ..typed import Posted, whole
from .counting import read_counts

Run = Callable[[ReturnPage, Posted], Done]


def _of(found: ReturnPage) -> dict[str, Any]:
    return {"shop": g.shop, "return_id": found.id, "actor": g.actor}


def _seen(found: ReturnPage, posted: Posted) -> dict[str, Any]:
    """With what the form says its reader saw; a form that says nothing saw nothing."""
    return {**_of(found), "seen_status": posted.get("seen_status", "")}


def _seen_all(found: ReturnPage, posted: Posted) -> dict[str, Any]:
    return {**_seen(found, posted), "seen_event": whole(posted.get("seen_event", ""))}


def amount(text: str, currency: str) -> int:
    """An amount as people of this language type it. Raises AmountInvalid."""
    return parse_amount(text, currency, locale_code())


def _approve(found: ReturnPage, posted: Posted) -> Done:
    return approve_return(**_seen(found, posted), with_label=True)


def _keep(found: ReturnPage, posted: Posted) -> Done:
    return approve_return(**_seen(found, posted), with_label=False)


def _decline(found: ReturnPage, posted: Posted) -> Done:
    return decline_return(**_seen(found, posted), reason=posted.get("reason", ""))


def _receive(found: ReturnPage, posted: Posted) -> Done:
    return receive_lines(**_seen_all(found, posted), **read_counts(found, posted))


def _extend(found: ReturnPage, posted: Posted) -> Done:
    days = whole(posted.get("days", "").strip())
    return override_window(**_seen_all(found, posted), reason=posted.get("reason", ""), days=days)


def _close(found: ReturnPage, posted: Posted) -> Done:
    return close_return(**_seen_all(found, posted), waive_reason=posted.get("reason", ""))


def _exchange(found: ReturnPage, posted: Posted) -> Done:
    return mark_exchange_sent(**_seen_all(found, posted), reference=posted.get("reference", ""))


def _note(found: ReturnPage, posted: Posted) -> Done:
    to_customer = posted.get("to_customer") == "1"
    return add_note(**_of(found), text=posted.get("text", ""), to_customer=to_customer)


def _undo(found: ReturnPage, posted: Posted) -> Done:
    return undo(**_of(found), event_id=whole(posted.get("event", "")))


def _pay(found: ReturnPage, posted: Posted) -> Done:
    return record_payout(
        **_seen_all(found, posted),
        amount=amount(posted.get("amount", ""), found.currency),
        channel=posted.get("channel", ""),
        idempotency_key=posted.get("key", "")[:40],
        reference=posted.get("reference", ""),
    )


def _correct(found: ReturnPage, posted: Posted) -> Done:
    delta = _typed_amount(found, posted)
    line = posted.get("line", "")
    return correct_amount(
        **_seen_all(found, posted),
        line_id=whole(line, -1) if line else None,
        delta=-delta if posted.get("direction") == "less" else delta,
        reason=posted.get("reason", ""),
    )


def _typed_amount(found: ReturnPage, posted: Posted) -> int:
    """An amount above zero, or 0 for anything else, which the service refuses with the rest."""
    try:
        return max(0, amount(posted.get("amount", ""), found.currency))
    except DomainError:
        return 0


def _credit(found: ReturnPage, posted: Posted) -> Done:
    return issue_credit(
        **_seen_all(found, posted), amount=amount(posted.get("amount", ""), found.currency)
    )


WORK: dict[str, Run] = {
    "approve": _approve,
    "keep": _keep,
    "decline": _decline,
    "cancel": lambda found, posted: cancel_return_by_staff(**_seen(found, posted)),
    "sent": lambda found, posted: mark_in_transit(**_seen(found, posted)),
    "lost": lambda found, posted: mark_lost(**_seen(found, posted)),
    "receive": _receive,
    "short": lambda found, posted: close_short(**_seen_all(found, posted)),
    "close": _close,
    "extend": _extend,
    "exchange": _exchange,
    "retry": lambda found, posted: retry_handoff(**_of(found)),
    "note": _note,
    "undo": _undo,
}
"""Of whoever works on returns."""

MONEY: dict[str, Run] = {
    "pay": _pay,
    "credit": _credit,
    "correct": _correct,
}
"""Of whoever may move money."""
