"""The browsers somebody is signed in with: one of them out, or all others."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, url_for

from ...services.accounts.sessions import end_other_sessions, end_session_of
from ..i18n import gettext as _
from ..i18n import ngettext
from . import bp
from .guard import signed_in


@bp.post("/account/sessions/<id:session_id>/end")
@signed_in
def end_one(session_id: int) -> Any:
    """Sign one browser out; this one too, when it is this one."""
    ended = end_session_of(user_id=g.person.user_id, session_id=session_id)
    flash(_("That browser is signed out.") if ended else _("That browser was signed out already."))
    return redirect(url_for("account.index"), 303)


@bp.post("/account/sessions/end-others")
@signed_in
def end_others() -> Any:
    """Sign all other browsers out."""
    ended = end_other_sessions(user_id=g.person.user_id, keep=g.person.session_id)
    if ended:
        flash(
            ngettext(
                "%(num)s other browser is signed out.",
                "%(num)s other browsers are signed out.",
                ended,
            )
        )
    else:
        flash(_("No other browser was signed in."))
    return redirect(url_for("account.index"), 303)
