"""The card of look and languages, and the portal as it would be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from returnsite.domain.errors import DomainError
from returnsite.models import Shop
from returnsite.services.settings.look import keep_logo
from tests.harness import Page
from tests.merchant import Merchant

EVIL = '<img src=x onerror=alert(1)> {{ 7*7 }} data-hx-get="/x"'


def stored(merchant: Merchant) -> Shop:
    """The shop as the database has it now."""
    merchant.session.expire_all()
    return merchant.session.get_one(Shop, merchant.shop.id)


def save(merchant: Merchant, part: str, status: int = 200, **changes: object) -> Page:
    """Fill in a part's form and save it."""
    page = merchant.get(f"/settings/look/{part}")
    return merchant.submit(page, changes, action=f"/look/{part}", status=status, fragment=True)


def portal(merchant: Merchant, lang: str = "en") -> Page:
    """The first page of the shop's portal."""
    return merchant.checked.get(f"/p/{merchant.shop.slug}/?lang={lang}")


def picture(kind: str, size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    """A small picture in this format."""
    data = io.BytesIO()
    mode = "RGB" if kind in {"JPEG", "BMP"} else "RGBA"
    Image.new(mode, size, "teal").save(data, kind, **options)
    return data.getvalue()


def upload(merchant: Merchant, content: bytes, status: int = 200, name: str = "x.png") -> Page:
    """Save a logo."""
    page = merchant.get("/settings/look/logo")
    file = (io.BytesIO(content), name)
    return merchant.submit(page, {"logo": file}, action="/look/logo", status=status, fragment=True)


def test_a_colour_becomes_a_shade_that_reads_well(merchant: Merchant) -> None:
    saved = save(merchant, "colour", colour="0A7B5C")
    look = stored(merchant).look
    assert look["colour"] == "#0a7b5c"
    assert look["hue"] == pytest.approx(167.2, abs=0.1)
    assert 0.05 < look["chroma"] < 0.12
    assert "#0a7b5c" in saved.text
    assert len(saved.queries) <= 12
    assert len(saved.body) <= 10_240
    theme = merchant.checked.client.get(f"/p/{merchant.shop.slug}/theme.css").text
    assert f"--brand-hue:{look['hue']:g}" in theme
    merchant.submit(saved, action="/look/undo", status=200, fragment=True)
    assert "colour" not in stored(merchant).look


def test_the_picker_counts_when_nothing_else_was_typed(merchant: Merchant) -> None:
    save(merchant, "colour", picker="#aa0033")
    assert stored(merchant).look["colour"] == "#aa0033"
    save(merchant, "colour", colour="#123456", picker="#ffffff")
    assert stored(merchant).look["colour"] == "#123456"


@pytest.mark.parametrize("typed", ["", "red", "#12", "url(x)", "#gggggg;}", "é" * 300])
def test_what_is_no_colour_is_refused_and_kept(merchant: Merchant, typed: str) -> None:
    refused = save(merchant, "colour", 422, colour=typed)
    assert refused.find("input", name="colour").get("value") == typed
    assert refused.find(id="colour-error") is not None
    assert "colour" not in stored(merchant).look


def test_shades_are_shown_with_their_contrast_while_typing(merchant: Merchant) -> None:
    shown = merchant.get_fragment("/settings/look/colour/_preview?colour=%23ff0000")
    assert "contrast" in shown.text
    frame = shown.find("iframe")
    assert "colour=%23ff0000" in frame.get("src", "")
    nothing = merchant.get_fragment("/settings/look/colour/_preview?colour=re")
    assert "contrast" not in nothing.text


def test_the_preview_is_the_real_portal_and_only_our_own_pages_may_frame_it(
    merchant: Merchant,
) -> None:
    url = merchant.url("/settings/look/_portal?colour=%23ff0000&name=Nieuwe+naam&find_nl=Welkom!")
    page = merchant.checked.client.get(url)
    assert page.status_code == 200
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    for text in ("Nieuwe naam", "Welkom!", "Zoek eerst je bestelling", " inert"):
        assert text in page.text
    css = merchant.checked.client.get(merchant.url("/settings/look/_theme.css?colour=%23ff0000"))
    assert "--brand-hue:29.2" in css.text
    settings = merchant.get("/settings")
    assert "frame-src 'self'" in settings.headers["Content-Security-Policy"]
    assert settings.find("iframe").get("src") == merchant.url("/settings/look/_portal")


@pytest.mark.parametrize("query", ["colour=}body{}", "colour=red", "name=%00", f"find_nl={EVIL}"])
def test_the_preview_takes_anything_and_stays_harmless(merchant: Merchant, query: str) -> None:
    for path in ("_portal", "_theme.css"):
        answer = merchant.checked.client.get(merchant.url(f"/settings/look/{path}?{query}"))
        assert answer.status_code == 200
        assert "<img src=x" not in answer.text
        assert "body{" not in answer.text


def test_the_preview_works_without_javascript(merchant: Merchant) -> None:
    page = merchant.get("/settings/look/colour")
    shown = merchant.submit(
        page, {"colour": "#ff0000", "look": "1"}, action="/look/colour", status=200
    )
    assert "colour=%23ff0000" in shown.find("iframe").get("src", "")
    assert "colour" not in stored(merchant).look


def test_own_words_stand_in_the_portal_as_plain_text(merchant: Merchant) -> None:
    save(merchant, "texts", find_en=f"Hello!\r\n{EVIL}", find_nl="Welkom!", done_en="Thanks.")
    page = portal(merchant)
    box = page.find(class_="own-text")
    assert "onerror" in "".join(box.itertext())
    assert "data-hx-ignore" in box.attrib
    assert box.get("dir") == "auto"
    assert "Welkom!" in portal(merchant, "nl").text
    save(merchant, "texts", find_en=None)
    assert "Hello!" in portal(merchant).text
    save(merchant, "texts", find_en=" ")
    assert "Hello!" not in portal(merchant).text
    assert save(merchant, "texts", 422, find_en="x" * 601).find(id="find_en-error") is not None


def test_a_language_switched_off_is_gone_and_its_words_are_kept(merchant: Merchant) -> None:
    save(merchant, "texts", find_en="Hello!")
    save(merchant, "languages", locales=["nl"], default_locale="nl")
    assert "Hello!" not in portal(merchant).text
    assert stored(merchant).locales == ["nl"]
    save(merchant, "texts", find_nl="Hoi!")
    assert stored(merchant).texts == {"en": {"find": "Hello!"}, "nl": {"find": "Hoi!"}}


@pytest.mark.parametrize(
    ("locales", "first", "field"),
    [(None, "nl", "locales"), (["en"], "nl", "default_locale"), (["fr"], "fr", "locales")],
)
def test_one_language_stays_and_the_first_is_one_of_them(
    merchant: Merchant, locales: object, first: str, field: str
) -> None:
    refused = save(merchant, "languages", 422, locales=locales, default_locale=first)
    assert refused.find(id=f"{field}-error") is not None
    assert stored(merchant).locales == ["nl", "en"]


def test_the_name_is_changed_everywhere(merchant: Merchant) -> None:
    save(merchant, "name", name="  Noorder \n licht ")
    assert stored(merchant).name == "Noorder licht"
    assert "Noorder licht" in portal(merchant).text
    save(merchant, "name", 422, name=" ")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_written_anew_without_what_it_says_of_itself(
    merchant: Merchant, app: Flask, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    saved = upload(merchant, picture(kind, (1600, 400), exif=exif), name="evil.svg")
    assert "Uploaded" in saved.text
    name = stored(merchant).look["logo"]
    content = (Path(app.config["DATA_DIR"]) / "logos" / name).read_bytes()
    assert b"secret place" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.width) == (kind, 1000)
        assert not image.getexif()
    with merchant.checked.client.get(f"/p/{merchant.shop.slug}/logo") as served:
        assert served.mimetype == f"image/{kind.lower()}"
    save(merchant, "logo", remove="1")
    assert "logo" not in stored(merchant).look


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG can’t be used"),
        (b"\x89PNG\r\n\x1a\n broken", "This is no PNG"),
        (picture("BMP"), "This is no PNG"),
        (picture("GIF"), "This is no PNG"),
        (picture("PNG", (2001, 2000)), "more than 4 million pixels"),
        (b"", "Choose a file"),
    ],
    ids=["svg", "broken", "bmp", "gif", "pixels", "none"],
)
def test_other_files_are_refused(merchant: Merchant, content: bytes, words: str) -> None:
    refused = upload(merchant, content, 422)
    assert words in refused.text
    assert "logo" not in stored(merchant).look


def test_a_file_of_more_than_a_megabyte_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(DomainError) as refused:
        keep_logo(picture("PNG") + b"\x00" * 1024 * 1024)
    assert refused.value.code == "logo_too_large"


def test_only_owners_change_the_look(merchant: Merchant) -> None:
    merchant.as_role("read_only")
    merchant.get("/settings/look/colour", status=403)
    merchant.post("/settings/look/colour", {"colour": "#ff0000", "version": "0"}, status=403)
    assert "colour" not in stored(merchant).look
    assert merchant.checked.client.get(merchant.url("/settings/look/_portal")).status_code == 200
