"""QR codes: read back and quiet."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

from PIL import Image, ImageDraw

from returnsite.documents.qr import QUIET_ZONE, qr_matrix, qr_png, qr_runs, qr_svg
from tests import pdf

TEXT = "R-7K2M-9QXT"


def drawn(svg: str) -> Image.Image:
    """The path of one of our SVGs, painted the way a browser would."""
    root = ElementTree.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * 8, side * 8), 255)
    pen = ImageDraw.Draw(image)
    for run in root.findall(".//{*}path")[-1].attrib["d"].split("z")[:-1]:
        x, _, rest = run.removeprefix("M").partition(" ")
        y, _, rest = rest.partition("h")
        length = rest.partition("v")[0]
        left, top = int(x) * 8, int(y) * 8
        pen.rectangle((left, top, left + int(length) * 8 - 1, top + 7), fill=0)
    return image


def test_the_svg_reads_back() -> None:
    assert pdf.codes(drawn(qr_svg(TEXT))) == {("QR Code", TEXT)}


def test_the_png_reads_back() -> None:
    assert pdf.codes(Image.open(BytesIO(qr_png(TEXT)))) == {("QR Code", TEXT)}


def test_text_beyond_ascii_reads_back() -> None:
    assert pdf.codes(Image.open(BytesIO(qr_png("Łódź €")))) == {("QR Code", "Łódź €")}


def test_four_modules_around_the_code_stay_white() -> None:
    rows = qr_matrix(TEXT)
    edge = range(QUIET_ZONE)
    assert QUIET_ZONE == 4
    for n in edge:
        assert not any(rows[n])
        assert not any(rows[-1 - n])
        assert not any(row[n] or row[-1 - n] for row in rows)


def test_the_runs_are_the_matrix() -> None:
    black = {(x + n, y) for x, y, length in qr_runs(TEXT) for n in range(length)}
    rows = qr_matrix(TEXT)
    assert black == {(x, y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell}


def test_the_svg_is_black_on_white_without_any_style_or_script() -> None:
    root = ElementTree.fromstring(qr_svg(TEXT))
    assert [child.tag.rpartition("}")[2] for child in root] == ["path", "path"]
    assert [set(child.attrib) for child in root] == [{"fill", "d"}, {"d"}]
