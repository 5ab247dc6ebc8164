"""The checks of pages find what they are there to find."""

from __future__ import annotations

import pytest

from tests.html_checks import check_fragment, check_page

PAGE = """<!doctype html><html lang="en"><head><title>Find your order</title></head>
<body><main>{}</main></body></html>"""
FORM = (
    '<form method="post" action="/next" novalidate data-hx-post="/next" data-hx-sync="this:drop">'
    '<label for="number">Number</label><input id="number" name="number"></form>'
)


def test_a_good_page_and_its_fragment_pass() -> None:
    check_page("/", PAGE.format(FORM))
    check_fragment("/", FORM)


@pytest.mark.parametrize(
    ("inside", "complaint"),
    [
        ("<p>one<div>two</p></div>", "invalid HTML"),
        ('<p id="a"></p><p id="a"></p>', "used twice"),
        ('<input name="number">', "no label"),
        ('<label>Number</label><input id="n">', "no label"),
        ('<p aria-describedby="gone">x</p>', "missing"),
        ('<p style="color:red">x</p>', "inline style"),
        ('<a href="/" onclick="go()">x</a>', "onclick"),
        ('<p hx-get="/x">x</p>', "hx-get"),
        (FORM.replace('method="post" ', ""), "method=post"),
        (FORM.replace('action="/next" ', ""), "needs an action"),
        (FORM.replace("novalidate ", ""), "novalidate"),
        (FORM.replace(' data-hx-sync="this:drop"', ""), "data-hx-sync"),
    ],
)
def test_a_fault_in_a_page_is_found(inside: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check_page("/", PAGE.format(inside))


@pytest.mark.parametrize("inside", ["<label>Number <input></label>", '<input aria-label="Number">'])
def test_a_field_may_be_named_in_other_ways(inside: str) -> None:
    check_fragment("/", inside)


def test_a_whole_page_is_no_fragment_and_a_fragment_no_page() -> None:
    with pytest.raises(AssertionError, match="whole page"):
        check_fragment("/", PAGE.format(""))
    with pytest.raises(AssertionError, match="no doctype"):
        check_page("/", FORM)


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (PAGE.replace(' lang="en"', ""), "lang"),
        (PAGE.replace("Find your order", ""), "title"),
        (PAGE.replace("main", "div"), "<main>"),
    ],
)
def test_a_page_needs_language_title_and_main(page: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check_page("/", page.format(""))
