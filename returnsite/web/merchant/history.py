"""The page of a part of the audit log: who changed what, newest first."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for

from ...services.audit import list_entries
from ..addresses import row_id
from ..htmx import page
from .audit_words import describe

SHOWN = 20


def history_page(*sections: str, title: str, back_url: str, **frame: Any) -> Response:
    """The entries of sections, further back with `?before=`; `frame`: what else the page shows."""
    before = request.args.get("before", type=row_id)
    entries = list_entries(shop_id=g.shop.id, sections=sections, before_id=before, limit=SHOWN)
    older = entries[SHOWN - 1].id if len(entries) > SHOWN else None
    here: dict[str, Any] = {**(request.view_args or {}), "before": older}
    return page(
        "merchant/history.html",
        section_title=title,
        back_url=back_url,
        entries=[describe(entry) for entry in entries[:SHOWN]],
        older_url=url_for(request.endpoint or "", **here) if older else None,
        **frame,
    )
