"""Returns as CSV, read and sent in pieces: a shop's whole list fits in no memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

COLUMNS = (
    "number", "order_number", "status", "customer", "email", "country", "method", "carrier",
    "reasons", "resolutions", "items", "units", "currency", "refund", "asked_at", "handed_over_at",
    "received_at", "pay_before", "completed_at", "ended_at", "also_in_the_box",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of the file, and where the next piece begins; None after the last."""

    text: str
    next: int | None


def heading(locale: str) -> str:
    """The first line, with the mark by which spreadsheets know UTF-8."""
    return BOM + csv_line(COLUMNS, style_for(locale))


def export_piece(
    *,
    shop: ShopSettings,
    filters: Filters,
    locale: str,
    ids: Sequence[int] = (),
    begin: int | None = None,
) -> Piece:
    """The next lines: of the chosen returns of the shop, or of all that the filters show, newest
    first. A few queries, and nothing is kept between two pieces."""
    some, style = _next_ids(shop, filters, ids, begin), style_for(locale)
    extras = load_extras(some)
    lines = [
        csv_line([*_cells(row), _extras(extras.get(row.id, []))], style)
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


def _cells(row: Row) -> list[Cell]:
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
        row.status,
        row.customer_name,
        row.email,
        row.country,
        row.method,
        row.carrier,
        ", ".join(dict.fromkeys(item.reason_code for item in row.items)),
        ", ".join(dict.fromkeys(item.resolution for item in row.items)),
        "; ".join(f"{item.quantity} × {item.title}" for item in row.items),
        row.units,
        row.currency,
        to_decimal(row.refund_total, row.currency),
        *(moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "" for moment in moments),
    ]
