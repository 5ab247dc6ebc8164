"""What a shop pastes into its page to show the portal there."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

ELEMENT = "embed/return-portal@1.0.0/return-portal.js"
"""The element's script below `/static/`. A published version never changes: shops keep its hash."""

_FRAME = (
    '<iframe src="{url}" title="{title}" loading="lazy"\n'
    '  referrerpolicy="strict-origin-when-cross-origin" allow="geolocation; clipboard-write"\n'
    '  style="width:100%;min-height:900px;border:0"></iframe>\n'
    '<p><a href="{url}" target="_blank" rel="noopener">{link}</a></p>'
)
_TEST = (
    '<iframe src="{url}" title="{title}"\n  style="width:100%;min-height:900px;border:0"></iframe>'
)
_ELEMENT = (
    '<return-portal shop="{slug}" lang="{lang}">\n'
    '  <a href="{url}" target="_blank" rel="noopener">{link}</a>\n'
    "</return-portal>\n"
    '<script type="module" src="{script}"\n'
    '  integrity="{integrity}" crossorigin="anonymous"></script>'
)


@dataclass(frozen=True, slots=True)
class Snippets:
    """Ready to paste: the element with its script, the plain frame, a link, and the live test."""

    element: str
    frame: str
    link: str
    test: str
    url: str
    script: str
    integrity: str


def make_snippets(*, base_url: str, slug: str, lang: str) -> Snippets:
    """The snippets of a shop whose portal customers reach at `base_url`, without a slash."""
    script, integrity = f"{base_url}/static/{ELEMENT}", element_hash()
    url = f"{base_url}/p/{quote(slug)}/?lang={lang}"
    with force_locale(lang):
        title, link = _("Return an order"), _("Open the returns page in a new tab")
    return Snippets(
        element=_fill(
            _ELEMENT, slug=slug, lang=lang, url=url, link=link, script=script, integrity=integrity
        ),
        frame=_fill(_FRAME, url=url, title=title, link=link),
        link=_fill('<a href="{url}">{title}</a>', url=url, title=title),
        test=_fill(_TEST, url=f"{base_url}/p/{quote(slug)}/check?lang={lang}", title=title),
        url=url,
        script=script,
        integrity=integrity,
    )


def _fill(html: str, **values: str) -> str:
    return html.format(**{name: escape(value) for name, value in values.items()})


def element_hash() -> str:
    """What a browser compares the element's script with before it runs it."""
    return _hash(Path(current_app.static_folder or "") / ELEMENT)


@cache
def _hash(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
