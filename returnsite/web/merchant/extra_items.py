"""What else was in the box: rows of the form with which staff counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...domain.errors import DomainError
from ...domain.quantity import parse_quantity
from ...services.returns.extras import MOST, MOST_UNITS, Extra
from ...services.returns.texts import REFERENCE_MAX
from ..i18n import gettext as _
from .return_words import disposition_options, refusal_text

_NAMES = ("what", "quantity", "disposition")
_EMPTY = {"what": "", "quantity": "1", "disposition": ""}


def read_extras(posted: Mapping[str, str], errors: dict[str, str]) -> list[Extra] | None:
    """The rows that say something, None where the form has none; what is wrong goes to `errors`."""
    if "extra-what-1" not in posted:
        return None
    found = []
    for number, row in _typed(posted):
        if _is_empty(row):
            continue
        quantity = _quantity(row["quantity"])
        if not quantity:
            refusal = DomainError("extra_quantity", max=MOST_UNITS)
            errors[f"extra-quantity-{number}"] = refusal_text(refusal)
        if wrong := _wrong(row["what"]):
            errors[f"extra-what-{number}"] = refusal_text(wrong)
        found.append(Extra(row["what"], quantity, row["disposition"] or None))
    return found


def extras_view(
    extras: Iterable[Extra], posted: Mapping[str, str] | None, errors: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The rows as the form shows them: as typed, else as written down, and an empty one."""
    if posted is not None and "extra-what-1" in posted:
        rows = [row for _number, row in _typed(posted)]
    else:
        rows = [
            {"what": e.what, "quantity": str(e.quantity), "disposition": e.disposition or ""}
            for e in extras
        ]
    if len(rows) < MOST and not (rows and _is_empty(rows[-1])):
        rows.append(_EMPTY)
    asked = posted is not None and "another" in posted
    return [
        _row(number, row, errors, focus=asked and number == len(rows))
        for number, row in enumerate(rows, 1)
    ]


def _typed(posted: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """Rows are numbered from 1 without a gap."""
    rows = []
    for number in range(1, MOST + 1):
        if f"extra-what-{number}" not in posted:
            break
        row = {name: posted.get(f"extra-{name}-{number}", "").strip() for name in _NAMES}
        rows.append((number, row))
    return rows


def _is_empty(row: Mapping[str, str]) -> bool:
    return not row["what"] and row["quantity"] in ("", "0", "1") and not row["disposition"]


def _quantity(text: str) -> int:
    """0 for what is no number of units."""
    try:
        number = parse_quantity(text)
    except DomainError:
        return 0
    return number if number <= MOST_UNITS else 0


def _wrong(what: str) -> DomainError | None:
    if not what:
        return DomainError("extra_what")
    if len(what) > REFERENCE_MAX:
        return DomainError("text_too_long", max=REFERENCE_MAX)
    return None


def _row(
    number: int, row: Mapping[str, str], errors: Mapping[str, str], *, focus: bool
) -> dict[str, Any]:
    fields = {
        name: {
            "name": f"extra-{name}-{number}",
            "value": row[name],
            "error": errors.get(f"extra-{name}-{number}", ""),
        }
        for name in _NAMES
    }
    return {"number": number, "focus": focus, **fields}


def extras_list(extras: Iterable[Extra]) -> list[dict[str, str]]:
    """What was found, to be read."""
    names = {str(value): text for value, text in disposition_options()}
    return [
        {
            "text": extra_text(each),
            "disposition": names.get(each.disposition or "", _("Not decided yet")),
        }
        for each in extras
    ]


def extra_text(extra: Extra) -> str:
    """`2 × Sock`."""
    return f"{extra.quantity} × {extra.what}"
