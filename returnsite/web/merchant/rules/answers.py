"""What every change of the rules has in common: the version seen, and being told of others."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, request

from ....services.rules.draft import DraftChanged, RulesState, load_rules
from ...htmx import is_fragment, page, retarget
from ...i18n import gettext as _
from ...rendering import clock_time, day
from .context import rules_context


def seen_version() -> int:
    """The version of the draft the page showed; -1 where the form does not say.

    htmx sends it twice: as the form was made, and as the banner, which each answer renews, has it.
    """
    sent = [one for one in request.form.getlist("version") if one.isascii() and one.isdigit()]
    return max((int(one) for one in sent if len(one) < 10), default=-1)


def require_rule(state: RulesState, rule_id: int) -> None:
    """404 for a rule that is not there, unless somebody took it out since the page was made."""
    if state.entry(rule_id) is None and seen_version() in {-1, state.version}:
        abort(404)


def changed_meanwhile(changed: DraftChanged, **more: Any) -> Response:
    """The page as it is now, with who changed it; nothing of theirs is overwritten."""
    state = load_rules(g.shop.id)
    context = rules_context(state, conflict=_words(changed), **more)
    response = page("merchant/rules/list.html", status=409, **context)
    return retarget(response, "#main") if is_fragment() else response


def _words(changed: DraftChanged) -> str:
    by, at = changed.params["by"], changed.params["at"]
    if not by:
        return _("The rules were changed while you had this page open.")
    return _(
        "%(name)s changed the rules on %(day)s at %(time)s, while you had this page open.",
        name=by,
        day=day(at),
        time=clock_time(at),
    )
