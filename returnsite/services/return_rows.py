"""The rows a confirmed return consists of, made of what was gathered before the first write."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..domain.lifecycle import Status
from ..domain.lookup import normalise_number
from ..domain.methods import MethodOption
from ..domain.policy import Method, Resolution
from ..domain.refunds import Statement, StatementLine, entries
from ..domain.rules import decision_to_json
from .drafts import Wizard, hash_token
from .inbox.index import reasons_text, resolutions_text, term_rows
from .queries.points import PointView
from .quotes import Quote, resolution_of

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to misread."""


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """Everything that is written, gathered before the first write."""

    wizard: Wizard
    quote: Quote
    statement: Statement
    option: MethodOption
    point: PointView | None
    review: bool
    locale: str

    @property
    def shipment(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.wizard.answers["shipment"]
        return answer


def return_row(case: ReturnCase, status_token: str) -> dict[str, Any]:
    """The root record, with every amount frozen."""
    wizard, statement = case.wizard, case.statement
    number = new_return_number()
    return {
        "shop_id": wizard.shop.id,
        "order_id": wizard.order.id,
        "number": number,
        "number_norm": normalise_number(number),
        "status_token": status_token,
        # Of the token, not of the draft's id: SQLite gives ids of cleared drafts out again.
        "idempotency_key": hash_token(wizard.token),
        "kind": "return",
        "status": Status.REQUESTED if case.review else Status.APPROVED,
        "email": wizard.order.email,
        "locale": case.locale,
        "country": wizard.order.facts.country,
        "method": case.option.method,
        "carrier": case.option.carrier,
        "service_point": case.point.snapshot() if case.point else {},
        **_amounts(statement),
        "reason_codes": reasons_text(
            wizard.answers["reasons"][str(line.line_id)]["reason"] for line in statement.lines
        ),
        "resolutions": resolutions_text(line.resolution for line in statement.lines),
        "decisions": _decisions(case),
        "hand_in_by": hand_in_by(wizard),
        "created_at": wizard.now,
        "approved_at": None if case.review else wizard.now,
    }


def _amounts(statement: Statement) -> dict[str, Any]:
    fee = statement.fee
    return {
        "currency": statement.currency,
        "fee": fee.amount if fee else 0,
        "fee_waived_by": fee.waived_by if fee else None,
        "money_total": statement.money_total,
        "credit_total": statement.credit_total,
        "refund_total": statement.total,
        "to_pay": statement.to_pay,
        "outbound_shipping": statement.outbound_shipping,
    }


def found_by_rows(
    case: ReturnCase, return_id: int, number: str, trackings: Sequence[str]
) -> list[dict[str, Any]]:
    """What the merchant's search finds the return by."""
    order = case.wizard.order
    lines = [case.wizard.line(line.line_id) for line in case.statement.lines]
    skus = [line.facts.sku for line in lines if line is not None]
    return term_rows(
        shop_id=case.wizard.shop.id,
        return_id=return_id,
        texts=[number, order.number, order.customer_name, *trackings, *skus],
        email=order.email,
    )


def hand_in_by(wizard: Wizard) -> datetime:
    """The first UTC instant after the last local day on which the parcel can be handed in."""
    after = last_hand_in_day(wizard) + timedelta(days=1)
    return datetime.combine(after, time.min, ZoneInfo(wizard.shop.time_zone)).astimezone(UTC)


def last_hand_in_day(wizard: Wizard) -> date:
    """The last day, where the shop is, to hand the parcel in."""
    today = wizard.now.astimezone(ZoneInfo(wizard.shop.time_zone)).date()
    return today + timedelta(days=wizard.shop.policy.hand_in_days)


def _decisions(case: ReturnCase) -> list[dict[str, Any]]:
    fee = case.statement.fee
    lines = [case.quote.assessments[line.facts.line_id] for line in case.quote.chosen]
    decided = [decision for line in lines for decision in line.decisions]
    return [decision_to_json(d) for d in (*decided, *(fee.decisions if fee else ()))]


def line_row(case: ReturnCase, return_id: int, line: StatementLine) -> dict[str, Any]:
    """One line, with the texts as they were chosen."""
    wizard = case.wizard
    source = wizard.line(line.line_id)
    answer = wizard.answers["reasons"][str(line.line_id)]
    reason = wizard.shop.policy.reason(answer["reason"])
    if source is None or reason is None:
        raise LookupError("a line that was not checked")
    refund = resolution_of(wizard.answers, line.line_id)
    exchange = line.resolution == Resolution.EXCHANGE
    variant = case.quote.wanted(source, refund.get("sku")) if exchange else None
    return {
        "return_id": return_id,
        "parcel_line_id": line.line_id,
        "order_line_id": source.facts.order_line_id,
        "quantity": line.quantity,
        "received": 0,
        "accepted": 0,
        "reason_code": reason.code,
        "reason_text": reason.label(case.locale)[:200],
        "fault": reason.fault,
        "comment": answer.get("comment", ""),
        "resolution": line.resolution,
        "share": line.paid_amount,
        "refund_amount": line.refund_amount,
        "bonus": line.bonus,
        "exchange_sku": variant.sku if variant else "",
        "exchange_title": variant.title if variant else "",
        "exchange_wish": refund.get("wish", "") if exchange else "",
        "exchange_difference": line.exchange_difference,
    }


def shipment_row(case: ReturnCase, return_id: int) -> dict[str, Any]:
    """The way back, still to be prepared."""
    option, shipment = case.option, case.shipment
    store = next((s for s in case.wizard.shop.stores if s.id == shipment.get("store")), None)
    in_store = option.method == Method.IN_STORE
    return {
        "return_id": return_id,
        "kind": option.hand_off,
        "method": option.method,
        "carrier": option.carrier,
        "contract_id": option.contract_id,
        "state": "pending",
        "tracking_no": "",
        "code": "",
        "code_kind": "shop",
        "pickup_date": shipment.get("pickup_date") if option.method == Method.PICKUP else None,
        "store_address": store.snapshot() if store and in_store else {},
        "error": "",
        "created_at": case.wizard.now,
    }


def event_rows(case: ReturnCase, return_id: int) -> list[dict[str, Any]]:
    """Confirmed, and approved at once unless the shop looks first.

    Who confirmed it on the customer's behalf is kept, and why the window did not count then.
    """

    def row(event: str, before: str | None, after: str, actor: str) -> dict[str, Any]:
        return {
            "return_id": return_id,
            "event": event,
            "from_status": before,
            "to_status": after,
            "actor": actor,
            "at": case.wizard.now,
            "data": {},
        }

    staff = case.wizard.staff
    actor = f"user:{staff.user_id}" if staff else "customer"
    rows = [row("confirm", None, Status.REQUESTED, actor)]
    if staff:
        rows[0]["data"] = {"by": staff.name}
        if staff.override:
            rows[0]["data"] |= {"window_lifted": True, "reason": staff.override}
    if not case.review:
        rows.append(row("approve", Status.REQUESTED, Status.APPROVED, "system"))
    return rows


def new_return_number() -> str:
    """A number that is short to read out and tells nothing: 40 random bits, R-XXXX-XXXX."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"R-{text[:4]}-{text[4:]}"


def ledger_rows(case: ReturnCase, return_id: int, line_ids: dict[int, int]) -> list[dict[str, Any]]:
    """The money entries; `line_ids` maps parcel line to return line."""
    return [
        {
            "return_id": return_id,
            "return_line_id": line_ids.get(entry.line_id) if entry.line_id else None,
            "type": entry.type,
            "amount": entry.amount,
            "note": "",
            "created_at": case.wizard.now,
        }
        for entry in entries(case.statement)
    ]
