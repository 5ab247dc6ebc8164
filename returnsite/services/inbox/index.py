"""What returns are found and filtered by, kept up in the transactions that change it.

Who writes a return, or changes an order's number, customer, articles or tracking numbers, calls
`index_returns`; who only learns one more number, `add_terms`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from ...database import insert_rows, run
from ...domain.search_terms import terms_of, terms_of_email
from ...extensions import db
from ...models import (
    Order,
    OrderLine,
    Parcel,
    ParcelTracking,
    Return,
    ReturnLine,
    ReturnShipment,
    ReturnTerm,
)

BATCH = 500
_REASONS_LENGTH = 1000


def index_returns(return_ids: Iterable[int]) -> None:
    """Bring terms, reasons and resolutions of these returns up to date. In the caller's
    transaction."""
    db.session.flush()
    for ids in _batches(return_ids):
        _index(ids)


def index_returns_of(order_ids: Iterable[int]) -> None:
    """The same for all returns of these orders."""
    db.session.flush()
    ids: list[int] = []
    for some in _batches(order_ids):
        ids += db.session.scalars(select(Return.id).where(Return.order_id.in_(some)))
    index_returns(ids)


def add_terms(*, return_id: int, text: str) -> None:
    """Let a return be found by one more number. In the caller's transaction."""
    terms = terms_of(text)
    known = select(ReturnTerm.term).where(ReturnTerm.return_id == return_id)
    if fresh := terms - set(db.session.scalars(known)) if terms else set():
        shop_id = db.session.scalars(select(Return.shop_id).where(Return.id == return_id)).one()
        rows = [{"shop_id": shop_id, "term": each, "return_id": return_id} for each in fresh]
        insert_rows(ReturnTerm, rows)


def term_rows(
    *, shop_id: int, return_id: int, texts: Iterable[str], email: str
) -> list[dict[str, Any]]:
    """Rows of `return_term` for a return with these numbers and names."""
    terms = set().union(terms_of_email(email), *(terms_of(text) for text in texts))
    return [{"shop_id": shop_id, "term": term, "return_id": return_id} for term in sorted(terms)]


def reasons_text(codes: Iterable[str]) -> str:
    """Reasons as `Return.reason_codes` has them; each code stands between commas."""
    text = ",".join(["", *sorted(set(codes)), ""])
    return (
        text if len(text) <= _REASONS_LENGTH else text[: text.rindex(",", 0, _REASONS_LENGTH) + 1]
    )


def resolutions_text(codes: Iterable[str]) -> str:
    """Resolutions as `Return.resolutions` has them."""
    return "+".join(sorted(set(codes)))


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = sorted(set(ids))
    for start in range(0, len(rest), BATCH):
        yield rest[start : start + BATCH]


def _index(ids: list[int]) -> None:
    returns = db.session.execute(
        select(
            Return.id, Return.shop_id, Return.number, Return.email,
            Order.number.label("order_number"), Order.customer_name,
        )
        .join(Order, Order.id == Return.order_id)
        .where(Return.id.in_(ids))
    ).all()  # fmt: skip
    lines = db.session.execute(_lines(ids)).all()
    texts: dict[int, list[str]] = defaultdict(list)
    for return_id, text in [*((line.return_id, line.sku) for line in lines), *_numbers(ids)]:
        texts[return_id].append(text)
    run(delete(ReturnTerm).where(ReturnTerm.return_id.in_(ids)))
    for row in returns:
        texts[row.id] += [row.number, row.order_number, row.customer_name]
    found = [
        term_rows(shop_id=row.shop_id, return_id=row.id, texts=texts[row.id], email=row.email)
        for row in returns
    ]
    insert_rows(ReturnTerm, [term for terms in found for term in terms])
    if returns:
        run(_SUMMARISE, [_summary(row.id, lines) for row in returns])


def _lines(ids: list[int]) -> Any:
    return (
        select(
            ReturnLine.return_id, ReturnLine.reason_code, ReturnLine.resolution, OrderLine.sku
        )
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .where(ReturnLine.return_id.in_(ids))
    )  # fmt: skip


def _numbers(ids: list[int]) -> list[tuple[int, str]]:
    """Tracking numbers, of the way out and of the way back."""
    out = (
        select(Return.id, ParcelTracking.tracking_norm)
        .join(Parcel, Parcel.order_id == Return.order_id)
        .join(ParcelTracking, ParcelTracking.parcel_id == Parcel.id)
        .where(Return.id.in_(ids))
    )
    back = select(ReturnShipment.return_id, ReturnShipment.tracking_no).where(
        ReturnShipment.return_id.in_(ids), ReturnShipment.tracking_no != ""
    )
    return [(row[0], row[1]) for query in (out, back) for row in db.session.execute(query)]


def _summary(return_id: int, lines: Sequence[Any]) -> dict[str, Any]:
    own = [line for line in lines if line.return_id == return_id]
    return {
        "which": return_id,
        "reasons": reasons_text(line.reason_code for line in own) if own else "",
        "outcomes": resolutions_text(line.resolution for line in own),
    }


_SUMMARISE = (
    update(Return.__table__)  # type: ignore[arg-type]
    .where(Return.id == bindparam("which"))
    .values(reason_codes=bindparam("reasons"), resolutions=bindparam("outcomes"))
)
