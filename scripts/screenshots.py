"""Pictures of every page and state of wizard and merchant's side, on the demo shop.

`python -m scripts.screenshots` takes the handful the README shows, into `docs/pictures`;
`python -m scripts.screenshots FOLDER` takes all, narrow and wide, light and dark, into FOLDER.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import flask_migrate
from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright
from werkzeug.serving import make_server

from returnsite import clock, create_app
from returnsite.jobs.worker import drain
from returnsite.services.demo import load_demo
from scripts.merchant_pictures import take_merchant

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
"""A Monday morning: most shops are open."""
SIZES = {390: 844, 1280: 900}
SIDE_BY_SIDE = 960
"""From this width on the summary stands beside the question instead of at the bottom."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
README = {
    390: ("find", "items", "review", "done"),
    1280: ("shipment", "inbox", "analytics", "settings"),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def main() -> int:
    """Take the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="all pictures, into this folder")
    parser.add_argument("--lang", default="en", choices=("en", "nl"))
    options = parser.parse_args()
    folder = options.folder or ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.INFO)  # neither requests nor migrations
    with clock.freeze(NOW), demo_site() as (app, url), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser())
        for scheme in SCHEMES if options.folder else SCHEMES[:1]:
            for width in SIZES:
                camera = Camera(browser, url, folder, (width, scheme, options.lang))
                take_return(camera, app)
                take_merchant(camera, app, whole=options.folder is not None)
                if options.folder:
                    take_errors(camera)
                    take_cases(camera)
                camera.close()
        browser.close()
    if not options.folder:
        keep_only_readme(folder)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


def find_browser() -> str | None:
    """The system's Chromium; None: Playwright's own."""
    named = os.environ.get("RETURNSITE_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def demo_site() -> Iterator[tuple[Flask, str]]:
    """The demo shop in a fresh folder behind a server of its own on a free port."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "DEMO": True,
                "SECRET_KEY": secrets.token_urlsafe(48),
                "DATA_DIR": folder,
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/demo.db",
                "LOOKUP_LIMIT_IP": "1000 per minute",
                "LOOKUP_LIMIT_NUMBER": "1000 per minute",
            }
        )
        with app.app_context():
            flask_migrate.upgrade(directory=str(ROOT / "migrations"))
            load_demo(history=True)
        drain(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        app.config["PUBLIC_URL"] = f"http://127.0.0.1:{server.server_port}"
        yield app, app.config["PUBLIC_URL"]
        server.shutdown()


class Camera:
    """A browser window of one width, colour scheme and language, and where its pictures go."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        folder: Path,
        kind: tuple[int, Literal["light", "dark"], str],
    ) -> None:
        self._width, scheme, lang = kind
        self._context = browser.new_context(
            base_url=url,
            viewport={"width": self._width, "height": SIZES[self._width]},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale=lang,
        )
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.new_page()
        self.url = url
        self._folder = folder
        self._suffix = f"{self._width}-{scheme}"

    def settle(self) -> None:
        """Wait until nothing is on its way any more."""
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator("[aria-busy=true]:not(#handoff)")).to_have_count(0)

    def take(self, name: str, *, whole: bool = True) -> None:
        """The page as it is now, or what a window shows of it; in few colours to stay small."""
        self.settle()
        self._draw_map()
        height = SIZES[self._width]
        if whole and self._width < SIDE_BY_SIDE:
            # A window as high as the page, so that the bar at its bottom covers nothing.
            height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": self._width, "height": height})
        self.page.mouse.move(0, 0)
        self.settle()
        png = self.page.screenshot(full_page=whole, animations="disabled")
        self.page.set_viewport_size({"width": self._width, "height": SIZES[self._width]})
        with Image.open(io.BytesIO(png)) as picture:
            small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
            small.save(self._folder / f"{name}-{self._suffix}.png", optimize=True)

    def _draw_map(self) -> None:
        """A map is drawn once it has been in view."""
        found = self.page.locator(".map:visible")
        if found.count():
            found.scroll_into_view_if_needed()
            found.locator(".leaflet-marker-icon").first.wait_for()

    def find(self, number: str, postcode: str) -> None:
        """Look an order up, from the first page."""
        self.page.goto("/p/demo/")
        self.page.locator("#number").fill(number)
        self.page.locator("#postcode").fill(postcode)
        self.send()

    def send(self, button: str = "#continue") -> None:
        """Press the step's button and wait until the answer stands."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.page.locator(button).click()
        self.settle()

    def item(self, title: str) -> None:
        """Choose an item by its name."""
        self.page.locator("label.item-name", has_text=title).first.click()
        self.settle()

    def line(self, title: str) -> str:
        """The id of a line on the steps that ask something for each line."""
        block = self.page.locator(".line-block", has_text=title)
        field = block.locator("select, input").first.get_attribute("name") or ""
        return field.split("-", 1)[1]

    def close(self) -> None:
        """End the window."""
        self._context.close()


def broken_seam() -> FilePayload:
    """A drawn photo to add to a reason."""
    image = Image.new("RGB", (640, 480), (120, 140, 165))
    draw = ImageDraw.Draw(image)
    draw.line((0, 250, 640, 230), fill=(80, 98, 122), width=6)
    draw.ellipse((290, 200, 370, 280), fill=(45, 52, 64))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return {"name": "seam.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def take_return(camera: Camera, app: Flask) -> None:
    """A whole return, from the first page to the status page, and taken back in the end."""
    choose_items(camera)
    give_reasons(camera)
    choose_refund(camera)
    choose_point(camera)
    camera.take("review")
    camera.send("#confirm")
    camera.page.wait_for_url("**/done")
    drain(app)
    camera.page.reload()
    camera.take("done")
    camera.page.goto(camera.page.url.removesuffix("/done"))
    camera.take("status")
    # So that the next window finds the order as it was.
    camera.page.locator("#cancel-toggle").click()
    camera.send("#cancel-return")
    camera.take("cancelled")


def choose_items(camera: Camera) -> None:
    """The first page, then two things from two parcels."""
    camera.page.goto("/p/demo/")
    camera.take("find")
    camera.find("3SDEVC 4821 70002", "2611 GX")
    camera.item("Regenjas Fjord")
    camera.item("Merino T-shirt Skog")
    camera.take("items")
    camera.send()


def give_reasons(camera: Camera) -> None:
    """Too small, and damaged with a photo."""
    jacket, shirt = camera.line("Regenjas Fjord"), camera.line("Merino T-shirt Skog")
    page = camera.page
    page.locator(f"#reason-{jacket}").select_option("too_small")
    page.locator(f"#reason-{shirt}").select_option("damaged")
    page.locator(f"#comment-{shirt}").fill("Er zit een gat bij de naad onder de linkermouw.")
    page.locator(f"#photo-{shirt}").set_input_files(broken_seam())
    camera.take("reasons")
    camera.send()


def choose_refund(camera: Camera) -> None:
    """Per item: a larger jacket, and store credit for the shirt."""
    page = camera.page
    page.locator("#all-per_line").check()
    jacket, shirt = camera.line("Regenjas Fjord"), camera.line("Merino T-shirt Skog")
    page.locator(f"input[name=resolution-{jacket}][value=exchange]").check()
    page.locator(f"input[name=variant-{jacket}][value=FJORD-DENN-L]").check()
    page.locator(f"input[name=resolution-{shirt}][value=credit]").check()
    camera.take("refund")
    camera.send()


def choose_point(camera: Camera) -> None:
    """The nearest point, with the list of others open."""
    camera.page.locator("#method-drop_off_point").check()
    camera.page.locator("#finder-toggle").click()
    camera.take("shipment")
    camera.send()


def take_errors(camera: Camera) -> None:
    """Every step sent in empty, a search that finds nothing, and a page that is not there."""
    camera.page.goto("/p/demo/")
    camera.send()
    camera.take("find-error")
    camera.find("NL-99999", "2611 GX")
    camera.take("find-miss")
    camera.find("#1001", "3011 AB")
    for step in ("items", "reasons", "refund", "shipment"):
        camera.send()
        camera.take(f"{step}-error")
        answer_shortly(camera, step)
    camera.page.goto("/p/demo/r/no-such-return/items")
    camera.take("not-found")


def answer_shortly(camera: Camera, step: str) -> None:
    """The shortest right answer to a step."""
    page = camera.page
    match step:
        case "items":
            page.locator("input[name=line]:enabled ~ .item-text label").first.click()
        case "reasons":
            page.locator("select[name^=reason]").first.select_option("too_large")
        case "refund":
            page.locator("#all-money").check()
        case _:
            page.locator("#method-in_store").check()
            page.locator("input[name=store]").first.check()
    camera.send()


def take_cases(camera: Camera) -> None:
    """Orders with something special, as far as the page that shows it."""
    for name, number, postcode in (
        ("items-forty", "NL-48301", "3511 MN"),
        ("items-long", "NL-48315", "2611 ZZ"),
        ("items-unsent", "NL-48251", "3039 CD"),
        ("items-too-late", "NL-48102", "1053 AB"),
        ("items-hygiene", "NL-48160", "3572 XZ"),
        ("all-back", "NL-48199", "2611 HB"),
        ("cancelled-order", "NL-48240", "1011 AB"),
        ("closed-country", "CH-70001", "8001"),
    ):
        camera.find(number, postcode)
        camera.take(name)
    for name, number, postcode, method in (
        ("shipment-labelless", "DE-20411", "10115", "drop_off_labelless"),
        ("shipment-pickup", "NL-48341", "3572 AB", "pickup"),
        ("shipment-store", "NL-48280", "2611 KL", "in_store"),
        ("shipment-no-point", "SE-80001", "11129", "drop_off_point"),
        ("shipment-france", "FR-40021", "75003", "drop_off_point"),
    ):
        camera.find(number, postcode)
        for step in ("items", "reasons", "refund"):
            answer_shortly(camera, step)
        camera.page.locator(f"#method-{method}").check()
        camera.take(name)


def keep_only_readme(folder: Path) -> None:
    """The README shows some pages, each in one width."""
    shown = {f"{name}-{width}-light.png" for width, names in README.items() for name in names}
    for path in folder.glob("*.png"):
        if path.name not in shown:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
