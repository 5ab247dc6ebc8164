"""A shop's own site around the portal: pages that tests write, on an origin that is not ours."""

from __future__ import annotations

from html import escape
from typing import Any

from playwright.sync_api import Frame, Page
from werkzeug.wrappers import Request, Response

from returnsite.services.snippets import ELEMENT
from tests.e2e.world import World

PAGE = """<!doctype html><html lang="en" {root}><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Shop</title>
<style>body {{ margin: 0 }} header, footer {{ height: {around}px }}</style></head>
<body><header>Shop</header><main><h1>Returns</h1>{body}</main><footer>Shop</footer></body></html>"""


class ShopSite:
    """A WSGI application; `pages` are what it serves, by path."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.address = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """The WSGI call."""
        request = Request(environ)
        html = self.pages.get(request.path)
        status = 200 if html is not None else 404
        answer = Response(html or "", status, self.headers, mimetype="text/html")
        return answer(environ, start_response)

    @property
    def other_name(self) -> str:
        """The same server under the name that makes it another site."""
        return self.address.replace("127.0.0.1", "localhost")

    def write(self, path: str, body: str, *, root: str = "", around: int = 60) -> str:
        """Serve a page with this body; returns its path."""
        self.pages[path] = PAGE.format(body=body, root=root, around=around)
        return path


def plain_frame(src: str, **attributes: str) -> str:
    """An iframe as the plain snippet has it."""
    given = {"title": "Return an order", "style": "width:100%;height:900px;border:0", **attributes}
    text = " ".join(f'{name}="{escape(value)}"' for name, value in given.items())
    return f'<iframe src="{escape(src)}" {text}></iframe>'


def element(portal: str, slug: str, /, **attributes: str) -> str:
    """The element, its script and a page that notes its events in `window.heard`."""
    given = {"shop": slug, "lang": "en", **attributes}
    text = " ".join(f'{name}="{escape(value)}"' for name, value in given.items())
    return (
        f'<return-portal {text}><a href="{portal}/p/{slug}/">Return an order</a></return-portal>'
        f'<script type="module" src="{portal}/static/{ELEMENT}" crossorigin></script>'
        "<script>if (!window.heard) { window.heard = [];"
        'for (const name of ["step", "completed"]) document.addEventListener(name, (event) =>'
        " window.heard.push([name, ...Object.values(event.detail)])); }</script>"
    )


def frame_of(page: Page | Frame, index: int = 0, *, within: str = "return-portal") -> Frame:
    """The frame of an element, or of a plain snippet: `within="main >"`."""
    handle = page.locator(f"{within} iframe").nth(index).element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def allow(world: World, *origins: str) -> None:
    """Put these origins, and no others, on the shop's list."""
    world.session.rollback()
    world.shop.frame_origins = list(origins)
    world.shop.settings_version += 1
    world.session.commit()
