"""What every page we send must obey, checked on the HTML itself.

`check_page` takes a whole page, `check_fragment` what HTMX swaps in. Both raise AssertionError with
the address and the offending element. With RETURNSITE_HTML_DIR set each distinct page is also kept
there, so that one run of the Nu checker reads all of them (`scripts/check-html`).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
from html5lib.html5parser import ParseError

from tests.quick_html import read

UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}
ID_REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "for", "form")
HTMX_WRITES = ("data-hx-post", "data-hx-put", "data-hx-patch", "data-hx-delete")
FRAGMENT_SHELL = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fragment</title></head>'
    "<body>{}</body></html>"
)


def parse(html: str, *, fragment: bool = False, container: str = "div") -> Element:
    """Parse HTML strictly: any parse error of the standard raises AssertionError."""
    quick = read(html, fragment=fragment) if container == "div" else None
    if quick is not None:
        return quick
    return parse_fully(html, fragment=fragment, container=container)


def parse_fully(html: str, *, fragment: bool = False, container: str = "div") -> Element:
    """The same by html5lib, which knows the whole standard and takes its time."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        tree = parser.parseFragment(html, container=container) if fragment else parser.parse(html)
    except ParseError as error:
        line, column = parser.errors[-1][0] if parser.errors else (0, 0)
        context = "".join(html.splitlines()[line - 1 : line]).strip()
        raise AssertionError(
            f"invalid HTML at {line}:{column}: {error}\n  {context[:200]}"
        ) from None
    assert isinstance(tree, Element)
    return tree


def elements(root: Element) -> Iterator[Element]:
    """All elements, comments left out."""
    return (each for each in root.iter() if isinstance(each.tag, str))


def check_page(url: str, html: str) -> Element:
    """Check a whole page and return its tree."""
    assert html.lstrip()[:9].lower() == "<!doctype", f"{url}: no doctype, is it a fragment?"
    root = parse(html)
    assert root.get("lang"), f"{url}: <html> has no lang"
    assert (root.findtext("head/title") or "").strip(), f"{url}: no title"
    mains = [each for each in elements(root) if each.tag == "main"]
    assert len(mains) == 1, f"{url}: {len(mains)} <main> elements"
    _check_common(url, root)
    _check_references(url, root)
    _keep(url, html)
    return root


def check_fragment(url: str, html: str, *, container: str = "div") -> Element:
    """Check what HTMX gets and return its tree."""
    assert "<html" not in html.lower(), f"{url}: a whole page was sent where a fragment was asked"
    root = parse(html, fragment=True, container=container)
    _check_common(url, root)
    # A part of a page (`…/_quote`) is valid in its place only, where the whole page shows it too.
    if container == "div" and "/_" not in url:
        _keep(url, FRAGMENT_SHELL.format(re.sub(r"<title>.*?</title>", "", html, flags=re.S)))
    return root


def _check_common(url: str, root: Element) -> None:
    _check_unique_ids(url, root)
    _check_labels(url, root)
    for each in elements(root):
        if each.tag == "form":
            _check_form(url, each)
        for name in each.attrib:
            assert not name.startswith(("hx-", "on")), f"{url}: {_show(each)} has {name}"
            assert name != "style", f"{url}: {_show(each)} has an inline style"


def _check_unique_ids(url: str, root: Element) -> None:
    counted = Counter(each.get("id") for each in elements(root) if each.get("id") is not None)
    double = [name for name, times in counted.items() if times > 1]
    assert not double, f"{url}: ids used twice: {double}"


def _check_labels(url: str, root: Element) -> None:
    labelled = {each.get("for") for each in elements(root) if each.tag == "label"}
    wrapped = {
        id(inner)
        for label in elements(root)
        if label.tag == "label"
        for inner in label.iter()
        if inner is not label
    }
    for field in elements(root):
        if field.tag not in ("input", "select", "textarea"):
            continue
        if field.tag == "input" and field.get("type", "text") in UNLABELLED_TYPES:
            continue
        named = field.get("aria-label") or field.get("aria-labelledby")
        has_label = field.get("id") in labelled if field.get("id") else False
        assert named or has_label or id(field) in wrapped, f"{url}: no label for {_show(field)}"


def _check_form(url: str, form: Element) -> None:
    """A form that HTMX sends must work without it, and drop a fast second click."""
    if not any(name in form.attrib for name in HTMX_WRITES):
        return
    assert form.get("method", "").lower() == "post", f"{url}: {_show(form)} needs method=post"
    assert form.get("action"), f"{url}: {_show(form)} needs an action"
    assert "novalidate" in form.attrib, f"{url}: {_show(form)} needs novalidate"
    assert "drop" in form.get("data-hx-sync", ""), (
        f"{url}: {_show(form)} needs data-hx-sync=this:drop"
    )


def _check_references(url: str, root: Element) -> None:
    """Whatever points at an id points at one that is there."""
    known = {each.get("id") for each in elements(root)}
    for each in elements(root):
        for attribute in ID_REFERENCES:
            missing = set(each.get(attribute, "").split()) - known
            assert not missing, f"{url}: {_show(each)} {attribute} points at missing {missing}"


def _show(element: Element) -> str:
    attributes = " ".join(f'{name}="{value}"' for name, value in element.attrib.items())
    return f"<{element.tag} {attributes[:160]}>"


def _keep(url: str, html: str) -> None:
    """Save a page for the Nu checker, once for each shape (numbers and tokens do not count)."""
    folder = os.environ.get("RETURNSITE_HTML_DIR")
    if not folder:
        return
    shape = re.sub(r"\d+", "0", re.sub(r"[\w\-.=]{22,}", "T", html))
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\w\-.]{22,}", "T", url).lower()).strip("-")[:60]
    digest = hashlib.sha256(shape.encode()).hexdigest()[:12]
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, f"{name or 'root'}.{digest}.html").write_text(html, encoding="utf-8")
