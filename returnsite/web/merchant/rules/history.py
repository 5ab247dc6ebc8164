"""What was published before, and the way back to it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, redirect, request, url_for

from ....domain.roles import Permission
from ....services.rules.change_words import change_text
from ....services.rules.draft import DraftChanged, load_rules
from ....services.rules.edit import restore_rules
from ....services.rules.history import (
    NoSuchVersion,
    Version,
    entries_of_version,
    list_versions,
)
from ....services.rules.sentences import Vocabulary, sentence
from ...htmx import page
from ...rendering import clock_time, day
from .. import bp
from ..guard import may, permission
from .answers import changed_meanwhile, seen_version
from .context import vocabulary

PAGE = 20


@bp.get("/rules/history")
@permission(Permission.SEE_SETTINGS)
def rules_history(slug: str) -> Response:
    """Every published version, newest first."""
    below = request.args.get("below", "")
    number = int(below) if below.isascii() and below.isdigit() and len(below) < 10 else None
    versions = list_versions(shop_id=g.shop.id, below=number, limit=PAGE)
    words = vocabulary()
    return page(
        "merchant/rules/history.html",
        versions=[_version(one, words) for one in versions[:PAGE]],
        older=versions[PAGE - 1].number if len(versions) > PAGE else None,
        newest=number is None,
        version=load_rules(g.shop.id).version,
        may_change=may("change_rules"),
    )


@bp.post("/rules/history/<id:version_number>/restore")
@permission(Permission.CHANGE_RULES)
def rules_restore(slug: str, version_number: int) -> Response:
    """Put an older version into the draft."""
    try:
        entries = entries_of_version(g.shop.id, version_number)
        restore_rules(shop_id=g.shop.id, version=seen_version(), actor=g.actor, entries=entries)
    except NoSuchVersion:
        abort(404)
    except DraftChanged as changed:
        return changed_meanwhile(changed)
    return redirect(url_for("merchant.rules"), 303)  # type: ignore[return-value]


def _version(one: Version, words: Vocabulary) -> dict[str, Any]:
    return {
        "number": one.number,
        "day": day(one.at),
        "time": clock_time(one.at),
        "by": one.by,
        "changes": [change_text(change, words) for change in one.changes or ()],
        "is_first": one.changes is None,
        "rules": [
            {"pieces": sentence(entry.rule, words), "enabled": entry.enabled}
            for entry in one.entries
        ],
    }
