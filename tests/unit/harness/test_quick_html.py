"""The quick reader agrees with html5lib on all it reads, and leaves every mistake to it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from tests.html_checks import parse_fully
from tests.quick_html import read

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A &amp; B</title>
<script type="application/json">{"a": "&amp;"}</script></head>
<body class="portal" data-config='{"a": 1}'>
<main>%s</main>
</body>
</html>
"""
TIDY = [
    "<p>A<br>b <strong>c</strong> d &euro;&#8364;&#x20ac;</p>",
    '<form method="post"><label>A <input name="a" required disabled=""></label></form>',
    "<textarea>\n\nA &lt;</textarea><pre>A\nb</pre>",
    "<select><optgroup label='A'><option selected>B</option></optgroup></select>",
    "<table><caption>A</caption><thead><tr><th>A</th></tr></thead>\n<tbody></tbody></table>",
    '<a href="?a=1&amp;b=2"><svg viewBox="0 0 1 1"><title>A</title><path d="M0"/></svg></a>',
    "<dl><div><dt>A</dt><dd><p>B</p></dd></div></dl><ul><li>A<ul><li>B</li></ul></li></ul>",
    '<div><iframe src="/a?b=1&amp;c=2" title="A"></iframe></div><p>A <iframe>&amp;</iframe></p>',
    "<details><summary><h2>A</h2></summary>B<!-- c - d --></details><noscript><p>A</p></noscript>",
]
WRONG = [
    "<div>a", "</div>", "<p>a<div>b</div></p>", "<p>a<p>b</p></p>", "<p>a</b>", "<b><i>a</b></i>",
    "<p><ul><li>a</li></ul></p>", "<h1><h2>a</h2></h1>", "<a><a>b</a></a>", "<div/>",
    "<button><b><button>a</button></b></button>", "<form><div><form></form></div></form>",
    "<table><div>a</div></table>", "<td>a</td>",
    "<tr><td>a</td></tr>", '<table><input type="hidden" name="a"></table>',
    "<select><div></div></select>", "<select><select></select></select>", "<br></br>",
    '<input name="a"></input>', "<svg><p>a</p></svg>", '<p id="a" id="b">c</p>', "&foo;", "&amp",
    '<a href="?a=1&copy=2">b</a>', '<p a="b"c="d">e</p>', "<p>a < b</p>", "<!-- a -- b -->",
    "a\x00b", "&#0;", "&#128;", "<body>", "<html>", "<head></head>", "<script>a", "<textarea>a",
    "<iframe>a",
    "<template><td>a</td></template>", '<p class=a"b>c</p>',
]  # fmt: skip


def outline(element: Element) -> object:
    tag = element.tag if isinstance(element.tag, str) else "comment"
    children = [(outline(each), each.tail or "") for each in element]
    return tag, dict(element.attrib), element.text or "", children


@pytest.mark.parametrize("html", TIDY)
def test_what_is_tidy_is_read_to_the_same_tree(html: str) -> None:
    for fragment, source in ((True, html), (False, PAGE % html), (False, PAGE.strip() % html)):
        quick = read(source, fragment=fragment)
        assert quick is not None
        assert outline(quick) == outline(parse_fully(source, fragment=fragment))


@pytest.mark.parametrize("html", WRONG)
def test_no_mistake_is_read(html: str) -> None:
    for fragment, source in ((True, html), (False, PAGE % html)):
        with pytest.raises(AssertionError):
            parse_fully(source, fragment=fragment)
        assert read(source, fragment=fragment) is None


@pytest.mark.parametrize(
    "html",
    ["", "<p>a</p>", "<!doctype html>", (PAGE % "").replace("<!doctype html>", ""),
     (PAGE % "").replace("</body>", "</body>a"), (PAGE % "").replace("<head>", "a<head>"),
     (PAGE % "").replace("</head>", "</head><p>a</p>")],
)  # fmt: skip
def test_what_is_no_page_is_not_read_as_one(html: str) -> None:
    assert read(html) is None
