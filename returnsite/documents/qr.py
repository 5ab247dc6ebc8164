"""QR codes: as an SVG file for pages, as PNG bytes for mail."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import groupby

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4
"""Modules of white around the code; scanners need them."""

_PIXELS = 8
"""Pixels a module in the PNG: sharp on a phone held under a scanner."""


@lru_cache(maxsize=256)
def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Rows of modules, True is black, quiet zone included. Raises ValueError when too long."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(cell) for cell in row) for row in code.get_matrix())


def qr_runs(text: str) -> list[tuple[int, int, int]]:
    """The black runs as (column, row, length), rows counted from the top."""
    runs = []
    for y, row in enumerate(qr_matrix(text)):
        x = 0
        for black, group in groupby(row):
            length = len(list(group))
            if black:
                runs.append((x, y, length))
            x += length
    return runs


@lru_cache(maxsize=256)
def qr_svg(text: str) -> str:
    """The code as an SVG document of its own, black on white, for `<img>` and download."""
    size = len(qr_matrix(text))
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in qr_runs(text))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'width="{size * _PIXELS}" height="{size * _PIXELS}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path d="{path}"/></svg>'
    )


@lru_cache(maxsize=64)
def qr_png(text: str) -> bytes:
    """The code as a PNG, black on white, so that a dark mail still shows a readable code."""
    rows = qr_matrix(text)
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([0 if black else 1 for row in rows for black in row])
    side = len(rows) * _PIXELS
    file = BytesIO()
    image.resize((side, side), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()
