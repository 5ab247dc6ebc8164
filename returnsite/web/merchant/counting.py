"""The form with which staff counts what came: the same on a return's page and at the dock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.errors import DomainError
from ...domain.quantity import parse_quantity
from ...services.queries.return_page import PageLine, ReturnPage
from ...services.returns.receive_lines import LineCount
from ..portal.pictures import art_named, own_picture
from ..typed import Posted, whole
from .extra_items import extras_view, read_extras
from .inbox_words import reason_chosen
from .return_words import condition_options, disposition_options, refusal_text
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
    counts = []
    for line in found.lines:
        if f"received-{line.id}" not in posted:
            continue
        received = _number(posted, f"received-{line.id}", line.left, errors)
        refused = _number(posted, f"refused-{line.id}", received, errors)
        counts.append(
            LineCount(
                return_line_id=line.id,
                received=received,
                accepted=max(0, received - refused),
                condition=posted.get(f"condition-{line.id}") or None,
                disposition=posted.get(f"disposition-{line.id}") or None,
                note=posted.get(f"note-{line.id}", ""),
            )
        )
    return counts


def _number(posted: Posted, name: str, most: int, errors: dict[str, str]) -> int:
    text = posted.get(name, "").strip()
    if text in {"", "0"}:
        return 0
    try:
        number = parse_quantity(text)
    except DomainError:
        number = -1
    if not 0 <= number <= most:
        code = "count_accepted" if name.startswith("refused") else "count_too_many"
        errors[name] = refusal_text(DomainError(code, max=most))
    return number


def stepped(posted: Posted) -> Posted | None:
    """The form with a stepper's button pressed or one more row asked for, None when neither was;
    scripts step in place."""
    if "another" in posted:
        return posted
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
    values = {
        "received": line.received if counted else page_line.left,
        "refused": line.received - line.accepted,
        "condition": line.condition or "",
        "disposition": line.disposition or "",
        "note": line.inspection_note,
    }
    if posted is not None:
        values.update({name: posted.get(f"{name}-{line.id}", "") for name in values})
    return {
        "id": line.id,
        "title": page_line.title,
        "art": art_named(page_line.category, page_line.title),
        "image_url": own_picture(page_line.image_url),
        "variant": " · ".join(part for part in (page_line.variant, page_line.sku) if part),
        "reason": reason_chosen(line.reason_code, line.reason_text),
        "resolution": resolution_name(line.resolution),
        "max": page_line.left,
        **values,
        "errors": {
            name: errors.get(f"{name}-{line.id}", "") for name in ("received", "refused", "note")
        },
        "conditions": _chips(condition_options(), str(values["condition"])),
        "dispositions": _chips(disposition_options(), str(values["disposition"])),
    }


def _chips(options: list[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    return [
        {"value": str(value), "text": text, "checked": str(value) == chosen}
        for value, text in options
    ]
