"""Who may see a page of an account: every view says so, and nothing passes without."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request, session, url_for

from ...services.accounts.sessions import find_session, shops_of
from ...services.accounts.sign_in import sign_in
from ...services.audit import Actor
from ..browsers import this_browser
from ..merchant.guard import SESSION_KEY, here, to_sign_in

View = TypeVar("View", bound=Callable[..., Any])


def anybody(view: View) -> View:
    """Declare that a view is for people who are not signed in too; stands below the route."""
    view.access = "anybody"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Declare that a view is for signed-in people, about themselves; stands below the route."""
    view.access = "signed_in"  # type: ignore[attr-defined]
    return view


def admit() -> Response | None:
    """Load who is signed in into `g.person`; lead away who may not see the page."""
    token = session.get(SESSION_KEY, "")
    person = g.person = find_session(token=token) if token else None
    if person is not None:
        g.locale = person.locale
        g.actor = Actor(person.user_id, person.name or person.email, here())
    access = getattr(current_app.view_functions.get(request.endpoint or ""), "access", None)
    if access is None:
        abort(403)
    if access == "signed_in" and person is None:
        return to_sign_in()
    return None


def enter(user_id: int, how: str, next_url: str = "") -> Response:
    """Sign somebody in under a new session and lead them on."""
    token = sign_in(user_id=user_id, network=here(), browser=this_browser(), how=how)
    # Whatever the cookie held before: nothing of it outlives the change of person.
    session.clear()
    session[SESSION_KEY] = token
    return redirect(next_url or home_of(user_id), 303)  # type: ignore[return-value]


def home_of(user_id: int) -> str:
    """The only shop of somebody, or the list of them."""
    shops = shops_of(user_id=user_id)
    if len(shops) == 1:
        return url_for("merchant.home", slug=shops[0][0])
    return url_for("account.shops")


def next_url() -> str:
    """Where a form or link says to go on: a path of ours, else nothing."""
    return own_path(request.form.get("next", "") or request.args.get("next", ""))


def own_path(text: str) -> str:
    """The text when it is a path on this host; browsers read `//host` and `/\\host` as others."""
    if not re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", text) or "\\" in text:
        return ""
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-", "/static/")):
        return ""
    return text
