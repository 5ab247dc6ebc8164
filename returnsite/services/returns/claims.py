"""Units a return holds: taken again, given back whole, or given back where they never came."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import case, select, update

from ...database import run
from ...domain.errors import AlreadyClaimed
from ...extensions import db
from ...models import ParcelLine, ReturnLine


def claim(wanted: Mapping[int, int]) -> None:
    """Take units of parcel lines, all or none, in the caller's transaction.

    Raises AlreadyClaimed when somebody returned them meanwhile.
    """
    if not wanted:
        return
    claimed_then = ParcelLine.qty_claimed + case(dict(wanted), value=ParcelLine.id)
    result = run(
        update(ParcelLine)
        .where(ParcelLine.id.in_(sorted(wanted)), claimed_then <= ParcelLine.qty_shipped)
        .values(qty_claimed=claimed_then)
    )
    if result.rowcount != len(wanted):
        raise AlreadyClaimed()


def claim_again(return_id: int) -> None:
    """Take every unit of a return that had given them back. Raises AlreadyClaimed."""
    claim(_units(return_id))


def release(wanted: Mapping[int, int]) -> None:
    """Give units of parcel lines back, in the caller's transaction."""
    if wanted:
        db.session.execute(
            update(ParcelLine)
            .where(ParcelLine.id.in_(sorted(wanted)))
            .values(qty_claimed=ParcelLine.qty_claimed - case(dict(wanted), value=ParcelLine.id))
            .execution_options(synchronize_session=False)
        )


def release_all(return_id: int) -> None:
    """Give back every unit a return holds."""
    release(_units(return_id))


def _units(return_id: int) -> dict[int, int]:
    rows = db.session.execute(
        select(ReturnLine.parcel_line_id, ReturnLine.quantity - ReturnLine.released).where(
            ReturnLine.return_id == return_id
        )
    )
    return {parcel_line: units for parcel_line, units in rows if units}
