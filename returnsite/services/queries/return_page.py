"""A return as the shop's staff sees it: everything on its page, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from ... import clock
from ...domain.ledger import Balance
from ...domain.lookup import normalise_number
from ...domain.refund_clock import DueDates
from ...extensions import db
from ...models import (
    MoneyEntry,
    Order,
    OrderLine,
    Payout,
    Photo,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnShipment,
)
from ..photos import photo_folder
from ..returns.case import UNDO_FOR, is_remark
from ..returns.extras import Extra, load_extras
from ..returns.money import Ledger, clock_of, delivered_at, load_ledger
from ..returns.parts import Part, load_parts
from ..returns.undo import is_undoable
from ..shops import ShopSettings


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of the return with what was answered, counted, and photographed."""

    line: ReturnLine
    parts: tuple[Part, ...]
    title: str
    variant: str
    category: str
    sku: str
    image_url: str
    photos: tuple[str, ...]

    @property
    def id(self) -> int:
        """Of the return line."""
        return self.line.id

    @property
    def left(self) -> int:
        """Units that are in the return still: those written off are not."""
        return self.line.quantity - self.line.released


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """Everything. `columns` are those of the return itself."""

    shop: ShopSettings
    columns: Mapping[str, Any]
    order: Row[Any]
    lines: tuple[PageLine, ...]
    ledger: Ledger
    entries: tuple[Row[Any], ...]
    payouts: tuple[Row[Any], ...]
    shipments: tuple[Row[Any], ...]
    events: tuple[Row[Any], ...]
    extras: tuple[Extra, ...]
    due: DueDates
    delivered_at: datetime | None
    now: datetime

    @property
    def id(self) -> int:
        """Of the return."""
        return int(self.columns["id"])

    @property
    def number(self) -> str:
        """As people write it."""
        return str(self.columns["number"])

    @property
    def status(self) -> str:
        """Where it stands."""
        return str(self.columns["status"])

    @property
    def currency(self) -> str:
        """Of every amount."""
        return str(self.columns["currency"])

    @property
    def balance(self) -> Balance:
        """What is due, paid and open."""
        return self.ledger.balance

    @property
    def last_event_id(self) -> int:
        """What a form says it has seen."""
        return int(self.events[-1].id) if self.events else 0

    @property
    def failed_handoff(self) -> str | None:
        """Why a label could not be made, None when none failed."""
        return next((one.error for one in self.shipments if one.state == "failed"), None)

    @property
    def undoable_event(self) -> Row[Any] | None:
        """What can be taken back now."""
        plain = [
            e for e in self.events if not is_remark(e.event, e.data) and not e.data.get("auto")
        ]
        last = plain[-1] if plain else None
        if last is None or not is_undoable(last):
            return None
        return last if self.now - last.at <= UNDO_FOR else None


def load_page(*, shop: ShopSettings, number: str) -> ReturnPage | None:
    """The return with this number, None when this shop has no such. Twelve queries at most."""
    row = db.session.execute(
        select(*Return.__table__.columns).where(
            Return.shop_id == shop.id, Return.number_norm == normalise_number(number)
        )
    ).one_or_none()
    if row is None:
        return None
    columns = dict(row._mapping)
    delivered = delivered_at(row.id)
    ledger = load_ledger(row.id)
    return ReturnPage(
        shop=shop,
        columns=columns,
        order=db.session.execute(
            select(*Order.__table__.columns).where(Order.id == row.order_id)
        ).one(),
        lines=_lines(ledger),
        ledger=ledger,
        entries=_rows(MoneyEntry, row.id),
        payouts=_rows(Payout, row.id),
        shipments=_rows(ReturnShipment, row.id),
        events=_rows(ReturnEvent, row.id),
        extras=tuple(load_extras([row.id]).get(row.id, ())),
        due=clock_of(shop, columns, delivered),
        delivered_at=delivered,
        now=clock.now(),
    )


def photo_path(*, shop: ShopSettings, number: str, file: str) -> Path | None:
    """Where a customer's photo lies, if it belongs to this return of this shop."""
    found = db.session.scalar(
        select(Photo.file)
        .join(ReturnLine, ReturnLine.id == Photo.return_line_id)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(
            Photo.file == file,
            Photo.shop_id == shop.id,
            Return.shop_id == shop.id,
            Return.number_norm == normalise_number(number),
        )
    )
    return photo_folder() / found if found else None


def _rows(model: Any, return_id: int) -> tuple[Row[Any], ...]:
    query = select(model.__table__).where(model.return_id == return_id).order_by(model.id)
    return tuple(db.session.execute(query))


def _lines(ledger: Ledger) -> tuple[PageLine, ...]:
    line_ids = [line.id for line in ledger.lines]
    photos: dict[int, list[str]] = defaultdict(list)
    for photo in db.session.execute(
        select(Photo.return_line_id, Photo.file)
        .where(Photo.return_line_id.in_(line_ids), Photo.deleted_at.is_(None))
        .order_by(Photo.id)
    ):
        photos[photo.return_line_id].append(photo.file)
    wares = {
        row.id: row
        for row in db.session.execute(
            select(OrderLine.__table__).where(
                OrderLine.id.in_({line.order_line_id for line in ledger.lines})
            )
        )
    }
    parts = load_parts(ledger.lines)
    return tuple(
        _line(line, parts[line.id], wares[line.order_line_id], photos[line.id])
        for line in ledger.lines
    )


def _line(line: ReturnLine, parts: tuple[Part, ...], ware: Row[Any], photos: list[str]) -> PageLine:
    return PageLine(
        line=line,
        parts=parts,
        title=ware.title,
        variant=ware.variant,
        category=ware.category,
        sku=ware.sku,
        image_url=ware.image_url,
        photos=tuple(photos),
    )
