"""Units of a line that look different, in the form with which staff counts: parts of the line.

The fields of the first part are called `received-12`, `refused-12`, `condition-12` and
`disposition-12`, those of the second `received-12-2` and so on, without a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...domain.errors import DomainError
from ...domain.quantity import parse_quantity
from ...services.returns.parts import MOST_PARTS, LineCount, Part, count_parts
from ..i18n import gettext as _
from ..i18n import ngettext
from ..typed import Posted, whole
from .return_words import condition_options, disposition_options, refusal_text

NAMES = ("received", "refused", "condition", "disposition")

Row = dict[str, str]
"""A part as typed, by `NAMES`."""


def read_line(posted: Posted, line_id: int, most: int, errors: dict[str, str]) -> LineCount:
    """A line's count as posted; what is wrong goes to `errors`."""
    parts, left, rows = [], most, _typed(posted, line_id)
    too_many = DomainError("parts_too_many" if len(rows) > 1 else "count_too_many", max=most)
    for end, row in _ends(rows, line_id):
        received = _number(row["received"], left)
        if received is None:
            errors[f"received-{end}"] = refusal_text(too_many)
        refused = _number(row["refused"], most if received is None else received)
        if refused is None:
            errors[f"refused-{end}"] = refusal_text(DomainError("count_accepted"))
        units = received or 0
        left -= units
        condition, disposition = row["condition"] or None, row["disposition"] or None
        parts.append(Part(units, units - (refused or 0), condition, disposition))
    return count_parts(line_id, parts, posted.get(f"note-{line_id}", ""))


def _number(text: str, most: int) -> int | None:
    """A number of units from none to `most`, None for anything else."""
    if text in {"", "0"}:
        return 0
    try:
        number = parse_quantity(text)
    except DomainError:
        return None
    return number if number <= most else None


def with_one_more(posted: Posted, pressed: str) -> Posted:
    """The form with one more part of a line: those not accepted, else one of the most there are."""
    rows = _typed(posted, whole(pressed))
    if not rows or len(rows) >= MOST_PARTS:
        return posted
    largest = max(rows, key=lambda row: whole(row["received"]))
    units, refused = whole(largest["received"]), whole(largest["refused"])
    takes_refused = 0 < refused < units
    moved = refused if takes_refused else min(1, units // 2)
    if moved:
        largest["received"] = str(units - moved)
    if takes_refused:
        largest["refused"] = "0"
    new = {"received": str(moved), "refused": str(refused if takes_refused else 0)}
    return _with(posted, whole(pressed), [*rows, {**dict.fromkeys(NAMES, ""), **new}])


def with_one_less(posted: Posted, pressed: str) -> Posted:
    """The form without a part, whose units are in the first again."""
    line, _dash, number = pressed.partition("-")
    rows, at = _typed(posted, whole(line)), whole(number) - 1
    if not 0 < at < len(rows):
        return posted
    gone = rows.pop(at)
    for name in ("received", "refused"):
        rows[0][name] = str(whole(rows[0][name]) + whole(gone[name]))
    return _with(posted, whole(line), rows)


def _typed(posted: Mapping[str, str], line_id: int) -> list[Row]:
    """The parts of a line that were posted."""
    rows: list[Row] = []
    while len(rows) < MOST_PARTS and f"received-{_end(line_id, len(rows))}" in posted:
        end = _end(line_id, len(rows))
        rows.append({name: posted.get(f"{name}-{end}", "").strip() for name in NAMES})
    return rows


def _with(posted: Posted, line_id: int, rows: list[Row]) -> Posted:
    changed = posted.copy()
    for number in range(MOST_PARTS):
        for name in NAMES:
            changed.poplist(f"{name}-{_end(line_id, number)}")
    for end, row in _ends(rows, line_id):
        changed.update({f"{name}-{end}": text for name, text in row.items()})
    return changed


def _ends(rows: Iterable[Row], line_id: int) -> Iterable[tuple[str, Row]]:
    """Each row with how the names of its fields end."""
    return [(_end(line_id, number), row) for number, row in enumerate(rows)]


def _end(line_id: int, number: int) -> str:
    return f"{line_id}-{number + 1}" if number else str(line_id)


def parts_view(
    line_id: int,
    parts: Iterable[Part],
    *,
    most: int,
    posted: Posted | None,
    errors: Mapping[str, str],
) -> dict[str, Any]:
    """The parts of a line as the form shows them: as typed, else as given."""
    typed = _typed(posted, line_id) if posted is not None else []
    rows = typed or [_row(part) for part in parts]
    pressed = (posted.get("split"), posted.get("join", "").partition("-")[0]) if posted else ()
    return {
        "parts": [_part(end, row, errors) for end, row in _ends(rows, line_id)],
        "focus_last": str(line_id) == (pressed[0] if pressed else ""),
        "focus_split": str(line_id) == (pressed[1] if pressed else ""),
        "can_split": len(rows) < min(most, MOST_PARTS),
    }


def _row(part: Part) -> Row:
    return {
        "received": str(part.units),
        "refused": str(part.units - part.accepted),
        "condition": part.condition or "",
        "disposition": part.disposition or "",
    }


def _part(end: str, row: Row, errors: Mapping[str, str]) -> dict[str, Any]:
    return {
        "end": end,
        "received": row["received"],
        "refused": row["refused"],
        "errors": {name: errors.get(f"{name}-{end}", "") for name in NAMES},
        "conditions": _chips(condition_options(), row["condition"]),
        "dispositions": _chips(disposition_options(), row["disposition"]),
    }


def _chips(options: list[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    return [
        {"value": str(value), "text": text, "checked": str(value) == chosen}
        for value, text in options
    ]


def part_texts(parts: Sequence[Part]) -> list[str]:
    """How units look and where they go, to be read; by part where there are several."""
    looks, places = _names(condition_options()), _names(disposition_options())
    if len(parts) == 1:
        (one,) = parts
        names = (looks.get(one.condition or ""), places.get(one.disposition or ""))
        return [name for name in names if name]
    return [
        _text(part, [looks.get(part.condition or ""), places.get(part.disposition or "")])
        for part in parts
    ]


def _names(options: list[tuple[str, str]]) -> dict[str, str]:
    return {str(value): text for value, text in options}


def _text(part: Part, names: list[str | None]) -> str:
    words = [name for name in names if name] or [_("Nothing noted")]
    if refused := part.units - part.accepted:
        all_of_it = refused == part.units
        some = ngettext("%(num)s not accepted", "%(num)s not accepted", refused)
        words.append(_("not accepted") if all_of_it else some)
    return f"{part.units} × {', '.join(words)}"
