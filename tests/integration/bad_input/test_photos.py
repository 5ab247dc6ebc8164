"""Photos that are none, too much, or say more than they show."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from returnsite.domain.errors import DraftConfirmed
from returnsite.models import Draft, Order, Photo
from returnsite.services.drafts import load_wizard
from returnsite.services.photos import Upload, add_photos
from tests.conftest import Kept, on_one_database
from tests.harness import FRAGMENT_HEADERS, IsolatedClient
from tests.html_checks import check_page
from tests.walk import SAME_ORIGIN, Walk, answers_for, lines_of, picture, row_counts, start

pytestmark = on_one_database

Add = Callable[..., TestResponse]


@pytest.fixture
def line(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> int:
    def make() -> int:
        made = factories.make_order(session, shop)
        return lines_of(made)[0]

    return kept(make)


@pytest.fixture
def walk(client: IsolatedClient, session: Session, shop: Any, line: int) -> Walk:
    order = session.scalars(select(Order).where(Order.shop_id == shop.id)).one()
    return start(client, shop, order, answers_for({line: 1}))


@pytest.fixture
def add(walk: Walk, line: int) -> Add:
    """Send files with an otherwise right answer."""

    def send(*files: tuple[bytes, str], fragment: bool = False) -> TestResponse:
        fields = [
            part('name="form_token"', walk.form_token("reasons").encode()),
            part(f'name="reason-{line}"', b"too_small"),
            *(part(f'name="photo-{line}"; filename="{name}"', data) for data, name in files),
        ]
        headers = {**SAME_ORIGIN, **(FRAGMENT_HEADERS if fragment else {})}
        body, kind = b"".join(fields) + b"--x--\r\n", "multipart/form-data; boundary=x"
        return walk.client.post(walk.url("reasons"), data=body, headers=headers, content_type=kind)

    return send


def part(head: str, content: bytes) -> bytes:
    return f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


def stored(app: Flask) -> list[Path]:
    return sorted((Path(app.config["DATA_DIR"]) / "photos").glob("*"))


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_bomb(side: int) -> bytes:
    """A small file that says it holds side × side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A small file that unpacks into a hundred megabytes of text."""
    text = b"Comment\0\0" + zlib.compress(b"x" * 100_000_000, 9)
    plain = picture().getvalue()
    return plain[:33] + chunk(b"zTXt", text) + plain[33:]


JPEG = picture("JPEG", (400, 300)).getvalue()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "text": (b"hello", "photo.jpg"),
    "nothing": (b"", "photo.jpg"),
    "a program": (b"MZ\x90\0" + b"\0" * 600, "photo.jpg"),
    "a program named so": (b"\x7fELF" + b"\0" * 600, "setup.exe"),
    "svg": (SVG, "photo.svg"),
    "svg named jpg": (SVG, "photo.jpg"),
    "gif": (picture("GIF").getvalue(), "photo.gif"),
    "tiff named jpg": (picture("TIFF").getvalue(), "photo.jpg"),
    "bmp": (picture("BMP").getvalue(), "photo.bmp"),
    "pdf": (b"%PDF-1.4\n%%EOF", "photo.pdf"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "photo.jpg"),
    "page": (b"<html><script>alert(1)</script>", "photo.jpg"),
    "half a jpeg": (JPEG[: len(JPEG) // 2], "photo.jpg"),
    "a jpeg's head": (JPEG[:30], "photo.jpg"),
    "half a png": (picture(size=(400, 300)).getvalue()[:200], "photo.png"),
    "60 megapixels": (png_bomb(7800), "photo.png"),
    "90 megapixels": (png_bomb(9500), "photo.png"),
    "900 megapixels": (png_bomb(30_000), "photo.png"),
    "text bomb": (text_bomb(), "photo.png"),
    "20 MB": (JPEG + b"\0" * 20_000_000, "photo.jpg"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused_by_name_and_nothing_is_kept(
    app: Flask, walk: Walk, add: Add, line: int, what: str
) -> None:
    data, name = REFUSED[what]
    kept, before, files = walk.answers(), row_counts(), stored(app)
    for fragment in (False, True):
        answer = add((data, name), fragment=fragment)
        assert answer.status_code == 422
        assert name in answer.text
        assert f'id="photo-{line}-error"' in answer.text
        assert "<script>alert" not in answer.text
    check_page(what, add((data, name)).text)
    assert (walk.answers(), row_counts(), stored(app)) == (kept, before, files)


def test_the_good_ones_of_several_are_kept(walk: Walk, add: Add, line: int) -> None:
    answer = add((JPEG, "good.jpg"), (b"x", "bad.jpg"), (picture("WEBP").getvalue(), "also.webp"))
    assert answer.status_code == 422
    assert "bad.jpg" in answer.text
    assert [p["name"] for p in walk.answers()["photos"][str(line)]] == ["good.jpg", "also.webp"]


def test_a_line_holds_four_photos(app: Flask, walk: Walk, add: Add, line: int) -> None:
    files = len(stored(app))
    assert add(*[(JPEG, f"{n}.jpg") for n in range(6)]).status_code == 422
    assert add((JPEG, "more.jpg")).status_code == 422
    assert len(walk.answers()["photos"][str(line)]) == 4
    assert len(stored(app)) - files == 4


def test_adding_and_taking_out_over_and_over_does_not_fill_the_disk(
    app: Flask, walk: Walk, add: Add, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returnsite.services.photos.PHOTOS_PER_DRAFT", 3)
    files = len(stored(app))
    for number in range(5):
        add((JPEG, f"{number}.jpg"))
        for photo in walk.answers().get("photos", {}).get(str(line), []):
            walk.post("reasons", {"drop-photo": str(photo["id"])})
    assert len(stored(app)) - files == 3
    assert "3" in add((JPEG, "more.jpg")).text


def test_more_than_a_request_may_hold_is_refused_with_a_page(walk: Walk, add: Add) -> None:
    kept = walk.answers()
    for fragment in (False, True):
        answer = add(
            *[(JPEG + b"\0" * 17_000_000, f"{n}.jpg") for n in range(4)], fragment=fragment
        )
        assert answer.status_code == 413
        assert "<h1" in answer.text
    assert walk.answers() == kept


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.jpg",
        "..\\..\\windows\\x.jpg",
        "/tmp/x.jpg",
        "a\x00b.jpg",
        "x" * 5000 + ".jpg",
        "\u202egpj.exe",
        "%22><script>alert(1)</script>.jpg",
        "{{ config }}.jpg",
        "CON.jpg",
        ".htaccess",
        "naïve 📷.jpg",
    ],
)
def test_a_files_name_is_for_showing_only(
    app: Flask, walk: Walk, add: Add, session: Session, name: str
) -> None:
    before = set(stored(app))
    assert add((JPEG, name)).status_code == 303
    (made,) = set(stored(app)) - before
    photo = session.scalars(select(Photo)).one()
    assert photo.file == made.name
    assert made.parent == Path(app.config["DATA_DIR"]) / "photos"
    assert len(made.stem) >= 32
    assert set(made.name) <= set(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_."
    )
    page = walk.get("reasons").text
    assert "<script>alert" not in page
    check_page("reasons", page)


def test_what_a_camera_writes_into_a_photo_is_dropped(app: Flask, walk: Walk, add: Add) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010F] = "Camera of Wilhelmina"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 5.0, 21.5), 3: "E", 4: (4.0, 53.0, 1.0)})
    xmp = b"<x:xmpmeta><exif:GPSLatitude>52,5.35N</exif:GPSLatitude></x:xmpmeta>"
    options: dict[str, Any] = {"exif": exif, "comment": b"Wilhelmina lives here", "xmp": xmp}
    data = picture("JPEG", (60, 30), **options, icc_profile=b"profile of Wilhelmina")
    assert b"Wilhelmina" in data.getvalue()
    before = set(stored(app))
    assert add((data.getvalue(), "photo.jpg")).status_code == 303
    (made,) = set(stored(app)) - before
    content = made.read_bytes()
    for secret in (b"Wilhelmina", b"GPS", b"Exif", b"xmpmeta", b"ICC_PROFILE"):
        assert secret not in content, secret
    with Image.open(made) as kept:
        assert kept.getexif() == {}
        assert kept.size == (30, 60), "the turn is in the pixels now"


@pytest.mark.parametrize(("place", "value"), [(11, 0), (11, 26), (11, 84), (13, 5), (57, 10)])
def test_a_photo_whose_notes_are_broken_is_kept_all_the_same(
    app: Flask, add: Add, place: int, value: int
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "hello"
    exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0)})
    data = bytearray(picture("JPEG", (60, 30), exif=exif).getvalue())
    data[data.index(b"MM\0*") + place] = value
    before = set(stored(app))
    assert add((bytes(data), "photo.jpg")).status_code == 303
    assert len(set(stored(app)) - before) == 1


def test_a_photo_for_a_return_made_meanwhile_leaves_no_file(
    app: Flask, walk: Walk, line: int, shop: Any, session: Session
) -> None:
    before, slug = stored(app), shop.slug
    session.rollback()  # a look at what `walk` has written
    wizard = load_wizard(slug=slug, token=walk.token)
    session.rollback()
    assert wizard is not None
    assert "/s/" in walk.confirm().location
    with pytest.raises(DraftConfirmed):
        add_photos(wizard=wizard, uploads=[Upload(line, "late.jpg", JPEG)])
    assert stored(app) == before


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", mode) for mode in ("RGB", "L", "CMYK", "1")]
    + [("PNG", mode) for mode in ("RGB", "RGBA", "L", "P", "1", "I;16")]
    + [("WEBP", mode) for mode in ("RGB", "RGBA", "L", "P")],
)
def test_every_kind_of_picture_is_kept_as_a_plain_one(
    app: Flask, walk: Walk, add: Add, kind: str, mode: str
) -> None:
    data = io.BytesIO()
    Image.new(mode, (3000, 20)).save(data, kind)
    before = set(stored(app))
    assert add((data.getvalue(), f"photo.{kind}")).status_code == 303
    (made,) = set(stored(app)) - before
    with Image.open(made) as kept:
        assert (kept.format, kept.mode) == ("JPEG", "RGB")
        assert max(kept.size) == 2000


def test_a_heic_photo_is_kept_where_the_library_is_there(walk: Walk, add: Add, line: int) -> None:
    pytest.importorskip("pillow_heif")
    assert add((picture("HEIF", (64, 64)).getvalue(), "IMG_0001.HEIC")).status_code == 303
    assert len(walk.answers()["photos"][str(line)]) == 1


def test_damaged_photos_are_kept_or_refused_never_an_error(walk: Walk, add: Add, line: int) -> None:
    """Bytes changed at random: whatever the decoder says, the customer gets a page."""
    odd = random.Random(11)
    exif = Image.Exif()
    exif[0x0112] = 6
    samples = [
        picture("JPEG", (120, 90), exif=exif).getvalue(),
        picture("PNG", (120, 90)).getvalue(),
        picture("WEBP", (120, 90)).getvalue(),
    ]
    for _ in range(60):
        data = bytearray(odd.choice(samples))
        for _ in range(odd.randint(1, 8)):
            data[odd.randrange(12, len(data))] = odd.randrange(256)
        answer = add((bytes(data), "photo.jpg"))
        assert answer.status_code in {303, 422}, bytes(data)
        for photo in walk.answers().get("photos", {}).get(str(line), []):
            walk.post("reasons", {"drop-photo": str(photo["id"])})


def test_a_photo_for_a_line_that_was_not_chosen_is_not_kept(
    app: Flask, walk: Walk, session: Session
) -> None:
    before = stored(app)
    for other in (lines_of_order(session, walk)[1], 999_999):
        walk.post("reasons", {f"photo-{other}": (picture(), "photo.png")})
    assert stored(app) == before
    assert "photos" not in walk.answers()


def lines_of_order(session: Session, walk: Walk) -> list[int]:
    session.rollback()
    draft = session.get_one(Draft, walk.draft_id)
    return lines_of(session.get_one(Order, draft.order_id))


def test_photos_without_a_fitting_form_token_are_not_kept(
    app: Flask, walk: Walk, client: IsolatedClient, line: int
) -> None:
    before = stored(app)
    body = {"form_token": "x", f"photo-{line}": (picture(), "photo.png")}
    assert client.post(walk.url("reasons"), data=body, headers=SAME_ORIGIN).status_code == 422
    assert stored(app) == before


def test_a_dropped_photo_is_gone_and_what_was_typed_stays(
    client: IsolatedClient, walk: Walk, add: Add, line: int
) -> None:
    add((JPEG, "photo.jpg"))
    photo = walk.answers()["photos"][str(line)][0]
    typed = {f"reason-{line}": "other", f"comment-{line}": "Vlek", "drop-photo": str(photo["id"])}
    assert walk.post("reasons", typed).status_code == 303
    assert client.get(walk.url(f"photos/{photo['file']}")).status_code == 404
    assert walk.answers()["reasons"][str(line)] == {"reason": "other", "comment": "Vlek"}
    for number in (str(photo["id"]), "0", "-1", "x", "9" * 30, "\x00"):
        for headers in ({}, FRAGMENT_HEADERS):
            body = {"form_token": walk.form_token("reasons"), "drop-photo": number}
            answer = client.post(walk.url("reasons"), data=body, headers={**SAME_ORIGIN, **headers})
            assert answer.status_code == 404
