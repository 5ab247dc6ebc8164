"""Short ways through the wizard for tests that are about what happens, not about how pages look.

`Walk` sends the wizard's forms with a plain client, as a browser without JavaScript would; nothing
is checked for looks. `start` makes a draft with answers already in it, so that a test about the
last step need not walk the first five.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from returnsite import clock
from returnsite.extensions import db
from returnsite.models import (
    Draft,
    Order,
    ParcelLine,
    ProductVariant,
    Return,
    ServicePoint,
    Shop,
)
from returnsite.services.drafts import ABSOLUTE, IDLE, hash_token
from returnsite.services.shops import forget_settings
from returnsite.web.security import form_token
from tests.harness import FRAGMENT_HEADERS, IsolatedClient

STEPS = ("items", "reasons", "refund", "shipment", "review")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
Data = Mapping[str, Any] | Sequence[tuple[str, Any]]


@dataclass
class Walk:
    """One draft and the client that fills it in."""

    client: IsolatedClient
    slug: str
    token: str
    draft_id: int

    def url(self, step: str) -> str:
        """The address of a step."""
        return f"/p/{self.slug}/r/{self.token}/{step}"

    def get(self, step: str, *, fragment: bool = False, query: str = "") -> TestResponse:
        """Ask a step."""
        headers = FRAGMENT_HEADERS if fragment else {}
        return self.client.get(self.url(step) + query, headers=headers)

    def form_token(self, step: str) -> str:
        """What the step's form carries, whether the step can be opened now or not."""
        with self.client.application.app_context():
            return form_token(f"draft:{self.draft_id}:{step}")

    def post(
        self, step: str, data: Data = (), *, fragment: bool = False, query: str = "", **options: Any
    ) -> TestResponse:
        """Send a step's form with its token; a pair's value may be a file."""
        headers = {**SAME_ORIGIN, **(FRAGMENT_HEADERS if fragment else {})}
        fields = list(data.items()) if isinstance(data, Mapping) else list(data)
        body = multi([("form_token", self.form_token(step)), *fields])
        return self.client.post(self.url(step) + query, data=body, headers=headers, **options)

    def confirm(self, **options: Any) -> TestResponse:
        """Open the review page and press its button."""
        return self.post("review", {"seen": self.seen()}, **options)

    def seen(self) -> str:
        """The fingerprint on the review page."""
        page = self.get("review")
        assert page.status_code == 200, f"review: {page.status_code} {page.headers.get('Location')}"
        found = re.search(r'name="seen" value="([0-9a-f]+)"', page.text)
        assert found, "no review page"
        return found[1]

    def answers(self) -> dict[str, Any]:
        """What the draft remembers."""
        with self.client.application.app_context():
            return db.session.execute(
                select(Draft.answers).where(Draft.id == self.draft_id)
            ).scalar_one()


