"""Turn a draft into a return: once, with the amounts the customer saw, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, insert, update

from ..database import begin_write
from ..domain.errors import AlreadyClaimed, StatementChanged
from ..domain.lifecycle import Status
from ..domain.lookup import normalise_number
from ..domain.methods import MethodOption
from ..domain.policy import Method, Resolution
from ..domain.refunds import LedgerEntry, Statement, StatementLine, entries, fingerprint
from ..domain.rules import decision_to_json
from ..extensions import db
from ..models import (
    Draft,
    MoneyEntry,
    ParcelLine,
    Photo,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnShipment,
)
from .checks import Problem, check_items, check_reasons, check_refund, check_shipment
from .drafts import Wizard, load_wizard
from .outbox import confirmation_rows, enqueue
from .queries.points import PointView, load_point
from .quotes import Quote, Variant, load_variants, make_quote, resolution_of

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to misread."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The return a draft became, whether now or by an earlier press."""

    status_token: str


class AnswersChanged(Exception):
    """An answer is no longer allowed; `step` is where the customer has to look again."""

    def __init__(self, step: str, problems: list[Problem]) -> None:
        super().__init__(step)
        self.step = step
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that is written, gathered before the first write."""

    wizard: Wizard
    quote: Quote
    statement: Statement
    variants: dict[str, Variant]
    option: MethodOption
    point: PointView | None
    review: bool
    locale: str

    @property
    def shipment(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.wizard.answers["shipment"]
        return answer


def confirm_return(*, slug: str, token: str, seen: str, locale: str) -> Confirmed | None:
    """Confirm the draft behind `token`; None when this shop has no such draft. Commits.

    `seen` is the fingerprint of the statement on the review page. Pressing again, from
    wherever, gives the same return. Raises DraftExpired, AnswersChanged when an answer is no
    longer allowed (someone returned the units, the window ended, a setting changed),
    StatementChanged when amounts differ from those seen. Nothing is written then.
    """
    begin_write()
    try:
        wizard = load_wizard(slug=slug, token=token, lock=True)
        if wizard is None:
            db.session.rollback()
            return None
        if wizard.status_token is not None:
            db.session.rollback()
            return Confirmed(wizard.status_token)
        status_token = _write(_gather(wizard, seen, locale))
        db.session.commit()
    except Exception:
        db.session.rollback()
        raise
    return Confirmed(status_token)


def _gather(wizard: Wizard, seen: str, locale: str) -> _Case:
    keys = {line.product_key for line in wizard.lines if line.product_key}
    wants_exchange = any(
        resolution_of(wizard.answers, int(line_id)).get("resolution") == Resolution.EXCHANGE
        for line_id in wizard.answers.get("items", {})
    )
    variants = load_variants(wizard, keys) if wants_exchange else {}
    quote = make_quote(wizard, variants)
    _check(wizard, quote, variants)
    if quote.statement is None or fingerprint(quote.statement) != seen:
        raise StatementChanged()
    shipment = wizard.answers["shipment"]
    option = next(
        option
        for option in quote.methods
        if option.method == shipment["method"] and option.carrier == shipment.get("carrier")
    )
    decided = [quote.assessments[line.facts.line_id] for line in quote.chosen]
    return _Case(
        wizard=wizard,
        quote=quote,
        statement=quote.statement,
        variants=variants,
        option=option,
        point=load_point(shipment["point"]) if shipment.get("point") else None,
        review=wizard.shop.policy.manual_approval or any(a.manual_approval for a in decided),
        locale=locale,
    )


def _check(wizard: Wizard, quote: Quote, variants: dict[str, Variant]) -> None:
    checks: tuple[tuple[str, Callable[[], list[Problem]]], ...] = (
        ("items", lambda: check_items(wizard, quote)),
        ("reasons", lambda: check_reasons(wizard, quote)),
        ("refund", lambda: check_refund(wizard, quote, variants)),
        ("shipment", lambda: check_shipment(wizard, quote)),
    )
    for step, check in checks:
        if problems := check():
            raise AnswersChanged(step, problems)


def _write(case_: _Case) -> str:
    _claim(case_)
    status_token = secrets.token_urlsafe(24)
    return_id = db.session.execute(
        insert(Return).values(_return_row(case_, status_token)).returning(Return.id)
    ).scalar_one()
    line_ids = _write_lines(case_, return_id)
    db.session.execute(insert(ReturnShipment).values(_shipment_row(case_, return_id)))
    _write_ledger(case_, return_id, line_ids)
    db.session.execute(insert(ReturnEvent), _event_rows(case_, return_id))
    enqueue(_outbox_rows(case_, return_id))
    _keep_photos(case_, line_ids)
    db.session.execute(
        update(Draft).where(Draft.id == case_.wizard.draft_id).values(return_id=return_id)
    )
    return status_token


def _claim(case_: _Case) -> None:
    """Take the units in one statement that only succeeds while they are all free."""
    wanted = {choice.line_id: choice.quantity for choice in case_.quote.basket.choices}
    claimed_then = ParcelLine.qty_claimed + case(wanted, value=ParcelLine.id)
    result = db.session.execute(
        update(ParcelLine)
        .where(ParcelLine.id.in_(sorted(wanted)), claimed_then <= ParcelLine.qty_shipped)
        .values(qty_claimed=claimed_then)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != len(wanted):  # type: ignore[attr-defined]
        raise AlreadyClaimed()


def new_return_number() -> str:
    """A number that is short to read out and tells nothing: 40 random bits, R-XXXX-XXXX."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"R-{text[:4]}-{text[4:]}"


