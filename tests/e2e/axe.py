"""Accessibility of a page in the browser, by axe-core (vendored for tests only)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Frame, Page

SOURCE = Path(__file__).parents[1] / "vendor/axe-core@4.14.1/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": [*STANDARDS, "best-practice"]},
    "rules": {"target-size": {"enabled": True}},  # off by default
    "resultTypes": ["violations"],
    "preload": False,  # it would read style sheets through inline styles, which our policy forbids
}
# Themes differ in nothing but colour, and these are the rules that look at it.
COLOURS = {
    **OPTIONS,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "rules": {},
}
GRAVE = {"serious", "critical"}
Theme = Literal["light", "dark"]


def violations(page: Page | Frame) -> list[str]:
    """What axe objects to, one readable text each; advice counts only where it is grave."""
    page.evaluate(_source())
    return _run(page, OPTIONS)


def assert_accessible(page: Page, *, themes: tuple[Theme, ...] = ("light", "dark")) -> None:
    """Fail with a list when axe objects to the page as it now stands, in either theme."""
    with _scriptable(page) as checked:
        checked.evaluate(_source())
        for theme in themes:
            checked.emulate_media(color_scheme=theme)
            found = _run(checked, OPTIONS if theme == themes[0] else COLOURS)
            assert not found, f"{page.url} ({theme}):\n" + "\n".join(found)
        checked.emulate_media(color_scheme="null")


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8") + ";0"


def _run(page: Page | Frame, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [_describe(each) for each in found if _counts(each)]


@contextmanager
def _scriptable(page: Page) -> Iterator[Page]:
    """The page, or where it has no JavaScript the same HTML in one that has: axe needs timers."""
    if not page.evaluate("matchMedia('(scripting: none)').matches"):
        yield page
        return
    browser = page.context.browser
    assert browser is not None
    # Without motion: a colour read half-way between two themes is neither of them.
    with browser.new_context(viewport=page.viewport_size, reduced_motion="reduce") as context:
        twin = context.new_page()
        html = page.content()
        twin.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html"))
        twin.goto(page.url)
        yield twin


def _counts(violation: dict[str, Any]) -> bool:
    return bool(set(STANDARDS) & set(violation["tags"])) or violation["impact"] in GRAVE


def _describe(violation: dict[str, Any]) -> str:
    places = [
        f"    {' '.join(map(str, n['target']))}: {n['html'][:160]}" for n in violation["nodes"]
    ]
    return "\n".join([f"  {violation['id']} ({violation['impact']}): {violation['help']}", *places])
