"""How the portal looks and what it says: logo, colour, languages, the shop's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.colour import brand_of
from ...models import Shop
from .store import columns

LOOK = columns("look", "name", "look", "locales", "default_locale", "texts")

PLACES = ("find", "done", "not_returnable")
"""Pages of the portal that can carry the shop's own words."""


def set_colour(shop: Shop, colour: str) -> None:
    """Keep the colour as chosen, with the hue and chroma the portal uses of it."""
    brand = brand_of(colour)
    shop.look = {**shop.look, "colour": colour, "hue": brand.hue, "chroma": brand.chroma}


def set_logo(shop: Shop, name: str) -> None:
    """Show a logo of `logos`; "" for the name instead.

    The former file stays for undo; housekeeping deletes it when nothing can bring it back.
    """
    rest = {key: value for key, value in shop.look.items() if key != "logo"}
    shop.look = {**rest, "logo": name} if name else rest


def set_texts(shop: Shop, texts: Mapping[str, Mapping[str, str]]) -> None:
    """Keep the shop's words in these languages; those in others stay."""
    kept = {locale: words for locale, words in shop.texts.items() if locale not in texts}
    filled = {
        locale: {place: text for place, text in words.items() if text}
        for locale, words in texts.items()
    }
    shop.texts = {**kept, **{locale: words for locale, words in filled.items() if words}}


def look_with(saved: Mapping[str, Any], colour: str | None) -> dict[str, Any]:
    """A look as it would be with another colour, without saving it."""
    if not colour:
        return dict(saved)
    brand = brand_of(colour)
    return {**saved, "colour": colour, "hue": brand.hue, "chroma": brand.chroma}
