"""What the template of a card is given."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm

from ....services.settings.store import State
from ...problems import problems_of
from ...rendering import day_and_time
from ..words import doer_name
from .base import Card
from .closing import closing_context, closing_error

CARD = "merchant/sections/card.html"


def card_context(
    section: Card,
    view: Any,
    *,
    part: str | None = None,
    form: FlaskForm | None = None,
    saved: str = "",
    undone: bool = False,
    conflict: State | None = None,
    closing: str = "",
) -> dict[str, Any]:
    """One card: its rows, the part that is open as a form, and what was just saved.

    `view` is what the card is shown from; `closing` is the code of what an open portal would lack.
    """
    urls = section.urls(part)
    return {
        **_saved_values(section, view),
        "part": part,
        "form": form,
        "form_template": section.form_template(part) if part else None,
        **_preview(section, view, part, form),  # first: it may find something wrong
        **_refused(form, closing, urls["save" if part else "undo"] if closing else ""),
        "saved": saved,
        "saved_text": section.saved_text(view, saved) if saved and not undone else "",
        "undone": undone,
        "can_undo": bool(saved) and not undone and view.state.can_undo,
        "conflict": _changed(conflict) if conflict else None,
        "preview_follows_typing": section.preview_follows_typing,
        "urls": urls,
        **section.context(view, part, form),
    }


def _preview(section: Card, view: Any, part: str | None, form: FlaskForm | None) -> dict[str, Any]:
    """What the open part would come to, and the partial that draws it."""
    preview = section.preview(view, part, form) if part and form else None
    drawn_by = section.preview_template(part) if part and preview is not None else None
    return {"preview": preview, "preview_template": drawn_by}


def _saved_values(section: Card, view: Any) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title(),
        "template": section.template,
        "rows": section.rows(view),
        "version": view.state.version,
        "changed": _changed(view.state),
        "can_change": section.can_change(),
    }


def _refused(form: FlaskForm | None, closing: str, url: str) -> dict[str, Any]:
    """Field and words of everything that is wrong, in the order of the form; what to agree to."""
    asked = closing_context(closing, url) if closing else None
    if form is None or request.method != "POST":
        return {"errors": [], "closing": asked}
    return {"errors": [*problems_of(form), *closing_error(asked)], "closing": asked}


def _changed(state: State) -> dict[str, str] | None:
    """Who saved it last, and when in the shop's zone."""
    if state.changed_at is None:
        return None
    return {"by": doer_name(state.changed_by), "at": day_and_time(state.changed_at)}
