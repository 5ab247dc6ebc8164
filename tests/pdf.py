"""Look at a PDF the way a reader and a scanner do."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import zxingcpp
from PIL.Image import Image
from pypdf import PdfReader


def pages(pdf: bytes, dpi: int = 300) -> list[Image]:
    """Every page as a picture."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def codes(image: Image) -> set[tuple[str, str]]:
    """Format and text of every barcode in a picture."""
    return {(str(found.format), found.text) for found in zxingcpp.read_barcodes(image)}


def text(pdf: bytes) -> str:
    """The text layer of all pages."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
