"""What happened to a return, as its page tells it: who did what when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...domain.lifecycle import Event
from ...services.queries.return_page import ReturnPage
from ...services.returns.extras import Extra
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import clock_time, day_short, money
from .extra_items import extra_text
from .return_words import actor_name, event_name


def timeline(found: ReturnPage) -> list[dict[str, Any]]:
    """What happened, newest first."""
    undone = {event.data.get("undone_id") for event in found.events}
    return [
        {
            "state": "done",
            "title": _("%(event)s (undone)", event=event_name(event.event))
            if event.id in undone
            else event_name(event.event),
            "text": " · ".join((f"{day_short(event.at)}, {clock_time(event.at)}",
                                actor_name(event.actor, event.data))),
            "detail": "" if event.event == "note" and event.id in undone
            else _detail(event, found.currency),
            "note": event.event == "note",
            "to_customer": bool(event.data.get("to_customer")),
        }
        for event in reversed(found.events)
    ]  # fmt: skip


def _detail(event: Any, currency: str) -> str:
    data = event.data
    parts = [
        money(data["amount"], currency) if "amount" in data else "",
        data.get("reason") or data.get("text") or data.get("extra") or "",
        _found(data.get("lines", ())) if event.event == Event.RECEIVE else "",
        ", ".join(extra_text(Extra(**each)) for each in data.get("extras", ())),
        data.get("reference") or "",
        event_name(data["undone"]) if "undone" in data else "",
        _("code ending in %(end)s", end=data["end"]) if "end" in data else "",
    ]
    if event.event == "approve" and data.get("with_label") is False:
        parts.append(_("nothing has to come back"))
    return " · ".join(str(part) for part in parts if part)


def _found(lines: Iterable[Mapping[str, Any]]) -> str:
    """What a count found: `2 came, 1 not accepted`; nothing where it was not written down."""
    counts = list(lines)
    received = sum(line["received"] for line in counts)
    refused = received - sum(line["accepted"] for line in counts)
    texts = [ngettext("%(num)s came", "%(num)s came", received)] if counts else []
    if refused:
        texts.append(ngettext("%(num)s not accepted", "%(num)s not accepted", refused))
    return ", ".join(texts)
