"""Returns as CSV, read and sent in pieces: a shop's whole list fits in no memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...database import run
from ...domain.inbox import Filters
from ...domain.money import to_decimal
from ...domain.spreadsheets import BOM, Cell, csv_line, style_for
from ...models import Return
from ..returns.extras import Extra, load_extras
from ..shops import ShopSettings
from .listing import select_returns
from .rows import Row, load_rows

BATCH = 500


@dataclass(frozen=True, slots=True)
class Wording:
    """The first line, and what codes are called; a code nobody knows stands as it is."""

    headings: Sequence[str]
    statuses: Mapping[str, str]
    methods: Mapping[str, str]
    carriers: Mapping[str, str]
    reasons: Mapping[str, str]
    resolutions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of the file, and where the next piece begins; None after the last."""

    text: str
    next: int | None


def heading(words: Wording, locale: str) -> str:
    """The first line, with the mark by which spreadsheets know UTF-8."""
    return BOM + csv_line(words.headings, style_for(locale))


def export_piece(
    *,
    shop: ShopSettings,
    filters: Filters,
    words: Wording,
    locale: str,
    ids: Sequence[int] = (),
    begin: int | None = None,
) -> Piece:
    """The next lines: of the chosen returns of the shop, or of all that the filters show, newest
    first. A few queries, and nothing is kept between two pieces."""
    some, style = _next_ids(shop, filters, ids, begin), style_for(locale)
    extras, zone = load_extras(some), ZoneInfo(shop.time_zone)
    lines = [
        csv_line([*_cells(row, words, zone), _extras(extras.get(row.id, []))], style)
        for row in load_rows(shop.id, some)
    ]
    return Piece("".join(lines), some[-1] if len(some) == BATCH else None)


def _next_ids(
    shop: ShopSettings, filters: Filters, ids: Sequence[int], last: int | None
) -> list[int]:
    if ids:
        query = select(Return.id).where(Return.shop_id == shop.id, Return.id.in_(ids))
    else:
        query = select_returns(shop=shop, filters=filters).of(Return.id)
    if last is not None:
        query = query.where(Return.id < last)
    return list(run(query.order_by(Return.id.desc()).limit(BATCH)).scalars())


def _extras(extras: Sequence[Extra]) -> Cell:
    return "; ".join(f"{each.quantity} × {each.what}" for each in extras)


def _named(names: Mapping[str, str], codes: Iterable[str]) -> str:
    return ", ".join(names.get(code, code) for code in dict.fromkeys(codes))


def _cells(row: Row, words: Wording, zone: ZoneInfo) -> list[Cell]:
    moments = (
        row.created_at,
        row.handed_over_at,
        row.received_at,
        row.settle_by,
        row.closed_at,
        row.ended_at,
    )
    return [
        row.number,
        row.order_number,
        words.statuses.get(row.status, row.status),
        row.customer_name,
        row.email,
        row.country,
        _named(words.methods, [row.method] if row.method else []),
        _named(words.carriers, [row.carrier] if row.carrier else []),
        _named(words.reasons, (item.reason_code for item in row.items)),
        _named(words.resolutions, (item.resolution for item in row.items)),
        "; ".join(f"{item.quantity} × {item.title}" for item in row.items),
        row.units,
        row.currency,
        to_decimal(row.gets, row.currency),
        *(_local(moment, zone) if moment else "" for moment in moments),
    ]


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
