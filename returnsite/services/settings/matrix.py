"""What customers get where: each method in each country, with who carries it or why nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select

from ...domain.methods import available_methods, why_unavailable
from ...domain.policy import Method
from ...extensions import db
from ...models import Order, ServicePoint
from ..shops import ShopSettings

USUAL = ("NL", "BE", "DE", "FR")
MOST = 8
_LATEST = 5000
"""Orders that are looked at for the countries a shop sells to."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`carriers` by code when customers get the method there; else `why` they do not."""

    country: str
    carriers: tuple[str, ...]
    why: str | None
    at_points: tuple[str, ...] = ()
    """Those of them whose service points it is handed in at."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A method with its cells, in the order of the countries."""

    method: Method
    on: bool
    cells: tuple[Cell, ...]


def countries_of(*, settings: ShopSettings) -> tuple[str, ...]:
    """The shop's own country, those its latest orders went to, and the usual ones."""
    latest = (
        select(Order.country)
        .where(Order.shop_id == settings.id, Order.country != "")
        .order_by(Order.id.desc())
        .limit(_LATEST)
        .subquery()
    )
    query = select(latest.c.country).group_by(latest.c.country).order_by(func.count().desc())
    sold = db.session.scalars(query).all()
    return tuple(dict.fromkeys((settings.policy.home_country, *sold, *USUAL)))[:MOST]


def method_matrix(settings: ShopSettings, countries: Sequence[str]) -> list[MatrixRow]:
    """Every method in each of these countries, as the settings stand."""
    by_country = {country: available_methods(settings.policy, country) for country in countries}

    def cell(method: Method, country: str) -> Cell:
        options = [one for one in by_country[country] if one.method == method]
        carriers = tuple(option.carrier or "" for option in options)
        at_points = tuple(one.carrier for one in options if one.carrier and one.at_points)
        return Cell(country, carriers, why_unavailable(settings.policy, country, method), at_points)

    return [
        MatrixRow(
            method,
            method in settings.policy.methods,
            tuple(cell(method, country) for country in countries),
        )
        for method in Method
    ]


def carriers_without_points(matrix: Sequence[MatrixRow]) -> tuple[str, ...]:
    """Carriers whose points customers are sent to while none of them has been imported."""
    found = (code for row in matrix for cell in row.cells for code in cell.at_points)
    carriers = tuple(dict.fromkeys(found))
    if not carriers:
        return ()
    known = db.session.execute(
        select(*(exists().where(ServicePoint.carrier == code).label(code) for code in carriers))
    ).one()
    return tuple(code for code, has in zip(carriers, known, strict=True) if not has)
