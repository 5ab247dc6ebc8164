"""How the portal looks and what it says: logo, colour, languages, the shop's own words."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app
from PIL import Image

from ...domain.colour import brand_of
from ...domain.errors import DomainError
from ...files import write_whole
from ...models import Shop
from ..photos import upright
from .store import columns

LOOK = columns("look", "name", "look", "locales", "default_locale", "texts")

LOGO_BYTES = 1024 * 1024
LOGO_PIXELS = 4_000_000
_LONGEST_SIDE = 1000
_SUFFIX = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}

PLACES = ("find", "done", "not_returnable")
"""Pages of the portal that can carry the shop's own words."""


def set_colour(shop: Shop, colour: str) -> None:
    """Keep the colour as chosen, with the hue and chroma the portal uses of it."""
    brand = brand_of(colour)
    shop.look = {**shop.look, "colour": colour, "hue": brand.hue, "chroma": brand.chroma}


def set_logo(shop: Shop, name: str) -> None:
    """Show a logo that `keep_logo` made; "" for the name instead. Old files stay, for undo."""
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


def keep_logo(content: bytes) -> str:
    """Check a picture by its content, write it anew without what it says of itself, and name it.

    Raises DomainError: logo_too_large, logo_too_many_pixels, logo_type.
    """
    if len(content) > LOGO_BYTES:
        raise DomainError("logo_too_large")
    image, kind = _decoded(content)
    data = io.BytesIO()
    image.save(data, kind, **({"quality": 90} if kind == "JPEG" else {}))
    name = f"{secrets.token_urlsafe(18)}.{_SUFFIX[kind]}"
    folder = Path(current_app.config["DATA_DIR"]) / "logos"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / name, data.getvalue())
    return name


def _decoded(content: bytes) -> tuple[Image.Image, str]:
    """The first picture of the file, not larger than needed; nothing else of the file."""
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=tuple(_SUFFIX))
        kind = str(image.format)
        if image.width * image.height > LOGO_PIXELS:
            raise DomainError("logo_too_many_pixels")
        turned = upright(image)
        turned.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        plain = turned.convert("RGB" if kind == "JPEG" else "RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DomainError("logo_too_many_pixels") from None
    except DomainError:
        raise
    except Exception:
        # Decoders stumble over broken files in ways of their own.
        raise DomainError("logo_type") from None
    plain.info = {}
    return plain, kind


def look_with(saved: Mapping[str, Any], colour: str | None) -> dict[str, Any]:
    """A look as it would be with another colour, without saving it."""
    if not colour:
        return dict(saved)
    brand = brand_of(colour)
    return {**saved, "colour": colour, "hue": brand.hue, "chroma": brand.chroma}
