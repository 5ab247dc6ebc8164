"""What there is to filter by: values that returns of the shop have, also of settings gone since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, BigInteger, Select, bindparam, func, literal, select, union

from ...database import run
from ...models import CarrierContract, Reason, Return


@dataclass(frozen=True, slots=True)
class Choices:
    """Codes, in the order they are offered."""

    countries: tuple[str, ...]
    reasons: tuple[str, ...]
    carriers: tuple[str, ...]


def list_choices(shop_id: int) -> Choices:
    """Countries that returns came from; all reasons and carriers the shop has or had. One query."""
    rows = run(_CHOICES, {"shop_id": shop_id}).all()
    ordered = sorted(rows, key=lambda row: (row.place, row.code))
    return Choices(
        **{
            kind: tuple(row.code for row in ordered if row.kind == kind)
            for kind in ("countries", "reasons", "carriers")
        }
    )


def _choices_query() -> Select[Any]:
    shop_id = bindparam("shop_id", type_=BigInteger)
    reasons = select(
        literal("reasons").label("kind"),
        Reason.code.label("code"),
        func.min(Reason.position).label("place"),
    ).where(Reason.shop_id == shop_id)
    carriers = select(literal("carriers"), CarrierContract.carrier, literal(0)).where(
        CarrierContract.shop_id == shop_id
    )
    steps = _countries(shop_id)
    countries = select(literal("countries"), steps.c.country, literal(0)).where(
        steps.c.country.is_not(None), steps.c.country != ""
    )
    found = union(reasons.group_by(Reason.code), carriers, countries).subquery()
    return select(found.c.kind, found.c.code, found.c.place)


def _countries(shop_id: Any) -> CTE:
    """Each country once: the index is asked for the next one, not read from end to end."""
    mine = Return.shop_id == shop_id
    first = select(func.min(Return.country).label("country")).where(mine)
    steps = first.cte("countries", recursive=True)
    following = select(func.min(Return.country)).where(mine, Return.country > steps.c.country)
    return steps.union_all(select(following.scalar_subquery()).where(steps.c.country.is_not(None)))


_CHOICES = _choices_query()
