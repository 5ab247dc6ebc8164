"""The browsers somebody is signed in with: one of them out, or all others."""

from __future__ import annotations

from typing import Any

from flask import g

from ...services.accounts.sessions import end_other_sessions, end_session_of
from ..i18n import gettext as _
from ..i18n import ngettext
from . import bp
from .answers import show_saved
from .guard import signed_in


@bp.post("/account/sessions/<id:session_id>/end")
@signed_in
def end_one(session_id: int) -> Any:
    """Sign one browser out; this one too, when it is this one."""
    ended = end_session_of(user_id=g.person.user_id, session_id=session_id)
    done, late = _("That browser is signed out."), _("That browser was signed out already.")
    return show_saved("browsers", "one", news=done if ended else late)


@bp.post("/account/sessions/end-others")
@signed_in
def end_others() -> Any:
    """Sign all other browsers out."""
    ended = end_other_sessions(user_id=g.person.user_id, keep=g.person.session_id)
    news = ngettext(
        "%(num)s other browser is signed out.",
        "%(num)s other browsers are signed out.",
        ended,
    )
    return show_saved(
        "browsers", "others", news=news if ended else _("No other browser was signed in.")
    )
