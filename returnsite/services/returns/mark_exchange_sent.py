"""The article a customer exchanged for is on its way."""

from __future__ import annotations

from ...domain.errors import DomainError, WrongState
from ..audit import Actor
from ..shops import ShopSettings
from .case import Done, changing
from .money import finish_if_settled, load_ledger, set_clock
from .record_payout import PAYABLE
from .texts import one_line


def mark_exchange_sent(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    reference: str = "",
    seen_status: str | None = None,
    seen_event: int | None = None,
) -> Done:
    """Note that the exchange was sent; `reference` is its order or tracking number. Commits.

    Raises DomainError (no_exchange, exchange_already_sent).
    """
    reference = one_line(reference)
    with changing(
        shop=shop,
        return_id=return_id,
        actor=actor,
        event="exchange_sent",
        seen_status=seen_status,
        seen_event=seen_event,
    ) as case:
        if case.status not in PAYABLE:
            raise WrongState(status=case.status, event="exchange_sent")
        if case.row.exchange_sent_at is not None:
            raise DomainError("exchange_already_sent")
        if not load_ledger(case.id).wants_exchange:
            raise DomainError("no_exchange")
        values = {"exchange_sent_at": case.now, "exchange_reference": reference}
        event_id = case.note("exchange_sent", {"reference": reference}, **values)
        case.tell("exchange_sent", event_id, undoable=True)
        finish_if_settled(case)
        set_clock(case, **values)
        return case.done(event_id, undoable=True)
