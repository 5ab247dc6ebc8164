"""All order formats, and which of them a file is in."""

from __future__ import annotations

from pathlib import Path

from flask_babel import gettext as _

from .base import OrderSource, UnusableFile
from .own_csv import OwnCsv
from .own_csv.variants import read_variants
from .shopify_csv import ShopifyCsv
from .shopify_json import ShopifyJson
from .tables import HEAD
from .woocommerce_json import WooCommerceJson

__all__ = ["SOURCES", "detect", "find_source", "read_variants"]

SOURCES: tuple[OrderSource, ...] = (OwnCsv(), ShopifyCsv(), ShopifyJson(), WooCommerceJson())

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How Excel's files, old and new, begin."""


def find_source(name: str) -> OrderSource:
    """The format with this name. Raises KeyError."""
    return {source.name: source for source in SOURCES}[name]


def detect(path: Path) -> OrderSource:
    """The format that fits the file best. Raises UnusableFile when none does, or it is empty."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UnusableFile(
            _("The file cannot be opened: %(why)s.", why=error.strerror or "")
        ) from None
    if not head.strip():
        raise UnusableFile(_("The file is empty."))
    if head.startswith(_WORKBOOK):
        raise UnusableFile(_("This is a spreadsheet or archive: save the table as CSV."))
    scores = [(source.detects(head), source) for source in SOURCES]
    score, best = max(scores, key=lambda found: found[0])
    if score <= 0:
        names = ", ".join(source.label for source in SOURCES)
        raise UnusableFile(_("The format is not recognised. These are: %(names)s.", names=names))
    return best
