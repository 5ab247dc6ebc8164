"""The customer's side: no session, no cookie; everything hangs on the token in the URL."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for

from ...domain.errors import DraftExpired
from ...extensions import csrf
from ...services.drafts import Wizard, load_wizard
from ...services.shops import ShopSettings, find_shop
from ..htmx import is_fragment, page
from ..i18n import locale_code, offered_locales
from ..security import frame_origins, is_foreign_post

bp = Blueprint("portal", __name__)
# Forms carry a token bound to draft and step instead: a session needs a cookie.
csrf.exempt(bp)

PAGES = ("find", "wizard", "status", "theme", "check")
LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}


def init_app(app: Flask) -> None:
    """Register the blueprint with all its pages."""
    for name in PAGES:
        import_module(f"{__name__}.{name}")
    app.register_blueprint(bp)


@bp.before_request
def prepare() -> Response | None:
    """Refuse foreign posts and load what the URL names: shop, draft."""
    if "\x00" in request.path:
        abort(404)  # no database text can hold it, so nothing has such an address
    slug = (request.view_args or {}).get("slug", "")
    if is_foreign_post():
        take_shop(slug)  # a sandboxed frame without an origin ends up here, and shows the page
        abort(403)
    if request.endpoint != "portal.save_step" or request.mimetype != "multipart/form-data":
        # Only photos are large; what is typed never is.
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if request.endpoint in _OF_A_DRAFT:
        return _prepare_draft(slug, (request.view_args or {})["token"])
    if request.endpoint not in _OF_A_RETURN:
        take_shop(slug)
    return None


@bp.after_request
def finish(response: Response) -> Response:
    """Pages of a draft are nobody else's and change with every answer."""
    response.headers.setdefault("Cache-Control", "no-store")
    if "Cache-Control" in response.headers and response.cache_control.max_age == 0:
        response.headers["Cache-Control"] = "no-store"
    return response


def take_shop(slug: str) -> ShopSettings:
    """The shop of this URL, into `g`; 404 for any other.

    A shop that is not active has its look and nothing else: the page that says so wears it.
    """
    shop = find_shop(slug=slug)
    if shop is None:
        abort(404)
    g.shop = shop
    g.frame_origins = shop.frame_origins
    if not shop.active and request.endpoint not in _LOOKS:
        abort(404, description="inactive")
    return shop


def take_draft(slug: str, token: str) -> Wizard:
    """The draft of this URL, into `g`; 404 when there is none, DraftExpired when it is over."""
    wizard = load_wizard(slug=slug, token=token)
    if wizard is None:
        take_shop(slug)
        abort(404)
    g.shop = wizard.shop
    g.frame_origins = wizard.shop.frame_origins
    g.locale = wizard.locale
    g.wizard = replace(wizard, locale=locale_code())
    return g.wizard


@bp.app_context_processor
def layout() -> dict[str, Any]:
    """What the frame of every customer page shows."""
    shop = g.get("shop")
    return {
        "shop": shop_links(shop) if shop else None,
        "locale": locale_code(),
        "language_links": _language_links() if shop and not is_fragment() else [],
        "framed": request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"},
        "frame_origins": frame_origins() or (),
        "demo": bool(shop and shop.is_demo),
        "for_customer": _for_customer(),
    }


def _for_customer() -> dict[str, str] | None:
    """Whose return somebody of the shop is filling in; None for customers themselves.

    The draft knows it: its address is only with whoever started it.
    """
    wizard: Wizard | None = g.get("wizard")
    if wizard is None or wizard.staff is None:
        return None
    return {
        "name": wizard.order.customer_name,
        "number": wizard.order.number,
        "url": url_for("merchant.order", slug=wizard.shop.slug, order_id=wizard.order.id),
    }


_PAGE_OF = {
    "portal.save_step": "portal.step",
    "portal.look_up": "portal.find",
    "portal.start_from_link": "portal.order_link",
    "portal.cancel": "portal.status",
}
"""The page to ask for again where a form was posted to an address of its own."""

_OF_A_DRAFT = frozenset(
    f"portal.{name}" for name in ("step", "save_step", "quote", "points", "photo")
)
_LOOKS = frozenset({"portal.theme", "portal.logo", "portal.check"})
_OF_A_RETURN = frozenset(
    f"portal.{name}" for name in ("status", "done", "handoff", "qr_code", "label", "cancel")
)


def _prepare_draft(slug: str, token: str) -> Response | None:
    try:
        wizard = take_draft(slug, token)
    except DraftExpired:
        shop = take_shop(slug)
        find_url = url_for("portal.find", slug=shop.slug)
        return page("portal/expired.html", status=410, find_url=find_url)
    return _submitted(wizard) if wizard.status_token is not None else None


def _submitted(wizard: Wizard) -> Response:
    """Back in the wizard after confirming: lead to the return, where there is nothing to change."""
    route: dict[str, Any] = {"slug": wizard.shop.slug, "token": wizard.status_token}
    if request.method == "POST":
        return redirect(url_for("portal.done", **route), 303)  # type: ignore[return-value]
    return page(
        "portal/submitted.html",
        find_url=url_for("portal.find", slug=wizard.shop.slug),
        status_url=url_for("portal.status", **route),
    )


def shop_links(shop: ShopSettings) -> dict[str, Any]:
    """What pages show of the shop itself: its name, logo, links and own words."""
    logo = shop.look.get("logo")
    return {
        "name": shop.name,
        "slug": shop.slug,
        "home_url": url_for("portal.find", slug=shop.slug),
        "logo_url": url_for("portal.logo", slug=shop.slug, v=shop.version) if logo else None,
        "policy_url": shop.policy_url,
        "support_url": shop.support_url
        or (f"mailto:{shop.support_email}" if shop.support_email else None),
        "privacy_url": shop.privacy_url,
        "theme_url": url_for("portal.theme", slug=shop.slug, v=shop.version),
        "texts": shop.texts.get(locale_code(), {}),
    }


def _language_links() -> list[tuple[str, str, str, bool]]:
    current = locale_code()
    endpoint = _PAGE_OF.get(request.endpoint or "", request.endpoint or "")
    path = url_for(endpoint, **(request.view_args or {}))
    # Names in the query are the visitor's: `url_for` would take some of them for its own.
    query = [(key, value) for key, value in request.args.items() if key != "lang"]
    return [
        (
            code,
            LANGUAGE_NAMES[code],
            f"{path}?{urlencode([*query, ('lang', code)])}",
            code == current,
        )
        for code in offered_locales()
    ]
