"""What there is to filter by: values that returns of the shop have, also of settings gone since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal, select, union

from ...database import run
from ...models import CarrierContract, Reason, Return


@dataclass(frozen=True, slots=True)
class Choices:
    """Codes, in the order they are offered."""

    countries: tuple[str, ...]
    reasons: tuple[str, ...]
    carriers: tuple[str, ...]


def list_choices(shop_id: int) -> Choices:
    """Countries that returns came from; all reasons and carriers the shop has or had. 2 queries."""
    mine = select(
        literal("reason").label("kind"),
        Reason.code.label("code"),
        func.min(Reason.position).label("place"),
    ).where(Reason.shop_id == shop_id)
    carriers = select(literal("carrier"), CarrierContract.carrier, literal(0)).where(
        CarrierContract.shop_id == shop_id
    )
    rows = run(union(mine.group_by(Reason.code), carriers)).all()
    ordered = sorted(rows, key=lambda row: (row.place, row.code))
    return Choices(
        countries=_countries(shop_id),
        reasons=tuple(row.code for row in ordered if row.kind == "reason"),
        carriers=tuple(row.code for row in ordered if row.kind == "carrier"),
    )


def _countries(shop_id: int) -> tuple[str, ...]:
    """Each country once: the index is asked for the next one, not read from end to end."""
    first = select(func.min(Return.country).label("country")).where(Return.shop_id == shop_id)
    steps = first.cte("countries", recursive=True)
    following = (
        select(func.min(Return.country))
        .where(Return.shop_id == shop_id, Return.country > steps.c.country)
        .scalar_subquery()
    )
    steps = steps.union_all(select(following).where(steps.c.country.is_not(None)))
    found = run(select(steps.c.country).where(steps.c.country.is_not(None))).scalars()
    return tuple(code for code in found if code)
