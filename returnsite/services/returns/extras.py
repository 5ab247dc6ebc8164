"""What lay in the box and is not in the return: named, counted, and put somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from ...database import insert_rows, run
from ...domain.errors import DomainError
from ...models import ReturnExtra
from .case import Case
from .texts import one_line

MOST = 20
MOST_UNITS = 999


class Disposition(StrEnum):
    """What becomes of units."""

    RESTOCK = "restock"
    SECOND_CHOICE = "second_choice"
    REPAIR = "repair"
    DISPOSE = "dispose"
    BACK_TO_CUSTOMER = "back_to_customer"


@dataclass(frozen=True, slots=True)
class Extra:
    """Units of one thing."""

    what: str
    quantity: int
    disposition: str | None = None


def checked(extras: Sequence[Extra]) -> list[Extra]:
    """The same on one line each. Raises DomainError (extra_what, extra_quantity, extras_too_many,
    disposition_unknown, text_too_long)."""
    if len(extras) > MOST:
        raise DomainError("extras_too_many", max=MOST)
    for each in extras:
        if not 1 <= each.quantity <= MOST_UNITS:
            raise DomainError("extra_quantity", max=MOST_UNITS)
        if each.disposition is not None and each.disposition not in set(Disposition):
            raise DomainError("disposition_unknown")
        if not each.what.strip():
            raise DomainError("extra_what")
    return [Extra(one_line(each.what), each.quantity, each.disposition) for each in extras]


def replace_extras(case: Case, extras: list[Extra]) -> bool:
    """Let the return have these and no others; whether that is anything new."""
    if extras == load_extras([case.id]).get(case.id, []):
        return False
    run(delete(ReturnExtra).where(ReturnExtra.return_id == case.id))
    rows = [{"return_id": case.id, "counted_at": case.now, **asdict(each)} for each in extras]
    insert_rows(ReturnExtra, rows)
    return True


def load_extras(return_ids: Iterable[int]) -> dict[int, list[Extra]]:
    """What lay in the boxes of these returns. One query."""
    query = (
        select(ReturnExtra.__table__)
        .where(ReturnExtra.return_id.in_(list(return_ids)))
        .order_by(ReturnExtra.id)
    )
    found: dict[int, list[Extra]] = {}
    for row in run(query):
        found.setdefault(row.return_id, []).append(Extra(row.what, row.quantity, row.disposition))
    return found


def sort_extras(extras: Iterable[Extra]) -> tuple[list[str], list[str]]:
    """What goes back to the customer, and what does not, as `2 × Sock`."""
    back: list[str] = []
    others: list[str] = []
    for each in extras:
        goes_back = each.disposition == Disposition.BACK_TO_CUSTOMER
        (back if goes_back else others).append(f"{each.quantity} × {each.what}")
    return back, others


def extras_data(extras: Iterable[Extra]) -> list[dict[str, Any]]:
    """As an event keeps them."""
    return [asdict(each) for each in extras]
