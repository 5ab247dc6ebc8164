"""Photos of items: checked by content, re-encoded without metadata, kept in the data folder."""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from PIL import ExifTags, Image
from sqlalchemy import func, insert, select, update

from .. import clock
from ..database import writing
from ..domain.errors import DomainError, DraftConfirmed
from ..extensions import db
from ..files import write_whole
from ..models import Draft, Photo
from .drafts import Wizard

try:
    from pillow_heif import register_heif_opener
except ImportError:  # the extra `heic` is not installed
    HEIC = False
else:
    register_heif_opener()
    HEIC = True

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 2000
PHOTOS_PER_LINE = 4
PHOTOS_PER_DRAFT = 200
"""Those taken out again count too: their files stay for a while, and a disk is not endless."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF orientation. Pillow's own `exif_transpose` also writes the EXIF data anew, which fails
for what some cameras write."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as posted: the line it belongs to, its name there and its bytes."""

    line_id: int
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PhotoRefused:
    """Why an upload was not kept; `code` picks the text."""

    line_id: int
    code: str
    params: dict[str, Any]


def readable_types() -> list[str]:
    """Names of the formats that can be uploaded."""
    return ["JPG", "PNG", "WebP", *(["HEIC"] if HEIC else [])]


def upright(image: Image.Image) -> Image.Image:
    """The picture turned the way its camera was held."""
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return image if turn is None else image.transpose(turn)


def add_photos(*, wizard: Wizard, uploads: Sequence[Upload]) -> list[PhotoRefused]:
    """Keep the readable ones with the draft and return why the others were not. Commits."""
    kept: dict[int, int] = {
        int(line): len(photos) for line, photos in wizard.answers.get("photos", {}).items()
    }
    refused: list[PhotoRefused] = []
    rows: list[dict[str, Any]] = []
    before = _count_uploads(wizard)
    for upload in uploads:
        try:
            if before + len(rows) >= PHOTOS_PER_DRAFT:
                raise DomainError("photo_too_many", max=PHOTOS_PER_DRAFT)
            if kept.get(upload.line_id, 0) >= PHOTOS_PER_LINE:
                raise DomainError("photo_too_many", max=PHOTOS_PER_LINE)
            rows.append(_stored(wizard, upload))
            kept[upload.line_id] = kept.get(upload.line_id, 0) + 1
        except DomainError as error:
            refused.append(PhotoRefused(upload.line_id, error.code, error.params))
    if rows:
        _remember(wizard, rows)
    return refused


def drop_photo(*, wizard: Wizard, photo_id: int) -> bool:
    """Take a photo out of the draft; False when the draft has no such photo. Commits."""
    with writing():
        answers = _locked_answers(wizard)
        photos: dict[str, list[dict[str, Any]]] = answers.get("photos", {})
        left = {
            line: [photo for photo in line_photos if photo["id"] != photo_id]
            for line, line_photos in photos.items()
        }
        if left == photos:
            return False
        db.session.execute(
            update(Photo)
            .where(Photo.id == photo_id, Photo.draft_id == wizard.draft_id)
            .values(deleted_at=clock.now())
        )
        _write_answers(wizard, {**answers, "photos": left})
    return True


def photo_file(*, wizard: Wizard, file: str) -> Path | None:
    """Where a photo of this draft lies, None when the draft has no such photo."""
    known = [p["file"] for photos in wizard.answers.get("photos", {}).values() for p in photos]
    return photo_folder() / file if file in known else None


def photo_folder() -> Path:
    """The folder all photos are in."""
    folder = Path(current_app.config["DATA_DIR"]) / "photos"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _count_uploads(wizard: Wizard) -> int:
    """Files this draft has brought in so far, and not yet thrown away."""
    query = select(func.count()).where(Photo.draft_id == wizard.draft_id)
    return db.session.scalar(query) or 0


def _stored(wizard: Wizard, upload: Upload) -> dict[str, Any]:
    name = upload.name.replace("\x00", "")[:200] or "photo"
    if len(upload.content) > MAX_BYTES:
        raise DomainError("photo_too_large", name=name)
    image = _decode(upload.content, name)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=85, optimize=True)
    file = f"{secrets.token_urlsafe(24)}.jpg"
    write_whole(photo_folder() / file, data.getvalue())
    return {
        "shop_id": wizard.shop.id,
        "draft_id": wizard.draft_id,
        "line_id": upload.line_id,
        "file": file,
        "name": name,
        "media_type": "image/jpeg",
        "size": data.tell(),
        "width": image.width,
        "height": image.height,
        "created_at": clock.now(),
    }


def _decode(content: bytes, name: str) -> Image.Image:
    """The picture upright, in plain RGB and not larger than needed; nothing else of the file."""
    formats = ["JPEG", "PNG", "WEBP", *(["HEIF"] if HEIC else [])]
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=formats)
        if image.width * image.height > MAX_PIXELS:
            raise DomainError("photo_too_large", name=name)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = upright(image).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DomainError("photo_too_large", name=name) from None
    except DomainError:
        raise
    except Exception:
        # Decoders stumble over broken files in ways of their own: struct.error, TypeError …
        raise DomainError("photo_type", name=name) from None
    # What is left of the file's own words would be saved with it: comments, profiles.
    plain.info = {}
    return plain


def _remember(wizard: Wizard, rows: list[dict[str, Any]]) -> None:
    """Write rows and answers; when that fails, nothing of the files stays either."""
    try:
        _write_rows(wizard, rows)
    except BaseException:
        for row in rows:
            (photo_folder() / row["file"]).unlink(missing_ok=True)
        raise


def _write_rows(wizard: Wizard, rows: list[dict[str, Any]]) -> None:
    with writing():
        answers = _locked_answers(wizard)
        inserted = db.session.execute(
            insert(Photo).returning(Photo.id, Photo.line_id, Photo.file, Photo.name), rows
        )
        photos: dict[str, list[dict[str, Any]]] = dict(answers.get("photos", {}))
        for row in inserted:
            entry = {"id": row.id, "file": row.file, "name": row.name}
            photos[str(row.line_id)] = [*photos.get(str(row.line_id), []), entry]
        _write_answers(wizard, {**answers, "photos": photos})


def _locked_answers(wizard: Wizard) -> dict[str, Any]:
    """The draft's answers, nobody else's until the transaction ends. Raises DraftConfirmed."""
    row = db.session.execute(
        select(Draft.answers, Draft.return_id).where(Draft.id == wizard.draft_id).with_for_update()
    ).one()
    if row.return_id is not None:
        db.session.rollback()
        raise DraftConfirmed()
    answers: dict[str, Any] = row.answers
    return answers


def _write_answers(wizard: Wizard, answers: dict[str, Any]) -> None:
    db.session.execute(update(Draft).where(Draft.id == wizard.draft_id).values(answers=answers))
