"""A shop's colour: any colour becomes a hue and a chroma; lightness is ours, so contrast holds.

The shades are those of `static/css/tokens.css`. Conversions are Björn Ottosson's OKLab, contrast is
that of WCAG 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

from .errors import DomainError

MOST_CHROMA = 0.2
GREY = 0.012
"""Below this chroma a colour has no hue to speak of."""

LIGHT, DARK = 0.455, 0.79
"""Lightness of the accent in both schemes."""

_DARK_BOOST = 1.15
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Brand:
    """What a shop's stylesheet sets."""

    hue: float
    chroma: float


@dataclass(frozen=True, slots=True)
class Shade:
    """The accent as customers see it, the text on it, and how well that reads."""

    accent: str
    on_accent: str
    contrast: float


def read_hex(text: str) -> str:
    """`#0a7b5c` of "0A7b5c", "#0a7b5c" or "#0a7" in lower case. Raises DomainError."""
    plain = text.strip().lower().removeprefix("#")
    if re.fullmatch(r"[0-9a-f]{3}", plain):
        plain = "".join(each * 2 for each in plain)
    if not re.fullmatch(r"[0-9a-f]{6}", plain):
        raise DomainError("colour_invalid")
    return f"#{plain}"


def brand_of(colour: str) -> Brand:
    """Hue and chroma of a colour, as strong as the accent's lightness allows on a screen."""
    _lightness, chroma, hue = to_oklch(colour)
    if chroma < GREY:
        return Brand(0.0, 0.0)
    return Brand(round(hue, 1), round(_fitting(LIGHT, min(chroma, MOST_CHROMA), hue), 4))


def shade(brand: Brand, *, dark: bool) -> Shade:
    """The accent of one scheme: white text on it in the light one, dark text in the dark one."""
    if dark:
        accent = to_hex(DARK, brand.chroma * _DARK_BOOST, brand.hue)
        ink = to_hex(0.2, 0.03, brand.hue)
    else:
        accent, ink = to_hex(LIGHT, brand.chroma, brand.hue), "#ffffff"
    return Shade(accent, ink, contrast(accent, ink))


def contrast(first: str, second: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def to_oklch(colour: str) -> Triple:
    """Lightness, chroma and hue in degrees."""
    red, green, blue = (_linear(part) for part in _parts(colour))
    long = _cube_root(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = _cube_root(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = _cube_root(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), degrees(atan2(b, a)) % 360


def to_hex(lightness: float, chroma: float, hue: float) -> str:
    """The colour on a screen; a chroma no screen shows is taken back."""
    parts = _screen(lightness, _fitting(lightness, chroma, hue), hue)
    return "#" + "".join(f"{round(255 * _gamma(min(max(part, 0.0), 1.0))):02x}" for part in parts)


def _fitting(lightness: float, chroma: float, hue: float) -> float:
    """The most of a chroma that a screen can show at this lightness."""
    if _on_screen(_screen(lightness, chroma, hue)):
        return chroma
    low, high = 0.0, chroma
    for _step in range(20):
        middle = (low + high) / 2
        if _on_screen(_screen(lightness, middle, hue)):
            low = middle
        else:
            high = middle
    return low


def _on_screen(parts: Triple) -> bool:
    return all(-1e-4 <= part <= 1 + 1e-4 for part in parts)


def _screen(lightness: float, chroma: float, hue: float) -> Triple:
    """Linear red, green and blue."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _parts(colour: str) -> Triple:
    return (
        int(colour[1:3], 16) / 255,
        int(colour[3:5], 16) / 255,
        int(colour[5:7], 16) / 255,
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    return float(part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055)


def _cube_root(value: float) -> float:
    return float(max(value, 0.0) ** (1 / 3))
