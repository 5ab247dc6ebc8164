"""The checking client reads forms as a browser does and counts what it should."""

from __future__ import annotations

import pytest
from flask import Flask, Response, request
from sqlalchemy import create_engine, text
from werkzeug.datastructures import MultiDict

from tests.harness import CheckedClient, count_queries

PAGE = """<!doctype html><html lang="en"><head><title>Items</title></head>
<body><main>{}</main></body></html>"""
FORM = """<form method="post" action="/sent"><input type="hidden" name="token" value="t">
<label>A <input type="checkbox" name="line" value="1" checked></label>
<label>B <input type="checkbox" name="line" value="2"></label>
<label>C <select name="size"><option value="s">S</option>
<option value="m" selected>M</option></select></label>
<label>D <textarea name="note">
Hello</textarea></label><label>E <input name="off" disabled value="x"></label>
<button name="less" value="1">Less</button></form>"""


@pytest.fixture
def site() -> CheckedClient:
    app = Flask(__name__)

    @app.get("/form")
    def form() -> Response:
        fragment = request.headers.get("HX-Request-Type") == "partial"
        response = Response(FORM if fragment else PAGE.format(FORM))
        if "novary" not in request.args:
            response.vary.update(["HX-Request", "HX-Request-Type"])
        return response

    @app.post("/sent")
    def sent() -> Response:
        body = "&".join(f"{name}={value}" for name, value in request.form.items(multi=True))
        return Response(body, mimetype="text/plain")

    return CheckedClient(app.test_client())


def test_a_form_is_sent_as_it_stands_on_the_page(site: CheckedClient) -> None:
    answer = site.submit(site.get("/form"), status=200)
    assert answer.html == "token=t&line=1&size=m&note=Hello"


def test_changes_replace_repeat_or_leave_out_fields(site: CheckedClient) -> None:
    changes = {"line": ["1", "2"], "size": None, "note": ""}
    assert site.submit(site.get("/form"), changes, status=200).html == "token=t&line=1&line=2&note="


def test_the_fragment_of_a_page_is_asked_too(site: CheckedClient) -> None:
    page = site.get("/form")
    assert page.fragment is not None
    assert page.fragment.form().data == MultiDict(page.form().data)


def test_a_page_that_a_cache_would_mix_up_fails(site: CheckedClient) -> None:
    with pytest.raises(AssertionError, match="Vary"):
        site.get("/form?novary=1")


def test_an_unexpected_status_fails(site: CheckedClient) -> None:
    with pytest.raises(AssertionError, match="404, not 200"):
        site.get("/nothing")


def test_queries_are_counted_without_transaction_control() -> None:
    engine = create_engine("sqlite://")
    with count_queries() as queries, engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys")
        connection.execute(text("SELECT 1"))
        connection.execute(text("SELECT 2"))
    engine.dispose()
    assert queries == ["SELECT 1", "SELECT 2"]
