"""Every HX header lives here: is this request for a fragment, and what goes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, render_template, request
from jinja2_fragments import render_block as _render_block
from markupsafe import Markup

VARY = ("HX-Request", "HX-Request-Type")


def is_fragment() -> bool:
    """htmx asks for part of a page, not for a whole one."""
    return request.headers.get("HX-Request-Type") == "partial"


def target_of() -> str:
    """What the answer is put into, as a CSS selector; `#main` for a page."""
    id_ = request.headers.get("HX-Target", "").rpartition("#")[2] if is_fragment() else ""
    return f"#{id_ or 'main'}"


def swaps_page() -> bool:
    """Whether the answer takes the place of the page, not of a part of it."""
    return target_of() == "#main"


def page_around() -> str:
    """The path of the page that a fragment is for; blank when the request does not say."""
    around = urlsplit(request.headers.get("HX-Current-URL", ""))
    if around.netloc != request.host:
        return ""
    return around.path + (f"?{around.query}" if around.query else "")


def page(
    template: str, *, status: int = 200, push_url: str | None = None, **context: Any
) -> Response:
    """The whole page, or for htmx its `title` and `main` blocks.

    `push_url` is what the address bar shows after a swap; it goes out on successful GET
    fragments only, so that an invalid form leaves the history alone.
    """
    if not is_fragment():
        return make_response(render_template(template, **context), status)
    current_app.update_template_context(context)
    title, main = (block(template, name, context) for name in ("title", "main"))
    response = make_response(f"<title>{title}</title>{main}", status)
    if push_url and request.method == "GET" and status == 200:
        response.headers["HX-Push-Url"] = push_url
    return response


def block(template: str, name: str, context: dict[str, Any]) -> str:
    """One block of a template; `context` must have gone through `update_template_context`."""
    return _render_block(current_app.jinja_env, template, name, **context)


def fragments(
    template: str,
    target: str,
    out_of_band: tuple[str, ...],
    *,
    push_url: str | None = None,
    **context: Any,
) -> Response:
    """The block `target` for the request's own target, and more blocks for other places."""
    current_app.update_template_context(context)
    rest = _out_of_band(template, out_of_band, context)
    response = make_response(block(template, target, context) + rest)
    if push_url:
        response.headers["HX-Push-Url"] = push_url
    return response


def region(
    template: str,
    target: str,
    *,
    status: int = 200,
    push_url: str | None = None,
    same_place: bool = False,
    **context: Any,
) -> Response:
    """The block `target` of a page and its title, for a region that has an address of its own:
    `push_url` is the page's address that shows the same; in the `same_place` it takes the place of
    the one at hand, and going back leads past it."""
    current_app.update_template_context(context)
    title = block(template, "title", context)
    response = make_response(f"<title>{title}</title>{block(template, target, context)}", status)
    if push_url and status == 200:
        response.headers["HX-Replace-Url" if same_place else "HX-Push-Url"] = push_url
    return response


def fragments_beside(
    target: str, template: str, out_of_band: tuple[str, ...], **context: Any
) -> Response:
    """The partial `target` for the request's own target, and blocks of a page for other places."""
    current_app.update_template_context(context)
    rest = _out_of_band(template, out_of_band, context)
    return make_response(render_template(target, **context) + rest)


def partial_with(template: str, beside: Mapping[str, str], **context: Any) -> Response:
    """A partial for the request's own target, and other partials by the id of their element."""
    current_app.update_template_context(context)
    rest = "".join(
        f'<div id="{id_}" data-hx-swap-oob="innerHTML">{render_template(name, **context)}</div>'
        for id_, name in beside.items()
    )
    return make_response(render_template(template, **context) + rest)


def retarget(response: Response, selector: str) -> Response:
    """Have htmx put the answer elsewhere than the form said."""
    response.headers["HX-Retarget"] = selector
    return response


def add_region(response: Response, id_: str, template: str, **context: Any) -> None:
    """Let an answer also put a partial into the element with this id."""
    inside = render_template(template, **context)
    region = f'<div id="{id_}" data-hx-swap-oob="innerHTML">{inside}</div>'
    response.set_data(response.get_data(as_text=True) + region)


def client_redirect(url: str) -> Response:
    """Let htmx go to another page, whole: a redirect would be swapped into the target."""
    response = Response(status=204)
    response.headers["HX-Redirect"] = url
    return response


def text_of(template: str, **context: Any) -> Markup:
    """A partial as text, for a page that shows the same one twice."""
    return Markup(current_app.jinja_env.get_template(template).render(context))  # noqa: S704


def partial(template: str, **context: Any) -> Response:
    """A partial that is no block of a page."""
    return make_response(render_template(template, **context))


def _out_of_band(template: str, names: tuple[str, ...], context: dict[str, Any]) -> str:
    """Blocks wrapped for their places: `fee_summary` is the inside of the element `fee-summary`."""
    return "".join(
        f'<div id="{name.replace("_", "-")}" data-hx-swap-oob="innerHTML">'
        f"{block(template, name, context)}</div>"
        for name in names
    )


def add_vary(response: Response) -> Response:
    """One URL answers two ways, so caches must keep them apart."""
    if response.mimetype == "text/html":
        response.vary.update(VARY)
    return response
