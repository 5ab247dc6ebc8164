"""Who may see a merchant page: every view declares its permission, and nothing passes without."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, abort, current_app, g, make_response, redirect, request, session

from ...domain.roles import Permission, allows
from ...services.accounts.sessions import find_member, find_session
from ...services.audit import Actor
from ...services.shops import load_settings
from ..htmx import client_redirect, is_fragment

View = TypeVar("View", bound=Callable[..., Any])
SESSION_KEY = "sid"
"""Where the signed cookie keeps the token of the server's session."""


def permission(needed: Permission) -> Callable[[View], View]:
    """Declare what a view needs; stands below the route."""

    def declare(view: View) -> View:
        view.permission = needed  # type: ignore[attr-defined]
        return view

    return declare


def permission_of(endpoint: str | None) -> Permission | None:
    """What the view behind an endpoint declares."""
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "permission", None)


def admit(slug: str) -> Response | None:
    """Load member and shop into `g`, or lead to the sign-in page; 404 for a foreign shop."""
    token = session.get(SESSION_KEY, "")
    member = find_member(token=token, slug=slug) if token else None
    if member is None:
        if token and find_session(token=token) is not None:
            abort(404)
        return to_sign_in()
    g.member = member
    g.shop = load_settings(member.shop_id, member.settings_version)
    g.actor = Actor(member.user_id, member.name or member.email, here())
    needed = permission_of(request.endpoint)
    if needed is None or not allows(member.role, needed):
        abort(403, "role")
    return None


def may(needed: str) -> bool:
    """Whether the person at hand may do this: for showing or leaving out a button."""
    return allows(g.member.role, Permission(needed))


def to_sign_in() -> Response:
    """To the sign-in page, and back here afterwards when this page can be asked for again."""
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    if is_fragment():
        back = request.headers.get("HX-Current-URL", "").partition(request.host)[2]
    url = "/sign-in" + (f"?{urlencode({'next': back})}" if back else "")
    if is_fragment():
        return client_redirect(url)
    return make_response(redirect(url, 303))


def here() -> str:
    """The network of this request."""
    return network_of(request.remote_addr)


def network_of(address: str | None) -> str:
    """Where somebody is from without saying who: `198.51.100.0`, `2001:db8:1::`."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False).network_address)
