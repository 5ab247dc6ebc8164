"""The address label, read back as people, readers and scanners do."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from returnsite.documents.label import LabelContent, render_label
from tests import pdf

LABEL = LabelContent(
    language="nl",
    title="Retourlabel R-7K2M-9QXT",
    sender_name="Noorderlicht",
    carrier="PostNL",
    to_caption="Retour aan",
    to_lines=("Noorderlicht B.V.", "Pakhuisweg 12-B", "2611 GX Delft", "Nederland"),
    from_caption="Afzender",
    from_lines=("Anna de Vries", "Damrak 1", "1012 JS Amsterdam"),
    rows=(("Bestelling", "#1001"), ("Inleveren uiterlijk", "maandag 7 december")),
    number="R-7K2M-9QXT",
    number_caption="Retournummer",
)
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle " * 3


def test_a_scanner_reads_the_return_number_from_both_codes() -> None:
    image = pdf.pages(render_label(LABEL))[0]
    assert pdf.codes(image) == {("Code 128", "R-7K2M-9QXT"), ("QR Code", "R-7K2M-9QXT")}


def test_a_scanner_reads_a_cheap_print_too() -> None:
    image = pdf.pages(render_label(LABEL), dpi=152)[0]
    assert ("Code 128", "R-7K2M-9QXT") in pdf.codes(image)


def test_it_is_one_a6_page_that_is_printed_at_full_size() -> None:
    reader = PdfReader(BytesIO(render_label(LABEL)))
    assert len(reader.pages) == 1
    millimetres = [float(side) / 72 * 25.4 for side in reader.pages[0].mediabox[2:]]
    assert millimetres == pytest.approx([105, 148], abs=0.1)
    assert reader.viewer_preferences is not None
    assert reader.viewer_preferences.print_scaling == "/None"


def test_it_has_title_language_and_all_its_words_as_text() -> None:
    data = render_label(LABEL)
    reader = PdfReader(BytesIO(data))
    assert reader.metadata is not None
    assert reader.metadata.title == LABEL.title
    assert reader.trailer["/Root"]["/Lang"] == "nl"
    text = pdf.text(data)
    words = (*LABEL.to_lines, *LABEL.from_lines, *(w for row in LABEL.rows for w in row))
    for words_of_line in (*words, "Noorderlicht", "PostNL", "R-7K2M-9QXT", "Retournummer"):
        assert words_of_line in text


@pytest.mark.parametrize("name", ["Łukasz Żółć", "Jürgen Groß", "Αγγελική", "Ольга", "Đặng Thị Ý"])
def test_names_of_europe_keep_their_letters(name: str) -> None:
    assert name in pdf.text(render_label(replace(LABEL, from_lines=(name,))))


def test_a_letter_the_font_lacks_is_marked_and_the_rest_stays() -> None:
    text = pdf.text(render_label(replace(LABEL, from_lines=("王 Wang",))))
    assert "\N{REPLACEMENT CHARACTER} Wang" in text


def test_line_breaks_in_a_name_make_no_new_line() -> None:
    text = pdf.text(render_label(replace(LABEL, from_lines=("Anna\r\nRetour aan\x00 Eve",))))
    assert "Anna Retour aan" in text


def test_very_long_lines_shrink_and_stay_on_the_label() -> None:
    label = replace(LABEL, to_lines=(LONG, LONG, LONG), from_lines=(LONG,), sender_name=LONG)
    image = pdf.pages(render_label(label))[0].convert("L")
    edge = int(5 / 105 * image.width)
    for box in (
        (0, 0, edge, image.height),
        (image.width - edge, 0, image.width, image.height),
        (0, 0, image.width, edge),
    ):
        assert image.crop(box).getextrema() == (255, 255), "something is printed in the margin"
    assert len(pdf.codes(image)) == 2


def test_the_return_address_is_the_biggest_text() -> None:
    sizes: dict[str, float] = {}

    def note(text: str, _cm: object, _tm: object, _font: object, size: float) -> None:
        if text.strip():
            sizes[text.strip()] = size

    PdfReader(BytesIO(render_label(LABEL))).pages[0].extract_text(visitor_text=note)
    assert max(sizes, key=lambda text: sizes[text]) in LABEL.to_lines


def test_a_test_label_says_so_across_the_top() -> None:
    marked = replace(LABEL, warning="TEST – niet geldig")
    assert "TEST – niet geldig" in pdf.text(render_label(marked))
    assert len(pdf.codes(pdf.pages(render_label(marked))[0])) == 2


def test_the_same_label_is_the_same_bytes() -> None:
    assert render_label(LABEL) == render_label(LABEL)
    assert len(render_label(LABEL)) < 60_000