def _return_row(case_: _Case, status_token: str) -> dict[str, Any]:
    wizard, statement = case_.wizard, case_.statement
    number = new_return_number()
    fee = statement.fee
    return {
        "shop_id": wizard.shop.id,
        "order_id": wizard.order.id,
        "number": number,
        "number_norm": normalise_number(number),
        "status_token": status_token,
        "idempotency_key": f"draft:{wizard.draft_id}",
        "kind": "return",
        "status": Status.REQUESTED if case_.review else Status.APPROVED,
        "email": wizard.order.email,
        "locale": case_.locale,
        "country": wizard.order.facts.country,
        "method": case_.option.method,
        "carrier": case_.option.carrier,
        "service_point": case_.point.snapshot() if case_.point else {},
        "currency": statement.currency,
        "fee": fee.amount if fee else 0,
        "fee_waived_by": fee.waived_by if fee else None,
        "money_total": statement.money_total,
        "credit_total": statement.credit_total,
        "refund_total": statement.total,
        "to_pay": statement.to_pay,
        "outbound_shipping": statement.outbound_shipping,
        "decisions": _decisions(case_),
        "hand_in_by": hand_in_by(wizard),
        "created_at": wizard.now,
        "approved_at": None if case_.review else wizard.now,
    }


def hand_in_by(wizard: Wizard) -> datetime:
    """The first UTC instant after the last local day on which the parcel can be handed in."""
    after = last_hand_in_day(wizard) + timedelta(days=1)
    return datetime.combine(after, time.min, ZoneInfo(wizard.shop.time_zone)).astimezone(UTC)


def last_hand_in_day(wizard: Wizard) -> date:
    """The last day, where the shop is, to hand the parcel in."""
    today = wizard.now.astimezone(ZoneInfo(wizard.shop.time_zone)).date()
    return today + timedelta(days=wizard.shop.policy.hand_in_days)


def _decisions(case_: _Case) -> list[dict[str, Any]]:
    fee = case_.statement.fee
    lines = [case_.quote.assessments[line.facts.line_id] for line in case_.quote.chosen]
    decided = [decision for line in lines for decision in line.decisions]
    return [decision_to_json(d) for d in (*decided, *(fee.decisions if fee else ()))]


def _write_lines(case_: _Case, return_id: int) -> dict[int, int]:
    """Insert the lines; returns parcel line id → return line id."""
    rows = [_line_row(case_, return_id, line) for line in case_.statement.lines]
    inserted = db.session.execute(
        insert(ReturnLine).returning(ReturnLine.parcel_line_id, ReturnLine.id), rows
    )
    return {row.parcel_line_id: row.id for row in inserted}


def _line_row(case_: _Case, return_id: int, line: StatementLine) -> dict[str, Any]:
    wizard = case_.wizard
    source = wizard.line(line.line_id)
    answer = wizard.answers["reasons"][str(line.line_id)]
    reason = wizard.shop.policy.reason(answer["reason"])
    if source is None or reason is None:
        raise LookupError("a line that was not checked")
    refund = resolution_of(wizard.answers, line.line_id)
    exchange = line.resolution == Resolution.EXCHANGE
    variant = case_.variants.get(refund.get("sku", "")) if exchange else None
    return {
        "return_id": return_id,
        "parcel_line_id": line.line_id,
        "order_line_id": source.facts.order_line_id,
        "quantity": line.quantity,
        "received": 0,
        "accepted": 0,
        "reason_code": reason.code,
        "reason_text": reason.label(case_.locale)[:200],
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


def _shipment_row(case_: _Case, return_id: int) -> dict[str, Any]:
    option, shipment = case_.option, case_.shipment
    store = next((s for s in case_.wizard.shop.stores if s.id == shipment.get("store")), None)
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
        "created_at": case_.wizard.now,
    }


def _write_ledger(case_: _Case, return_id: int, line_ids: dict[int, int]) -> None:
    def row(entry: LedgerEntry) -> dict[str, Any]:
        return {
            "return_id": return_id,
            "return_line_id": line_ids.get(entry.line_id) if entry.line_id else None,
            "type": entry.type,
            "amount": entry.amount,
            "note": "",
            "created_at": case_.wizard.now,
        }

    if rows := [row(entry) for entry in entries(case_.statement)]:
        db.session.execute(insert(MoneyEntry), rows)


def _event_rows(case_: _Case, return_id: int) -> list[dict[str, Any]]:
    def row(event: str, before: str | None, after: str, actor: str) -> dict[str, Any]:
        return {
            "return_id": return_id,
            "event": event,
            "from_status": before,
            "to_status": after,
            "actor": actor,
            "at": case_.wizard.now,
            "data": {},
        }

    rows = [row("confirm", None, Status.REQUESTED, "customer")]
    if not case_.review:
        rows.append(row("approve", Status.REQUESTED, Status.APPROVED, "system"))
    return rows


def _outbox_rows(case_: _Case, return_id: int) -> list[dict[str, Any]]:
    return confirmation_rows(
        shop_id=case_.wizard.shop.id,
        return_id=return_id,
        customer=case_.wizard.order.email,
        merchant=case_.wizard.shop.notification_email,
        prepare_handoff=not case_.review,
        now=case_.wizard.now,
    )


def _keep_photos(case_: _Case, line_ids: dict[int, int]) -> None:
    photos = case_.wizard.answers.get("photos", {})
    owner = {
        photo["id"]: line_ids[int(line_id)]
        for line_id, photos_of_line in photos.items()
        if int(line_id) in line_ids
        for photo in photos_of_line
    }
    if owner:
        db.session.execute(
            update(Photo)
            .where(Photo.id.in_(owner), Photo.draft_id == case_.wizard.draft_id)
            .values(return_line_id=case(owner, value=Photo.id))
            .execution_options(synchronize_session=False)
        )
