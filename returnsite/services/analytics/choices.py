"""What figures can be limited to: everything that has come back at least once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import literal_column, select, union

from ...database import run
from ...models import FactProduct, ReturnCell

NAMES = ("country", "category", "reason", "fault", "resolution", "method", "carrier")
MOST_PRODUCTS = 300


@dataclass(frozen=True, slots=True)
class Choices:
    """Values of each filter; of products the first some hundred, by title."""

    values: dict[str, list[str]]
    products: list[tuple[int, str]]


def read_choices(shop_id: int) -> Choices:
    """What this shop can filter by. Two queries."""
    parts = [
        select(
            literal_column(f"'{name}'").label("name"), getattr(ReturnCell, name).label("value")
        ).where(ReturnCell.shop_id == shop_id)
        for name in NAMES
    ]
    values: dict[str, list[str]] = {name: [] for name in NAMES}
    for row in run(union(*parts)):
        values[row.name].append(row.value)
    products = run(
        select(FactProduct.id, FactProduct.title)
        .where(FactProduct.shop_id == shop_id)
        .order_by(FactProduct.title, FactProduct.id)
        .limit(MOST_PRODUCTS)
    )
    return Choices(values, [(row.id, row.title) for row in products])


def find_product(*, shop_id: int, product_id: int) -> str | None:
    """The title of a product of this shop."""
    query = select(FactProduct.title).where(
        FactProduct.shop_id == shop_id, FactProduct.id == product_id
    )
    title: str | None = run(query).scalar()
    return title
