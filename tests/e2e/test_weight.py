"""What a first visit costs: bytes, requests and nothing from anybody else."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response, expect

from tests.e2e.conftest import with_javascript
from tests.e2e.pages.wizard import FIND, ITEMS, Wizard
from tests.e2e.world import SHIRT, World

FIRST_STEP = 60_000
"""Bytes of a cold first step, compressed as any web server in front does it."""


@with_javascript
def test_a_cold_first_step_is_light_and_comes_from_one_server(
    page: Page, wizard: Wizard, world: World
) -> None:
    world.order(SHIRT, number="#1")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(world.path, wait_until="networkidle")
    expect(wizard.heading).to_have_text(FIND)
    weights = {answer.url: weight(answer) for answer in answers}
    assert sum(weights.values()) <= FIRST_STEP, weights
    assert {urlsplit(url).netloc for url in weights} == {urlsplit(page.url).netloc}
    answers.clear()
    wizard.find("1", "1012 JS")
    wizard.arrived(ITEMS)
    assert sum(map(weight, answers)) <= FIRST_STEP / 4, "the next step reuses what is there"


def weight(answer: Response) -> int:
    return len(gzip.compress(answer.body(), 6)) if answer.ok else 0
