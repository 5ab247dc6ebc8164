"""Import a file of orders or variants: recognise, read, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from ..orders.base import ReadContext, UnusableFile
from ..orders.registry import SOURCES, detect, find_source, read_variants
from .import_orders import ImportSummary, import_orders
from .import_variants import import_variants
from .shops import ShopSettings

ORDER_FORMATS = tuple(source.name for source in SOURCES)


class UnusableOrderFile(Exception):
    """The file as a whole cannot be used; the message is for people."""


@dataclass(frozen=True, slots=True)
class FileImport:
    """What became of a file; `label` names the format for people."""

    label: str
    summary: ImportSummary


def import_order_file(
    *,
    shop: ShopSettings,
    path: Path,
    format_name: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> FileImport:
    """Import the orders of a file in one of `ORDER_FORMATS`, recognised unless it is given.

    Raises UnusableOrderFile; what was written before a file turned out broken stays.
    """
    try:
        source = find_source(format_name) if format_name else detect(path)
        summary = import_orders(
            shop_id=shop.id,
            source_orders=source.read(path, _context(shop)),
            dry_run=dry_run,
            on_progress=on_progress,
        )
    except (UnusableFile, OSError) as error:
        raise UnusableOrderFile(_why(error)) from error
    return FileImport(source.label, summary)


def import_variant_file(*, shop: ShopSettings, path: Path, dry_run: bool = False) -> FileImport:
    """Import the variants that exchanges can offer. Raises UnusableOrderFile."""
    try:
        found = read_variants(path, _context(shop))
        summary = import_variants(shop_id=shop.id, source_variants=found, dry_run=dry_run)
    except (UnusableFile, OSError) as error:
        raise UnusableOrderFile(_why(error)) from error
    return FileImport(_("Variants"), summary)


def _context(shop: ShopSettings) -> ReadContext:
    return ReadContext(shop.currency, shop.time_zone, shop.policy.home_country)


def _why(error: UnusableFile | OSError) -> str:
    if isinstance(error, UnusableFile):
        return str(error)
    message: str = _("The file cannot be opened: %(why)s.", why=error.strerror or str(error))
    return message
