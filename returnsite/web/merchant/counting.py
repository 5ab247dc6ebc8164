"""The form with which staff counts what came: the same on a return's page and at the dock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...services.queries.return_page import PageLine, ReturnPage
from ...services.returns.parts import LineCount, Part
from ..portal.pictures import art_named, own_picture
from ..typed import Posted, whole
from .count_parts import parts_view, read_line, with_one_less, with_one_more
from .extra_items import extras_view, read_extras
from .inbox_words import reason_chosen
from .return_words import disposition_options
from .words import resolution_name


class CountRefused(Exception):
    """What was typed is no count; `errors` maps fields to words."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def read_counts(found: ReturnPage, posted: Posted) -> dict[str, Any]:
    """The counts and what else was in the box, as posted. Raises CountRefused."""
    errors: dict[str, str] = {}
    counts = _line_counts(found, posted, errors)
    extras = read_extras(posted, errors)
    if errors:
        raise CountRefused(errors)
    return {"counts": counts, "extras": extras}


def _line_counts(found: ReturnPage, posted: Posted, errors: dict[str, str]) -> list[LineCount]:
    return [
        read_line(posted, line.id, line.left, errors)
        for line in found.lines
        if f"received-{line.id}" in posted
    ]


def stepped(posted: Posted) -> Posted | None:
    """The form with a stepper's button pressed, or one row or part more or less asked for; None
    when none of it was. Scripts step in place."""
    if "another" in posted:
        return posted
    if "split" in posted:
        return with_one_more(posted, posted["split"])
    if "join" in posted:
        return with_one_less(posted, posted["join"])
    pressed, by = (posted.get("more"), 1) if posted.get("more") else (posted.get("less"), -1)
    if not pressed:
        return None
    changed = posted.copy()
    changed[pressed] = str(max(0, whole(posted.get(pressed, "0").strip()) + by))
    return changed


def count_view(
    found: ReturnPage,
    url: str,
    posted: Posted | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The form, sent to `url`."""
    return {
        "url": url,
        "unsaved": posted is not None,
        "lines": lines_view(found, posted, errors),
        "extras": extras_view(found.extras, posted, errors or {}),
        "dispositions": disposition_options(),
        "seen_status": found.status,
        "seen_event": found.last_event_id,
    }


def lines_view(
    found: ReturnPage, posted: Posted | None = None, errors: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The lines as the form shows them: as typed, else as counted, else as announced."""
    return [_line(line, posted, errors or {}, found) for line in found.lines]


def _line(
    page_line: PageLine, posted: Posted | None, errors: Mapping[str, str], found: ReturnPage
) -> dict[str, Any]:
    line = page_line.line
    counted = found.columns["received_at"] is not None
    parts = page_line.parts if counted else (Part(page_line.left, page_line.left),)
    note = line.inspection_note if posted is None else posted.get(f"note-{line.id}", "")
    return {
        "id": line.id,
        "title": page_line.title,
        "art": art_named(page_line.category, page_line.title),
        "image_url": own_picture(page_line.image_url),
        "variant": " · ".join(part for part in (page_line.variant, page_line.sku) if part),
        "reason": reason_chosen(line.reason_code, line.reason_text),
        "resolution": resolution_name(line.resolution),
        "max": page_line.left,
        "note": note,
        **parts_view(line.id, parts, most=page_line.left, posted=posted, errors=errors),
    }
