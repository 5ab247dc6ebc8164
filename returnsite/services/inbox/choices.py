"""What there is to filter by: values that returns of the shop have, also of settings gone since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union

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
    rows = run(_CODES, {"shop_id": shop_id}).all()
    ordered = sorted(rows, key=lambda row: (row.place, row.code))
    return Choices(
        countries=_countries(shop_id),
        reasons=tuple(row.code for row in ordered if row.kind == "reason"),
        carriers=tuple(row.code for row in ordered if row.kind == "carrier"),
    )


def _countries(shop_id: int) -> tuple[str, ...]:
    """Each country once."""
    return tuple(code for code in run(_COUNTRIES, {"shop_id": shop_id}).scalars() if code)


def _codes_query() -> Select[Any]:
    reasons = select(
        literal("reason").label("kind"),
        Reason.code.label("code"),
        func.min(Reason.position).label("place"),
    ).where(Reason.shop_id == bindparam("shop_id"))
    carriers = select(literal("carrier"), CarrierContract.carrier, literal(0)).where(
        CarrierContract.shop_id == bindparam("shop_id")
    )
    found = union(reasons.group_by(Reason.code), carriers).subquery()
    return select(found.c.kind, found.c.code, found.c.place)


def _countries_query() -> Select[Any]:
    """The index is asked for the next country, not read from end to end."""
    mine = Return.shop_id == bindparam("shop_id")
    first = select(func.min(Return.country).label("country")).where(mine)
    steps = first.cte("countries", recursive=True)
    following = select(func.min(Return.country)).where(mine, Return.country > steps.c.country)
    steps = steps.union_all(select(following.scalar_subquery()).where(steps.c.country.is_not(None)))
    return select(steps.c.country).where(steps.c.country.is_not(None))


_CODES, _COUNTRIES = _codes_query(), _countries_query()
