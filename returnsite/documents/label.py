"""The A6 address label: return address, return number as Code 128 and QR, all of it as text too."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .qr import qr_matrix, qr_runs

_FONTS = Path(__file__).parent / "fonts"
_PLAIN, _BOLD = "ReturnLabel", "ReturnLabel-Bold"
_WIDTH, _HEIGHT = A6
_EDGE = 6 * mm
_INNER = _WIDTH - 2 * _EDGE
_QR_SIDE = 40 * mm
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class LabelContent:
    """Everything printed, in words; `number` is also what both codes say.

    `rows` are pairs of caption and value. A `warning` is printed white on black at the top.
    """

    language: str
    title: str
    sender_name: str
    carrier: str
    to_caption: str
    to_lines: tuple[str, ...]
    from_caption: str
    from_lines: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    number: str
    number_caption: str
    warning: str = ""


def render_label(content: LabelContent) -> bytes:
    """The label as PDF, one A6 page; the same content gives the same bytes."""
    _register_fonts()
    file = BytesIO()
    canvas = Canvas(file, pagesize=A6, invariant=1, lang=content.language)
    canvas.setTitle(_clean(content.title))
    canvas.setAuthor(_clean(content.sender_name))
    canvas.setCreator("Returnsite")
    # Readers otherwise shrink the page to "fit", and bars that shrink may not scan.
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    top = _draw_head(canvas, content, _HEIGHT - _EDGE)
    top = _draw_recipient(canvas, content, top)
    _draw_details(canvas, content, top)
    _draw_barcode(canvas, content)
    canvas.save()
    return file.getvalue()


@cache
def _register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(_PLAIN, str(_FONTS / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont(_BOLD, str(_FONTS / "DejaVuSans-Bold.ttf")))


@cache
def _known_characters() -> frozenset[int]:
    _register_fonts()
    return frozenset(pdfmetrics.getFont(_PLAIN).face.charToGlyph)


def _clean(text: str) -> str:
    """One line of characters the font has; what it lacks shows as a replacement mark."""
    flat = " ".join(unicodedata.normalize("NFC", text).split())
    known = _known_characters()
    return "".join(char if ord(char) in known else _UNKNOWN for char in flat)


def _draw_head(canvas: Canvas, content: LabelContent, top: float) -> float:
    if content.warning:
        canvas.rect(_EDGE, top - 7 * mm, _INNER, 7 * mm, stroke=0, fill=1)
        canvas.setFillGray(1)
        size, (line, *_) = _fit([content.warning], (_BOLD, 11), _INNER - 4 * mm, 7 * mm)
        canvas.setFont(_BOLD, size)
        canvas.drawCentredString(_WIDTH / 2, top - 5 * mm, line)
        canvas.setFillGray(0)
        top -= 9 * mm
    half = _INNER / 2 - 2 * mm
    for name, text, draw, x in (
        (_BOLD, content.sender_name, canvas.drawString, _EDGE),
        (_PLAIN, content.carrier, canvas.drawRightString, _WIDTH - _EDGE),
    ):
        size, lines = _fit([text], (name, 10), half, 5 * mm)
        canvas.setFont(name, size)
        draw(x, top - 4 * mm, lines[0] if lines else "")
    return _rule(canvas, top - 6 * mm)


def _rule(canvas: Canvas, y: float) -> float:
    canvas.setLineWidth(0.8)
    canvas.line(_EDGE, y, _WIDTH - _EDGE, y)
    return y


def _draw_recipient(canvas: Canvas, content: LabelContent, top: float) -> float:
    """The return address, as big as it fits: sorters read it from a metre away."""
    _caption(canvas, content.to_caption, _EDGE, top - 4.5 * mm)
    height = 36 * mm
    size, lines = _fit(content.to_lines, (_BOLD, 16), _INNER, height)
    _block(canvas, lines, (_BOLD, size), (_EDGE, top - 6 * mm))
    return _rule(canvas, top - 7 * mm - height)


def _draw_details(canvas: Canvas, content: LabelContent, top: float) -> None:
    """Left: sender and facts; right: the QR code with what it says."""
    side = _QR_SIDE
    _draw_qr(canvas, content.number, _WIDTH - _EDGE - side + 5 * mm, top - side + 2 * mm)
    width = _INNER - side + 2 * mm
    _caption(canvas, content.from_caption, _EDGE, top - 4 * mm)
    size, lines = _fit(content.from_lines, (_PLAIN, 8), width, 16 * mm)
    y = _block(canvas, lines, (_PLAIN, size), (_EDGE, top - 5 * mm)) - 1.5 * mm
    for caption, value in content.rows:
        _caption(canvas, caption, _EDGE, y - 2.5 * mm)
        size, lines = _fit([value], (_BOLD, 9), width, 4 * mm)
        y = _block(canvas, lines[:1], (_BOLD, size), (_EDGE, y - 3 * mm)) - 0.8 * mm


def _draw_qr(canvas: Canvas, text: str, x: float, y: float) -> None:
    count = len(qr_matrix(text))
    module = _QR_SIDE / count
    for column, row, length in qr_runs(text):
        bottom = y + (count - 1 - row) * module
        canvas.rect(x + column * module, bottom, length * module, module, stroke=0, fill=1)


def _draw_barcode(canvas: Canvas, content: LabelContent) -> None:
    """Bars of 0.25 to 0.5 mm with ten modules of white on either side, the number beneath."""
    one = Code128(content.number, barWidth=1, quiet=0).width
    module = max(0.25 * mm, min(0.5 * mm, _INNER / (one + 20)))
    bars = Code128(content.number, barWidth=module, barHeight=17 * mm, quiet=0)
    bars.drawOn(canvas, (_WIDTH - bars.width) / 2, 14 * mm)
    canvas.setFont(_BOLD, 12)
    canvas.drawCentredString(_WIDTH / 2, 9 * mm, content.number)
    canvas.setFont(_PLAIN, 6.5)
    canvas.drawCentredString(_WIDTH / 2, 5.5 * mm, _clean(content.number_caption))


def _caption(canvas: Canvas, text: str, x: float, y: float) -> None:
    canvas.setFont(_PLAIN, 6.5)
    canvas.drawString(x, y, _clean(text))


def _block(
    canvas: Canvas, lines: Sequence[str], font: tuple[str, float], at: tuple[float, float]
) -> float:
    """Draw lines downwards from `at`; returns the y below them."""
    name, size = font
    x, y = at
    canvas.setFont(name, size)
    for line in lines:
        y -= size * 1.2
        canvas.drawString(x, y, line)
    return y


def _fit(
    lines: Sequence[str], font: tuple[str, float], width: float, height: float
) -> tuple[float, list[str]]:
    """The largest size up to the font's at which all lines fit; wrapped where 6 pt is too wide."""
    name, size = font
    texts = [clean for line in lines if (clean := _clean(line))]
    while size > 6:
        widest = max((pdfmetrics.stringWidth(text, name, size) for text in texts), default=0)
        if widest <= width and len(texts) * size * 1.2 <= height:
            return size, texts
        size -= 0.5
    wrapped = [part for text in texts for part in simpleSplit(text, name, size, width)]
    room = max(1, int(height / (size * 1.2)))
    return size, [_shorten(part, name, size, width) for part in wrapped[:room]]


def _shorten(text: str, name: str, size: float, width: float) -> str:
    """The text, or its beginning with an ellipsis where one word is wider than the label."""
    if pdfmetrics.stringWidth(text, name, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(text + "…", name, size) > width:
        text = text[:-1]
    return text + "…"