def multi(pairs: Sequence[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Form fields as the test client wants them: a list for each name."""
    fields: dict[str, list[Any]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return fields


def start(
    client: IsolatedClient, shop: Shop, order: Order, answers: Mapping[str, Any] | None = None
) -> Walk:
    """A draft for this order, holding `answers` already."""
    return start_many(client, shop, order, answers, count=1)[0]


def start_many(
    client: IsolatedClient,
    shop: Shop,
    order: Order,
    answers: Mapping[str, Any] | None = None,
    *,
    count: int,
) -> list[Walk]:
    """Several drafts for one order, all with the same answers."""
    slug, shop_id, order_id, now = shop.slug, shop.id, order.id, clock.now()
    tokens = [secrets.token_urlsafe(24) for _ in range(count)]
    with client.application.app_context():
        db.session.remove()
        drafts = [
            Draft(
                shop_id=shop_id,
                order_id=order_id,
                token_hash=hash_token(token),
                locale="nl",
                postcode="1012 JS",
                answers=dict(answers or {}),
                created_at=now,
                expires_at=now + IDLE,
                ends_at=now + ABSOLUTE,
            )
            for token in tokens
        ]
        db.session.add_all(drafts)
        db.session.commit()
        ids = [draft.id for draft in drafts]
        db.session.remove()
    return [Walk(client, slug, token, id_) for token, id_ in zip(tokens, ids, strict=True)]


def answers_for(
    items: Mapping[int, int],
    *,
    reason: str = "too_small",
    mode: str = "money",
    shipment: Mapping[str, Any] | None = None,
    lines: Mapping[int, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Answers to all steps: these units, one reason, one resolution, collected at home."""
    return {
        "items": {str(line): quantity for line, quantity in items.items()},
        "reasons": {str(line): {"reason": reason, "comment": "broken"} for line in items},
        "refund": {
            "mode": mode,
            "lines": {str(line): dict(answer) for line, answer in (lines or {}).items()},
        },
        "shipment": dict(shipment or {"method": "pickup", "carrier": "gls"})
        | ({} if shipment else {"pickup_date": pickup_day()}),
    }


def pickup_day() -> str:
    """A day on which a carrier comes."""
    day = clock.now().date() + timedelta(days=2)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.isoformat()


def lines_of(order: Order) -> list[int]:
    """The ids of an order's parcel lines."""
    return [line.id for parcel in order.parcels for line in parcel.lines]


def returns_of(session: Session, shop: Shop) -> list[Return]:
    """What has been confirmed in a shop, read afresh."""
    session.rollback()
    query = select(Return).where(Return.shop_id == shop.id).order_by(Return.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def change_settings(session: Session, shop: Shop, **columns: Any) -> None:
    """Set columns of the shop as its owner would: every reader sees the new version."""
    for name, value in columns.items():
        setattr(shop, name, value)
    shop.settings_version += 1
    session.commit()
    forget_settings()


def row_counts() -> dict[str, int]:
    """Rows in every table but the rate limits' counters."""
    with current_app.app_context():
        tables = [t for t in db.metadata.sorted_tables if t.name != "rate_counter"]
        return {
            t.name: db.session.execute(select(func.count()).select_from(t)).scalar_one()
            for t in tables
        }


def make_point(session: Session, **columns: Any) -> ServicePoint:
    """An open service point in Amsterdam that takes returns."""
    values: dict[str, Any] = {
        "carrier": "postnl",
        "code": f"P{clock.now().timestamp()}-{len(columns)}",
        "name": "Bookshop",
        "type": "shop",
        "street": "Nieuwendijk",
        "house_number": "5",
        "postcode": "1012 LZ",
        "city": "Amsterdam",
        "country": "NL",
        "latitude": 52.377,
        "longitude": 4.897,
        "source": "test",
        "fetched_at": clock.now(),
        "status": "open",
        **columns,
    }
    point = ServicePoint(**values)
    session.add(point)
    session.commit()
    return point


def make_variant(session: Session, shop: Shop, **columns: Any) -> ProductVariant:
    """Another size of the shirt, in stock at the same price."""
    values: dict[str, Any] = {
        "product_key": "shirt",
        "sku": "SHIRT-L",
        "title": "Linen shirt L",
        "options": {"Size": "L"},
        "price": 1995,
        "stock": 5,
        **columns,
    }
    variant = ProductVariant(shop_id=shop.id, **values)
    session.add(variant)
    session.commit()
    return variant


def make_photo(walk: Walk, line: int, name: str = "photo.png") -> TestResponse:
    """Add a small photo to a line, as the reasons step does."""
    return walk.post("reasons", {f"reason-{line}": "too_small", f"photo-{line}": (picture(), name)})


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> io.BytesIO:
    """The bytes of a photo."""
    data = io.BytesIO()
    Image.new("RGB", size, "teal").save(data, kind, **options)
    data.seek(0)
    return data


def cancel(client: IsolatedClient, status_url: str) -> TestResponse:
    """Press cancel on a status page, with the token it had while there was a button."""
    token = cancel_token(client, status_url)
    return client.post(f"{status_url}/cancel", data={"form_token": token}, headers=SAME_ORIGIN)


def cancel_token(client: IsolatedClient, status_url: str) -> str:
    """What the form on a status page carries while the return can be cancelled."""
    with client.application.app_context():
        status_token = status_url.rpartition("/")[2]
        query = select(Return.id).where(Return.status_token == status_token)
        token = form_token(f"cancel:{db.session.execute(query).scalar_one()}")
        db.session.remove()
    return token


def confirm(
    client: IsolatedClient, shop: Shop, order: Order, items: Mapping[int, int], **how: Any
) -> str:
    """Confirm a return of these units; returns the address of its status page."""
    answer = start(client, shop, order, answers_for(items, **how)).confirm()
    target = answer.headers.get("Location", "")
    assert answer.status_code == 303, answer.status_code
    assert target.endswith("/done"), target
    return target.removesuffix("/done")


def claimed(session: Session, line: int) -> int:
    """Units of a parcel line that are in returns, read afresh."""
    session.rollback()
    return session.get_one(ParcelLine, line, populate_existing=True).qty_claimed
