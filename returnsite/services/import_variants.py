"""Import the variants an exchange can offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import select

from ..database import begin_write
from ..extensions import db
from ..models import ProductVariant
from ..orders.base import RowProblem, SourceVariant
from .import_orders import ImportSummary

BATCH = 1000


def import_variants(
    *,
    shop_id: int,
    source_variants: Iterable[SourceVariant | RowProblem],
    dry_run: bool = False,
) -> ImportSummary:
    """Add new variants and bring known ones up to date, batch by batch.

    A variant is known by product key and SKU. Those that a file leaves out stay.
    """
    summary = ImportSummary()
    for batch in _batches(source_variants, summary):
        begin_write()
        _write(shop_id, batch, summary)
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
    return summary


def _batches(
    variants: Iterable[SourceVariant | RowProblem], summary: ImportSummary
) -> Iterator[dict[tuple[str, str], SourceVariant]]:
    """Variants to write together; of two rows about the same variant the later counts."""
    found = iter(variants)
    while chunk := list(islice(found, BATCH)):
        summary.set_aside += [item for item in chunk if isinstance(item, RowProblem)]
        yield {(v.product_key, v.sku): v for v in chunk if isinstance(v, SourceVariant)}


def _write(
    shop_id: int, batch: dict[tuple[str, str], SourceVariant], summary: ImportSummary
) -> None:
    query = select(ProductVariant).where(
        ProductVariant.shop_id == shop_id,
        ProductVariant.sku.in_([sku for _key, sku in batch]),
    )
    known = {(row.product_key, row.sku): row for row in db.session.scalars(query)}
    for key, variant in batch.items():
        row = known.get(key)
        if row is None:
            row = ProductVariant(shop_id=shop_id, product_key=key[0], sku=key[1])
            db.session.add(row)
            _update(row, variant)
            summary.imported += 1
        elif _update(row, variant):
            summary.updated += 1
        else:
            summary.unchanged += 1


def _update(row: ProductVariant, variant: SourceVariant) -> bool:
    values = {
        "title": variant.title,
        "options": variant.options,
        "price": variant.price,
        "stock": variant.stock,
    }
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
