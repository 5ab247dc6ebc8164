"""The card of look and languages, and the portal as it would be."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from returnsite import clock as product_clock
from returnsite.domain.errors import DomainError
from returnsite.services.settings.logos import (
    clear_pending,
    clear_replaced,
    find_pending,
    keep_logo,
    put_aside,
)
from tests import factories
from tests.conftest import TestClock, on_one_database
from tests.harness import Page
from tests.merchant import Merchant, stored

pytestmark = on_one_database

EVIL = '<img src=x onerror=alert(1)> {{ 7*7 }} data-hx-get="/x"'


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


def choose(merchant: Merchant, content: bytes, status: int = 200, **more: str) -> Page:
    """Choose a logo and look at it, as a press on "Show preview" and the browser's scripts do."""
    page = merchant.get_fragment("/settings/look/logo")
    changes = {"logo": (io.BytesIO(content), "x.png"), "look": "1", **more}
    return merchant.submit(page, changes, action="/look/logo", status=status, fragment=True)


def shown_logo(merchant: Merchant, answer: Page) -> str | None:
    """The address of the logo in the portal that an answer shows beside the cards."""
    frame = answer.find("iframe", class_="portal-frame")
    portal = merchant.checked.client.get(str(frame.get("src")))
    found = re.search(r'src="(/[^"]*logo[^"]*)"', portal.text)
    return found[1] if found else None


def test_a_chosen_logo_shows_in_the_portal_before_it_is_saved(merchant: Merchant) -> None:
    looked = choose(merchant, picture("PNG"))
    assert "not saved yet" in looked.text
    url = shown_logo(merchant, looked)
    assert url
    with merchant.checked.client.get(url) as served:
        assert served.mimetype == "image/png"
    assert "logo" not in stored(merchant).look
    saved = merchant.submit(looked, action="/look/logo", status=200, fragment=True)
    assert "Uploaded" in saved.text
    name = stored(merchant).look["logo"]
    assert url.endswith(name)
    with merchant.checked.client.get(f"/p/{merchant.shop.slug}/logo") as served:
        assert served.status_code == 200


def test_a_chosen_logo_that_is_left_changes_nothing(merchant: Merchant) -> None:
    upload(merchant, picture("PNG"))
    before = stored(merchant).look["logo"]
    looked = choose(merchant, picture("WEBP"))
    assert shown_logo(merchant, looked) != shown_logo(merchant, merchant.get("/settings"))
    without = choose(merchant, b"", remove="1")
    assert shown_logo(merchant, without) is None
    left = merchant.get_fragment("/settings/look")
    assert shown_logo(merchant, left) == shown_logo(merchant, merchant.get("/settings"))
    assert stored(merchant).look["logo"] == before


def test_a_chosen_file_that_is_no_picture_is_refused_at_once(merchant: Merchant) -> None:
    looked = choose(merchant, picture("PNG"))
    changes = {"logo": (io.BytesIO(b"<svg/>"), "x.svg"), "look": "1"}
    refused = merchant.submit(looked, changes, action="/look/logo", status=422, fragment=True)
    assert "SVG can’t be used" in refused.text
    # The one before is still there to be saved.
    merchant.submit(refused, action="/look/logo", status=200, fragment=True)
    assert stored(merchant).look["logo"]


def test_a_chosen_logo_waits_a_day_and_is_then_thrown_away(
    merchant: Merchant, clock: TestClock
) -> None:
    looked = choose(merchant, picture("PNG"))
    name, now = looked.form(action="/look/logo").data["pending"], product_clock.now()
    clock.set(now + timedelta(hours=23))
    clear_pending()
    assert find_pending(shop_id=merchant.shop.id, name=name)
    clock.advance(hours=2)
    assert clear_pending() >= 1
    assert not find_pending(shop_id=merchant.shop.id, name=name)
    clock.set(now)
    refused = merchant.submit(looked, action="/look/logo", status=422, fragment=True)
    assert "Choose it again" in refused.text


def test_a_former_logo_goes_once_it_cannot_be_brought_back(
    app: Flask, merchant: Merchant, clock: TestClock
) -> None:
    names = []
    for width in range(3):
        saved = upload(merchant, picture("PNG", size=(40 + width, 20)))
        names.append(stored(merchant).look["logo"])
    folder = Path(app.config["DATA_DIR"]) / "logos"

    def kept() -> list[bool]:
        return [(folder / name).exists() for name in names]

    now = product_clock.now()
    clear_replaced()
    assert kept() == [True] * 3, "what was written today may be named tomorrow"
    clock.set(now + timedelta(days=2))
    assert clear_replaced() >= 1
    assert kept() == [False, True, True]
    clock.set(now)
    merchant.submit(saved, action="/look/undo", status=200, fragment=True)
    assert stored(merchant).look["logo"] == names[1]
    clock.set(now + timedelta(days=2))
    clear_replaced()
    assert kept() == [False, True, False]
    with merchant.checked.client.get(f"/p/{merchant.shop.slug}/logo") as served:
        assert served.status_code == 200


def test_a_logo_another_shop_has_chosen_is_not_there(merchant: Merchant) -> None:
    rival = factories.make_shop(merchant.session, slug="rival")
    name = put_aside(shop_id=rival.id, content=picture("PNG"))
    merchant.get(f"/settings/look/_logo/{name}", status=404)
    page = merchant.get("/settings/look/logo")
    for pending in (name, "../1/x.png", "x" * 9999, "\x00"):
        merchant.submit(page, {"pending": pending}, action="/look/logo", status=422, fragment=True)
    portal = merchant.checked.client.get(merchant.url(f"/settings/look/_portal?logo={name}"))
    assert name not in portal.text


def test_a_logo_is_looked_at_and_saved_without_javascript(merchant: Merchant) -> None:
    page = merchant.get("/settings/look/logo")
    changes = {"logo": (io.BytesIO(picture("PNG")), "x.png"), "look": "1"}
    looked = merchant.submit(page, changes, action="/look/logo", status=200)
    assert "not saved yet" in looked.text
    assert shown_logo(merchant, looked)
    merchant.submit(looked, action="/look/logo")
    assert stored(merchant).look["logo"]


def test_only_owners_change_the_look(merchant: Merchant) -> None:
    merchant.as_role("read_only")
    merchant.get("/settings/look/colour", status=403)
    merchant.post("/settings/look/colour", {"colour": "#ff0000", "version": "0"}, status=403)
    assert "colour" not in stored(merchant).look
    assert merchant.checked.client.get(merchant.url("/settings/look/_portal")).status_code == 200
