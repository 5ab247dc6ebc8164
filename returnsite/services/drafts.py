"""Drafts: the wizard's memory on the server, found by the token in the URL.

`answers` is one JSON object with a part per step, all keyed by parcel line id as text:

- `items`: `{line: quantity}`
- `reasons`: `{line: {"reason": code, "comment": text}}`
- `photos`: `{line: [{"id", "file", "name"}]}`
- `refund`: `{"mode": code or "per_line", "lines": {line: {"resolution", "sku", "wish"}}}`
- `shipment`: `{"method", "point", "carrier", "pickup_date", "store"}`
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from .. import clock
from ..database import run, writing
from ..domain.errors import DraftConfirmed, DraftExpired
from ..domain.facts import OrderFacts
from ..extensions import db
from ..models import Draft, Order, Return, Shop
from .queries.order_lines import WizardLine, load_lines
from .shops import ShopSettings, load_settings

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=24)

Answers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderView:
    """The order as pages show it; `facts` is what decisions see. No full personal data."""

    id: int
    number: str
    placed_at: datetime
    email: str
    customer_name: str
    delivery_address: dict[str, str]
    facts: OrderFacts


@dataclass(frozen=True, slots=True)
class Staff:
    """Who started a return on the customer's behalf.

    `override` is why the return window does not count for it; empty where it does.
    """

    user_id: int
    name: str
    override: str = ""


@dataclass(frozen=True, slots=True)
class Wizard:
    """One draft with its shop, order and lines at one moment: all that a step works on."""

    shop: ShopSettings
    order: OrderView
    lines: tuple[WizardLine, ...]
    draft_id: int
    token: str
    locale: str
    postcode: str
    answers: Answers
    now: datetime
    expires_at: datetime
    status_token: str | None
    """Set once the draft has become a return."""
    staff: Staff | None = None

    def line(self, line_id: int) -> WizardLine | None:
        """The line with this parcel line id, None when it is not of this order."""
        return next((line for line in self.lines if line.facts.line_id == line_id), None)

    def with_answers(self, step: str, part: Any) -> Wizard:
        """The same wizard as if `part` had been answered to `step`; nothing is written."""
        return replace(self, answers={**self.answers, step: part})


def hash_token(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_draft(*, shop: ShopSettings, order_id: int, locale: str, postcode: str) -> str:
    """Start a return of the order; returns the token for its URL (192 bit). Commits."""
    with writing():
        return add_draft(shop=shop, order_id=order_id, locale=locale, postcode=postcode)


def add_draft(
    *, shop: ShopSettings, order_id: int, locale: str, postcode: str, staff: Staff | None = None
) -> str:
    """`create_draft` in the caller's transaction; `staff` where it is on the customer's behalf."""
    token = secrets.token_urlsafe(24)
    now = clock.now()
    db.session.add(
        Draft(
            shop_id=shop.id,
            order_id=order_id,
            token_hash=hash_token(token),
            locale=locale,
            postcode=postcode[:16],
            answers={},
            created_at=now,
            expires_at=now + IDLE,
            ends_at=now + ABSOLUTE,
            started_by=staff.user_id if staff else None,
            started_by_name=staff.name[:200] if staff else "",
            override=staff.override[:500] if staff else "",
        )
    )
    return token


def load_wizard(*, slug: str, token: str, lock: bool = False) -> Wizard | None:
    """Everything of the draft behind `token`, or None when this shop has no such draft.

    Raises DraftExpired once its time has passed, unless it has become a return. Two queries,
    a third when something of the order is already in a return. `lock` keeps others from
    confirming this draft or another one of the same order until the transaction ends.
    """
    key = {"slug": slug, "token_hash": hash_token(token)}
    if lock:
        # First lock, then look: a statement that waited for the lock would still see the draft
        # without the return that whoever had it before made of it.
        run(_LOCK, key).all()
    row = run(_DRAFT, key).one_or_none()
    if row is None:
        return None
    now = clock.now()
    if row.status_token is None and row.expires_at <= now:
        raise DraftExpired()
    shop = load_settings(row.shop_id, row.settings_version)
    return Wizard(
        shop=shop,
        order=_order_view(row),
        lines=load_lines(row.order_id),
        draft_id=row.draft_id,
        token=token,
        locale=row.locale,
        postcode=row.postcode,
        answers=row.answers,
        now=now,
        expires_at=row.expires_at,
        status_token=row.status_token,
        staff=_staff(row),
    )


def save_answers(*, wizard: Wizard, step: str, part: Any, locale: str) -> None:
    """Keep the answer to one step and give the draft two more hours. Commits.

    Only this step's part is replaced, so that two open tabs do not undo each other's steps.
    Raises DraftConfirmed when the draft became a return meanwhile.
    """
    with writing():
        row = db.session.execute(
            select(Draft.answers, Draft.return_id, Draft.ends_at)
            .where(Draft.id == wizard.draft_id)
            .with_for_update()
        ).one()
        if row.return_id is not None:
            raise DraftConfirmed()
        db.session.execute(
            update(Draft)
            .where(Draft.id == wizard.draft_id)
            .values(
                answers={**row.answers, step: part},
                locale=locale,
                expires_at=min(clock.now() + IDLE, row.ends_at),
            )
        )


_DRAFT = (
    select(
        Draft.id.label("draft_id"),
        Draft.shop_id,
        Draft.order_id,
        Draft.locale,
        Draft.postcode,
        Draft.answers,
        Draft.expires_at,
        Draft.started_by,
        Draft.started_by_name,
        Draft.override,
        Shop.settings_version,
        Order.number,
        Order.placed_at,
        Order.email,
        Order.customer_name,
        Order.delivery_address,
        Order.country,
        Order.currency,
        Order.paid_total,
        Order.shipping_paid,
        Order.customer_tags,
        Order.cancelled_at,
        Return.status_token,
    )
    .join(Shop, Shop.id == Draft.shop_id)
    .join(Order, Order.id == Draft.order_id)
    .outerjoin(Return, Return.id == Draft.return_id)
    .where(
        Shop.slug == bindparam("slug"),
        Shop.active,
        Draft.token_hash == bindparam("token_hash"),
    )
)

_LOCK = (
    select(Draft.id)
    .join(Order, Order.id == Draft.order_id)
    .where(Draft.token_hash == bindparam("token_hash"))
    .with_for_update(of=(Draft, Order))
)


def _staff(row: Row[*tuple[Any, ...]]) -> Staff | None:
    if row.started_by is None:
        return None
    return Staff(row.started_by, row.started_by_name, row.override)


def _order_view(row: Row[*tuple[Any, ...]]) -> OrderView:
    return OrderView(
        id=row.order_id,
        number=row.number,
        placed_at=row.placed_at,
        email=row.email,
        customer_name=row.customer_name,
        delivery_address=row.delivery_address,
        facts=order_facts(row, window_lifted=bool(row.override)),
    )


def order_facts(row: Any, *, window_lifted: bool = False) -> OrderFacts:
    """An order's row as decisions see it."""
    return OrderFacts(
        country=row.country,
        currency=row.currency,
        value=row.paid_total - row.shipping_paid,
        placed_at=row.placed_at,
        shipping_paid=row.shipping_paid,
        customer_tags=frozenset(row.customer_tags),
        cancelled=row.cancelled_at is not None,
        window_lifted=window_lifted,
    )
