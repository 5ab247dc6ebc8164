"""The page of a task: it follows the work by itself, and says what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.models import Task
from returnsite.web.merchant import tasks as pages
from tests.harness import Page
from tests.merchant import Merchant


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind `test`, whose result and way back are the settings page."""
    kind = pages.Kind(
        title=lambda: "Counting sheep",
        back="merchant.settings",
        back_text=lambda: "Settings",
        result="merchant.task",
        result_text=lambda: "See the sheep",
    )
    monkeypatch.setattr(pages, "KINDS", {"test": kind})


@pytest.fixture
def task(session: Session, shop: Any, factories: Any) -> Task:
    made: Task = factories.make_task(session, shop, total=3000)
    session.commit()
    return made


def polls(page: Page) -> list[str | None]:
    return [e.get("data-hx-get") for e in page.find_all(data_hx_trigger="every 1s")]


def test_a_running_task_asks_for_itself_and_shows_how_far_it_is(
    merchant: Merchant, session: Session, task: Task
) -> None:
    task.state, task.done = "running", 1200
    session.commit()
    merchant.get("/settings")  # the settings of a shop are kept by the process
    page = merchant.get(f"/tasks/{task.id}", max_queries=4)
    assert page.find("h1").text == "Counting sheep"
    assert "1,200 of 3,000" in page.text
    bar = page.find("progress")
    assert (bar.get("max"), bar.get("value")) == ("3000", "1200")
    assert polls(page) == [merchant.url(f"/tasks/{task.id}/_progress")]
    part = merchant.get_fragment(f"/tasks/{task.id}/_progress")
    assert polls(part) == polls(page)
    assert not part.find_all(data_hx_swap_oob="innerHTML"), "the stop button keeps the focus"


def test_without_a_known_end_the_bar_only_shows_that_something_happens(
    merchant: Merchant, session: Session, task: Task
) -> None:
    task.state, task.done, task.total = "running", 12, 0
    session.commit()
    assert merchant.get(f"/tasks/{task.id}").find("progress").get("value") is None


def test_what_is_over_asks_no_more_and_leads_to_its_result(
    merchant: Merchant, session: Session, task: Task
) -> None:
    task.state, task.done = "done", 3000
    session.commit()
    for page in (
        merchant.get(f"/tasks/{task.id}"),
        merchant.get_fragment(f"/tasks/{task.id}/_progress"),
    ):
        assert not polls(page)
        assert "See the sheep" in page.text
        assert not page.find_all("progress")
    part = merchant.get_fragment(f"/tasks/{task.id}/_progress")
    assert part.find(data_hx_swap_oob="innerHTML").get("id") == f"task-{task.id}-actions"


def test_what_failed_says_why_and_leads_back(
    merchant: Merchant, session: Session, task: Task
) -> None:
    task.state, task.error = "failed", "The flock is <gone>."
    session.commit()
    page = merchant.get(f"/tasks/{task.id}")
    assert "The flock is <gone>." in page.text
    assert "See the sheep" not in page.text
    assert page.find_all("a", href=merchant.url("/settings"), class_="button")


def test_stopping_is_told_and_twice_is_once(
    merchant: Merchant, session: Session, task: Task
) -> None:
    page = merchant.get(f"/tasks/{task.id}")
    stopped = merchant.follow(merchant.submit(page, action="/stop"))
    assert "Stopped" in stopped.text
    again = merchant.follow(merchant.submit(page, action="/stop"))
    assert "Stopped" in again.text
    session.refresh(task)
    assert task.state == "stopped"


def test_somebody_who_only_looks_sees_it_and_cannot_stop_it(merchant: Merchant, task: Task) -> None:
    looker = merchant.as_role("read_only")
    page = looker.get(f"/tasks/{task.id}")
    assert not page.find_all("form", action=merchant.url(f"/tasks/{task.id}/stop"))
    looker.post(f"/tasks/{task.id}/stop", {}, status=403)


def test_a_kind_this_version_does_not_know_is_shown_all_the_same(
    merchant: Merchant, session: Session, task: Task
) -> None:
    task.kind = "of_the_future"
    session.commit()
    assert "Work in the background" in merchant.get(f"/tasks/{task.id}").text


@pytest.mark.parametrize("number", ["0", "-1", "9999999999999999999999", "1.5", "x"])
def test_an_address_that_is_no_number_is_not_found(merchant: Merchant, number: str) -> None:
    merchant.get(f"/tasks/{number}", status=404)
