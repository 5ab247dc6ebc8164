"""What must hold on every page in every state: axe, valid HTML, big targets, no sideways scroll."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import DESKTOP, PHONE, with_javascript
from tests.e2e.servers import Recorder
from tests.e2e.states import GROUPS, Stage, State
from tests.e2e.world import World
from tests.html_checks import check_fragment, check_page

# Presses around the middle of each control and notes where that does not reach it. Links within
# a text are as high as its lines.
TIGHT_CONTROLS = """
(size) => {
  const inText = (el) => el.matches("a") && el.closest("p, li, dd, label")
      && !el.matches(".button, .back-link") && !el.closest(".link-list");
  const hidden = (el) => !el.checkVisibility() || el.closest(".visually-hidden, .skip-link")
      || el.disabled || el.matches("[type=hidden]");
  const reached = (el, x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (el.contains(hit) || hit.closest("label")?.control === el);
  };
  const far = size / 2 - 1;
  const around = [[0, -far], [0, far], [-far, 0], [far, 0]];
  const tight = (el) => {
    const box = el.getBoundingClientRect();
    const middle = [box.x + box.width / 2, box.y + box.height / 2];
    return around.some(([dx, dy]) => !reached(el, middle[0] + dx, middle[1] + dy));
  };
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((el) => !hidden(el) && !inText(el) && tight(el))
    .map((el) => el.outerHTML.slice(0, 150));
}
"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@with_javascript
@pytest.mark.parametrize("group", GROUPS)
def test_pages_are_valid_accessible_and_fit(
    group: str, page: Page, world: World, clock: Any, recorder: Recorder
) -> None:
    for state in GROUPS[group]:
        recorder.answers.clear()
        page.set_viewport_size(PHONE)
        state(Stage(world, page, clock))
        check_html(recorder)
        check_sizes(page, state)
        for viewport in (PHONE, DESKTOP):
            show_whole(page, viewport["width"])
            assert_accessible(page)


def check_html(recorder: Recorder) -> None:
    for answer in recorder.answers:
        check = check_fragment if answer.is_fragment else check_page
        check(answer.url, answer.html)


def show_whole(page: Page, width: int) -> None:
    """Make the window as high as the page, so that the bar at its bottom covers nothing."""
    page.set_viewport_size({"width": width, "height": 800})
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": max(whole, 800)})


def check_sizes(page: Page, state: State) -> None:
    show_whole(page, PHONE["width"])
    tight = page.evaluate(TIGHT_CONTROLS, 44)
    assert not tight, f"{state.__name__}: hard to press\n" + "\n".join(tight)
    for width in (320, PHONE["width"], 768, DESKTOP["width"]):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(SIDEWAYS) <= 0, f"{state.__name__} scrolls sideways at {width} px"
