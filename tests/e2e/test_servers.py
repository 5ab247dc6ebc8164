"""The two servers of the browser tests show the same portal, and watching it notices faults."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import NewContext


def test_the_first_page_is_shown_and_accessible(page: Page, shop: Any) -> None:
    page.goto(f"/p/{shop.slug}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)


def test_two_processes_serve_the_rows_of_the_test(gunicorn_server: str, shop: Any) -> None:
    with urllib.request.urlopen(f"{gunicorn_server}/p/{shop.slug}/", timeout=10) as answer:
        assert shop.name in answer.read().decode()


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<script>throw Error('broken')</script>", "script"),
        ("<script>console.error('broken')</script>", "console"),
        ("<img src='http://other.example/a.png' alt=''>", "another server"),
    ],
)
def test_a_fault_in_the_browser_is_noticed(
    new_context: NewContext, browser_faults: list[str], html: str, complaint: str
) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=f"<!doctype html><title>x</title>{html}", content_type="text/html")

    page = new_context().new_page()
    page.route("**/*", answer)
    page.goto("http://127.0.0.1/faulty", wait_until="load")
    assert any(complaint in fault for fault in browser_faults), browser_faults
    browser_faults.clear()
