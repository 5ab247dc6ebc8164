"""Turn a draft into a return: once, with the amounts the customer saw, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, select, update

from ..database import insert_returning, insert_rows, run, writing
from ..domain.errors import StatementChanged
from ..domain.policy import Resolution
from ..domain.refunds import fingerprint
from ..extensions import db
from ..models import (
    Draft,
    MoneyEntry,
    Parcel,
    ParcelTracking,
    Photo,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnShipment,
    ReturnTerm,
)
from .checks import Problem, check_items, check_reasons, check_refund, check_shipment
from .drafts import Wizard, load_wizard
from .outbox import confirmation_rows, enqueue
from .queries.points import PointView, load_point
from .quotes import Quote, load_variants, make_quote, needs_approval, resolution_of
from .return_rows import (
    ReturnCase,
    event_rows,
    found_by_rows,
    ledger_rows,
    line_row,
    return_row,
    shipment_row,
)
from .returns.claims import claim


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


def confirm_return(*, slug: str, token: str, seen: str, locale: str) -> Confirmed | None:
    """Confirm the draft behind `token`; None when this shop has no such draft. Commits.

    `seen` is the fingerprint of the statement on the review page. Pressing again, from
    wherever, gives the same return. Raises DraftExpired, AnswersChanged when an answer is no
    longer allowed (someone returned the units, the window ended, a setting changed),
    StatementChanged when amounts differ from those seen. Nothing is written then.
    """
    with writing():
        wizard = load_wizard(slug=slug, token=token, lock=True)
        if wizard is None:
            return None
        if wizard.status_token is not None:
            return Confirmed(wizard.status_token)
        status_token = _write(_gather(wizard, seen, locale))
    return Confirmed(status_token)


def _gather(wizard: Wizard, seen: str, locale: str) -> ReturnCase:
    wants_exchange = any(
        resolution_of(wizard.answers, int(line_id)).get("resolution") == Resolution.EXCHANGE
        for line_id in wizard.answers.get("items", {})
    )
    variants = load_variants(wizard) if wants_exchange else {}
    quote = make_quote(wizard, variants)
    _check(wizard, quote)
    if quote.statement is None or fingerprint(quote.statement) != seen:
        raise StatementChanged()
    shipment = wizard.answers["shipment"]
    option = next(
        option
        for option in quote.methods
        if option.method == shipment["method"] and option.carrier == shipment.get("carrier")
    )
    return ReturnCase(
        wizard=wizard,
        quote=quote,
        statement=quote.statement,
        option=option,
        point=_point(shipment.get("point")),
        review=needs_approval(wizard, quote),
        locale=locale,
    )


def _check(wizard: Wizard, quote: Quote) -> None:
    checks: tuple[tuple[str, Callable[[], list[Problem]]], ...] = (
        ("items", lambda: check_items(wizard, quote)),
        ("reasons", lambda: check_reasons(wizard, quote)),
        ("refund", lambda: check_refund(wizard, quote)),
        ("shipment", lambda: check_shipment(wizard, quote)),
    )
    for step, check in checks:
        if problems := check():
            raise AnswersChanged(step, problems)


def _point(point_id: int | None) -> PointView | None:
    """The chosen point. Raises AnswersChanged when it takes no returns any more."""
    point = load_point(point_id) if point_id else None
    if point_id and point is None:
        raise AnswersChanged("shipment", [Problem("point_unknown", "point")])
    return point


def _write(found: ReturnCase) -> str:
    claim({choice.line_id: choice.quantity for choice in found.quote.basket.choices})
    status_token = secrets.token_urlsafe(24)
    (written,) = insert_returning(Return, [return_row(found, status_token)], "id", "number")
    return_id = written.id
    trackings = run(_TRACKINGS, {"order": found.wizard.order.id}).scalars().all()
    insert_rows(ReturnTerm, found_by_rows(found, return_id, written.number, trackings))
    line_ids = _write_lines(found, return_id)
    insert_rows(ReturnShipment, [shipment_row(found, return_id)])
    insert_rows(MoneyEntry, ledger_rows(found, return_id, line_ids))
    insert_rows(ReturnEvent, event_rows(found, return_id))
    enqueue(_outbox_rows(found, return_id))
    _keep_photos(found, line_ids)
    run(_END_DRAFT, {"draft": found.wizard.draft_id, "becomes": return_id})
    return status_token


_TRACKINGS = (
    select(ParcelTracking.tracking_norm)
    .join(Parcel, Parcel.id == ParcelTracking.parcel_id)
    .where(Parcel.order_id == bindparam("order"))
)

_END_DRAFT = (
    update(Draft).where(Draft.id == bindparam("draft")).values(return_id=bindparam("becomes"))
)


def _write_lines(found: ReturnCase, return_id: int) -> dict[int, int]:
    """Insert the lines; returns parcel line id → return line id."""
    rows = [line_row(found, return_id, line) for line in found.statement.lines]
    inserted = insert_returning(ReturnLine, rows, "parcel_line_id", "id")
    return {row.parcel_line_id: row.id for row in inserted}


def _outbox_rows(found: ReturnCase, return_id: int) -> list[dict[str, Any]]:
    return confirmation_rows(
        shop_id=found.wizard.shop.id,
        return_id=return_id,
        customer=found.wizard.order.email,
        merchant=found.wizard.shop.notification_email,
        prepare_handoff=not found.review,
        now=found.wizard.now,
    )


def _keep_photos(found: ReturnCase, line_ids: dict[int, int]) -> None:
    photos = found.wizard.answers.get("photos", {})
    owner = {
        photo["id"]: line_ids[int(line_id)]
        for line_id, photos_of_line in photos.items()
        if int(line_id) in line_ids
        for photo in photos_of_line
    }
    if owner:
        db.session.execute(
            update(Photo)
            .where(Photo.id.in_(owner), Photo.draft_id == found.wizard.draft_id)
            .values(return_line_id=case(owner, value=Photo.id))
            .execution_options(synchronize_session=False)
        )
