"""Pictures of shops' logos: written anew when they are uploaded, and kept aside until saved."""

from __future__ import annotations

import io
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from PIL import Image
from sqlalchemy import select

from ... import clock
from ...domain.errors import DomainError
from ...extensions import db
from ...files import write_whole
from ...models import SectionState, Shop
from ..photos import upright
from .look import LOOK

LOGO_BYTES = 1024 * 1024
LOGO_PIXELS = 4_000_000
KEEP_PENDING = timedelta(days=1)
"""How long a logo that was only looked at can still be saved."""

_LONGEST_SIDE = 1000
_SUFFIX = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_NAME = re.compile(r"[A-Za-z0-9_-]{24}\.(?:png|jpg|webp)")


def logo_folder() -> Path:
    """Where saved logos are."""
    return Path(current_app.config["DATA_DIR"]) / "logos"


def keep_logo(content: bytes) -> str:
    """Check a picture by its content, write it anew without what it says of itself, and name it.

    Raises DomainError: logo_too_large, logo_too_many_pixels, logo_type.
    """
    return _write(logo_folder(), content)


def put_aside(*, shop_id: int, content: bytes) -> str:
    """The same for a logo that is looked at first: it can be saved by its name for a day.

    Nobody guesses the name, and every shop has a folder of its own.
    """
    return _write(_pending_folder(shop_id), content)


def find_pending(*, shop_id: int, name: str) -> Path | None:
    """The file of a logo that was put aside, while it is there."""
    path = _pending_folder(shop_id) / name
    return path if _NAME.fullmatch(name) and path.is_file() else None


def take_pending(*, shop_id: int, name: str) -> None:
    """Keep a logo that was put aside. Raises DomainError `logo_gone`.

    Pressed again after a conflict, it is kept already; the file put aside stays until it is old.
    """
    pending = find_pending(shop_id=shop_id, name=name)
    if pending is None:
        raise DomainError("logo_gone")
    write_whole(logo_folder() / name, pending.read_bytes())


def clear_pending() -> int:
    """Delete logos that were put aside and not saved; returns how many."""
    before = clock.now() - KEEP_PENDING
    old = [path for path in _pending_root().glob("*/*") if _written(path) < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def clear_replaced() -> int:
    """Delete saved logos that no shop shows and no undo would bring back; returns how many.

    A file is written before its shop names it, so those of the last day stay.
    """
    before = clock.now() - KEEP_PENDING
    old = [path for path in logo_folder().glob("*") if _written(path) < before]
    named = _named_logos() if old else set()
    unused = [path for path in old if path.name not in named]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def _named_logos() -> set[str]:
    """Logos that shops show, or that undoing their last change would show again."""
    looks = list(db.session.scalars(select(Shop.look)))
    query = select(SectionState.before).where(SectionState.section == LOOK.name)
    looks += [held.get("look", {}) for held in db.session.scalars(query)]
    db.session.rollback()
    return {look["logo"] for look in looks if "logo" in look}


def _pending_root() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "pending-logos"


def _pending_folder(shop_id: int) -> Path:
    return _pending_root() / str(shop_id)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _write(folder: Path, content: bytes) -> str:
    if len(content) > LOGO_BYTES:
        raise DomainError("logo_too_large")
    image, kind = _decoded(content)
    data = io.BytesIO()
    image.save(data, kind, **({"quality": 90} if kind == "JPEG" else {}))
    name = f"{secrets.token_urlsafe(18)}.{_SUFFIX[kind]}"
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
