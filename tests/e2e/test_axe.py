"""The accessibility check itself can fail, with and without JavaScript on the page."""

from __future__ import annotations

import pytest

from tests.e2e.axe import assert_accessible, violations
from tests.e2e.conftest import NewContext

GOOD = """<!doctype html><html lang="en"><title>Good</title><main><h1>Return an order</h1>
<p>Text</p></main></html>"""
BAD = """<!doctype html><html lang="en"><title>Bad</title><main><h1>Return an order</h1>
<input name="number"><a href="#a" style="display:inline-block;width:8px;height:8px">.</a><a
href="#b" style="display:inline-block;width:8px;height:8px">.</a></main></html>"""


PALE = """<!doctype html><html lang="en"><title>Pale</title><style>
@media (prefers-color-scheme: dark) { body { background: #000; color: #222; } }</style>
<main><h1>Return an order</h1><p>Text</p></main></html>"""


def test_a_field_without_label_and_a_tiny_target_are_reported(new_context: NewContext) -> None:
    page = new_context().new_page()
    page.set_content(BAD)
    found = "\n".join(violations(page))
    assert "label (critical)" in found
    assert "target-size (serious)" in found


@pytest.mark.parametrize("javascript", [True, False])
def test_a_page_is_checked_with_and_without_scripts(
    new_context: NewContext, javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    page.route("**/good", lambda route: route.fulfill(body=GOOD, content_type="text/html"))
    page.route("**/bad", lambda route: route.fulfill(body=BAD, content_type="text/html"))
    page.goto("http://127.0.0.1/good")
    assert_accessible(page)
    page.goto("http://127.0.0.1/bad")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)


def test_what_cannot_be_read_in_the_dark_theme_alone_is_reported(new_context: NewContext) -> None:
    page = new_context().new_page()
    page.set_content(PALE)
    with pytest.raises(AssertionError, match=r"(?s)\(dark\).*color-contrast \(serious\)"):
        assert_accessible(page)
