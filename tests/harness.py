"""The checking client: integration tests walk the site with it and each page is checked.

`CheckedClient.get` asks every page twice, whole and as the fragment HTMX would ask, and checks both
(`tests/html_checks.py`). `Page` offers what a test wants to look at, and `submit` sends a form the
way a browser would: every field of the page, hidden ones included, with the test's changes.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import TestResponse

from tests.html_checks import check_fragment, check_page, elements

FRAGMENT_HEADERS = {"HX-Request": "true", "HX-Request-Type": "partial"}
VARY = {"hx-request", "hx-request-type"}
UNCOUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "SHOW", "SET ")


class IsolatedClient(FlaskClient):
    """A client whose requests get their own application context, as they do on a server.

    Flask would otherwise reuse the context a test has open, so `g` and the database session of one
    request would be seen by the next. The test's own session is committed first: the request reads
    what the test made, no lock is held against it, and the test reads afresh afterwards.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request; arguments as werkzeug's `Client.open`."""
        if has_app_context():
            from returnsite.extensions import db

            db.session.commit()
        send: Callable[..., TestResponse] = super().open
        return contextvars.Context().run(send, *args, **kwargs)


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Collect the SQL statements run inside the block (transaction control left out)."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(UNCOUNTED):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@dataclass
class Form:
    """A form as it stands on a page: where it goes and what it would send."""

    element: Element
    action: str
    method: str
    data: MultiDict[str, Any]


@dataclass
class Page:
    """One answer. `root` is the parsed tree, None where the answer is no HTML."""

    url: str
    status: int
    headers: Headers
    body: bytes
    root: Element | None
    queries: list[str] = field(default_factory=list)
    fragment: Page | None = None

    @property
    def html(self) -> str:
        """The answer as text."""
        return self.body.decode()

    @property
    def location(self) -> str:
        """The path this answer sends the browser to (303, or HX-Redirect for a fragment)."""
        target = self.headers.get("Location") or self.headers.get("HX-Redirect")
        assert target, f"{self.url}: {self.status} without a place to go"
        return urljoin(self.url, target)

    @property
    def text(self) -> str:
        """What a person reads, with single spaces."""
        return text_of(self._tree())

    def find_all(self, tag: str | None = None, **attributes: str | None) -> list[Element]:
        """Elements by tag and attributes; `class_` matches one class, `_` stands for `-`."""
        return [
            e for e in elements(self._tree()) if tag in (None, e.tag) and _matches(e, attributes)
        ]

    def find(self, tag: str | None = None, **attributes: str | None) -> Element:
        """The only element that matches."""
        found = self.find_all(tag, **attributes)
        assert len(found) == 1, f"{self.url}: {len(found)} × {tag or '*'} {attributes}"
        return found[0]

    def form(self, element_id: str | None = None, *, action: str | None = None) -> Form:
        """A form by id or by (the end of) its action; the only POST form when neither is given."""
        forms = self.forms()
        if element_id is None and action is None:
            forms = [each for each in forms if each.method == "post"]
        if element_id is not None:
            forms = [each for each in forms if each.element.get("id") == element_id]
        if action is not None:
            forms = [each for each in forms if urlsplit(each.action).path.endswith(action)]
        assert len(forms) == 1, f"{self.url}: {len(forms)} forms match"
        return forms[0]

    def forms(self) -> list[Form]:
        """Every form of the page."""
        return [self._read_form(element) for element in self.find_all("form")]

    def _read_form(self, element: Element) -> Form:
        action = urljoin(self.url, element.get("action") or self.url)
        method = (element.get("method") or "get").lower()
        outside = self.find_all(form=element.get("id")) if element.get("id") else []
        sent = [*_sent_fields(element), *(pair for each in outside for pair in _sent_fields(each))]
        return Form(element, action, method, MultiDict(sent))

    def _tree(self) -> Element:
        assert self.root is not None, f"{self.url}: {self.headers.get('Content-Type')} is no HTML"
        return self.root


def text_of(element: Element) -> str:
    """The readable text in an element, with single spaces."""
    skipped = {"script", "style", "template", "title"}

    def parts(each: Element) -> Iterator[str]:
        if isinstance(each.tag, str) and each.tag.rpartition("}")[2] not in skipped:
            yield each.text or ""
            for child in each:
                yield from parts(child)
                yield child.tail or ""

    return " ".join(" ".join(parts(element)).split())


def _matches(element: Element, attributes: Mapping[str, str | None]) -> bool:
    for name, wanted in attributes.items():
        if name == "class_":
            if wanted not in element.get("class", "").split():
                return False
        elif element.get(name.rstrip("_").replace("_", "-")) != wanted:
            return False
    return True


