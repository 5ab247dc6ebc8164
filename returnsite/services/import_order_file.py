"""Import a file of orders or variants: recognise, read, write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flask_babel import gettext as _

from ..orders.base import ReadContext, UnusableFile
from ..orders.registry import SOURCES, detect, find_source, read_variants
from .import_orders import ImportSummary, import_orders
from .import_variants import import_variants
from .shops import ShopSettings

T = TypeVar("T")

_TELL_EVERY = 100

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
            source_orders=watched(source.read(path, read_context(shop)), on_progress),
            dry_run=dry_run,
        )
    except (UnusableFile, OSError) as error:
        raise UnusableOrderFile(why_unusable(error)) from error
    return FileImport(source.label, summary)


def import_variant_file(
    *,
    shop: ShopSettings,
    path: Path,
    dry_run: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> FileImport:
    """Import the variants that exchanges can offer. Raises UnusableOrderFile."""
    try:
        found = watched(read_variants(path, read_context(shop)), on_progress)
        summary = import_variants(shop_id=shop.id, source_variants=found, dry_run=dry_run)
    except (UnusableFile, OSError) as error:
        raise UnusableOrderFile(why_unusable(error)) from error
    return FileImport(_("Variants"), summary)


def watched(items: Iterable[T], on_progress: Callable[[int], None] | None) -> Iterator[T]:
    """The items, telling now and then how many there were: whether usable or not."""
    for count, item in enumerate(items, start=1):
        if on_progress is not None and count % _TELL_EVERY == 0:
            on_progress(count)
        yield item


def read_context(shop: ShopSettings) -> ReadContext:
    """What a file leaves open and the shop settles."""
    return ReadContext(shop.currency, shop.time_zone, shop.policy.home_country)


def why_unusable(error: UnusableFile | OSError) -> str:
    """Why a file cannot be used, for people."""
    if isinstance(error, UnusableFile):
        return str(error)
    message: str = _("The file cannot be opened: %(why)s.", why=error.strerror or str(error))
    return message
