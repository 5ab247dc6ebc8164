"""Reads tidy HTML many times as fast as html5lib, to the same tree; of any other it says nothing.

Tidy is: each element closed where it was opened, attributes in quotes, and nothing where the
standard would move, close or add an element. Such HTML has no parse errors, so a tree means that it
is valid to a parser. `None` means nothing: only html5lib can then tell (`tests/html_checks.py`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import unescape
from html.entities import html5 as entities
from typing import Any
from xml.etree.ElementTree import Comment, Element, SubElement

TOKEN = re.compile(
    r"(?P<text>[^<]+)"
    r"|</(?P<end>[a-z][a-zA-Z0-9-]*)>"
    r"|<(?P<start>[a-z][a-zA-Z0-9-]*)"
    r"(?P<attributes>(?:\s+[a-zA-Z_:][\w:.-]*(?:=(?:\"[^\"]*\"|'[^']*'))?)*)\s*(?P<closed>/?)>"
    r"|<!--(?P<comment>(?!-?>)(?:(?!--).)*)-->",
    re.S | re.A,
)
ATTRIBUTE = re.compile(r"([\w:.-]+)(?:=(?:\"([^\"]*)\"|'([^']*)'))?", re.A)
REFERENCE = re.compile(r"&(?:#([0-9]{2,5})|#x([0-9a-fA-F]{2,4})|([a-zA-Z][a-zA-Z0-9]*));|&")
DOCTYPE = re.compile(r"\s*<!doctype html>\s*", re.I)
ODD = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0001fffd]")
SVG = "{http://www.w3.org/2000/svg}"

VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
TEXT_ONLY = {"iframe", "script", "style", "textarea", "title"}
HEAD = {"link", "meta", "script", "style", "title"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# They end a paragraph that is open.
BLOCKS = HEADINGS | {
    "address", "article", "aside", "blockquote", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "search", "section", "summary", "table", "ul",
}  # fmt: skip
INLINE = {
    "a", "abbr", "b", "bdi", "button", "code", "datalist", "del", "em", "i", "ins", "kbd", "label",
    "legend", "mark", "meter", "noscript", "output", "picture", "progress", "q", "s", "samp",
    "select", "small", "span", "strong", "sub", "sup", "time", "u", "var",
}  # fmt: skip
# What these hold, and nothing else; and only they hold it.
HOLDERS = {
    "colgroup": {"col"},
    "datalist": {"option"},
    "dl": {"dd", "div", "dt"},
    "ol": {"li"},
    "optgroup": {"option"},
    "option": set[str](),
    "select": {"optgroup", "option"},
    "table": {"caption", "colgroup", "tbody", "tfoot", "thead"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "thead": {"tr"},
    "tr": {"td", "th"},
    "ul": {"li"},
}
HELD = set().union(*HOLDERS.values()) - {"div"}
NO_TEXT = {"colgroup", "head", "html", "table", "tbody", "tfoot", "thead", "tr"}
ONE_AT_A_TIME = {"a", "button", "form"}
SHAPES = {
    *("circle", "defs", "desc", "ellipse", "g", "line", "path", "polygon", "polyline", "rect"),
    *("svg", "text", "title", "tspan", "use"),
}
SVG_WORDS = {"preserveaspectratio": "preserveAspectRatio", "viewbox": "viewBox",
             "pathlength": "pathLength", "textlength": "textLength"}  # fmt: skip


class Untidy(Exception):
    """Here only a full parser knows on."""


def read(html: str, *, fragment: bool = False) -> Element | None:
    """The tree of a page, or of what stands in a `div`; None where the HTML is not tidy."""
    try:
        return _Reader(html.replace("\r\n", "\n")).read(fragment)
    except Untidy:
        return None


class _Reader:
    def __init__(self, html: str) -> None:
        self.html = html
        self.place = 0
        self.root = Element("DOCUMENT_FRAGMENT")
        self.open = [self.root]
        self.names = [""]  # of what is open, without namespace; nothing at the top

    def read(self, fragment: bool) -> Element:
        _demand(not ODD.search(self.html))
        if not fragment:
            self.place = _demand(DOCTYPE.match(self.html)).end()
        while self.place < len(self.html):
            token = _demand(TOKEN.match(self.html, self.place))
            self.place = token.end()
            kind = token.lastgroup
            if kind == "text":
                self.add_text(token["text"], page=not fragment)
            elif kind == "end":
                _demand(self.names.pop() == token["end"])
                self.open.pop()
            elif kind == "closed":
                self.start(token["start"], token["attributes"], closed=bool(token["closed"]))
            else:
                _demand(fragment or self.names[-1] not in ("", "html"))
                self.open[-1].append(Comment(token["comment"]))
        _demand(len(self.open) == 1)
        if fragment:
            return self.root
        _demand(len(self.root) == 1)
        html = self.root[0]
        _demand([each.tag for each in html] == ["head", "body"])
        return html

    def add_text(self, source: str, *, page: bool) -> None:
        node, name = self.open[-1], self.names[-1]
        outside = page and node is self.root
        if outside or name in NO_TEXT:
            _demand(source.isspace())
        if outside or (name == "html" and len(node) == 2):
            node = _demand(self.root[0] if len(self.root) else None)[-1]  # what follows the body
        elif name == "html" and not len(node):
            return
        _append_text(node, _decode(source))

    def start(self, name: str, source: str, *, closed: bool) -> None:
        parent, holder = self.open[-1], self.names[-1]
        svg = name == "svg" or parent.tag.startswith(SVG)
        if svg:
            _demand(name in SHAPES)
            if parent.tag.startswith(SVG):
                _demand(holder not in ("title", "desc"))
            else:
                _demand(holder not in HOLDERS and holder not in ("head", "html"))
        else:
            self.check_place(name, holder)
            _demand(not closed or name in VOID)
        node = SubElement(parent, SVG + name if svg else name, _attributes(source, svg=svg))
        if not svg and name in TEXT_ONLY:
            self.read_text_only(node)
        elif not closed and (svg or name not in VOID):
            self.open.append(node)
            self.names.append(name)
            if name == "pre":
                _demand(not self.html.startswith("\n", self.place))

    def check_place(self, name: str, parent: str) -> None:
        """The standard puts the element here, and closes none before it."""
        if name in ("html", "head", "body"):
            wanted = {"html": "", "head": "html", "body": "html"}[name]
            _demand(parent == wanted and self.root.find("html/body") is None)
            _demand(name != "html" or not len(self.root))
        elif parent == "div" and name in ("dd", "dt"):
            _demand(self.names[-2] == "dl")
        else:
            _demand(_is_at_home(name, parent))
        if name in BLOCKS:
            _demand("p" not in self.names)
        if name in ONE_AT_A_TIME:
            _demand(name not in self.names)

    def read_text_only(self, node: Element) -> None:
        end = self.html.find(f"</{node.tag}>", self.place)
        content = self.html[self.place : end]
        _demand(end >= 0 and "</" not in content and "<!--" not in content)
        self.place = end + len(f"</{node.tag}>")
        if node.tag == "textarea":
            content = content.removeprefix("\n")
        if content:
            node.text = _decode(content) if node.tag in ("textarea", "title") else content


def _demand(found: Any) -> Any:
    if not found:
        raise Untidy
    return found


@cache
def _is_at_home(name: str, parent: str) -> bool:
    """Whether the standard leaves an element where it stands in its parent."""
    if name in HEADINGS and parent in HEADINGS:
        return False
    if parent == "head":
        return name in HEAD
    if parent in HOLDERS:
        return name in HOLDERS[parent]
    known = name in BLOCKS or name in INLINE or name in TEXT_ONLY or name in VOID
    return parent != "html" and name not in HELD and known


def _append_text(node: Element, text: str) -> None:
    if len(node):
        node[-1].tail = (node[-1].tail or "") + text
    else:
        node.text = (node.text or "") + text


@lru_cache(maxsize=5_000)
def _attributes(source: str, *, svg: bool) -> dict[str, str]:
    """Templates say the same again and again, so they are remembered; elements take a copy."""
    found: dict[str, str] = {}
    for name, value, single in ATTRIBUTE.findall(source):
        known = SVG_WORDS.get(name.lower(), name.lower()) if svg else name.lower()
        _demand(name == known and name not in found)
        _demand(not svg or not name.startswith(("xmlns", "xlink:", "xml:")))
        found[name] = _decode(value or single)
    return found


def _decode(source: str) -> str:
    if "&" not in source:
        return source
    for decimal, hexadecimal, name in REFERENCE.findall(source):
        code = int(decimal or "0") or int(hexadecimal or "0", 16)
        _demand(not ODD.match(chr(code)) if code else f"{name};" in entities)
    return unescape(source)