def _sent_fields(form: Element) -> Iterator[tuple[str, str]]:
    """The name and value pairs a browser would send without pressing a named button."""
    for element in elements(form):
        name, kind = element.get("name"), element.get("type", "text")
        if not name or "disabled" in element.attrib:
            continue
        if element.tag == "select":
            yield from ((name, value) for value in _selected(element))
        elif element.tag == "textarea":
            yield name, (element.text or "").removeprefix("\n")
        elif element.tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in element.attrib:
                yield name, element.get("value", "on")
        elif element.tag == "input" and kind not in ("submit", "button", "reset", "image", "file"):
            yield name, element.get("value", "")


def _selected(select: Element) -> list[str]:
    options = [each for each in elements(select) if each.tag == "option"]
    chosen = [each for each in options if "selected" in each.attrib]
    if not chosen and "multiple" not in select.attrib:
        chosen = options[:1]
    return [each.get("value", text_of(each)) for each in chosen]


class CheckedClient:
    """Walks the site and checks every page it is given."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(
        self, url: str, *, status: int = 200, max_queries: int | None = None, container: str = "div"
    ) -> Page:
        """Ask a page whole and as a fragment, check both; the fragment is `page.fragment`."""
        page = self._send("GET", url, status, headers={})
        if page.root is not None:
            page.fragment = self._send(
                "GET", url, status, headers=FRAGMENT_HEADERS, container=container
            )
        counted = max(len(page.queries), len(page.fragment.queries) if page.fragment else 0)
        assert max_queries is None or counted <= max_queries, (
            f"{url}: {counted} queries, {max_queries} allowed:\n" + "\n".join(page.queries)
        )
        return page

    def get_fragment(self, url: str, *, status: int = 200, container: str = "div") -> Page:
        """Ask an address that only ever answers HTMX (its path has an underscore)."""
        return self._send("GET", url, status, headers=FRAGMENT_HEADERS, container=container)

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | MultiDict[str, Any],
        *,
        status: int = 303,
        fragment: bool = False,
        **options: Any,
    ) -> Page:
        """Send a form once, as HTMX would (`fragment=True`) or as a plain browser."""
        headers = {"Sec-Fetch-Site": "same-origin", **(FRAGMENT_HEADERS if fragment else {})}
        return self._send("POST", url, status, headers=headers, data=data, **options)

    def submit(
        self,
        page: Page,
        changes: Mapping[str, Any] | None = None,
        *,
        form: str | None = None,
        action: str | None = None,
        status: int = 303,
        fragment: bool = False,
    ) -> Page:
        """Fill in `page`'s form and send it; None leaves a field out, a list repeats it."""
        filled = page.form(form, action=action)
        for name, value in (changes or {}).items():
            filled.data.setlist(name, value if isinstance(value, list) else [value])
            if value is None:
                del filled.data[name]
        if filled.method == "get":
            return self.get(f"{filled.action}?{_query(filled.data)}", status=status)
        return self.post(filled.action, filled.data, status=status, fragment=fragment)

    def follow(self, page: Page, *, status: int = 200) -> Page:
        """Go where an answer sends the browser."""
        return self.get(page.location, status=status)

    def _send(
        self,
        method: str,
        url: str,
        status: int,
        *,
        headers: Mapping[str, str],
        container: str = "div",
        **options: Any,
    ) -> Page:
        with count_queries() as queries:
            response = self.client.open(url, method=method, headers=dict(headers), **options)
        asked = "fragment" if "HX-Request" in headers else "page"
        assert response.status_code == status, (
            f"{method} {url} ({asked}): {response.status_code}, not {status}\n{response.text[:999]}"
        )
        page = Page(url, status, response.headers, response.data, None, queries)
        if response.mimetype == "text/html" and response.data and not 300 <= status < 400:
            _check_vary(url, response)
            page.root = (
                check_fragment(url, page.html, container=container)
                if asked == "fragment"
                else check_page(url, page.html)
            )
        return page


def _query(data: MultiDict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(list(data.items(multi=True)))


def _check_vary(url: str, response: TestResponse) -> None:
    vary = {each.lower() for each in response.vary}
    assert vary >= VARY, f"{url}: Vary is {sorted(vary)}, a cache would mix page and fragment"


def assert_constant_queries(
    checked: CheckedClient, url: str, add_row: Callable[[], object]
) -> None:
    """The number of queries of a page must not grow when one row becomes three."""
    one = checked.get(url)
    add_row()
    add_row()
    three = checked.get(url)
    assert len(three.queries) <= len(one.queries), (
        f"{url}: {len(one.queries)} queries became {len(three.queries)}:\n"
        + "\n".join(three.queries)
    )
