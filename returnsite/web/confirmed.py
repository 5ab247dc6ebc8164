"""Changes that ask for the password again: a browser left open must not give the account away.

`@recently_confirmed` on a view lets through who typed the password a moment ago. Everybody else
gets a form for it, which carries along what they were sending: nothing has to be typed twice, and
the password goes where the rest goes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response, redirect, request, session, url_for

from .. import clock
from ..services.accounts.sessions import Member, SignedIn, renew_session
from ..services.accounts.sign_in import check_own_password, has_password
from .htmx import client_redirect, is_fragment, page, page_around, partial, swaps_page, target_of
from .i18n import gettext as _
from .i18n import locale_code, ngettext
from .merchant.guard import SESSION_KEY
from .sign_in_limits import forget_passwords, password_wait

View = TypeVar("View", bound=Callable[..., Any])
FIELD = "confirm_password"
_NOT_KEPT = {"csrf_token", FIELD}


def recently_confirmed(view: View) -> View:
    """Ask for the password unless it was typed within the last minutes; below the permission."""

    @wraps(view)
    def confirmed_first(*args: Any, **kwargs: Any) -> Any:
        answer = ask_password()
        return view(*args, **kwargs) if answer is None else answer

    return confirmed_first  # type: ignore[return-value]


def ask_password() -> Response | None:
    """What a view answers first while the password was not typed recently; else None.

    For views in which only some changes ask for it; the others use `@recently_confirmed`.
    """
    if is_confirmed():
        return None
    if request.method == "GET":
        return _to_confirm_page()
    problem = confirm_now() if FIELD in request.form else ""
    return None if is_confirmed() else _ask(problem)


def person_here() -> Member | SignedIn:
    """Who is signed in, on a shop's pages or their own."""
    person: Member | SignedIn = g.get("member") or g.person
    return person


def is_confirmed() -> bool:
    """Whether the password was typed recently."""
    recent = timedelta(minutes=current_app.config["CONFIRMED_MINUTES"])
    return bool(g.get("just_confirmed")) or clock.now() - person_here().confirmed_at < recent


def confirm_now() -> str:
    """Check the password in this form and renew the session; returns what is wrong, or nothing."""
    person = person_here()
    if wait := password_wait(person.user_id):
        return wait_text(wait)
    if not check_own_password(user_id=person.user_id, password=request.form.get(FIELD, "")):
        return _("That is not your password.")
    forget_passwords(person.user_id)
    session[SESSION_KEY] = renew_session(session_id=person.session_id)
    g.just_confirmed = True
    return ""


def wait_text(seconds: int) -> str:
    """How long to wait before the next try."""
    if seconds < 60:
        return ngettext(
            "Too many attempts. Try again in %(num)s second.",
            "Too many attempts. Try again in %(num)s seconds.",
            seconds,
        )
    return ngettext(
        "Too many attempts. Try again in %(num)s minute.",
        "Too many attempts. Try again in %(num)s minutes.",
        -(-seconds // 60),
    )


def _to_confirm_page() -> Response:
    """A page asks on another page; a part of a page in its place."""
    back = request.full_path.rstrip("?")
    if not is_fragment():
        return make_response(redirect(url_for("account.confirm", next=back), 303))
    if swaps_page():
        return client_redirect(url_for("account.confirm", next=back))
    return ask_again("", action=url_for("account.confirm"), kept=[("next", back)], status=200)


def _ask(problem: str) -> Response:
    """The form for the password, in place of what was asked; 422, as nothing has happened."""
    kept = [
        (name, value) for name, value in request.form.items(multi=True) if name not in _NOT_KEPT
    ]
    return ask_again(problem, action=request.full_path.rstrip("?"), kept=kept)


def ask_again(
    problem: str, *, action: str, kept: list[tuple[str, str]], status: int = 422
) -> Response:
    """The form for the password, which sends what is `kept` to `action`."""
    context: dict[str, Any] = {
        "action": action,
        "kept": kept,
        "files": any(file.filename for file in request.files.values()),
        "error": problem,
        "person": person_here(),
        "locale": locale_code(),
        "has_password": has_password(user_id=person_here().user_id),
        "target": target_of(),
    }
    if swaps_page():
        return page("account/confirm.html", status=status, **context)
    response = partial("partials/confirm_card.html", **context, back_url=page_around())
    response.status_code = status
    return response
