"""What customers get where: each method in each country, with who carries it or why nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from ...domain.methods import available_methods, why_unavailable
from ...domain.policy import Method
from ...extensions import db
from ...models import Order
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
        return Cell(country, carriers, why_unavailable(settings.policy, country, method))

    return [
        MatrixRow(
            method,
            method in settings.policy.methods,
            tuple(cell(method, country) for country in countries),
        )
        for method in Method
    ]
