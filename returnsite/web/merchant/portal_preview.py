"""The shop's real portal, as it would be with what is typed and not saved: for a frame of ours."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, make_response, render_template, request, send_file, url_for

from ...domain.colour import read_hex
from ...domain.errors import DomainError
from ...domain.roles import Permission
from ...services.settings.logos import find_pending
from ...services.settings.look import look_with
from ..i18n import locale_code
from ..portal import shop_links
from ..portal.find import FindForm, find_context
from ..portal.theme import stylesheet
from . import bp
from .guard import permission
from .sections.forms import line, tidy
from .sections.look_logo import NO_LOGO


@bp.get("/settings/look/_portal")
@permission(Permission.SEE_SETTINGS)
def preview_portal(slug: str) -> Response:
    """The first page of the portal in the language of customers, not to be used."""
    g.frame_origins = ()  # our own pages may show it
    g.locale_code = _language()
    context: dict[str, Any] = {**find_context(FindForm(formdata=None)), "hints": []}
    look = {"locale": locale_code(), "language_links": [], "framed": False, "preview": True}
    page = render_template("portal/find.html", **context, **look, shop=_typed_shop())
    return make_response(page)


def _typed_shop() -> dict[str, Any]:
    """What the page shows of the shop, with what is typed in the place of what is saved."""
    saved = g.shop.texts.get(locale_code(), {}).get("find")
    links = shop_links(g.shop)
    return {
        **links,
        "logo_url": _logo_url(links["logo_url"]),
        "name": line(request.args.get("name"))[:200] or g.shop.name,
        "theme_url": url_for("merchant.preview_theme", colour=_colour() or None, v=g.shop.version),
        "texts": {"find": _text() or saved},
    }


@bp.get("/settings/look/_theme.css")
@permission(Permission.SEE_SETTINGS)
def preview_theme(slug: str) -> Response:
    """The stylesheet of a colour that is not saved yet."""
    return stylesheet(look_with(g.shop.look, _colour()))


@bp.get("/settings/look/_logo/<logo_name>")
@permission(Permission.CHANGE_SETTINGS)
def preview_logo(slug: str, logo_name: str) -> Response:
    """A logo that was chosen and is not saved yet."""
    path = find_pending(shop_id=g.shop.id, name=logo_name) or abort(404)
    return send_file(path)


def _logo_url(saved: str | None) -> str | None:
    """The logo that was put aside, or none when the name is to be shown."""
    name = request.args.get("logo", "")
    if name == NO_LOGO:
        return None
    if find_pending(shop_id=g.shop.id, name=name) is None:
        return saved
    return url_for("merchant.preview_logo", logo_name=name)


def _colour() -> str:
    """The typed colour; blank while it is none."""
    try:
        return read_hex(request.args.get("colour", ""))
    except DomainError:
        return ""


def _language() -> str:
    """The language of the words that are typed, else the shop's first."""
    typed = [code for code in g.shop.locales if request.args.get(f"find_{code}")]
    first = g.shop.default_locale
    return first if first in typed or not typed else typed[0]


def _text() -> str:
    return tidy(request.args.get(f"find_{locale_code()}"))[:600]
