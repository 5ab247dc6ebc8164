"""Any colour becomes a shade that reads well."""

from __future__ import annotations

import pytest

from returnsite.domain.colour import (
    MOST_CHROMA,
    Brand,
    brand_of,
    contrast,
    read_hex,
    shade,
    to_hex,
    to_oklch,
)
from returnsite.domain.errors import DomainError


@pytest.mark.parametrize(
    ("colour", "lightness", "chroma", "hue"),
    [
        # as browsers and the CSS Color 4 specification have them
        ("#ff0000", 0.628, 0.2577, 29.23),
        ("#00ff00", 0.8664, 0.2948, 142.5),
        ("#0000ff", 0.452, 0.3132, 264.05),
        ("#663399", 0.4403, 0.1603, 303.37),
        ("#ffffff", 1.0, 0.0, None),
        ("#000000", 0.0, 0.0, None),
    ],
)
def test_known_colours_are_converted(
    colour: str, lightness: float, chroma: float, hue: float | None
) -> None:
    found = to_oklch(colour)
    assert found[0] == pytest.approx(lightness, abs=0.001)
    assert found[1] == pytest.approx(chroma, abs=0.001)
    assert hue is None or found[2] == pytest.approx(hue, abs=0.1)
    assert to_hex(*found) == colour


@pytest.mark.parametrize(
    ("typed", "colour"),
    [("#0A7B5C", "#0a7b5c"), ("0a7b5c", "#0a7b5c"), (" #0a7 ", "#00aa77"), ("fff", "#ffffff")],
)
def test_a_colour_is_read_as_people_paste_it(typed: str, colour: str) -> None:
    assert read_hex(typed) == colour


@pytest.mark.parametrize("typed", ["", "#", "red", "#12345", "#1234567", "#gggggg", "rgb(1,2,3)"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(DomainError):
        read_hex(typed)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#336699", "#336699") == 1


def test_every_colour_becomes_a_shade_that_reads_well_in_both_schemes() -> None:
    steps = range(0, 256, 51)
    colours = [
        f"#{red:02x}{green:02x}{blue:02x}" for red in steps for green in steps for blue in steps
    ]
    for colour in colours:
        brand = brand_of(colour)
        assert 0 <= brand.chroma <= MOST_CHROMA
        assert 0 <= brand.hue < 360
        for dark in (False, True):
            assert shade(brand, dark=dark).contrast >= 4.5, (colour, dark)


def test_what_is_kept_is_the_shade_a_screen_shows() -> None:
    brand = brand_of("#ff0000")
    lightness, chroma, hue = to_oklch(shade(brand, dark=False).accent)
    assert lightness == pytest.approx(0.455, abs=0.005)
    assert chroma == pytest.approx(brand.chroma, abs=0.005)
    assert hue == pytest.approx(brand.hue, abs=1.5)


def test_grey_has_no_hue() -> None:
    assert brand_of("#808080") == Brand(0.0, 0.0)
